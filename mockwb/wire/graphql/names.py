"""GraphQL names and Python names: `camelCase` outside, `snake_case` inside."""

import re

_WORD_START = re.compile(r"(?<=[a-z0-9])([A-Z])|(?<=[A-Z])([A-Z])(?=[a-z])(?!s$)")


def snake_case(name: str) -> str:
    """`entityName` -> `entity_name`, `queueIDs` -> `queue_ids`, `md5` -> `md5`."""
    return _WORD_START.sub(lambda match: "_" + match.group(0), name).lower()


def argument_name(name: str) -> str:
    """The keyword by which a resolver gets an argument; `input` is Python's word, so `values`."""
    return "values" if name == "input" else snake_case(name)
