import json

import pytest

from mockwb.backend.errors import InvalidError, NotFoundError
from mockwb.backend.file_stream import Update
from mockwb.backend.run import RunKey, RunState
from mockwb.backend.run_upsert import RunFields
from mockwb.backend.world import World
from mockwb.clock import VirtualClock

CONFIG = json.dumps({"lr": {"value": 0.1}, "_wandb": {"value": {"t": {"1": [1]}}}})


def first(**changes: object) -> RunFields:
    """What a run's own stream says at init."""
    said = {"project": "vision", "name": "r1", "host": "box", "program": "train.py"}
    return RunFields(**(said | changes))  # type: ignore[arg-type]


async def test_given_no_entity_then_the_run_goes_to_the_callers_own(world: World) -> None:
    run, inserted = await world.run_upsert.apply("ada", first())
    assert inserted
    assert run.key == RunKey("ada", "vision", "r1")
    assert run.user == "ada"


async def test_given_any_other_entity_then_it_is_a_team_that_takes_the_run(world: World) -> None:
    run, _ = await world.run_upsert.apply("ada", first(entity="the-team"))
    assert run.entity == "the-team"
    assert (await world.entities.get("the-team")).is_team


async def test_given_no_project_then_it_is_uncategorized(world: World) -> None:
    run, _ = await world.run_upsert.apply("ada", first(project=None))
    assert run.project == "uncategorized"
    assert await world.projects.find("ada", "uncategorized") is not None


async def test_given_no_run_id_then_each_run_gets_one_of_its_own(world: World) -> None:
    one, _ = await world.run_upsert.apply("ada", first(name=None))
    two, inserted = await world.run_upsert.apply("ada", first(name=None))
    assert inserted
    assert one.name != two.name
    assert len(one.name) == 8


async def test_display_names_count_the_runs_of_the_project(world: World) -> None:
    names = []
    for run_id in ("a", "b", "c"):
        run, _ = await world.run_upsert.apply("ada", first(name=run_id))
        names.append(run.display_name)
    assert [name.rsplit("-", 1)[1] for name in names] == ["1", "2", "3"]
    assert all(name.count("-") == 2 for name in names)


async def test_given_a_second_upsert_then_nothing_is_inserted_and_null_leaves_fields(
    world: World, clock: VirtualClock
) -> None:
    said = first(display_name="mine", tags=("a", "b"), notes="why", group="g", job_type="train")
    made, _ = await world.run_upsert.apply("ada", said)
    await clock.advance(5)
    later = RunFields(name="r1", project="vision", config=CONFIG)
    run, inserted = await world.run_upsert.apply("ada", later)
    assert not inserted
    assert (run.display_name, run.tags, run.notes) == ("mine", ("a", "b"), "why")
    assert (run.group, run.job_type, run.program) == ("g", "train", "train.py")
    assert run.config == CONFIG
    assert run.created_at == made.created_at
    assert run.updated_at == made.created_at + 5


async def test_given_empty_tags_then_the_tags_are_gone(world: World) -> None:
    await world.run_upsert.apply("ada", first(tags=("a",)))
    run, _ = await world.run_upsert.apply("ada", first(tags=()))
    assert run.tags == ()


async def test_given_an_id_then_the_run_is_found_by_it_alone(world: World) -> None:
    made, _ = await world.run_upsert.apply("ada", first())
    run, inserted = await world.run_upsert.apply(
        "bob", RunFields(id=made.key.storage_id, notes="seen")
    )
    assert not inserted
    assert run.key == made.key
    assert run.notes == "seen"
    assert run.user == "ada"


@pytest.mark.parametrize("run_id", ["nonsense", RunKey("ada", "vision", "no").storage_id])
async def test_given_an_id_that_no_run_has_then_it_is_not_found(world: World, run_id: str) -> None:
    with pytest.raises(NotFoundError, match=r"run .* not found"):
        await world.run_upsert.apply("ada", RunFields(id=run_id, notes="x"))


async def test_given_a_changed_finished_run_then_it_stays_finished(
    world: World, key: RunKey
) -> None:
    await world.file_stream.apply(key, Update(complete=True, exitcode=0))
    await world.run_upsert.apply("ada", RunFields(id=key.storage_id, config=CONFIG))
    await world.run_upsert.apply("ada", RunFields(id=key.storage_id, summary='{"best": 1}'))
    assert await world.runs.state(key) is RunState.FINISHED


async def test_given_a_finished_run_that_is_taken_up_again_then_it_runs(
    world: World, key: RunKey
) -> None:
    await world.file_stream.apply(key, Update(complete=True, exitcode=1))
    fields = first(entity="team", id=key.storage_id)
    await world.run_upsert.apply("ada", fields)
    assert await world.runs.state(key) is RunState.RUNNING
    assert (await world.runs.progress_of(key)).exit_code is None


async def test_given_a_stop_request_then_later_changes_of_the_run_keep_it(
    world: World, key: RunKey
) -> None:
    await world.runs.request_stop(key)
    await world.run_upsert.apply("ada", first(entity="team", notes="still here"))
    assert (await world.runs.progress_of(key)).stop_requested


async def test_given_a_state_then_the_run_is_made_in_it_and_init_sets_it_going(
    world: World,
) -> None:
    run, _ = await world.run_upsert.apply("ada", RunFields(name="q", state="pending"))
    assert await world.runs.state(run.key) is RunState.PENDING
    await world.run_upsert.apply("ada", RunFields(name="q", host="box"))
    assert await world.runs.state(run.key) is RunState.RUNNING


async def test_given_a_summary_then_it_replaces_the_streamed_one(world: World, key: RunKey) -> None:
    await world.run_upsert.apply("ada", RunFields(id=key.storage_id, summary='{"acc": 1}'))
    assert await world.summaries.text(key) == '{"acc": 1}'


@pytest.mark.parametrize(
    ("changes", "complaint"),
    [
        ({"name": "a/b"}, "run id 'a/b' is invalid"),
        ({"name": " a"}, "run id ' a' is invalid"),
        ({"name": ".."}, "run id '..' is invalid"),
        ({"name": "x" * 129}, "at most 128 characters, got 129"),
        ({"project": "a/b"}, "project name 'a/b' is invalid"),
        ({"entity": "a#b"}, "entity name 'a#b' is invalid"),
        ({"project": "p" * 129}, "1 to 128 characters, got 129"),
        ({"config": "{"}, "config is not valid JSON"),
        ({"config": "[]"}, "config must be a JSON object, got list"),
        ({"summary": "3"}, "summaryMetrics must be a JSON object, got int"),
        ({"state": "asleep"}, "run state 'asleep' is none of pending, running"),
    ],
)
async def test_given_values_that_cannot_be_stored_then_nothing_is_made(
    world: World, changes: dict[str, object], complaint: str
) -> None:
    with pytest.raises(InvalidError, match=complaint):
        await world.run_upsert.apply("ada", first(**changes))
    assert await world.store.records("project") == []
    assert await world.runs.of_project("ada", "vision") == []


async def test_given_bare_nan_in_the_config_then_it_is_kept_as_it_came(world: World) -> None:
    text = '{"lr": {"value": NaN}}'
    run, _ = await world.run_upsert.apply("ada", first(config=text))
    assert run.config == text
