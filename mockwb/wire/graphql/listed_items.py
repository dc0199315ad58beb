"""How much an answer lists, which is what query time is reckoned by."""

from typing import Any


def count_items(data: Any) -> int:
    """The elements of all lists of an answer's data, and of the lists within them.

    A list within a list is not counted itself, but its elements are; those are rows (of sampled
    history), and what is inside a row is not looked at.
    """
    count = 0
    within: list[Any] = [data]
    while within:
        value = within.pop()
        if type(value) is dict:
            within.extend(entry for entry in value.values() if type(entry) in (dict, list))
            continue
        if type(value) is not list:
            continue
        for element in value:
            if type(element) is list:
                count += _rows(element)
                continue
            count += 1
            if type(element) is dict:
                within.append(element)
    return count


def _rows(rows: list[Any]) -> int:
    count = 0
    within = [rows]
    while within:
        for row in within.pop():
            if type(row) is list:
                within.append(row)
            else:
                count += 1
    return count
