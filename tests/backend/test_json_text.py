import json
import math

import pytest

from mockwb.backend.errors import InvalidError
from mockwb.backend.json_text import may_hold_specials, parse_object, to_json


def test_special_floats_become_the_strings_that_wandb_uses() -> None:
    value = {"a": [math.nan, {"b": math.inf}], "c": -math.inf, "d": 1.5, "e": None, "f": True}
    assert json.loads(to_json(value)) == {
        "a": ["NaN", {"b": "Infinity"}],
        "c": "-Infinity",
        "d": 1.5,
        "e": None,
        "f": True,
    }


@pytest.mark.parametrize(
    ("text", "may"), [('{"a": NaN}', True), ('{"a": -Infinity}', True), ('{"a": 1}', False)]
)
def test_texts_without_special_floats_are_told_apart(text: str, may: bool) -> None:
    assert may_hold_specials(text) is may


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("{", "config is not valid JSON"),
        ("[" * 100_000, "config is not valid JSON"),
        ("[]", "config must be a JSON object, got list"),
    ],
)
def test_a_text_that_holds_no_object_is_refused(text: str, complaint: str) -> None:
    with pytest.raises(InvalidError, match=complaint):
        parse_object(text, "config")
