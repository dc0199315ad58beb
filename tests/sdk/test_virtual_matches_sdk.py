"""A virtual client and the real SDK, given the same settings, rows and refusals, send the same.

Each talks to a server of its own that follows the same script. Compared are the requests in their
order, what is in them, and the time between them.

The stream and everything else are compared apart: the SDK sends them over separate connections,
so their order among each other is chance where they fall together. For the same reason what
starts within `TOGETHER` seconds outside the stream is put in alphabetical order.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import pytest

from mockwb.clock import RealClock
from mockwb.scenario.kinds.virtual import VirtualWorkload
from mockwb.scenario.workload import ProjectPath, Surroundings
from mockwb.sdkmodel.settings import FILELESS, SdkSettings
from mockwb.units import Duration
from tests.sdkmodel.scripted_server import Answer, Exchange, ScriptedServer

pytestmark = [pytest.mark.sdk, pytest.mark.slow]

API_KEY = "k" * 40
TOGETHER = 0.4
TOLERANCE = 0.4
"""Seconds between the real and the virtual time of a request: a busy machine's delays, but much
less than the 2 s between transmissions and the shortest wait for a retry."""
TRANSPORT_HEADERS = {"Host", "Accept", "Accept-Encoding", "Content-Length"}
"""Differ with the HTTP library."""

USER_SCRIPT = """
import sys, time, wandb
entity, project, run, rows, every, metrics = sys.argv[1:]
with wandb.init(entity=entity, project=project, id=run) as run:
    begin = time.monotonic()
    for i in range(int(rows)):
        time.sleep(max(0.0, begin + i * float(every) - time.monotonic()))
        run.log({f"metric_{m}": i + m / 10 for m in range(int(metrics))})
"""

Script = Mapping[tuple[str, int], Answer]


class Both(NamedTuple):
    """What arrived from either client."""

    sdk: list[Exchange]
    virtual: list[Exchange]


async def both(load: VirtualWorkload, script: Script, folder: Path) -> Both:
    """Let a real and a virtual client live at the same time."""
    async with ScriptedServer(script) as for_sdk, ScriptedServer(script) as for_virtual:
        around = Surroundings(for_virtual.url, API_KEY, RealClock(), "t")
        await asyncio.gather(
            _run_sdk(load, around, for_sdk.url, folder),
            load.run(around),
        )
    return Both(for_sdk.exchanges, for_virtual.exchanges)


async def _run_sdk(load: VirtualWorkload, around: Surroundings, url: str, folder: Path) -> None:
    arguments = [*_place(load, around), load.rows, float(load.period), load.metrics]
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        USER_SCRIPT,
        *map(str, arguments),
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "WANDB_BASE_URL": url,
            "WANDB_API_KEY": API_KEY,
            "WANDB_ERROR_REPORTING": "false",
            # Virtual runs print nothing; the SDK would log its own warnings about 429.
            "WANDB_CONSOLE": "off",
            **_environment(load.settings),
        },
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, stderr = await process.communicate()
    assert process.returncode == 0, stderr.decode()


def _place(load: VirtualWorkload, around: Surroundings) -> list[str]:
    return [load.project.entity, load.project.project, load.run_id(around, 0)]


def _environment(settings: SdkSettings) -> dict[str, str]:
    """The settings that are not at their defaults, as the SDK reads them."""
    defaults = msgspec.structs.asdict(SdkSettings())
    given = msgspec.structs.asdict(settings)
    return {
        f"WANDB_{name.upper()}": str(value)
        for name, value in given.items()
        if value != defaults[name]
    }


def load_of(settings: SdkSettings, rows: int, every: float) -> VirtualWorkload:
    return VirtualWorkload(
        name="same",
        project=ProjectPath("team", "vision"),
        rows=rows,
        metrics=3,
        every=Duration(every),
        settings=msgspec.structs.replace(settings, x_file_stream_transmit_interval=2),
    )


def stream(exchanges: list[Exchange]) -> list[Exchange]:
    return [exchange for exchange in exchanges if exchange.kind == "file_stream"]


def others(exchanges: list[Exchange]) -> list[Exchange]:
    """All but the stream, alphabetical where they start together."""
    ordered: list[Exchange] = []
    group: list[Exchange] = []
    for exchange in exchanges:
        if exchange.kind == "file_stream":
            continue
        if group and exchange.at - group[0].at > TOGETHER:
            ordered += sorted(group, key=_what)
            group = []
        group.append(exchange)
    return ordered + sorted(group, key=_what)


def _what(exchange: Exchange) -> tuple[str, str]:
    return exchange.kind, exchange.path


def streamed(exchange: Exchange) -> dict[str, Any]:
    """A file_stream request without the text of its lines."""
    said = dict(exchange.json)
    files = said.pop("files", {})
    chunks = {name: (chunk["offset"], len(chunk["content"])) for name, chunk in files.items()}
    uploaded = sorted(said.pop("uploaded", []))
    return {"files": chunks, "uploaded": uploaded, "status": exchange.status, **said}


def asked(exchange: Exchange) -> dict[str, Any]:
    """Any other request without the values that only one machine has."""
    if exchange.kind == "put":
        return {"kind": exchange.kind, "path": exchange.path}
    variables = exchange.json.get("variables", {})
    given = sorted(name for name, value in variables.items() if value is not None)
    files = sorted(variables.get("files", []))
    return {"kind": exchange.kind, "path": exchange.path, "given": given, "files": files}


def times(exchanges: list[Exchange]) -> list[float]:
    """Seconds since the first."""
    return [exchange.at - exchanges[0].at for exchange in exchanges]


def assert_same_stream(pair: Both) -> None:
    assert [streamed(e) for e in stream(pair.virtual)] == [streamed(e) for e in stream(pair.sdk)]


def assert_same_others(pair: Both) -> None:
    assert [asked(e) for e in others(pair.virtual)] == [asked(e) for e in others(pair.sdk)]


def assert_same_times(virtual: list[Exchange], sdk: list[Exchange]) -> None:
    assert times(virtual) == pytest.approx(times(sdk), abs=TOLERANCE)


def assert_same_headers(pair: Both) -> None:
    def headers(exchanges: list[Exchange]) -> dict[str, set[tuple[str, str]]]:
        return {
            exchange.kind: {
                (name.title(), value)
                for name, value in exchange.headers.items()
                if name.title() not in TRANSPORT_HEADERS
            }
            for exchange in exchanges
        }

    assert headers(pair.virtual) == headers(pair.sdk)


def retries(exchanges: list[Exchange]) -> list[tuple[Exchange, Exchange]]:
    """Refused stream requests, each with what came next."""
    sent = stream(exchanges)
    return [(before, after) for before, after in pairwise(sent) if before.status == 429]


async def test_given_refusals_with_retry_after_then_both_send_the_same_at_the_same_times(
    tmp_path: Path,
) -> None:
    script = {
        ("file_stream", 3): Answer(429, {"Retry-After": "3"}),
        ("file_stream", 4): Answer(429, {"Retry-After": "2.6"}),
    }
    # Rows 0.7 s apart keep clear of the 2 s slots, so that none falls to either side by chance.
    pair = await both(load_of(FILELESS, rows=17, every=0.7), script, tmp_path)
    assert_same_stream(pair)
    assert_same_times(stream(pair.virtual), stream(pair.sdk))
    assert_same_others(pair)
    assert_same_times(others(pair.virtual), others(pair.sdk))
    assert_same_headers(pair)
    for exchanges in pair:
        assert [before.body == after.body for before, after in retries(exchanges)] == [True, True]


async def test_given_bare_refusals_then_both_repeat_the_same_bytes_after_the_same_waits(
    tmp_path: Path,
) -> None:
    script = {("file_stream", n): Answer(429) for n in (3, 4)}
    pair = await both(load_of(FILELESS, rows=20, every=0.7), script, tmp_path)
    for exchanges in pair:
        (first, second), (_, third) = retries(exchanges)
        assert first.body == second.body == third.body
        assert 2.0 <= second.at - first.at <= 2.5 + TOLERANCE
        assert 4.0 <= third.at - second.at <= 5.0 + TOLERANCE
    # The jitter of the waits is random: what comes after them holds the same rows, cut elsewhere.
    assert [streamed(e) for e in stream(pair.virtual)[:5]] == [
        streamed(e) for e in stream(pair.sdk)[:5]
    ]
    assert _rows(pair.virtual) == _rows(pair.sdk) == list(range(20))
    assert streamed(stream(pair.virtual)[-1])["complete"] is True
    assert streamed(stream(pair.sdk)[-1])["complete"] is True


async def test_given_default_files_then_both_ask_for_and_upload_the_same(tmp_path: Path) -> None:
    settings = SdkSettings(x_disable_stats=True)
    pair = await both(load_of(settings, rows=12, every=0.7), {}, tmp_path)
    assert_same_others(pair)
    assert_same_times(others(pair.virtual), others(pair.sdk))
    assert_same_headers(pair)
    assert_same_stream(pair)
    for sdk, virtual in zip(others(pair.sdk), others(pair.virtual), strict=True):
        if sdk.kind == "UpsertBucket":
            assert len(virtual.body) == pytest.approx(len(sdk.body), rel=0.25)


async def test_given_silence_then_both_beat_after_30_seconds(tmp_path: Path) -> None:
    pair = await both(load_of(FILELESS, rows=2, every=33), {}, tmp_path)
    assert [e.body for e in stream(pair.sdk)].count(b"{}") == 1
    assert_same_stream(pair)
    assert_same_times(stream(pair.virtual), stream(pair.sdk))


def _rows(exchanges: list[Exchange]) -> list[int]:
    """Steps in accepted history chunks, by their line numbers."""
    lines: dict[int, int] = {}
    for exchange in stream(exchanges):
        chunk = exchange.json.get("files", {}).get("wandb-history.jsonl")
        if chunk and exchange.status == 200:
            steps = [msgspec.json.decode(line)["_step"] for line in chunk["content"]]
            lines |= dict(enumerate(steps, chunk["offset"]))
    return [lines[number] for number in sorted(lines)]
