"""Limits changed over HTTP while clients stream: each change holds from the next request on."""

import pytest

from mockwb.clock import VirtualClock
from tests.conftest import Serve
from tests.wandb_client import WandbClient, history


class Control:
    """The control API of one server."""

    def __init__(self, client: WandbClient) -> None:
        self._client = client

    async def ask(self, method: str, path: str, body: object = None, **kwargs):
        url = f"{self._client.url}/_mockwb/{path}"
        if body is not None:
            kwargs["json"] = body
        async with self._client.session.request(method, url, **kwargs) as response:
            return response.status, await response.json()

    async def done(self, method: str, path: str, body: object = None):
        status, answer = await self.ask(method, path, body)
        assert status == 200, answer
        return answer


@pytest.fixture
async def limited(serve: Serve) -> WandbClient:
    """Ten requests per minute and project, three of them used."""
    client = await serve(limits={"project": {"requests": "10/1m"}})
    await client.start_run()
    for offset in range(3):
        assert (await client.stream(history(offset, 1)))[0] == 200
    return client


async def streams(client: WandbClient) -> int:
    return (await client.stream({}))[0]


async def test_given_a_lower_limit_then_it_holds_for_the_next_request_and_usage_carries_over(
    limited: WandbClient,
) -> None:
    control = Control(limited)
    await control.done("PATCH", "limits/rules", {"project": {"requests": "4/1m"}})
    (window,) = (await control.done("GET", "limits?scope=project"))["windows"]
    assert (window["amount"], window["used"], window["remaining"]) == (4, 3, 1)
    assert [await streams(limited), await streams(limited)] == [200, 429]
    await control.done("PATCH", "limits/rules", {"project": {"requests": "20/1m"}})
    assert await streams(limited) == 200


async def test_given_no_limit_then_one_that_is_set_holds_for_the_next_request(
    client: WandbClient,
) -> None:
    control = Control(client)
    await client.start_run()
    assert await streams(client) == 200
    await control.done("PUT", "limits/rules", {"run": {"requests": "1/1m"}})
    assert [await streams(client), await streams(client)] == [200, 429]


async def test_given_the_answer_of_get_then_put_takes_it_back_unchanged(serve: Serve) -> None:
    limits = {
        "project": {
            "requests": ["2/1s", "60/1m fixed"],
            "bytes": "1500B/1.5s",
            "overrides": [{"match": "a/*", "query_time": "1.5s/1h"}],
        },
        "retry_after": "90s",
        "query_costs": {"operations": {"Viewer": {"base": 0.0123}}},
    }
    control = Control(await serve(limits=limits))
    before = await control.done("GET", "limits/rules")
    assert before["limits"]["project"]["requests"] == ["2/1s", "60/1m fixed"]
    assert await control.done("PUT", "limits/rules", before["limits"]) == before
    assert await control.done("PATCH", "limits/rules", before["limits"]) == before
    assert await control.done("GET", "limits/rules") == before


async def test_given_an_override_then_it_holds_for_what_it_matches_until_it_is_removed(
    limited: WandbClient,
) -> None:
    control = Control(limited)
    override = {"scope": "project", "match": "team/v*", "requests": "3/1m"}
    answer = await control.done("PUT", "limits/overrides", override)
    assert [o["match"] for o in answer["limits"]["project"]["overrides"]] == ["team/v*"]
    assert await streams(limited) == 429
    gone = {"scope": "project", "match": "team/v*"}
    assert (await control.ask("DELETE", "limits/overrides", params=gone))[0] == 200
    assert await streams(limited) == 200
    status, answer = await control.ask("DELETE", "limits/overrides", params=gone)
    assert (status, answer["error"]) == (404, "scope project has no override with match 'team/v*'")


async def test_given_a_reset_then_the_windows_that_match_are_empty(limited: WandbClient) -> None:
    control = Control(limited)
    await control.done("PATCH", "limits/rules", {"project": {"requests": "3/1m"}})
    nobody = {"scope": "project", "key": "somebody/else"}
    assert await control.done("POST", "limits/reset", nobody) == {"windows": 0}
    assert await streams(limited) == 429
    assert await control.done("POST", "limits/reset", {"key": "team/*"}) == {"windows": 1}
    assert await streams(limited) == 200
    assert await control.done("POST", "limits/reset", {}) == {"windows": 1}


async def test_given_a_freeze_then_everything_is_refused_until_it_is_over_or_released(
    limited: WandbClient, clock: VirtualClock
) -> None:
    control = Control(limited)
    assert await control.done("GET", "freeze") == {"frozen": False, "seconds_left": None}
    assert await control.done("PUT", "freeze", {"seconds": "30s"}) == {
        "frozen": True,
        "seconds_left": 30,
    }
    status, _, headers = await limited.stream({})
    assert (status, headers["RateLimit-Reset"]) == (429, "30")
    await clock.advance(20)
    assert (await control.done("GET", "freeze"))["seconds_left"] == 10
    await clock.advance(10)
    assert await control.done("GET", "freeze") == {"frozen": False, "seconds_left": None}
    assert await streams(limited) == 200
    assert await control.done("PUT", "freeze", {"reset": 7}) == {
        "frozen": True,
        "seconds_left": None,
    }
    status, _, headers = await limited.stream({})
    assert (status, headers["RateLimit-Reset"]) == (429, "7")
    assert await control.done("DELETE", "freeze") == {"frozen": False, "seconds_left": None}
    assert await streams(limited) == 200


async def test_given_another_plan_then_its_limits_hold_and_the_index_names_it(
    limited: WandbClient,
) -> None:
    control = Control(limited)
    tight = {"plan": "tiny", "limits": {"project": {"requests": "3/1m"}}}
    assert (await control.done("PUT", "limits/plan", tight))["plan"] == "tiny"
    assert (await control.done("GET", ""))["plan"] == "tiny"
    assert await streams(limited) == 429
    answer = await control.done("PUT", "limits/plan", {"plan": "unlimited"})
    assert answer["limits"]["project"]["requests"] == "unlimited"
    assert await streams(limited) == 200
    status, answer = await control.ask("PUT", "limits/plan", {"plan": "unlimitd"})
    assert (status, "did you mean unlimited" in answer["error"]) == (404, True)
    status, _ = await control.ask("PUT", "limits/plan", {"plan": "/etc/mockwb.yaml"})
    assert status == 404


RULES, OVERRIDES, PLAN = "limits/rules", "limits/overrides", "limits/plan"
SIXTY = {"project": {"requests": 60}}
NAMED = {"run": {"requests": "9/1m"}}


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("PATCH", RULES, SIXTY, "body: project.requests: expected an amount"),
        ("PATCH", RULES, {**NAMED, "x": 1}, "body: x: unknown key"),
        ("PUT", RULES, {**NAMED, "window": "x"}, "window: invalid"),
        ("PATCH", RULES, {"project": None}, "body: project: expected `object`, got `null`"),
        ("PUT", OVERRIDES, {"scope": "team", "match": "*"}, "'team'; expected one of project,"),
        ("PUT", OVERRIDES, {"scope": "run", "match": "*", "bytes": "1/s"}, "bytes: unknown key"),
        ("PUT", OVERRIDES, {"scope": "run"}, "missing required field `match`"),
        ("PUT", OVERRIDES, {"match": "*"}, "missing required field `scope`"),
        ("POST", "limits/reset", {"scope": "team"}, "body: scope: invalid"),
        ("PUT", PLAN, {"plan": "x", "limits": SIXTY}, "body: limits.project.requests: expected"),
        ("PUT", PLAN, {"plan": ""}, "body: plan: expected"),
        ("PUT", "freeze", {"seconds": "soon"}, "body: seconds: expected a duration"),
        ("PUT", "freeze", {"reset": 0}, "body: reset: expected `int` >= 1"),
        ("DELETE", f"{OVERRIDES}?scope=project", None, "'match' is missing"),
        ("DELETE", f"{OVERRIDES}?scope=x&match=a", None, "'scope': expected one of project"),
        ("GET", "limits?scope=x", None, "'scope': expected one of project, run"),
        ("GET", "limits?key=a&key=b", None, "'key' is given 2 times"),
    ],
)
async def test_given_something_wrong_then_it_is_named_and_nothing_changes(
    limited: WandbClient, method: str, path: str, body: object, says: str
) -> None:
    control = Control(limited)
    before = await control.done("GET", "limits/rules")
    status, answer = await control.ask(method, path, body)
    assert (status, says in answer["error"]) == (400, True), answer
    assert answer["errors"] == [{"message": answer["error"]}]
    assert await control.done("GET", "limits/rules") == before
    assert (await control.done("GET", "freeze"))["frozen"] is False
    assert [w["used"] for w in (await control.done("GET", "limits"))["windows"]] == [3]


JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("data", "headers", "status", "says"),
    [
        (b"", JSON, 400, "body: expected JSON, got nothing"),
        (b"null", JSON, 400, "body: expected `object`, got `null`"),
        (b"[]", JSON, 400, "body: expected `object`, got `array`"),
        (b"{", JSON, 400, "body: not valid JSON"),
        (b'"\xff"', JSON, 400, "body: not valid JSON"),
        (b"[" * 100_000, JSON, 400, "body: not valid JSON"),
        (b'{"reset": "next"}', {"Content-Type": "text/plain"}, 415, "got text/plain"),
        (b'{"reset": "next"}', {}, 415, "expected application/json"),
        (b'{"reset": "next"}', {**JSON, "Content-Encoding": "br"}, 415, "'br' is not supported"),
        (b" " * 1_000_001, JSON, 413, "larger than 1MB"),
    ],
)
async def test_given_a_body_that_is_none_then_the_answer_says_why(
    limited: WandbClient, data: bytes, headers: dict[str, str], status: int, says: str
) -> None:
    control = Control(limited)
    got, answer = await control.ask("PATCH", "limits/rules", data=data, headers=headers)
    assert (got, says in answer["error"]) == (status, True), answer


async def test_given_a_wrong_method_then_all_right_ones_are_named(client: WandbClient) -> None:
    async with client.session.post(f"{client.url}/_mockwb/limits/rules") as response:
        assert (response.status, response.headers["Allow"]) == (405, "GET, PATCH, PUT, HEAD")
