"""How a run was started, as its SDK wrote it into `wandb-metadata.json`."""

from typing import Any

import msgspec

from mockwb.backend.errors import InvalidError
from mockwb.backend.history_row import parse_row
from mockwb.backend.run import Run
from mockwb.backend.run_files import RunFiles, blob_key
from mockwb.backend.store import Store

METADATA = "wandb-metadata.json"
MAX_METADATA = 1_000_000
"""Bytes; SDKs write a few thousand."""

_FIELDS: dict[str, tuple[str, Any]] = {
    "program": ("program", str),
    "args": ("args", list[str]),
    "os": ("os", str),
    "python": ("python", str),
    "colab": ("colab", str),
    "executable": ("executable", str),
    "cpu_count": ("cpu_count", int),
    "gpu_count": ("gpu_count", int),
    "gpu": ("gpu", str),
}
"""Field of RunInfo -> its name and type in the file."""


class RunInfos:
    """Reads what runs say of their surroundings."""

    def __init__(self, store: Store, files: RunFiles) -> None:
        """Read from `store` what `files` lists."""
        self._store = store
        self._files = files

    async def of_run(self, run: Run) -> dict[str, Any]:
        """The fields of RunInfo, null where nothing is known (yet).

        The file comes some seconds after the start; until then, what the stream said counts.
        """
        said = await self._metadata(run)
        info = {name: _as(said.get(key), kind) for name, (key, kind) in _FIELDS.items()}
        git = said.get("git")
        git = git if isinstance(git, dict) else {}
        info["program"] = info["program"] or run.program
        info["git"] = {
            "remote": run.repo or _as(git.get("remote"), str),
            "commit": run.commit or _as(git.get("commit"), str),
        }
        files = await self._files.all(run.key)
        info["code_saved"] = any(file.name.startswith("code/") for file in files)
        return info

    async def _metadata(self, run: Run) -> dict[str, Any]:
        key = blob_key(run.key, METADATA)
        blob = await self._store.blob_info(key)
        if blob is None or blob.size > MAX_METADATA:
            return {}
        chunks = [chunk async for chunk in self._store.read_blob(key)]
        try:
            return parse_row(b"".join(chunks).decode())
        except (InvalidError, UnicodeDecodeError):  # anybody may upload a file of that name
            return {}


def _as(value: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return None
