"""Recordings played against a real server: what is stored is what was recorded."""

import asyncio
import json
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp
import pytest

from mockwb.clock import RealClock
from mockwb.config.model import ServerConfig
from mockwb.scenario.account_reader import AccountReader
from mockwb.scenario.client_result import ClientResult
from mockwb.scenario.content_check import check_content
from mockwb.scenario.errors import StartError
from mockwb.scenario.kinds.replay import ReplayWorkload
from mockwb.scenario.place import Place, started_here
from mockwb.scenario.recording.recording import load_recording
from mockwb.scenario.workload import Surroundings
from mockwb.yaml_file import convert
from tests.scenario.recording.log_writer import write_log
from tests.scenario.recording.test_recording import RECORDS

SCRIPT = """
import math, sys, wandb
with wandb.init(mode="offline", project="p", config={"lr": 0.1, "net": {"depth": 3}}) as run:
    print("hello")
    for step in range(5):
        row = {"loss": 1 / (step + 1), "net": {"grad": {"max": step}}, "text": "é" * step}
        row["bad"] = math.nan if step else math.inf
        row["hist"] = wandb.Histogram(np_histogram=([step, 2], [0.0, 1.0, 2.0]))
        run.log(row)
    run.summary["best"] = 0.2
    print("oh no", file=sys.stderr)
    path = run.dir + "/model.pt"
    open(path, "w").write("weights")
    run.save(path, base_path=run.dir)
"""


def load_of(files: str | list[str], **given: Any) -> ReplayWorkload:
    data = {"kind": "replay", "name": "again", "project": "team/p", "files": files, **given}
    return convert(data, ReplayWorkload)


class Stored(NamedTuple):
    rows: list[Any]
    summary: dict[str, Any]
    config: dict[str, Any]
    state: str
    display_name: str
    files: dict[str, int]
    console: list[tuple[str, str]]


class Played(NamedTuple):
    clients: list[ClientResult]
    stored: list[Stored]
    rows_stored: list[int]
    values_stored: list[int]
    different: list[str]
    """Runs whose stored rows are not those recorded, value by value."""


async def play(*loads: ReplayWorkload) -> Played:
    async with started_here(ServerConfig(port=0)) as place, aiohttp.ClientSession() as session:
        around = Surroundings(
            base_url=place.url, api_key=place.api_key, clock=RealClock(), run_prefix="abc"
        )
        for load in loads:
            load.check()
        results = await asyncio.gather(*(load.run(around) for load in loads))
        clients = [client for result in results for client in result]
        stored = [await _stored(session, place, client.run) for client in clients]
        account = await AccountReader(session, place.url, ["team/p"], "abc").read()
        runs = {run.run: run for run in account.runs}
        reader = AccountReader(session, place.url, ["team/p"], "abc")
        checks = await check_content(loads, clients, account, reader)
    return Played(
        clients,
        stored,
        [runs[client.run].rows_stored for client in clients],
        [runs[client.run].values_stored for client in clients],
        [run for check in checks.values() for run in check.different],
    )


async def _stored(session: aiohttp.ClientSession, place: Place, run: str) -> Stored:
    query = """query($run: String!) {project(name: "p", entityName: "team") {run(name: $run) {
        history(minStep: 0, maxStep: 1000, samples: 1000) summaryMetrics config state displayName
        files {edges {node {name sizeBytes}}} logLines(first: 100) {edges {node {line level}}}}}}"""
    async with session.post(
        f"{place.url}/graphql",
        json={"query": query, "variables": {"run": run}},
        headers={"Authorization": aiohttp.encode_basic_auth("api", place.api_key)},
    ) as answer:
        answered = await answer.json()
    found = answered["data"]["project"]["run"]
    config = json.loads(found["config"])
    del config["_wandb"]
    return Stored(
        [json.loads(row) for row in found["history"]],
        json.loads(found["summaryMetrics"]),
        {key: entry["value"] for key, entry in config.items()},
        found["state"],
        found["displayName"],
        {e["node"]["name"]: int(e["node"]["sizeBytes"]) for e in found["files"]["edges"]},
        [(e["node"]["line"], e["node"]["level"]) for e in found["logLines"]["edges"]],
    )


@pytest.fixture(scope="module")
def offline_run(tmp_path_factory) -> Path:
    """What the installed SDK leaves behind of a run that had no server."""
    folder = tmp_path_factory.mktemp("offline")
    subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder), "WANDB_ERROR_REPORTING": "false"},
        check=True,
        capture_output=True,
    )
    (run,) = (folder / "wandb").glob("offline-run-*")
    return run


@pytest.mark.sdk
async def test_a_real_run_is_stored_as_it_was_recorded_by_clients_and_by_wandb_sync(offline_run):
    virtual = load_of(str(offline_run), speed="max", count=2)
    sync = load_of(str(offline_run / "*.wandb"), through="sync", name="sync")
    played = await play(virtual, sync)
    assert [(client.error, client.exit_code) for client in played.clients] == [(None, 0)] * 3
    assert [client.rows for client in played.clients] == played.rows_stored == [5] * 3
    assert [client.values for client in played.clients] == played.values_stored == [25] * 3
    assert played.different == []
    (file,) = offline_run.glob("*.wandb")
    recorded = [_comparable(json.loads(t)) for t in load_recording(file).rows.texts]
    assert [row["net"]["grad"]["max"] for row in recorded] == [0, 1, 2, 3, 4]
    for stored in played.stored:
        assert [_comparable(row) for row in stored.rows] == recorded
        assert stored.summary["best"] == 0.2
        assert stored.config == {"lr": 0.1, "net": {"depth": 3}}
        assert stored.state == "finished"
        assert stored.files["model.pt"] == 7
        assert {("hello", ""), ("oh no", "error")} <= set(stored.console)
    by_client, _, by_sync = played.stored
    assert by_client.summary == by_sync.summary
    assert by_client.console == by_sync.console
    assert by_client.files.keys() == by_sync.files.keys()


def _comparable(value: Any) -> Any:
    """Numbers that are none are told by their names, as the server tells them."""
    if isinstance(value, dict):
        return {key: _comparable(inner) for key, inner in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity"
    return value


async def test_recordings_are_dealt_out_in_turn_and_what_is_missing_is_told(tmp_path):
    whole, killed = tmp_path / "a" / "run-1.wandb", tmp_path / "b" / "run-2.wandb"
    for file in (whole, killed):
        file.parent.mkdir()
        write_log(file, RECORDS)
    killed.write_bytes(killed.read_bytes()[:-20])
    played = await play(load_of(str(tmp_path / "**" / "*.wandb"), count=3, speed="max"))
    assert [client.failure for client in played.clients] == [None] * 3
    assert [stored.state for stored in played.stored] == ["finished", "failed", "finished"]
    assert [stored.display_name for stored in played.stored] == ["swift-fox"] * 3
    assert [client.rows for client in played.clients] == played.rows_stored == [2, 2, 2]
    notes = [client.note for client in played.clients]
    assert notes[0] is notes[2] is None
    assert "run-2.wandb: ends within the record at offset" in notes[1]
    assert played.stored[0].console == [
        *(("epoch 1", ""), ("100%", "")),
        *(("oh no", "error"), ("end", "")),
    ]


@pytest.mark.parametrize(("speed", "seconds"), [("1x", 3.0), ("10x", 0.3), ("max", 0.0)])
def test_the_speed_says_how_long_it_takes(tmp_path, speed, seconds):
    write_log(tmp_path / "run-1.wandb", RECORDS)
    load = load_of(str(tmp_path), speed=speed)
    assert load.logging_seconds == pytest.approx(seconds)
    client = load.client(Surroundings("", "k" * 40, RealClock(), "t"), 0)
    assert client.run.rows(0.0) == 0


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ("nowhere/*.wandb", r"workload again: files: no \.wandb file is called 'nowhere/"),
        ("empty", r"workload again: files: no \.wandb file is called 'empty'"),
        ("bad.wandb", r"workload again: bad\.wandb: offset 7: damaged: "),
        ("other.txt", r"workload again: other\.txt: not a \.wandb file"),
    ],
)
def test_what_cannot_be_played_is_a_bad_start(tmp_path, monkeypatch, files, message):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "other.txt").write_text("hello")
    data = bytearray(write_log(tmp_path / "bad.wandb", RECORDS).read_bytes())
    data[20] ^= 1
    (tmp_path / "bad.wandb").write_bytes(data)
    with pytest.raises(StartError, match=message):
        load_of(files).check()


def test_recordings_that_nobody_would_play_are_a_bad_start(tmp_path):
    for name in ("1", "2", "3"):
        write_log(tmp_path / f"run-{name}.wandb", RECORDS)
    with pytest.raises(StartError, match="2 clients play 2 of 3 recordings; expected at least 3"):
        load_of(str(tmp_path), count=2).check()
    load_of(str(tmp_path), count=3).check()
    assert load_of(str(tmp_path), count=4).rows_expected == 8


@pytest.mark.parametrize(("given", "speed"), [("1x", 1), ("2.5x", 2.5), (10, 10), ("max", None)])
def test_speeds(given, speed):
    read = load_of("f", speed=given).speed
    assert read == (float("inf") if speed is None else speed)
    assert load_of("f", speed=read.to_config()).speed == read


@pytest.mark.parametrize("given", ["fast", 0, -1, "0x", True, "inf", "nan"])
def test_what_is_no_speed_says_what_was_expected(given):
    with pytest.raises(ValueError, match="expected a speed such as 1x, 10x or max"):
        load_of("f", speed=given)


def test_wandb_sync_has_its_own_speed(tmp_path):
    with pytest.raises(ValueError, match="through: sync takes neither speed nor settings"):
        load_of("f", through="sync", speed="max")
    write_log(tmp_path / "run-1.wandb", RECORDS)
    around = Surroundings("", "k" * 40, RealClock(), "t")
    with pytest.raises(StartError, match="cannot be simulated"):
        load_of(str(tmp_path), through="sync").client(around, 0)
