import pytest

from mockwb.config.load import load_config, plan_limits
from mockwb.limits.plans import UnknownPlanError, plan_names, plan_summary, plan_text
from mockwb.limits.rates import Rates
from mockwb.limits.rules import LimitRules
from mockwb.limits.scopes import SCOPES
from mockwb.yaml_file import parse_yaml

NAMES = [f"{scope.name}.{scope.limit}" for scope in SCOPES]


def limits_of(plan: str) -> dict[str, Rates | None]:
    rules = plan_limits(plan)
    return {name: scope.rates(rules, "") for name, scope in zip(NAMES, SCOPES, strict=True)}


def texts(plan: str) -> dict[str, str]:
    """The limits that are set."""
    return {name: str(rates) for name, rates in limits_of(plan).items() if rates and rates.windows}


def test_the_plans_are_those_that_are_promised() -> None:
    assert plan_names() == ["cloud-free", "cloud-paid", "dedicated", "tight", "unlimited"]


@pytest.mark.parametrize("plan", plan_names())
def test_given_a_plan_then_it_names_every_limit_and_sums_itself_up_in_its_first_line(plan) -> None:
    data = parse_yaml(plan_text(plan), plan).data
    assert list(data) == ["limits"]
    for scope in SCOPES:
        assert scope.limit in data["limits"][scope.name], (plan, scope.name)
    summary = plan_summary(plan)
    assert plan_text(plan).startswith(f"# {summary}\n")
    assert 20 < len(summary) <= 98
    assert summary.endswith(".")


@pytest.mark.parametrize("plan", plan_names())
def test_given_a_plan_copied_to_a_file_then_it_is_the_same_plan(plan, tmp_path) -> None:
    copy = tmp_path / "mine.yaml"
    copy.write_text(plan_text(plan))
    assert load_config(plan=str(copy)).limits == load_config(plan=plan).limits


def test_unlimited_limits_nothing() -> None:
    assert texts("unlimited") == {}
    assert not any(scope.limited(plan_limits("unlimited")) for scope in SCOPES)


def test_dedicated_has_the_published_numbers_and_no_others() -> None:
    assert texts("dedicated") == {
        "project.requests": "500/1s",
        "project.bytes": "120MB/1s",
        "project.run_creations": "80/1s",
        "run.requests": "2/1s",
    }


def test_paid_allows_four_times_what_free_does_per_project_and_user() -> None:
    free, paid = limits_of("cloud-free"), limits_of("cloud-paid")
    assert texts("cloud-free").keys() == texts("cloud-paid").keys()
    for name in texts("cloud-free"):
        (low,), (high,) = free[name].windows, paid[name].windows
        assert low.window == high.window == 60
        # Nobody knows what an address without a key pays for.
        assert high.amount == low.amount * (1 if name == "ip.requests" else 4), name


def test_the_clouds_say_that_they_are_models_and_how_to_change_them() -> None:
    for plan in ("cloud-free", "cloud-paid"):
        assert "a model" in plan_summary(plan)
        assert f"mockwb plans show {plan} > mine.yaml" in plan_text(plan)


def test_tight_sets_every_limit() -> None:
    assert list(texts("tight")) == NAMES


def test_given_a_wrong_name_then_the_nearest_is_named_or_all() -> None:
    with pytest.raises(UnknownPlanError, match=r"'cloud-fre'; did you mean cloud-free\?"):
        plan_text("cloud-fre")
    with pytest.raises(UnknownPlanError, match=r"known plans: cloud-free, .*, unlimited"):
        plan_summary("zzz")


def test_what_a_plan_leaves_out_has_its_default() -> None:
    defaults = LimitRules()
    for plan in plan_names():
        rules = plan_limits(plan)
        for setting in ("count_refused", "reset", "retry_after", "oversize", "remaining_floor"):
            assert getattr(rules, setting) == getattr(defaults, setting)
