"""History by the real SDK: samples, scans, keys, odd steps and values, live and from files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mockwb.server import Server
from tests.sdk.conftest import KEY, USER, Sdk, serving

# The run is logged once for all of these tests.
pytestmark = [pytest.mark.sdk, pytest.mark.xdist_group("sdk_history")]

FAR = 1_000_000_000
"""A step that tokens, not batches, were counted with."""


def log_and_read(project: str) -> Any:
    import wandb

    settings = wandb.Settings(x_stats_sampling_interval=0.1)
    run = wandb.init(project=project, settings=settings)
    run.define_metric("epoch", hidden=True)
    run.define_metric("val/*", step_metric="epoch", summary="max")
    run.define_metric("lr", summary="none")
    run.define_metric("secret/*", hidden=True)
    run.define_metric("paired", step_metric="epoch", step_sync=True)
    run.define_metric("summed", summary="min,max,mean,first,last")
    for step in range(100):
        row = {"loss": 1 / (step + 1), "epoch": step // 10, "lr": 0.1, "net": {"w": {"a": step}}}
        if step % 10 == 0:
            row["val/acc"] = (step * 7) % 30
            row["summed"] = [6, 2, 7][step // 10 % 3]
        run.log(row)
    odd = {"nan": float("nan"), "inf": float("inf"), "minus": float("-inf"), "none": None}
    odd |= {"many": [1, "two", None], "word": "é", "yes": True}
    run.log(odd | {"secret/x": 1, "paired": 1}, step=1000)
    run.log({"late": 1}, step=500)  # the SDK drops it: its steps only go up
    run.log({"loss": 0, "table": wandb.Table(columns=["a"], data=[[1]])}, step=2500)
    run.finish()

    found = wandb.Api().run(run.path)
    keys = found.history_keys

    def sampled(**how: Any) -> Any:
        return found.history(pandas=False, **how)

    def scanned(**how: Any) -> Any:
        return [row["_step"] for row in found.scan_history(**how)]

    (odd_row,) = found.scan_history(min_step=1000, max_step=1001)
    try:
        found.download_history_exports("exports")
    except Exception as error:
        exported = type(error).__name__
    runs = wandb.Api().runs(project)
    return {
        "exported": exported,
        "all": scanned(),
        "small pages": scanned(page_size=7),
        "window": scanned(min_step=95, max_step=1001, page_size=10),
        "in a gap": scanned(min_step=200, max_step=900),
        "window of key": scanned(keys=["loss"], min_step=95, max_step=1001, page_size=10),
        "last excluded": scanned(keys=["loss"], min_step=95, max_step=99, page_size=2),
        "keys": list(found.scan_history(keys=["val/acc", "net.w.a"], page_size=30)),
        "frame": list(found.history(samples=5).columns),
        "sampled": [row["_step"] for row in sampled(samples=5)],
        "sampled keys": sampled(samples=3, keys=["loss", "epoch"]),
        "x axis": sampled(samples=100, keys=["val/acc"], x_axis="epoch"),
        "unknown key": sampled(keys=["never"]),
        "odd": {name: odd_row[name] for name in odd},
        "odd sampled": [sampled(keys=[name]) for name in ("nan", "inf", "minus", "none")],
        "paired": [odd_row["epoch"], odd_row["paired"]],
        "types": {name: key["typeCounts"] for name, key in keys["keys"].items()},
        "monotonic": {name: key["monotonic"] for name, key in keys["keys"].items()},
        "previous": keys["keys"]["net.w.a"]["previousValue"],
        "last_step": [keys["lastStep"], found.lastHistoryStep],
        "summary": dict(found.summary),
        "metrics": found.rawconfig["_wandb"]["m"],
        "system": sampled(stream="system"),
        "system sample": len(sampled(stream="system", samples=1)),
        "by run": runs.histories(samples=4, keys=["loss"], format="default"),
        "by run and x axis": runs.histories(keys=["val/acc"], x_axis="epoch", format="default"),
        "system by run": runs.histories(stream="system", format="default"),
        "run": run.id,
    }


@pytest.fixture(scope="module")
def story(server: Server, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a reader sees of a run with all sorts of rows."""
    sdk = Sdk(server.url, tmp_path_factory.mktemp("history"))
    found: dict[str, Any] = sdk.run(
        log_and_read, project="history", expected="less than the current step|ignoring partial"
    )
    return found


def test_a_scan_yields_every_row_once_whatever_its_pages(story: dict[str, Any]) -> None:
    expected = [*range(100), 1000, 2500]
    assert story["all"] == expected
    assert story["small pages"] == expected


def test_a_scan_keeps_to_its_steps_and_gaps_are_empty(story: dict[str, Any]) -> None:
    assert story["window"] == [95, 96, 97, 98, 99, 1000]
    assert story["in a gap"] == []
    assert story["window of key"] == [95, 96, 97, 98, 99]
    assert story["last excluded"] == [95, 96, 97, 98]


def test_a_scan_of_keys_yields_the_rows_that_hold_all_of_them(story: dict[str, Any]) -> None:
    rows = [{"_step": s, "val/acc": s * 7 % 30, "net.w.a": s} for s in range(0, 100, 10)]
    assert story["keys"] == rows


def test_samples_are_spread_over_the_run(story: dict[str, Any]) -> None:
    assert story["sampled"] == [0, 25, 50, 76, 2500]
    assert {"_step", "loss"} <= set(story["frame"])
    assert [row["_step"] for row in story["sampled keys"]] == [0, 50, 99]
    assert set(story["sampled keys"][0]) == {"_step", "loss", "epoch"}
    assert story["x axis"] == [{"epoch": n, "val/acc": n * 70 % 30} for n in range(10)]
    assert story["unknown key"] == []
    assert [row["_step"] for row in story["by run"]] == [0, 33, 67, 2500]
    by_epoch = [row | {"run_id": story["run"]} for row in story["x axis"]]
    assert story["by run and x axis"] == by_epoch


def test_odd_values_come_back_as_w_and_b_spells_them(story: dict[str, Any]) -> None:
    assert story["odd"] == {
        "nan": "NaN",
        "inf": "Infinity",
        "minus": "-Infinity",
        "none": None,
        "many": [1, "two", None],
        "word": "é",
        "yes": True,
    }
    assert story["odd sampled"] == [
        [{"_step": 1000, "nan": "NaN"}],
        [{"_step": 1000, "inf": "Infinity"}],
        [{"_step": 1000, "minus": "-Infinity"}],
        [{"_step": 1000, "none": None}],
    ]


def test_history_keys_tell_types_order_and_last_values(story: dict[str, Any]) -> None:
    types = {name: counts[0]["type"] for name, counts in story["types"].items()}
    assert types["table"] == "table-file"
    assert [types[name] for name in ("nan", "none", "many", "word", "yes", "net.w.a")] == [
        *("number", "nil", "list", "string", "bool", "number")
    ]
    assert story["types"]["loss"] == [{"type": "number", "count": 101}]
    assert (story["monotonic"]["epoch"], story["monotonic"]["loss"]) == (True, False)
    assert story["previous"] == 99
    assert story["last_step"] == [2500, 2500]


def test_defined_metrics_shape_the_summary_and_are_kept(story: dict[str, Any]) -> None:
    assert story["summary"]["val/acc"]["max"] == 20
    assert "lr" not in story["summary"]
    by_name = {metric.get("1") or metric["2"]: metric for metric in story["metrics"]}
    # wandb-core's numbers: 1 name, 2 glob, 5 place of the step metric, 6 options (2 is hidden).
    hidden = {name: 2 in metric["6"] for name, metric in by_name.items()}
    assert [hidden[name] for name in ("epoch", "secret/*", "lr")] == [True, True, False]
    assert story["paired"] == [9, 1]
    summed = {"min": 2, "max": 7, "mean": 5.1, "first": 6, "last": 6}
    assert story["summary"]["summed"] == summed
    assert story["metrics"][by_name["val/*"]["5"] - 1]["1"] == "epoch"


def test_system_metrics_are_a_stream_of_their_own(story: dict[str, Any]) -> None:
    assert any(name.startswith("system.") for event in story["system"] for name in event)
    assert story["system sample"] == 1
    events = [event | {"run_id": story["run"]} for event in story["system"]]
    assert story["system by run"] == events


def read_nothing(project: str) -> Any:
    import wandb

    made = wandb.Api().create_run(project=project)
    run = wandb.Api().run(f"{project}/{made.id}")
    return {
        "history": [len(run.history()), run.history(pandas=False)],
        "sampled": [len(run.history(keys=["x"])), run.history(keys=["x"], pandas=False)],
        "scan": [list(run.scan_history()), list(run.scan_history(keys=["x"]))],
        "last step": run.lastHistoryStep,
        "keys": run.history_keys,
    }


def test_a_run_without_rows_has_an_empty_history(sdk: Sdk, project: str) -> None:
    assert sdk.run(read_nothing, project=project) == {
        "history": [0, []],
        "sampled": [0, []],
        "scan": [[], []],
        "last step": -1,
        "keys": None,
    }


def test_without_exports_a_complete_history_is_not_downloaded(story: dict[str, Any]) -> None:
    assert story["exported"] == "IncompleteRunHistoryError"


def log_far(project: str, first: int) -> Any:
    import wandb

    run = wandb.init(project=project, settings=wandb.Settings(x_disable_stats=True))
    for number in range(50):
        run.log({"x": number}, step=first + number * 1000)
    run.finish()
    found = wandb.Api().run(run.path)
    rows = [row["x"] for row in found.scan_history(min_step=first)]
    wide = [row["x"] for row in found.scan_history(page_size=first // 10)]
    return {"id": run.id, "rows": rows, "wide": wide}


def test_given_far_steps_then_a_scan_asks_only_where_rows_can_be(sdk: Sdk, project: str) -> None:
    found = sdk.run(log_far, project=project, first=FAR)
    assert found["rows"] == found["wide"] == list(range(50))
    operations = sdk.account(found["id"])["operations"]
    # One page per 1000 steps from the first row on, and one or two of the wide ones.
    assert operations["HistoryPage"] <= 50 + 2


def log_then_resume(project: str) -> Any:
    import wandb

    for first in (0, 100):
        run = wandb.init(project=project, id="parts", resume="allow")
        for step in range(first, first + 100):
            run.log({"loss": step / 8, "val": {"acc": step}, "name": f"n{step}"}, step=step)
        if first:
            live = list(wandb.Api().run(run.path).scan_history(keys=["loss"]))
        run.finish()
        found = wandb.Api().run(run.path)
        scanned = list(found.beta_scan_history(page_size=30))
    found.download_history_exports("exports")
    return {
        "live": live,
        "scanned": scanned,
        "keys": list(found.scan_history(keys=["loss", "val.acc"], min_step=90, max_step=110)),
        "fresh": len(list(found.scan_history(use_cache=False))),
        "sampled": len(found.history(samples=10, pandas=False)),
    }


@pytest.fixture
def exporting(tmp_path: Path) -> Iterator[Sdk]:
    """An SDK and a server that exports histories."""
    pytest.importorskip("pyarrow")
    keys = [{"key": KEY, "user": USER}]
    with serving(auth={"keys": keys}, runs={"parquet_history": True}) as server:
        yield Sdk(server.url, tmp_path)


def test_given_exports_then_the_sdk_reads_files_instead_of_pages(
    exporting: Sdk, project: str
) -> None:
    import pyarrow.parquet

    found = exporting.run(log_then_resume, project=project, expected="deprecated")
    rows = [
        {"_step": step, "loss": step / 8, "val.acc": step, "name": f"n{step}"}
        for step in range(200)
    ]
    assert [{name: row[name] for name in rows[0]} for row in found["scanned"]] == rows
    assert found["keys"] == [
        {n: row[n] for n in ("_step", "loss", "val.acc")} for row in rows[90:110]
    ]
    assert (found["fresh"], found["sampled"]) == (200, 10)
    # While the run went on, pages answered; they overlap no file.
    steps = [row["_step"] for row in found["live"]]
    assert steps == sorted(set(steps))
    account = exporting.account("parts")
    assert "HistoryPage" not in account["operations"]
    files = sorted((exporting.folder / "exports").glob("*.parquet"))
    assert [pyarrow.parquet.read_table(file).num_rows for file in files] == [100, 100]
