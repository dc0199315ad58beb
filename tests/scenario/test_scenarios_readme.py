"""What scenarios/README.md shows of workloads can be run as it stands."""

import re
from pathlib import Path
from textwrap import dedent

import pytest

from mockwb.scenario.load import load_scenario

README = Path(__file__).parents[2] / "scenarios" / "README.md"
EXAMPLES = re.findall(r"(?<=\n\n)    workloads:\n(?:    .*\n)+", README.read_text())


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_is_a_good_scenario(tmp_path: Path, example: str) -> None:
    file = tmp_path / "example.yaml"
    file.write_text("name: example\n" + dedent(example))
    assert load_scenario(file).scenario.workloads


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 5
