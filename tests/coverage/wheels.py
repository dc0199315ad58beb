"""Small wheels that look like wandb's."""

import zipfile
from pathlib import Path


def wheel(folder: Path, **files: str) -> Path:
    """A wheel of release 9.9.9; keywords are modules, with `__` for the folders."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "wandb-9.9.9-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(f"wandb/{name.replace('__', '/')}.py", content)
    return path
