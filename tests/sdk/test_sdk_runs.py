"""Runs through the public API: filters, orders, pages, edits, what a run tells of itself."""

import textwrap
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tests.sdk.conftest import USER, Sdk, serving

pytestmark = pytest.mark.sdk


def make(project: str) -> Any:
    import time

    import wandb

    def next_second() -> int:
        """Wait for it, for instants are told in whole seconds."""
        now = time.time()  # noqa: TID251 -- the server's clock is the real one
        time.sleep(1.01 - now % 1)  # noqa: TID251
        return int(now) + 1

    sweep = {"method": "random", "parameters": {"lr": {"values": [1, 2]}}}
    of_sweep = wandb.Settings(host="box", sweep_id=wandb.sweep(sweep, project=project))
    said = {
        "a": {"name": "Alpha", "group": "g1", "job_type": "train", "tags": ["x"]},
        "b": {"name": "Beta", "group": "g1", "job_type": "eval", "tags": ["x", "y"]},
        "c": {"name": "Gamma", "group": "g2", "notes": "tried again", "settings": of_sweep},
    }
    configs = {
        "a": {"lr": 0.1, "opt": {"name": "sgd"}},
        "b": {"lr": 0.2, "opt": {"name": "adam"}},
        "c": {"lr": None, "repeated": "a" * 40 + "!"},
    }
    for number, (name, how) in enumerate(said.items()):
        run = wandb.init(project=project, id=name, config=configs[name], **how)
        for i in range(number + 1):
            run.log({"loss": i, "val": {"acc": i}})
        if name == "b":
            run.log({"loss": float("nan")})
        run.finish(exit_code=number % 2)
        if name == "a":
            between = next_second()
    for name, seconds in {"b": 20, "c": 10, "a": 30}.items():
        if name == "a":
            next_second()
        summary = wandb.Api().run(f"{project}/{name}").summary
        summary.update({"_wandb": {"runtime": seconds}})
    return between


def ask(project: str, filters: Any, orders: Any) -> Any:
    import wandb

    api = wandb.Api()

    def ids(runs: Any) -> str:
        return "".join(run.id for run in runs)

    return {
        "found": [ids(api.runs(project, filters=each)) for each in filters],
        "counted": [len(api.runs(project, filters=each)) for each in filters],
        "ordered": [ids(api.runs(project, order=each)) for each in orders],
    }


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "abc"),
    ({"name": {"$ne": "b"}}, "ac"),
    ({"group": "g1"}, "ab"),
    ({"jobType": "train"}, "a"),
    ({"state": {"$in": ["failed", "crashed"]}}, "b"),
    ({"state": {"$nin": ["failed"]}}, "ac"),
    ({"state": {"$eq": "failed"}}, "b"),
    ({"jobType": None}, "c"),
    ({"job_type": {"$ne": None}}, "ab"),
    ({"notes": {"$regex": "again$"}}, "c"),
    ({"host": "box"}, "c"),
    ({"duration": {"$gte": 20}}, "ab"),
    ({"display_name": "Alpha"}, "a"),
    ({"displayName": {"$regex": "^.e"}}, "b"),
    ({"display_name": {"$regex": "(?i)ALPHA|gamma"}}, "ac"),
    ({"display_name": {"$regex": "^[[:upper:]](?i)LPHA$"}}, "a"),
    ({"config.repeated": {"$regex": "^(a+)+!$"}}, "c"),
    ({"config.repeated": {"$regex": "^(a+)+$"}}, ""),
    ({"username": USER}, "abc"),
    ({"user": USER}, "abc"),
    ({"user": "nobody"}, ""),
    ({"username": {"$not": {"$eq": USER}}}, ""),
    ({"created_at": {"$gt": "2020-01-01"}}, "abc"),
    ({"created_at": {"$lt": "2020-01-01"}}, ""),
    ({"heartbeat_at": {"$lte": "2999-01-01T00:00:00Z"}}, "abc"),
    ({"sweep": None}, "ab"),
    ({"sweep": {"$ne": None}}, "c"),
    ({"sweep": "abcd1234"}, ""),
    ({"tags": "x"}, "ab"),
    ({"tags": {"$in": ["y", "z"]}}, "b"),
    ({"$or": [{"tags": None}, {"tags": {"$ne": "y"}}]}, "ac"),
    ({"tags.y": {"$exists": True}}, "b"),
    ({"config.lr": 0.1}, "a"),
    ({"config.lr": {"$eq": 0.2}}, "b"),
    ({"config.lr": {"$lte": 0.1}}, "a"),
    ({"config.lr": {"$ne": None}}, "ab"),
    ({"config.lr.value": {"$gte": 0.1, "$lt": 0.2}}, "a"),
    ({"config.lr": None}, "c"),
    ({"config.opt.name": "adam"}, "b"),
    ({"config.opt.value.name": "adam"}, "b"),
    ({"config.opt": {"name": "sgd"}}, "a"),
    ({"config.opt.name": {"$exists": False}}, "c"),
    ({"summary_metrics.val.acc": {"$gt": 0}}, "bc"),
    ({"$or": [{"$and": []}]}, "abc"),
    ({"$not": {"group": "g1"}}, "c"),
    ({"$nor": [{"tags": "y"}, {"group": "g2"}]}, "a"),
    ({"$and": [{"group": "g1"}, {"$or": [{"config.lr": 0.2}, {"tags": "z"}]}]}, "b"),
    ({"keys_info.keys.loss": {"$exists": True}}, "abc"),
    ({"nonsense": 3}, ""),
]
ORDERS = {
    "+created_at": "abc",
    "-created_at": "cba",
    "+createdAt": "abc",
    "-createdAt": "cba",
    "-heartbeat_at": "cba",
    "+heartbeatAt": "abc",
    "+updatedAt": "bca",
    "-updated_at": "acb",
    "+name": "abc",
    "-displayName": "cba",
    "displayName": "abc",
    "+state": "bac",
    "state": "bac",
    "+sweep": "cab",
    "-sweep": "cab",
    "-group": "cba",
    "+jobType": "bac",
    "-duration": "abc",
    "duration": "cba",
    "+config.lr": "abc",
    "-config.lr.value": "bac",
    "+config.opt.name": "bac",
    "-summary_metrics.val.acc": "cba",
    "+summary_metrics.loss": "acb",
    "-summary_metrics.loss": "cab",
    "+nonsense": "abc",
}


def test_filters_and_orders_mean_what_wandb_says(sdk: Sdk, project: str) -> None:
    second = sdk.run(make, project=project, expected="environment variables")
    between = datetime.fromtimestamp(second, timezone(timedelta(hours=2)))
    asked = [
        *FILTERS,
        ({"created_at": {"$lt": between.isoformat()}}, "a"),
        ({"createdAt": {"$gte": between.isoformat()}}, "bc"),
        ({"heartbeat_at": {"$gte": between.isoformat()}}, "bc"),
        ({"heartbeatAt": {"$lt": between.isoformat()}}, "a"),
    ]
    filters = [each for each, _ in asked]
    found = sdk.run(ask, project=project, filters=filters, orders=list(ORDERS))
    expected = [ids for _, ids in asked]
    assert found["found"] == expected
    assert found["counted"] == [len(ids) for ids in expected]
    assert dict(zip(ORDERS, found["ordered"], strict=True)) == ORDERS


def ask_wrongly(project: str) -> Any:
    import wandb

    wandb.Api().create_run(project=project)
    refused = []
    patterns = ({"name": {"$regex": "("}}, {"name": {"$regex": "(?=a)"}})
    dated = {"created_at": {"$gt": 5}}
    for filters in ({"tags": {"$all": ["x"]}}, {"$expr": {}}, *patterns, dated):
        try:
            list(wandb.Api().runs(project, filters=filters))
        except Exception as error:
            refused.append(str(error))
    return refused


def test_filters_that_are_none_are_refused_by_name(sdk: Sdk, project: str) -> None:
    refused = sdk.run(ask_wrongly, project=project, expected="filters")
    named = ("$all", "$expr", "$regex '('", "$regex '(?=a)'", "created_at is a date")
    assert [name in said for name, said in zip(named, refused, strict=True)] == [True] * 5


def page_while_runs_come(project: str) -> Any:
    import wandb

    api = wandb.Api()

    def make(name: str) -> None:
        wandb.init(project=project, id=name).finish()

    for number in range(6):
        make(f"old{number}")
    seen = []
    for run in api.runs(project, order="-created_at", per_page=2):
        seen.append(run.id)
        make(f"new{len(seen)}")
        if len(seen) == 3:
            api.run(f"{project}/old3").delete()
    forward = [run.id for run in api.runs(project, order="+created_at", per_page=5)]
    return {"seen": seen, "forward": forward}


def test_pages_neither_repeat_nor_skip_while_runs_come_and_go(sdk: Sdk, project: str) -> None:
    found = sdk.run(page_while_runs_come, project=project)
    assert found["seen"] == [f"old{number}" for number in (5, 4, 3, 2, 1, 0)]
    old = [f"old{number}" for number in (0, 1, 2, 4, 5)]
    assert found["forward"] == [*old, *(f"new{number}" for number in range(1, 7))]


def page_while_cursor_runs_change(project: str) -> Any:
    import wandb

    api = wandb.Api()

    def rename(name: str, display_name: str) -> None:
        run = api.run(f"{project}/{name}")
        run.display_name = display_name
        run.update()

    def make(*names: str) -> None:
        for name in names:
            api.create_run(project=project, run_id=name)
            rename(name, name)

    make(*"abcdef")
    deleted, renamed = "", ""
    for run in api.runs(project, order="-created_at", per_page=2):
        deleted += run.id
        if len(deleted) == 2:
            api.run(f"{project}/e").delete()
            make(*"gh")
    for run in api.runs(project, order="+display_name", per_page=2):
        renamed += run.id
        if len(renamed) == 2:
            rename("b", "zzzz")
    return {"deleted": deleted, "renamed": renamed}


def test_pages_go_on_behind_a_run_that_was_deleted_or_renamed(sdk: Sdk, project: str) -> None:
    found = sdk.run(page_while_cursor_runs_change, project=project)
    assert found["deleted"] == "fedcba"
    assert found["renamed"] == "abcdfghb"  # `b` stands where it is now, too


def edit(project: str) -> Any:
    import wandb

    made = wandb.init(project=project, entity="the-team", config={"lr": 1, "old": 2}, tags=["t"])
    made.log({"x": 1, "y": 2})
    made.finish()
    run = wandb.Api().run(made.path)
    run.name, run.group, run.job_type = "renamed", "moved", "checked"
    run.description, run.notes, run.tags = "described", "noted", ["seen", "done"]
    run.config["new"] = {"deep": [1, 2]}
    del run.config["old"]
    run.update()
    run.summary["judged"] = {"by": "me"}
    run.summary.update({"x": 5})
    again = wandb.Api().run(made.path)
    grouped = [r.id for r in wandb.Api().runs(f"the-team/{project}", filters={"group": "moved"})]
    found = {
        "strings": [again.name, again.group, again.job_type, again.description, again.notes],
        "tags": again.tags,
        "config": dict(again.config),
        "summary": [again.summary["judged"]["by"], again.summary["x"], again.summary["y"]],
        "state": again.state,
        "read_only": again.read_only,
        "grouped": grouped == [made.id],
        "rows": [row["x"] for row in again.scan_history()],
    }
    again.delete(delete_artifacts=True)
    try:
        wandb.Api().run(made.path)
    except wandb.errors.CommError as error:
        found["gone"] = "Could not find run" in str(error)
    found["left"] = len(wandb.Api().runs(f"the-team/{project}"))
    return found


def test_runs_are_edited_and_deleted(sdk: Sdk, project: str) -> None:
    assert sdk.run(edit, project=project, expected="404|not find") == {
        "strings": ["renamed", "moved", "checked", "described", "noted"],
        "tags": ["seen", "done"],
        "config": {"lr": 1, "new": {"deep": [1, 2]}},
        "summary": ["me", 5, 2],
        "state": "finished",
        "read_only": False,
        "grouped": True,
        "rows": [1],
        "gone": True,
        "left": 0,
    }


def tell(project: str) -> Any:
    import sys

    import wandb

    settings = wandb.Settings(x_stats_sampling_interval=0.1)
    made = wandb.init(project=project, save_code=True, settings=settings)
    made.log({"x": 1})
    made.finish()
    api = wandb.Api()
    run = api.run(made.path)
    query = """
      query RunInfo($project: String!, $name: String!) {
        project(name: $project) { run(name: $name) { runInfo {
          program args os python colab executable codeSaved cpuCount gpuCount gpu
          git { remote commit }
        } } }
      }
    """
    answer = run._exec(query)
    return {
        "info": answer["project"]["run"]["runInfo"],
        "metadata": run.metadata,
        "executable": sys.executable,
        "system": [key for key in run.system_metrics if key.startswith("system.")],
        "artifacts": [len(run.logged_artifacts()), len(run.used_artifacts())],
        "times": [bool(run.created_at), bool(run.heartbeat_at)],
    }


def test_a_run_tells_how_it_was_started(sdk: Sdk, project: str) -> None:
    found = sdk.run(tell, project=project)
    info, metadata = found["info"], found["metadata"]
    for name in ("program", "args", "os", "python", "executable"):
        assert info[name] == metadata[name], name
    assert info["executable"] == found["executable"]
    assert info["cpuCount"] == metadata["cpu_count"]
    assert found["system"]
    assert found["artifacts"] == [0, 0]
    assert found["times"] == [True, True]


def write_together(project: str, code: str) -> Any:
    import subprocess
    import sys

    import wandb

    command = [sys.executable, "-c", code, project]
    ends = {"stdin": subprocess.PIPE, "text": True}
    first, *others = [subprocess.Popen([*command, str(number)], **ends) for number in range(3)]
    codes = [other.wait() for other in others]
    first.communicate("all others have ended\n")
    codes.insert(0, first.returncode)
    run = wandb.Api().run(f"{project}/together")
    rows = list(run.scan_history())
    return {
        "codes": codes,
        "state": run.state,
        "config": dict(run.config),
        "summary": {key: run.summary[key] for key in ("m0", "m1", "m2")},
        "rows": [sum(f"m{number}" in row for row in rows) for number in range(3)],
        "said": sorted(line.content for line in run.console_logs()),
    }


WRITER = """
import sys, wandb
project, number = sys.argv[1], int(sys.argv[2])
settings = wandb.Settings(
    mode="shared", x_label=f"node{number}", x_primary=number == 0,
    x_update_finish_state=number == 0,
)
run = wandb.init(project=project, id="together", config={f"c{number}": number}, settings=settings)
for i in range(50):
    run.log({f"m{number}": i})
print("from", number)
if number == 0:
    sys.stdin.readline()  # its end is the run's
run.finish()
"""


def test_several_processes_share_a_run_and_lose_nothing(sdk: Sdk, project: str) -> None:
    code = textwrap.dedent(WRITER)
    assert sdk.run(write_together, project=project, code=code, expected="Tip|shared") == {
        "codes": [0, 0, 0],
        "state": "finished",
        "config": {"c0": 0, "c1": 1, "c2": 2},
        "summary": {"m0": 49, "m1": 49, "m2": 49},
        "rows": [50, 50, 50],
        "said": ["from 0", "from 1", "from 2"],
    }


def clash(project: str, code: str) -> Any:
    import subprocess
    import sys

    import wandb

    command = [sys.executable, "-c", code, project]
    first, second = [subprocess.Popen([*command, str(number)]) for number in range(2)]
    codes = [first.wait(), second.wait()]
    at_once = len(list(wandb.Api().run(f"{project}/same").scan_history()))
    subprocess.run([*command, "2"], check=True)
    run = wandb.Api().run(f"{project}/same")
    rows = list(run.scan_history())
    return {
        "codes": codes,
        "at_once": at_once,
        "state": run.state,
        "steps": sorted({row["_step"] for row in rows if row["who"] == 2}),
        "all": len(rows),
    }


CLASHING = """
import os, sys, wandb
os.makedirs(folder := f"writer{sys.argv[2]}")  # as on another machine
run = wandb.init(project=sys.argv[1], id="same", dir=folder)
for i in range(20):
    run.log({"x": i, "who": int(sys.argv[2])})
run.finish()
"""


def test_two_processes_on_one_run_id_are_told_by_the_account(sdk: Sdk, project: str) -> None:
    found = sdk.run(clash, project=project, code=textwrap.dedent(CLASHING))
    assert found["codes"] == [0, 0]
    assert found["state"] == "finished"
    assert 20 <= found["at_once"] <= 40
    # One that starts later writes behind what is there, though it counts steps from 0.
    assert found["steps"] == list(range(20))
    assert found["all"] == found["at_once"] + 20
    account = sdk.account("same", project)
    # What the two wrote to the same lines is kept once, and counted as changed.
    assert found["at_once"] + account["rows_changed"] == 40


def upsert(project: str) -> Any:
    import wandb

    api = wandb.Api()
    found = {}
    made = api.create_run(run_id="made", project=project)
    made.update_state("pending")
    pending = wandb.Api().run(f"{project}/made")
    found["pending"] = [pending.state, pending.metadata]
    started = wandb.init(project=project, id="made")
    found["started"] = wandb.Api().run(started.path).state
    started.finish()
    nowhere = wandb.init()
    found["nowhere"] = nowhere.path.split("/")[:2]
    nowhere.finish()
    try:
        api.run(f"{project}/made").update_state("running")
    except Exception as error:
        found["refused"] = str(error)
    return found


def test_upserts_create_start_and_place_runs(sdk: Sdk, project: str) -> None:
    found = sdk.run(upsert, project=project, expected="invalid state|400")
    assert found["pending"] == ["pending", None]
    assert found["started"] == "running"
    assert found["nowhere"] == [USER, "uncategorized"]
    assert "invalid state transition" in found["refused"]


def stop_late(project: str) -> Any:
    import wandb

    ended = wandb.init(project=project)
    ended.finish()
    run = wandb.Api().run(ended.path)
    run.stop()
    again = wandb.init(project=project, id=ended.id, resume="must")
    query = """
      query RunStoppedStatus($project: String, $entity: String, $name: String!) {
        project(name: $project, entityName: $entity) { run(name: $name) { stopped } }
      }
    """
    stopped = run._exec(query)["project"]["run"]["stopped"]
    states = [run.state, wandb.Api().run(ended.path).state]
    again.finish()
    run.delete()
    try:
        run.stop()
    except wandb.errors.CommError as error:
        refused = [str(error), error.exc.response.http_status]
    return {"states": states, "stopped": stopped, "refused": refused, "path": ended.path}


def test_a_run_that_has_ended_is_not_stopped_nor_is_one_that_is_gone(
    sdk: Sdk, project: str
) -> None:
    found = sdk.run(stop_late, project=project, expected="404")
    assert found["states"] == ["finished", "running"]
    assert found["stopped"] is False
    message, status = found["refused"]
    assert found["path"] in message
    assert status == 404


def sync_much(project: str, rows: int) -> Any:
    import glob
    import subprocess
    import sys

    import wandb

    run = wandb.init(project=project, id="much", mode="offline", config={"big": "y" * 10_000})
    for i in range(rows):
        run.log({"x": i, "text": "z" * 1000})
    run.finish()
    (folder,) = glob.glob("wandb/offline-run-*")
    subprocess.run([sys.executable, "-m", "wandb", "sync", folder], check=True)
    found = wandb.Api().run(f"{project}/much")
    return {
        "state": found.state,
        "rows": [row["x"] for row in found.scan_history()] == list(range(rows)),
        "config": len(found.config["big"]),
    }


def test_an_offline_run_larger_than_the_limit_allows_at_once_is_synced_in_full(
    tmp_path: Path, project: str
) -> None:
    with serving(limits={"project": {"bytes": "400kB/2s"}}) as server:
        sdk = Sdk(server.url, tmp_path)
        found = sdk.run(sync_much, project=project, rows=1000, expected="429")
        account = sdk.account("much")
    assert found == {"state": "finished", "rows": True, "config": 10_000}
    assert account["bytes_streamed"] > 1_000_000
    assert account["refused"]
