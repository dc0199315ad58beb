"""Workload kind `script`: the user's own command, in N copies that log to the scenario's server."""

import asyncio
import os
import shlex
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, ClassVar

import msgspec

from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.errors import StartError
from mockwb.scenario.kinds.process import run_process, tail, wandb_folders
from mockwb.scenario.workload import Surroundings, Workload, due

INDEX = "MOCKWB_INDEX"
"""Environment variable with the number of a copy, from 0."""

Words = Annotated[list[str], msgspec.Meta(min_length=1)]


class ScriptWorkload(Workload, frozen=True, kw_only=True, tag="script"):
    """N processes of a command; each may log any number of runs, in processes of its own too."""

    marks_runs: ClassVar[bool] = True

    command: Words | str | None = None
    """What to run where `mockwb run` was called: a list of words, or one line as for a shell (no
    shell sees it). Without it the words after `--` on mockwb's command line."""
    env: dict[str, str] = msgspec.field(default_factory=dict)
    """Environment variables beside those of the caller, of which `WANDB_*` are left out."""

    def __post_init__(self) -> None:
        """ValueError for a line that cannot be split into words."""
        super().__post_init__()
        try:
            self.words  # noqa: B018 -- to see whether it can be read
        except ValueError as error:
            raise ValueError(f"command: {error}") from error

    @property
    def words(self) -> list[str]:
        """The command, word by word; empty if there is none."""
        command = self.command
        return shlex.split(command) if isinstance(command, str) else list(command or ())

    def check(self) -> None:
        """Raise StartError if there is no command, or no such program."""
        words = self.words
        if not words:
            raise self.start_error(
                "kind script has no command: give it one, or end the command line with `-- COMMAND`"
            )
        if shutil.which(words[0]) is None:
            raise self.start_error(f"command: no program {words[0]!r}", "command")

    async def run(self, around: Surroundings) -> list[ClientResult]:
        """Start the copies, each in its time, and wait for all of them."""
        async with asyncio.TaskGroup() as group:
            copies = [group.create_task(self._copy(around, i)) for i in range(self.count)]
        return [copy.result() for copy in copies]

    async def _copy(self, around: Surroundings, index: int) -> ClientResult:
        if not await due(around, self.start_delay(index, around.seed)):
            return self._result(around, index, None, "stopped before its start")
        with tempfile.TemporaryDirectory(
            prefix="mockwb-script-", ignore_cleanup_errors=True
        ) as name:
            folder = Path(name)
            output = folder / "output.txt"
            variables = self.environment(folder, around, index, os.environ)
            code = await run_process(self.words, Path.cwd(), variables, output, around.stop)
            if code < 0 and around.stop.is_set():
                return self._result(around, index, None, "stopped before its end")
            if code == 0:
                return self._result(around, index, code, None)
            error = f"{shlex.join(self.words)} ended with code {code}; its last output: "
            return self._result(around, index, code, error + tail(output))

    def environment(
        self, folder: Path, around: Surroundings, index: int, inherited: Mapping[str, str]
    ) -> dict[str, str]:
        """Variables of a copy: the caller's but for those of wandb, and where to log to."""
        kept = {name: text for name, text in inherited.items() if not name.startswith("WANDB_")}
        path = self.project_of(index)
        return {
            **kept,
            "WANDB_ENTITY": path.entity,
            "WANDB_PROJECT": path.project,
            **wandb_folders(folder),
            **self.env,
            "WANDB_BASE_URL": around.base_url,
            "WANDB_API_KEY": around.api_key,
            "WANDB_HOST": self.run_id(around, index),
            INDEX: str(index),
        }

    def _result(
        self, around: Surroundings, index: int, code: int | None, error: str | None
    ) -> ClientResult:
        path = self.project_of(index)
        return ClientResult(
            workload=self.name,
            entity=path.entity,
            project=path.project,
            run="",
            marker=self.run_id(around, index),
            rows=None,
            exit_code=code,
            error=error,
        )


def with_command(workloads: Sequence[Workload], words: Sequence[str]) -> list[Workload]:
    """`words` become the command of the script workloads that have none; StartError if all do."""
    given = [
        msgspec.structs.replace(workload, command=list(words))
        if isinstance(workload, ScriptWorkload) and workload.command is None
        else workload
        for workload in workloads
    ]
    if given == list(workloads):
        raise StartError(
            f"{shlex.join(words)}: the scenario has no workload of kind script without a command"
        )
    return given
