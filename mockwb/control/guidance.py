"""`GET /_mockwb/guidance`: how logging stands towards W&B's guidance."""

from mockwb.control.resource import Call, Operation
from mockwb.control.run_globs import RUN_GLOBS
from mockwb.guidance import Guidance
from mockwb.observe.guidance.watch import GuidanceWatch


class GuidanceResource:
    """Serves `mockwb.guidance.Guidance`."""

    name = "guidance"
    path = "/_mockwb/guidance"

    def __init__(self, watch: GuidanceWatch) -> None:
        self._watch = watch
        self.operations = [
            Operation(
                "GET",
                "Which of W&B's recommended ranges logging has left, and what to do about it",
                self.get,
                Guidance,
                parameters=RUN_GLOBS,
            )
        ]

    async def get(self, call: Call) -> Guidance:
        """What is found now."""
        return self._watch.query(call.every("project"), call.every("run"))
