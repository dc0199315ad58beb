"""Source: `wandb agent` of 0.31.0 on the wire, at a grid of three points."""

import json
import math
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from mockwb.sdkmodel.public_operations import ProjectName
from mockwb.sdkmodel.requests import Bytes, Request
from mockwb.sdkmodel.sweep_agent import SweepAgent
from mockwb.sdkmodel.sweep_operations import filled
from mockwb.target import Surface
from tests.sdkmodel.timeline import Answer, Sent, Timeline, graphql

RUN_SECONDS = 3.0


class Run:
    """Says one thing when it begins, and ends by itself."""

    def __init__(self, name: str, config: Mapping[str, Any], exit_code: int, seconds: float):
        self.name, self.config = name, dict(config)
        self.heard: list[int | str] = []
        self.stopped = self.killed = False
        self._code, self._seconds = exit_code, seconds
        self._ends_at = math.inf
        self._words: list[Request] = []

    def start(self, now: float, wall: float) -> None:
        self._ends_at = now + self._seconds
        url = f"/files/team/p/{self.name}/file_stream"
        self._words = [Request(Surface.FILE_STREAM, self.name, "POST", url, {}, Bytes(b"{}"))]

    def stop(self) -> None:
        self.stopped = True

    def kill(self) -> None:
        self.killed = True

    def over(self, now: float) -> bool:
        return self.killed or now >= self._ends_at

    @property
    def exit_code(self) -> int | None:
        return None if self.killed else self._code

    def due(self, now: float) -> list[Request]:
        words, self._words = self._words, []
        return words

    def wake_at(self) -> float:
        return 0.0 if self._words else math.inf

    def answered(
        self, now: float, request: Request, status: int, headers: object, body: bytes
    ) -> None:
        self.heard.append(status)

    def failed(self, now: float, request: Request, error: str) -> None:
        self.heard.append(error)


class Agent(SweepAgent):
    """One that a `Timeline` can live, with the runs it started."""

    def __init__(self, exit_code: int = 0, seconds: float = RUN_SECONDS) -> None:
        self.runs: list[Run] = []

        def make(name: str, config: Mapping[str, Any]) -> Run:
            self.runs.append(Run(name, config, exit_code, seconds))
            return self.runs[-1]

        super().__init__(
            ProjectName("team", "p"),
            "s1",
            host="box",
            api_key="k" * 40,
            random=Random(7),
            make_run=make,
        )

    @property
    def done(self) -> bool:
        return self.over(math.inf)


def run(name: str, **args: Any) -> dict[str, Any]:
    wrapped = {key: {"value": value} for key, value in args.items()}
    return {"type": "run", "run_id": name, "program": "train.py", "args": wrapped}


def telling(*commands: list[dict[str, Any]], **special: Answer):
    """Answers heartbeats with these commands, the last ones for ever; `special` by operation."""

    def answering(sent: Sent, number: int) -> Answer | None:
        if sent.name in special:
            return special[sent.name]
        if sent.name == "SweepWithRuns":
            return graphql({"project": {"sweep": {"config": "method: grid"}}})
        if sent.name == "CreateAgent":
            return graphql({"createAgent": {"agent": {"id": "a1"}}})
        if sent.name == "Heartbeat":
            now = commands[min(number, len(commands)) - 1]
            return graphql({"agentHeartbeat": {"agent": {}, "commands": json.dumps(now)}})
        return None

    return answering


EXIT = [{"type": "exit"}]


def beats(time: Timeline) -> list[dict[str, bool]]:
    """What every heartbeat said of runs under way."""
    return [json.loads(sent.json["variables"]["runState"]) for sent in time.of("Heartbeat")]


def test_an_agent_says_what_wandb_agent_says_and_when() -> None:
    agent = Agent()
    told = telling([run("r1", lr=1)], [run("r2", lr=2)], EXIT)
    time = Timeline(agent, told).advance_to(100)
    assert [(sent.name, sent.at) for sent in time.sent] == [
        ("Viewer", 0),
        ("SweepWithRuns", 0),
        ("CreateAgent", 0),
        ("Heartbeat", 5),
        ("r1", 5),
        ("Viewer", 10),
        ("Heartbeat", 10),
        ("r2", 10),
        ("Viewer", 15),
        ("Heartbeat", 15),
    ]
    assert [one.config for one in agent.runs] == [{"lr": 1}, {"lr": 2}]
    assert (agent.done, agent.error) == (True, None)


def test_a_run_under_way_is_reported_and_hears_its_own_answers_only() -> None:
    agent = Agent(seconds=12)
    time = Timeline(agent, telling([run("r1")], [], [], EXIT)).advance_to(100)
    assert beats(time) == [{}, {"r1": True}, {"r1": True}, {}]
    assert agent.runs[0].heard == [200]


def test_what_a_sweep_wants_stopped_is_killed_and_does_not_count_as_failed() -> None:
    agent = Agent(exit_code=1, seconds=1000)
    stop = [{"type": "stop", "run_id": "r1"}]
    time = Timeline(agent, telling([run("r1")], stop, EXIT)).advance_to(100)
    assert agent.runs[0].killed
    assert beats(time) == [{}, {"r1": True}, {}]
    assert agent.error is None


def test_an_exit_kills_what_is_under_way() -> None:
    agent = Agent(seconds=1000)
    Timeline(agent, telling([run("r1")], EXIT)).advance_to(100)
    assert (agent.runs[0].killed, agent.done) == (True, True)


def test_three_failures_in_the_first_minute_are_enough() -> None:
    agent = Agent(exit_code=1)
    time = Timeline(agent, telling([run("r1")], [run("r2")], [run("r3")], [run("r4")]))
    time.advance_to(100)
    assert len(agent.runs) == 3
    assert agent.error == "3 failed runs in the first 60 s"


def test_slow_failures_are_five() -> None:
    agent = Agent(exit_code=1, seconds=28)
    commands = [command for n in range(9) for command in ([run(f"r{n}")], *([[]] * 5))]
    Timeline(agent, telling(*commands)).advance_to(1000)
    assert len(agent.runs) == 5
    assert agent.error == "5 failed runs in a row"


@pytest.mark.parametrize(
    "bad",
    [
        Answer(400, b"{}"),
        Answer(body=b'{"errors": [{"message": "no"}]}'),
        graphql({"agentHeartbeat": None}),
    ],
)
def test_a_heartbeat_that_fails_is_no_command(bad: Answer) -> None:
    agent = Agent()
    time = Timeline(agent, telling([], Heartbeat=bad)).advance_to(21)
    assert time.times("Heartbeat") == [5, 10, 15, 20]
    assert (agent.done, agent.error) == (False, None)


def test_a_command_that_cannot_be_obeyed_is_passed_over() -> None:
    agent = Agent()
    strange: list[Any] = [{"type": "run"}, "run", {"type": "dance"}, run("r1")]
    Timeline(agent, telling(strange, EXIT)).advance_to(100)
    assert [one.name for one in agent.runs] == ["r1"]


def test_an_agent_of_a_deleted_sweep_gives_up() -> None:
    agent = Agent()
    Timeline(agent, telling([], Heartbeat=Answer(404, b"{}"))).advance_to(100)
    assert agent.error == "the sweep was deleted"


@pytest.mark.parametrize(
    ("special", "error"),
    [
        ({"SweepWithRuns": graphql({"project": {"sweep": None}})}, "no sweep s1"),
        ({"CreateAgent": Answer(body=b'{"errors": [{"message": "gone"}]}')}, "input: gone"),
        (
            {"CreateAgent": graphql({"createAgent": None})},
            "the answer is not what was asked for: "
            """TypeError("'NoneType' object is not subscriptable")""",
        ),
        ({"Viewer": Answer(after=math.inf)}, "Timed out while retrying: timed out"),
    ],
)
def test_who_cannot_join_gives_up(special: dict[str, Answer], error: str) -> None:
    agent = Agent()
    Timeline(agent, telling([], **special)).advance_to(100)
    assert agent.error == error


def test_at_the_end_of_the_scenario_runs_come_to_their_end_and_no_more_are_asked_for() -> None:
    agent = Agent(seconds=20)
    time = Timeline(agent, telling([run("r1")], [])).advance_to(8)
    agent.stop()
    assert agent.runs[0].stopped
    assert not agent.over(24)
    assert agent.over(25)
    assert len(time.advance_to(24).of("Heartbeat")) == 1


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({"min": 1, "max": 9}, "int_uniform"),
        ({"min": 0.1, "max": 0.9}, "uniform"),
        ({"min": 1, "max": 9, "distribution": "q_uniform"}, "q_uniform"),
    ],
)
def test_a_range_says_how_it_is_distributed(given: dict[str, Any], sent: str) -> None:
    config = {"method": "random", "parameters": {"lr": given, "depth": {"values": [1]}}}
    parameters = filled(config)["parameters"]
    assert parameters["lr"]["distribution"] == sent
    assert parameters["depth"] == {"values": [1]}


def test_a_range_of_two_kinds_of_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="lr: min and max must both be"):
        filled({"parameters": {"lr": {"min": 1, "max": 2.5}}})
