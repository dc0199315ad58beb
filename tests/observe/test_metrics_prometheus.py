"""What Prometheus itself says about the exposition: its linter and its scraper."""

import asyncio
import json
import shutil
import subprocess
import urllib.parse
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import RawTestServer, unused_port

from mockwb.clock import RealClock
from mockwb.observe.metrics import Metrics
from mockwb.observe.onlookers import Onlookers
from mockwb.record import Ingested
from mockwb.target import Surface, WindowUsage
from mockwb.wire.exchange import Exchange
from mockwb.wire.health import add_health_routes
from mockwb.wire.routes import Routes
from tests.observe.records import asked, refused, streamed


def program(name: str) -> str:
    """Where Prometheus' own `name` is; a test without it proves nothing, so it fails."""
    found = shutil.which(name)
    if found is None:
        pytest.fail(f"{name} is not installed; on Debian: apt-get install -y prometheus")
    return found


def used_metrics() -> Metrics:
    """Metrics in which every family has samples."""
    usage = [
        WindowUsage("project", "team/proj", "requests", 60, 60.0, 45),
        WindowUsage("project", "team/proj", "requests", 60, 60.0, 30, kind="fixed"),
        WindowUsage("project", "team/proj", "bytes", 10_000, 60.0, 1),
        WindowUsage("project", "team/proj", "run_creations", 10, 60.0, 1),
        WindowUsage("project", "team/proj", "query_time", 30_000, 60.0, 1500),
        WindowUsage("project", "team/proj", "storage_requests", 10, 60.0, 1),
        WindowUsage("project", "team/proj", "storage_bytes", 10_000, 60.0, 1),
    ]
    metrics = Metrics(10, lambda: usage)
    metrics.note_run_states({"running": 1})
    brought = Ingested(rows=3, rows_resent=2, values=30, lines=4, gaps=[("output.log", 0, 1)])
    for record in (
        streamed(ingested=brought, duration=0.01),
        refused(),
        asked(),
        asked(None, surface=Surface.OTHER, status=404),
    ):
        metrics.saw(record)
    return metrics


def lint(exposition: bytes) -> tuple[int, str]:
    checked = subprocess.run(
        [program("promtool"), "check", "metrics"],
        input=exposition,
        capture_output=True,
        check=False,
    )
    return checked.returncode, (checked.stdout + checked.stderr).decode().strip()


def test_given_an_exposition_then_promtool_has_nothing_to_say() -> None:
    assert lint(used_metrics().render("")[0]) == (0, "")


def test_given_a_badly_named_counter_then_promtool_would_say_so() -> None:
    code, complaints = lint(b"# HELP bad_requests x\n# TYPE bad_requests counter\nbad_requests 1\n")
    assert code != 0
    assert "_total" in complaints


@pytest.fixture
async def target() -> AsyncIterator[str]:
    """`host:port` of a server that serves `used_metrics`."""

    async def run_states() -> dict[str, int]:
        return {"running": 1}

    async def verdicts() -> dict[str, int]:
        return {"in flight": 1}

    exchange = Exchange(RealClock(), Onlookers([]))
    routes = Routes(exchange)
    metrics = used_metrics()
    add_health_routes(
        routes.add, metrics, ready=lambda: None, run_states=run_states, verdicts=verdicts
    )
    async with RawTestServer(routes.dispatch) as server:
        yield f"{server.host}:{server.port}"


@pytest.fixture
async def prometheus(target: str, tmp_path: Path) -> AsyncIterator[str]:
    """Base URL of a Prometheus that scrapes `target` every second."""
    config = {
        "global": {"scrape_interval": "1s"},
        "scrape_configs": [{"job_name": "mockwb", "static_configs": [{"targets": [target]}]}],
    }
    (tmp_path / "prometheus.yml").write_text(json.dumps(config))
    listen = f"127.0.0.1:{unused_port()}"
    process = await asyncio.create_subprocess_exec(
        program("prometheus"),
        f"--config.file={tmp_path}/prometheus.yml",
        f"--storage.tsdb.path={tmp_path}/data",
        f"--web.listen-address={listen}",
        stderr=subprocess.DEVNULL,
    )
    yield f"http://{listen}"
    process.terminate()
    await process.wait()


async def queried(base: str, query: str, within: float = 30.0) -> dict[str, float]:
    """The first answer to `query` that is not empty: endpoint (or job) label -> value."""
    clock = RealClock()
    deadline = clock.now() + within
    url = f"{base}/api/v1/query?{urllib.parse.urlencode({'query': query})}"
    async with aiohttp.ClientSession() as session:
        while clock.now() < deadline:
            try:
                async with session.get(url) as answer:
                    result = (await answer.json())["data"]["result"] if answer.ok else []
            except aiohttp.ClientConnectionError:
                result = []
            if result:
                return {
                    series["metric"].get("endpoint", ""): float(series["value"][1])
                    for series in result
                }
            await clock.sleep(0.1)
    pytest.fail(f"Prometheus had no answer to {query} within {within:g} s")


async def test_given_a_real_prometheus_then_it_scrapes_counters_histograms_and_gauges(
    prometheus: str,
) -> None:
    requests = await queried(prometheus, "sum by (endpoint) (mockwb_requests_total)")
    assert requests == {"file_stream": 2, "graphql": 1, "other": 1}
    assert await queried(prometheus, "up == 1") == {"": 1}
    assert await queried(prometheus, "mockwb_limit_remaining_requests") == {"": 15}
    assert await queried(prometheus, "mockwb_limit_remaining_query_seconds") == {"": 28.5}
    slow = 'histogram_quantile(1, mockwb_request_duration_seconds_bucket{endpoint="file_stream"})'
    assert await queried(prometheus, slow) == {"file_stream": pytest.approx(0.01)}
