"""Changing limits by the rules of configuration: what is merged, replaced and kept."""

import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockwb.clock import VirtualClock
from mockwb.config.load import plan_limits
from mockwb.config.plain import plain
from mockwb.control.limit_overrides import ScopedOverride
from mockwb.control.limit_reset import WindowChoice
from mockwb.control.live_limits import LiveLimits
from mockwb.limits.limiter import Limiter
from mockwb.limits.rules import LimitRules, ProjectOverride
from mockwb.limits.scopes import SCOPE_NAMES
from mockwb.yaml_file import FileError, convert

windows = st.sampled_from(["1s", "90s", "1h30m", "500ms", "1.2345678s", "9999d23h", "d"])
kinds = st.sampled_from(["", " fixed", " rolling", " token-bucket"])
durations = st.one_of(st.floats(0, 8e8), st.sampled_from(["0s", "5ms", "0.2ms", "1h0.123456s"]))


def rates(amounts):
    one = st.builds(
        lambda amount, window, kind: f"{amount}/{window}{kind}", amounts, windows, kinds
    )
    several = st.lists(one, min_size=2, max_size=4, unique_by=lambda r: r.partition("/")[2])
    return st.one_of(st.none(), st.just("unlimited"), one, several)


counts = st.integers(0, 10**16)
amounts_of = {
    "requests": counts,
    "bytes": st.one_of(counts, st.sampled_from(["10MB", "64KiB", "1.5kB", "9999TB"])),
    "query_time": st.sampled_from(["30s", "0s", "1h", "1.234s", "1d1ms"]),
}
match = st.text(st.characters(exclude_categories=["Cs"]))


def section(limits, **more):
    fields = {limit: rates(amounts_of[limit]) for limit in limits}
    override = st.fixed_dictionaries({"match": match}, optional=fields)
    optional = {**fields, "overrides": st.lists(override, max_size=3)}
    return st.fixed_dictionaries({}, optional=optional)


whole = st.fixed_dictionaries(
    {},
    optional={
        "project": section(amounts_of),
        "run": section(["requests"]),
        "ip": section(["requests"]),
        "window": st.sampled_from(["rolling", "fixed", "token-bucket"]),
        "count_refused": st.booleans(),
        "remaining_floor": st.integers(0, 1000),
        "retry_after": st.one_of(
            st.sampled_from(["off", "next", "reset", False]), st.floats(1, 8e8)
        ),
        "query_costs": st.fixed_dictionaries(
            {}, optional={"operations": st.dictionaries(match, st.just({"base": "7ms"}))}
        )
        | st.fixed_dictionaries({"default": st.fixed_dictionaries({"base": durations})}),
    },
)


@given(whole)
def test_given_any_limits_then_what_is_answered_can_be_sent_back_unchanged(settings) -> None:
    rules = convert(settings, LimitRules)
    answered = plain(rules)
    again = convert(answered, LimitRules)
    assert again == rules
    assert plain(again) == answered


@given(whole)
def test_given_a_part_of_everything_then_merging_it_into_the_defaults_is_replacing_them(
    settings,
) -> None:
    live = live_limits({})
    live.merge(settings, "here")
    assert live.rules == convert(settings, LimitRules)


def live_limits(settings) -> LiveLimits:
    return LiveLimits(Limiter(convert(settings, LimitRules), VirtualClock()), "mine")


def test_given_a_part_then_only_what_it_names_changes_and_lists_are_replaced() -> None:
    live = live_limits(
        {
            "project": {
                "requests": ["2/1s", "60/1m"],
                "bytes": "1MB/1s",
                "overrides": [{"match": "a/*", "requests": "1/1s"}],
            },
            "run": {"requests": "5/1s"},
            "remaining_floor": 1,
        }
    )
    part = {"project": {"requests": "9/1s", "bytes": None, "overrides": [{"match": "b/*"}]}}
    live.merge(part, "here")
    assert plain(live.rules.project) | {"overrides": None} == plain(
        convert({"requests": "9/1s"}, type(live.rules.project))
    ) | {"overrides": None}
    assert [o.match for o in live.rules.project.overrides] == ["b/*"]
    assert str(live.rules.run.requests) == "5/1s"
    assert live.rules.remaining_floor == 1


def test_given_an_override_then_it_replaces_the_one_with_its_match_or_comes_first() -> None:
    live = live_limits({"project": {"overrides": [{"match": "a/*"}, {"match": "b/*"}]}})
    live.put_override("project", convert({"match": "b/*", "requests": "3/1s"}, ProjectOverride), "")
    live.put_override("project", convert({"match": "c/*"}, ProjectOverride), "")
    overrides = live.rules.project.overrides
    assert [o.match for o in overrides] == ["c/*", "a/*", "b/*"]
    assert str(overrides[2].requests) == "3/1s"
    assert live.remove_override("project", "a/*", "")
    assert not live.remove_override("project", "a/*", "")
    assert not live.remove_override("run", "b/*", "")
    assert [o.match for o in live.rules.project.overrides] == ["c/*", "b/*"]


def test_given_a_plan_then_its_limits_replace_all_others_and_its_name_is_told() -> None:
    live = live_limits({"project": {"requests": "1/1s"}})
    live.take_plan("unlimited", None, "here")
    assert (live.plan, live.rules) == ("unlimited", plan_limits("unlimited"))
    rules = convert({"run": {"requests": "2/1s"}}, LimitRules)
    live.take_plan("two a second", rules, "here")
    assert (live.plan, live.rules) == ("two a second", rules)
    with pytest.raises(FileError, match="did you mean unlimited"):
        live.take_plan("unlimitd", None, "here")
    assert (live.plan, live.rules) == ("two a second", rules)


def test_given_a_change_then_one_line_of_the_log_says_what_changed_and_from_where(caplog) -> None:
    live = live_limits({"project": {"requests": "60/1m"}})
    with caplog.at_level(logging.INFO, "mockwb.control"):
        live.merge({"project": {"requests": ["2/1s", "30/1m"]}, "reset": "next"}, "10.0.0.1")
    (message,) = caplog.messages
    assert 'project.requests "60/1m" -> ["2/1s","30/1m"]' in message
    assert 'reset "empty" -> "next"' in message
    assert message.endswith("by 10.0.0.1")


def test_given_all_scopes_then_each_can_be_overridden_and_reset() -> None:
    overrides = [option.__struct_config__.tag for option in ScopedOverride.__args__]
    assert tuple(overrides) == SCOPE_NAMES
    for scope in SCOPE_NAMES:
        assert convert({"scope": scope}, WindowChoice).scope == scope
        assert convert({"scope": scope, "match": "*"}, ScopedOverride).match == "*"
