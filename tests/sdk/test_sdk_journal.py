"""A real run's journal, sent to a second server, gives the same run there; no key is in it."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockwb.cli.main import main
from tests.har_rules import check_har
from tests.sdk.conftest import KEY, Sdk, serving

pytestmark = pytest.mark.sdk

OTHER_KEY = "f" * 40


def log(project: str) -> Any:
    import wandb

    with wandb.init(project=project, id="recorded", config={"lr": 0.1, "layers": [1, 2]}) as run:
        for step in range(30):
            run.log({"loss": 1 / (step + 1), "val": {"acc": step}})
        run.log({"table": wandb.Table(columns=["a"], data=[[1], [2]])})
        path = run.dir + "/notes.txt"
        with open(path, "w") as notes:
            notes.write("what I saw")
        run.save(path, base_path=run.dir)


def read(entity: str, project: str) -> Any:
    import wandb

    run = wandb.Api().run(f"{entity}/{project}/recorded")
    rows = [{k: v for k, v in row.items() if k[0] != "_"} for row in run.scan_history()]
    with run.file("notes.txt").download(replace=True) as notes:
        text = notes.read()
    summary = {name: value for name, value in run.summary.items() if name[0] != "_"}
    return {
        "rows": rows,
        "config": dict(run.config),
        "state": run.state,
        "notes": text,
        "loss": summary["loss"],
        "files": sorted(file.name for file in run.files()),
        "entity": run.entity,
    }


@pytest.mark.parametrize("form", ["ndjson", "har"])
def test_given_a_real_runs_journal_then_a_second_server_gets_the_same_run(
    tmp_path: Path, project: str, form: str
) -> None:
    file = tmp_path / f"journal.{form}"
    kept = {"bodies": True, "file": str(tmp_path / "journal.ndjson")}
    with serving(journal=kept) as first:
        sdk = Sdk(first.url, tmp_path / "first")
        sdk.run(log, project=project)
        (run,) = sdk.ask("account?run=recorded")["runs"]
        recorded = sdk.run(read, entity=run["entity"], project=project)
        archive = sdk.ask("journal/har")
    if form == "har":
        file.write_text(json.dumps(archive))
    check_har(archive)
    assert KEY not in file.read_text()
    with serving(auth={"keys": [{"key": OTHER_KEY, "user": "eve"}]}) as second:
        words = ["replay-journal", str(file), "--url", second.url, "--speed", "max"]
        result = CliRunner().invoke(main, [*words, "--api-key", OTHER_KEY])
        assert result.exit_code == 0, result.output
        again = Sdk(second.url, tmp_path / "second").run(
            read, entity="eve", project=project, env={"WANDB_API_KEY": OTHER_KEY}
        )
    assert len(recorded["rows"]) == 31
    assert recorded["notes"] == "what I saw"
    assert again == recorded | {"entity": "eve"}


def test_given_a_proxy_then_a_real_run_goes_through_it_and_is_read_back(
    tmp_path: Path, project: str
) -> None:
    with (
        serving(auth={"keys": [{"key": KEY, "user": "ada"}]}) as upstream,
        serving(proxy=upstream.url, journal={"bodies": True}) as proxy,
    ):
        sdk = Sdk(proxy.url, tmp_path / "sdk")
        sdk.run(log, project=project)
        found = sdk.run(read, entity="ada", project=project)
        account = Sdk(upstream.url, tmp_path / "other").account("recorded", project)
        journal = sdk.ask("journal?limit=9999")
    assert (len(found["rows"]), found["notes"], found["state"]) == (31, "what I saw", "finished")
    assert account["rows_stored"] == 31
    streamed = [one for one in journal["entries"] if one["endpoint"] == "file_stream"]
    assert {one["run"] for one in streamed} == {"recorded"}
    assert KEY not in json.dumps(journal)
