from aiohttp import web
from aiohttp.test_utils import RawTestServer, TestClient

from mockwb.clock import VirtualClock
from mockwb.observe.metrics import Metrics
from mockwb.observe.onlookers import Onlookers
from mockwb.wire.exchange import Exchange
from mockwb.wire.health import add_health_routes
from mockwb.wire.routes import Routes


def client(reasons: list[str | None]) -> TestClient[web.Request, web.Application]:
    """A server that is unready for the last of `reasons`, or ready when that is None."""

    async def run_states() -> dict[str, int]:
        return {"running": 7}

    async def verdicts() -> dict[str, int]:
        return {"in flight": 3}

    metrics = Metrics(10, list)
    exchange = Exchange(VirtualClock(), Onlookers([metrics]))
    routes = Routes(exchange)
    add_health_routes(
        routes.add,
        metrics,
        ready=lambda: reasons[-1],
        run_states=run_states,
        verdicts=verdicts,
    )
    return TestClient(RawTestServer(routes.dispatch))


async def test_given_a_turning_loop_then_healthz_is_ok_even_when_unready() -> None:
    async with client(["draining"]) as server:
        answer = await server.get("/healthz")
        assert (answer.status, await answer.json()) == (200, {"status": "ok"})


async def test_given_start_serving_and_drain_then_readyz_follows_with_the_reason() -> None:
    reasons: list[str | None] = ["starting"]
    async with client(reasons) as server:
        starting = await server.get("/readyz")
        assert starting.status == 503
        assert await starting.json() == {"status": "unavailable", "reason": "starting"}
        reasons.append(None)
        serving = await server.get("/readyz")
        assert (serving.status, await serving.json()) == (200, {"status": "ready"})
        reasons.append("draining")
        assert (await server.get("/readyz")).status == 503


async def test_given_a_scrape_then_metrics_come_in_the_format_asked_for() -> None:
    async with client([None]) as server:
        plain = await server.get("/metrics")
        assert plain.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        assert 'mockwb_runs{state="running"} 7.0' in await plain.text()
        accept = {"Accept": "application/openmetrics-text;version=1.0.0,text/plain;q=0.5"}
        assert (
            (await server.get("/metrics", headers=accept))
            .headers["Content-Type"]
            .startswith("application/openmetrics-text")
        )


async def test_given_probes_and_scrapes_then_they_are_counted_as_health() -> None:
    async with client(["draining"]) as server:
        for path in ("/healthz", "/readyz", "/metrics"):
            await server.get(path)
        text = await (await server.get("/metrics")).text()
        for code, count in (("200", 2), ("503", 1)):
            labels = f'code="{code}",endpoint="health",project=""'
            assert f"mockwb_requests_total{{{labels}}} {count}.0" in text
