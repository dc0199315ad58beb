"""What a release of the SDK is put through: one run with a bit of everything, then read back.

Each function runs as a script of its own in that release's environment (`Sdk.run`), so it imports
what it needs, and uses nothing that any release of the matrix lacks.
"""

from typing import Any

ROWS = 12
"""Rows of numbers; one with media follows."""
EXIT_CODE = 3


def log(project: str, rows: int, exit_code: int) -> Any:
    """Log in, log a run and end it with `exit_code`; its path, and digests of its media."""
    import hashlib
    import pathlib
    import sys

    import PIL.Image
    import wandb

    wandb.login(verify=True)
    run = wandb.init(project=project, config={"lr": 0.1, "opt": {"name": "sgd", "betas": [1, 2]}})
    print("a line on stdout")
    print("a line on stderr", file=sys.stderr)
    for step in range(rows):
        run.log({"loss": 1 / (step + 1), "val": {"acc": step / rows, "deep": {"step": step}}})
    PIL.Image.new("RGB", (8, 8), "red").save("pixels.png")
    table = wandb.Table(columns=["n", "name"], data=[[1, "one"], [2, "two"]])
    run.log({"image": wandb.Image("pixels.png"), "table": table, "html": wandb.Html("<b>b</b>")})
    run.config.update({"late": True})
    run.summary["best"] = {"acc": 0.99}
    pathlib.Path("notes.txt").write_text("kept\n")
    run.save("notes.txt")
    folder = pathlib.Path(run.dir)
    path = f"{run.entity}/{run.project}/{run.id}"
    run.finish(exit_code=exit_code)
    return {
        "version": wandb.__version__,
        "path": path,
        "media": {
            str(file.relative_to(folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in folder.glob("media/**/*")
            if file.is_file()
        },
    }


def read(path: str) -> Any:
    """Everything about the run at `path` that the public API tells; its files are downloaded."""
    import hashlib
    import pathlib

    import wandb

    api = wandb.Api()
    run = api.run(path)
    files = {}
    for file in run.files():
        if file.name.startswith("media/") or file.name == "notes.txt":
            file.download(root="got", replace=True)
            content = (pathlib.Path("got") / file.name).read_bytes()
            files[file.name] = hashlib.sha256(content).hexdigest()
    return {
        "listed": ["/".join(found.path) for found in api.runs(path.rpartition("/")[0])],
        "state": run.state,
        "config": dict(run.config),
        "summary": dict(run.summary),
        "scanned": list(run.scan_history()),
        "sampled": run.history(pandas=False),
        "files": files,
        "names": [file.name for file in run.files()],
    }
