"""How soon a `MockServer` is ready: `python -m tests.benchmarks.readiness`.

In fresh processes, beside the floor: importing aiohttp and uvloop, and listening with a bare
aiohttp server in a thread. Ratios are of processor time, which neighbours on the machine change
less; seconds are shown too.
"""

import json
import subprocess
import sys
from dataclasses import dataclass

import click
from rich.console import Console
from rich.table import Table

_MEASURING = """
import json, time
from mockwb.clock import RealClock

def lap(work):
    cpu, wall = time.process_time(), RealClock.now()
    work()
    laps.append((time.process_time() - cpu, RealClock.now() - wall))

laps = []
"""
_FLOOR = """
def start():
    import asyncio, threading
    import uvloop
    from aiohttp import web

    ready = threading.Event()

    async def answer(request):
        return web.Response()

    async def serve():
        runner = web.ServerRunner(web.Server(answer))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        ready.set()
        await asyncio.Event().wait()

    threading.Thread(target=lambda: uvloop.run(serve()), daemon=True).start()
    ready.wait()

lap(start)
"""
_MOCKWB = """
def imports():
    from mockwb.testing import MockServer as found
    global MockServer
    MockServer = found

servers = []
lap(imports)
for _ in range(2):
    lap(lambda: servers.append(MockServer().start()))
for server in servers:
    server.stop()
"""
_TELLING = "\nprint(json.dumps(laps))"


@dataclass(frozen=True)
class Ready:
    """Seconds until a server is ready."""

    cpu: float
    wall: float

    def __add__(self, other: "Ready") -> "Ready":
        return Ready(self.cpu + other.cpu, self.wall + other.wall)


@dataclass(frozen=True)
class Readiness:
    """The least that each took in several processes; more was due to others on the machine."""

    floor: Ready
    fresh: Ready
    """With all imports, in a process that had none."""
    first: Ready
    """The first server of a process that has imported it."""
    next: Ready
    """A further one in the same process."""

    def ratio(self, ready: Ready) -> float:
        """Processor time over the floor's."""
        return ready.cpu / self.floor.cpu


def measure(rounds: int) -> Readiness:
    """Take turns, `rounds` times."""
    floors, imports, firsts, nexts = [], [], [], []
    for _ in range(rounds):
        floors += _laps(_FLOOR)
        imported, first, further = _laps(_MOCKWB)
        imports.append(imported)
        firsts.append(first)
        nexts.append(further)
    first = _least(firsts)
    return Readiness(_least(floors), _least(imports) + first, first, _least(nexts))


def _laps(script: str) -> list[Ready]:
    source = _MEASURING + script + _TELLING
    done = subprocess.run([sys.executable, "-c", source], capture_output=True, check=True)
    return [Ready(*lap) for lap in json.loads(done.stdout)]


def _least(found: list[Ready]) -> Ready:
    return Ready(min(ready.cpu for ready in found), min(ready.wall for ready in found))


@click.command()
@click.option("--rounds", default=10, show_default=True)
def main(rounds: int) -> None:
    """Print how soon a MockServer is ready."""
    found = measure(rounds)
    table = Table("until ready", "ms", "cpu ms", "cpu ratio", title="MockServer")
    for name, ready in {
        "floor: import aiohttp, listen": found.floor,
        "in a fresh process, with imports": found.fresh,
        "first server, once imported": found.first,
        "next server": found.next,
    }.items():
        ratio = f"{found.ratio(ready):.2f}"
        table.add_row(name, f"{ready.wall * 1000:.0f}", f"{ready.cpu * 1000:.0f}", ratio)
    Console().print(table)


if __name__ == "__main__":
    main()
