import json
from typing import Any

import pytest

from mockwb.backend.errors import InvalidError
from mockwb.backend.run_filter import parse_filter

RUN: dict[str, Any] = {
    "state": "finished",
    "config.lr": 0.1,
    "config.name": "Adam",
    "config.flag": True,
    "config.none": None,
    "config.repeated": "a" * 40 + "!",
    "config.odd": "\ud800b",
    "tags": ["a", "b"],
    "createdAt": "2026-01-02T00:00:00Z",
}


def matches(tree: object) -> bool:
    run_filter = parse_filter(json.dumps(tree))
    return run_filter.test(lambda key: (key in RUN, RUN.get(key)))


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"state": "finished"},
        {"state": "finished", "config.lr": 0.1},
        {"config.lr": {"$gte": 0.1, "$lt": 1}},
        {"config.lr": {"$gt": 0, "$lte": 0.1, "$ne": 3}},
        {"state": {"$in": ["crashed", "finished"]}},
        {"state": {"$nin": ["crashed"]}},
        {"config.name": {"$regex": "^Ad"}},
        {"config.name": {"$regex": "(?i)aDAM"}},
        {"config.name": {"$regex": "da"}},
        {"config.name": {"$regex": "^A(?i)DAM$"}},
        {"config.name": {"$regex": "^[[:upper:]][[:lower:]]+$"}},
        {"config.repeated": {"$regex": r"^(a+)+\pP$"}},
        {"config.odd": {"$regex": "b$"}},
        {"tags": {"$regex": "[b-z]"}},
        {"tags": "a"},
        {"tags": {"$in": ["z", "b"]}},
        {"tags": {"$nin": ["z"]}},
        {"$or": [{"tags": None}, {"tags": {"$ne": "x"}}]},
        {"missing": None},
        {"config.none": None},
        {"missing": {"$ne": 3}},
        {"missing": {"$nin": [3]}},
        {"missing": {"$exists": False}},
        {"config.none": {"$exists": True}},
        {"state": {"$ne": None}},
        {"$and": []},
        {"$or": []},
        {"$or": [{"$and": []}]},
        {"$nor": [{"state": "running"}]},
        {"$not": {"state": "running"}},
        {"state": {"$not": {"$eq": "running"}}},
        {"createdAt": {"$gt": "2026-01-01"}},
        {"createdAt": {"$lt": "2026-01-02T02:00:00+01:00"}},
        {"createdAt": "2026-01-02T00:00:00"},
        {"config.flag": True},
    ],
)
def test_filters_that_match_the_run(tree: object) -> None:
    assert matches(tree)


@pytest.mark.parametrize(
    "tree",
    [
        {"state": "running"},
        {"state": "finished", "config.lr": 1},
        {"config.lr": {"$gt": 0.1}},
        {"config.lr": {"$gt": "0"}},
        {"config.name": {"$gt": 0}},
        {"config.name": {"$regex": "^am"}},
        {"config.name": {"$regex": "(?i:a)DAM"}},
        {"config.name": {"$regex": "[[:digit:]]"}},
        {"config.lr": {"$regex": "0"}},
        {"missing": {"$regex": ""}},
        {"config.flag": 1},
        {"tags": "c"},
        {"tags": {"$ne": "a"}},
        {"tags": None},
        {"missing": 3},
        {"missing": {"$gt": 0}},
        {"missing": {"$exists": True}},
        {"state": None},
        {"$or": [{"state": "running"}, {"config.lr": 1}]},
        {"$and": [{"state": "finished"}, {"config.lr": 1}]},
        {"$nor": [{"state": "finished"}]},
        {"createdAt": {"$gt": "2026-01-03"}},
        {"createdAt": {"$gt": 3}},
    ],
)
def test_filters_that_do_not_match_the_run(tree: object) -> None:
    assert not matches(tree)


@pytest.mark.parametrize("text", [None, ""])
def test_no_filter_matches_all(text: str | None) -> None:
    assert parse_filter(text).test(lambda _key: (False, None))


def test_a_filter_knows_the_keys_that_it_asks_for() -> None:
    tree = {"state": "x", "$or": [{"tags": "a"}, {"$and": [{"config.lr": {"$gt": 1}}]}]}
    assert parse_filter(json.dumps(tree)).keys == {"state", "tags", "config.lr"}


@pytest.mark.parametrize(
    ("tree", "keys"),
    [
        ({"a": 5, "b": "5", "c": None, "d": True}, {"a"}),
        ({"$or": [{"a": {"$gt": 5}}, {"b": {"$not": {"$lt": 0.5}}}]}, {"a", "b"}),
        ({"a": {"$in": ["x", 5]}, "b": {"$nin": ["x"]}, "c": {"$exists": 1}}, {"a"}),
    ],
)
def test_a_filter_knows_what_it_compares_with_numbers(tree: object, keys: set[str]) -> None:
    assert parse_filter(json.dumps(tree)).numbers == keys


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "not valid JSON"),
        ("[]", r"expected an object, got \[\]"),
        ('{"a": {"$all": [1]}}', r"unknown operator \$all for a"),
        ('{"$expr": {}}', r"unknown operator \$expr"),
        ('{"$or": {}}', r"\$or takes a list"),
        ('{"a": {"$in": 3}}', r"\$in takes a list, got 3"),
        ('{"a": {"$regex": "("}}', r"\$regex '\(': missing \)"),
        ('{"a": {"$regex": 3}}', r"\$regex takes a text, got 3"),
        ('{"a": {"$regex": ["a"]}}', r"\$regex takes a text, got \['a'\]"),
        ('{"a": {"$regex": "(?=b)"}}', r"\$regex '\(\?=b\)': invalid perl operator"),
        ('{"a": {"$regex": "(b)\\\\1"}}', r"invalid escape sequence"),
        ('{"a": {"$regex": "b{1001}"}}', r"invalid repetition size"),
        ('{"a": {"$regex": "\\ud800"}}', r"\$regex '\\ud800'"),
    ],
)
def test_filters_that_are_none_are_refused(text: str, complaint: str) -> None:
    with pytest.raises(InvalidError, match=complaint):
        parse_filter(text)


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|aa)+$", "(.*)*b", "(a*)*(a*)*b"])
def test_patterns_that_a_backtracking_matcher_never_ends_with_are_answered(pattern: str) -> None:
    assert not matches({"config.repeated": {"$regex": pattern}})


def test_a_refused_pattern_is_told_to_its_client_alone(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(InvalidError):
        parse_filter('{"a": {"$regex": "("}}')
    assert capfd.readouterr() == ("", "")
