import asyncio
import importlib.metadata
import importlib.util
import sys
from pathlib import Path

import pytest

from mockwb.clock import RealClock, VirtualClock
from mockwb.packages import PipError
from mockwb.scenario.errors import StartError
from mockwb.scenario.kinds import sdk
from mockwb.scenario.kinds.sdk import SdkWorkload
from mockwb.scenario.ramp import Ramp
from mockwb.scenario.values import Values
from mockwb.scenario.workload import ProjectPath, Surroundings
from mockwb.units import Duration
from tests.scenario.accounts import client


def workload(**fields) -> SdkWorkload:
    return SdkWorkload(name="real", project=ProjectPath("team", "p"), rows=3, **fields)


def around(clock=None) -> Surroundings:
    return Surroundings(
        base_url="http://h:1", api_key="k" * 40, clock=clock or RealClock(), run_prefix="abc"
    )


@pytest.fixture
def orders(monkeypatch):
    """Takes the place of the processes and keeps their orders."""
    orders = []

    async def note(name, order, python, around, logged):
        orders.append({**order, "python": python})
        return client(order["run"], workload=name)

    monkeypatch.setattr(sdk, "run_worker", note)
    return orders


async def test_each_process_gets_a_run_of_its_own(orders):
    results = await workload(count=3, metrics=4, every=Duration(0.5)).run(around())
    assert [r.run for r in results] == ["abc-real-0", "abc-real-1", "abc-real-2"]
    assert (orders[0]["rows"], orders[0]["plan"]) == (3, {"metrics": 4})
    assert [order["pace"][0] for order in orders] == [0.5] * 3
    assert [order["client"] for order in orders] == [0, 1, 2]


async def test_starts_are_spread(orders):
    clock = VirtualClock()
    running = asyncio.create_task(workload(count=2, ramp=Ramp.over(10)).run(around(clock)))
    await clock.advance(4.9)
    assert len(orders) == 1
    await clock.advance(0.2)
    await running
    assert len(orders) == 2


async def test_who_has_not_started_when_all_shall_stop_never_does(orders):
    clock = VirtualClock()
    surroundings = around(clock)
    running = asyncio.create_task(workload(count=2, ramp=Ramp.over(10)).run(surroundings))
    await clock.advance(1)
    surroundings.stop.set()
    results = await running
    assert [r.error for r in results] == [None, "stopped before its start"]


async def test_a_bare_off_in_yaml_is_the_settings_off(orders):
    await workload(settings={"console": False}).run(around())
    assert orders[0]["settings"] == {"console": "off"}


@pytest.mark.parametrize(("asked", "seconds"), [(2, 2.0), (2.9, 2.0), (0.5, 15.0), (None, 15.0)])
def test_the_transmit_interval_is_what_the_sdk_makes_of_it(asked, seconds):
    settings = {} if asked is None else {"x_file_stream_transmit_interval": asked}
    assert workload(settings=settings).transmit_interval == seconds


def test_without_the_wandb_package_the_way_to_get_it_is_named(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "version", missing)
    with pytest.raises(StartError, match=r"pip install 'mockwb\[sdk\]'"):
        workload().check()
    workload(version="0.16.6").check()


async def test_another_release_runs_in_its_own_environment(orders, monkeypatch):
    monkeypatch.setattr(sdk, "sdk_python", lambda version: Path(f"/cache/{version}/python"))
    await workload(version="0.16.6").run(around())
    await workload().run(around())
    assert [order["python"] for order in orders] == [
        Path("/cache/0.16.6/python"),
        Path(sys.executable),
    ]


async def test_a_release_that_pip_does_not_find_is_a_bad_start(monkeypatch):
    def missing(version):
        raise PipError(f"No matching distribution found for wandb=={version}")

    monkeypatch.setattr(sdk, "sdk_python", missing)
    expected = "real: cannot install wandb 9.9.9: No matching distribution .* wandb==9.9.9"
    with pytest.raises(StartError, match=expected):
        await workload(version="9.9.9").prepare()


@pytest.mark.parametrize(
    ("version", "settings", "seconds"),
    [
        ("0.16.6", {}, 2.0),
        ("0.17.9", {}, 2.0),
        ("0.18.7", {"_file_stream_transmit_interval": 5}, 5.0),
        ("0.18.7", {}, 15.0),
        ("0.31.0", {}, 15.0),
    ],
)
def test_old_releases_stream_more_often(version, settings, seconds):
    assert workload(version=version, settings=settings).transmit_interval == seconds


def test_without_pillow_the_images_that_need_it_are_named(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    workload().check()
    with pytest.raises(StartError, match=r"values\.images: .*pip install pillow"):
        workload(values=Values(images=1)).check()


def test_a_release_without_wandb_core_cannot_be_simulated():
    with pytest.raises(StartError, match=r"workload real: wandb 0\.17\.9 cannot be simulated"):
        workload(version="0.17.9").client(around(VirtualClock()), 0)
    assert workload(version="0.18.7").client(around(VirtualClock()), 0)


@pytest.mark.sdk
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"x_file_stream_transmit_intervall": 2}, "has no setting x_file_stream_transmit_interv"),
        ({"x_stats_sampling_interval": "often"}, "real: settings: .*x_stats_sampling_interval"),
    ],
)
async def test_settings_that_the_installed_sdk_does_not_take_are_a_bad_start(settings, message):
    with pytest.raises(ExceptionGroup) as failed:
        await workload(settings=settings).run(around())
    assert failed.group_contains(StartError, match=message)


def test_an_installation_is_announced_unless_it_is_done(monkeypatch):
    monkeypatch.setattr(sdk, "has_sdk", lambda version: version == "0.31.0")
    assert workload(version="0.16.6").preparation == (
        "workload real: installing wandb 0.16.6, this once"
    )
    assert workload(version="0.31.0").preparation is None
    assert workload().preparation is None
