"""Reads a scenario file, with the checks that need the whole of it; `mockwb run` calls it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import msgspec

from mockwb.config.load import load_config, rules_of
from mockwb.scenario import located
from mockwb.scenario.errors import StartError
from mockwb.scenario.include import read_with_includes
from mockwb.scenario.kinds.script import with_command
from mockwb.scenario.model import Scenario
from mockwb.scenario.timeline.check import EventError, check_timeline
from mockwb.scenario.variables import fill_in
from mockwb.yaml_file import Document, FileError, decode


@dataclass(frozen=True)
class LoadedScenario:
    """A scenario, and what its file says about the server in so many words."""

    scenario: Scenario
    file: Path
    server_overlay: dict[str, Any]
    """The keys of the `server` section that are given, not the defaults of the rest."""
    document: Document = field(default_factory=lambda: Document("", None, {}))
    """What was read, with the place of every key."""

    @contextmanager
    def placed(self) -> Iterator[None]:
        """Errors that a key of the file brings about come out with file and line."""
        try:
            yield
        except StartError as error:
            if not error.path:
                raise
            section, name, *rest = error.path
            names: list[str | int] = [workload.name for workload in self.scenario.workloads]
            number = names.index(name) if section == "workloads" else name
            where = self.document.where((section, number, *rest))
            raise StartError(f"{where}: {error}") from error

    def with_command(self, words: Sequence[str]) -> "LoadedScenario":
        """The same with `words` as the command of script workloads without one; StartError."""
        workloads = with_command(self.scenario.workloads, words)
        scenario = msgspec.structs.replace(self.scenario, workloads=workloads)
        return replace(self, scenario=scenario)


def load_scenario(
    file: Path, given: Mapping[str, str] = {}, environ: Mapping[str, str] = {}
) -> LoadedScenario:
    """Read and check; FileError names file, line, key and what was expected.

    `given` are variables' values as text; so are those in `environ` that begin with MOCKWB_SET_.
    """
    filled = fill_in(read_with_includes(file), given, environ)
    document = located.document(filled, str(file))
    scenario = decode(document, Scenario)
    _check_plan(document, scenario)
    _check_names(document, scenario)
    _check_timeline(document, scenario)
    _check_thresholds(document, scenario)
    return LoadedScenario(scenario, file, filled.plain.get("server") or {}, document)


def _check_plan(document: Document, scenario: Scenario) -> None:
    try:
        load_config(plan=scenario.server.plan)
    except FileError as error:
        problem = str(error).removeprefix("plan: ")
        raise FileError(f"{document.where(('server', 'plan'))}: server.plan: {problem}") from error


def _check_names(document: Document, scenario: Scenario) -> None:
    seen: set[str] = set()
    for index, workload in enumerate(scenario.workloads):
        if workload.name in seen:
            where = document.where(("workloads", index, "name"))
            raise FileError(
                f"{where}: workloads[{index}].name: {workload.name!r} is taken by another workload"
            )
        seen.add(workload.name)


def _check_timeline(document: Document, scenario: Scenario) -> None:
    try:
        check_timeline(scenario.timeline, rules_of(scenario.server))
    except EventError as error:
        where, key = document.where(error.path), f"timeline[{error.path[1]}].{error.path[2]}"
        raise FileError(f"{where}: {key}: {error}") from error


def _check_thresholds(document: Document, scenario: Scenario) -> None:
    names = [workload.name for workload in scenario.workloads]
    for index, threshold in enumerate(scenario.thresholds):
        if threshold.workload is not None and threshold.workload not in names:
            where = document.where(("thresholds", index))
            raise FileError(
                f"{where}: thresholds[{index}]: unknown workload {threshold.workload!r}; "
                f"expected one of {', '.join(names)}"
            )
