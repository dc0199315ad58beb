"""Images, tables, HTML and audio: rows point at files, and the files come back byte for byte."""

import hashlib
from typing import Any

import pytest

from tests.sdk.conftest import Sdk

pytestmark = pytest.mark.sdk


def log_media(project: str) -> Any:
    import hashlib
    import pathlib
    import wave

    import numpy as np
    import wandb

    with wave.open("tone.wav", "wb") as tone:
        tone.setparams((1, 2, 8000, 0, "NONE", ""))
        tone.writeframes(bytes(range(256)) * 16)
    run = wandb.init(project=project)
    pixels = np.arange(300, dtype=np.uint8).reshape(10, 10, 3)
    table = wandb.Table(columns=["a", "image"], data=[[1, wandb.Image(pixels)], [2, None]])
    run.log(
        {
            "image": wandb.Image(pixels, caption="pixels"),
            "images": [wandb.Image(pixels), wandb.Image(255 - pixels)],
            "html": wandb.Html("<b>bold</b>"),
            "audio": wandb.Audio("tone.wav"),
            "table": table,
            "hist": wandb.Histogram([1, 2, 2, 3]),
        }
    )
    run.finish()
    folder = pathlib.Path(run.dir)
    return {
        "path": run.path,
        "sent": {
            str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in folder.glob("media/**/*")
            if file.is_file()
        },
    }


def read_media(path: str) -> Any:
    import wandb

    run = wandb.Api().run(path)
    (row,) = run.history(pandas=False)
    media = [file for file in run.files() if file.name.startswith("media/")]
    for file in media:
        file.download(root="got", replace=True)
    return {"row": row, "names": [file.name for file in media], "summary": dict(run.summary)}


def test_media_come_back_as_they_were_sent(sdk: Sdk, project: str) -> None:
    logged = sdk.run(log_media, project=project)
    found = sdk.run(read_media, path=logged["path"])
    row = found["row"]
    kinds = {name: row[name]["_type"] for name in ("image", "images", "html", "audio", "table")}
    assert kinds == {
        "image": "image-file",
        "images": "images/separated",
        "html": "html-file",
        "audio": "audio-file",
        "table": "table-file",
    }
    assert row["hist"]["_type"] == "histogram"
    assert row["image"]["caption"] == "pixels"
    assert sorted(found["names"]) == sorted(logged["sent"])
    assert len(found["names"]) >= 6
    for name, digest in logged["sent"].items():
        content = (sdk.folder / "got" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest, name
    assert row["html"]["path"] in found["names"]
