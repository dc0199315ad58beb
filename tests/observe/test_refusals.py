from mockwb.observe.refusals import Refusals


def test_given_refusals_then_they_are_summed_by_project_and_limit_until_taken() -> None:
    refusals = Refusals()
    for limit in ("project.requests", "project.requests", "project.bytes"):
        refusals.add("team/a", limit)
    refusals.add(None, "project.requests")
    assert refusals.take() == {
        "team/a": {"project.requests": 2, "project.bytes": 1},
        "(no project)": {"project.requests": 1},
    }
    assert refusals.take() == {}


def test_given_more_projects_than_kept_apart_then_the_rest_is_one_sum() -> None:
    refusals = Refusals(max_projects=2)
    for number in range(10):
        refusals.add(f"team/{number}", "project.requests")
    assert refusals.take() == {
        "team/0": {"project.requests": 1},
        "team/1": {"project.requests": 1},
        "(other projects)": {"project.requests": 8},
    }
