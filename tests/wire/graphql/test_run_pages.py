"""Pages of runs, while runs come, go and change between one page and the next."""

import asyncio
import json
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockwb.backend.blob_store import BlobStore
from mockwb.backend.memory_store import MemoryStore
from mockwb.backend.run import RunKey
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from mockwb.clock import VirtualClock
from mockwb.wire.graphql.resolvers.run_list import runs_page

Value = int | str | float | None
VALUES = st.sampled_from([None, -1, 0, 0.5, 1, "a", "b", "a:b", "Infinity", "NaN"])
CHANGES = st.one_of(
    st.tuples(st.just("add"), st.just(0), VALUES),
    st.tuples(st.just("change"), st.integers(0, 20), VALUES),
    st.tuples(st.just("delete"), st.integers(0, 20), st.none()),
)
Change = tuple[str, int, Value]


@dataclass
class Reader:
    """Somebody who reads a list page by page while others change its runs."""

    order: str
    size: int
    world: World = field(
        default_factory=lambda: World(
            MemoryStore(BlobStore(memory_threshold=100, max_size=1000)),
            VirtualClock(),
            crash_after=300,
        )
    )
    made: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    """Names of runs that were changed or deleted."""
    cursor: str | None = None

    async def add(self, value: Value) -> None:
        name = f"r{len(self.made)}"
        self.made.append(name)
        await self._set(name, value)

    async def apply(self, kind: str, number: int, value: Value) -> None:
        if kind == "add":
            return await self.add(value)
        name = self.made[number % len(self.made)]
        key = RunKey("team", "p", name)
        if await self.world.runs.find(key) is None:
            return None
        self.touched.add(name)
        if kind == "delete":
            return await self.world.run_removal.remove(key)
        return await self._set(name, value)

    async def _set(self, name: str, value: Value) -> None:
        config = "{}" if value is None else json.dumps({"x": {"value": value}})
        fields = RunFields(
            entity="team", project="p", name=name, config=config, display_name=str(value)
        )
        await self.world.run_upsert.apply("ada", fields)

    async def listed(self) -> list[str]:
        """All at once."""
        return [
            run.name for run in await self.world.run_listing.select("team", "p", "", self.order)
        ]

    async def next_page(self) -> tuple[list[str], bool]:
        """Names, and whether there is more."""
        found = await self.world.run_listing.select("team", "p", None, self.order)
        pages = runs_page(found, self.size, self.cursor)
        self.cursor = pages["page_info"]["end_cursor"] or self.cursor
        return [edge["node"].name for edge in pages["edges"]], pages["page_info"]["has_next_page"]

    async def rest(self) -> list[str]:
        """The names on all further pages."""
        names, more = await self.next_page()
        return names + (await self.rest() if more else [])


async def read(reader: Reader, values: list[Value], changes: list[list[Change]]) -> list[str]:
    """What is on all pages, if `changes` are made after each."""
    for value in values:
        await reader.add(value)
    seen, more = await reader.next_page()
    for made in changes:
        for change in made:
            await reader.apply(*change)
        names, more = await reader.next_page()
        seen += names
    return seen + (await reader.rest() if more else [])


@settings(max_examples=200)
@given(
    order=st.sampled_from(["+config.x", "-config.x", "+created_at", "-created_at"]),
    size=st.integers(1, 3),
    values=st.lists(VALUES, min_size=1, max_size=8),
    changes=st.lists(st.lists(CHANGES, max_size=4), max_size=5),
)
def test_runs_that_stay_put_are_listed_once_and_in_order(
    order: str, size: int, values: list[Value], changes: list[list[Change]]
) -> None:
    reader = Reader(order, size)

    async def story() -> tuple[list[str], list[str]]:
        seen = await read(reader, values, changes)
        return seen, await reader.listed()

    seen, listed = asyncio.run(story())
    still = [name for name in reader.made[: len(values)] if name not in reader.touched]
    assert [name for name in seen if name in still] == [name for name in listed if name in still]
    settled = [name for name in seen if name not in reader.touched]
    assert len(settled) == len(set(settled))


async def test_given_the_cursor_run_is_deleted_and_others_come_then_the_old_ones_go_on() -> None:
    reader = Reader("-created_at", 2)
    changes: list[Change] = [("delete", 4, None), ("add", 0, None), ("add", 0, None)]
    seen = await read(reader, [None] * 6, [changes])
    assert seen == ["r5", "r4", "r3", "r2", "r1", "r0"]


@pytest.mark.parametrize("order", ["+config.x", "+display_name"])
async def test_given_the_cursor_run_moves_to_the_end_then_no_other_is_lost(order: str) -> None:
    reader = Reader(order, 2)
    seen = await read(reader, [*"abcdef"], [[("change", 1, "zzzz")]])
    assert seen == ["r0", "r1", "r2", "r3", "r4", "r5", "r1"]


@pytest.mark.parametrize("order", ["+config.x", "-config.x"])
async def test_pages_go_on_among_runs_without_the_key_oldest_first(order: str) -> None:
    reader = Reader(order, 2)
    changes: list[Change] = [("add", 0, 1), ("delete", 1, None), ("add", 0, None)]
    seen = await read(reader, [1, None, None, None, None], [changes])
    assert seen == ["r0", "r1", "r2", "r3", "r4", "r6"]


async def test_a_list_that_was_narrowed_has_pages_in_the_same_order() -> None:
    reader = Reader("-config.x", 2)
    seen = await read(reader, [3, 1, 4, 1, 5], [])
    found = await reader.world.run_listing.select("team", "p", None, "-config.x")
    kept = found.kept(lambda run: run.name != "r2")
    first = runs_page(kept, 2, None)
    second = runs_page(kept, 2, first["page_info"]["end_cursor"])
    names = [edge["node"].name for edge in [*first["edges"], *second["edges"]]]
    assert seen == ["r4", "r2", "r0", "r3", "r1"]
    assert names == ["r4", "r0", "r3", "r1"]
    assert first["total_count"] == 4
