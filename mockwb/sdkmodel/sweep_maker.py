"""`wandb.sweep`: makes a sweep, and is done."""

from collections.abc import Mapping
from random import Random
from typing import Any

from mockwb.sdkmodel.public_operations import ProjectName
from mockwb.sdkmodel.public_script import PublicScript, Steps
from mockwb.sdkmodel.sweep_operations import SweepOperations


class SweepMaker(PublicScript):
    """One call. One that fails the SDK makes in four other ways as well; this does not."""

    def __init__(
        self, where: ProjectName, config: Mapping[str, Any], *, api_key: str, random: Random
    ) -> None:
        """ValueError for a config that the SDK would not send."""
        super().__init__(every=0.0, random=random)
        self.sweep: str | None = None
        """Its ID, once it is made."""
        self._operations = SweepOperations(where, api_key)
        self._request = self._operations.upsert_sweep(config)

    def _script(self) -> Steps:
        yield self._operations.viewer()
        answer = yield self._request
        self.sweep = answer["upsertSweep"]["sweep"]["name"]
