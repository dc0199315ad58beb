"""`report.json`: everything a scenario's run said, for machines.

    {
      "version": 1,                        changes when a field changes its meaning or goes away
      "scenario": {"name", "description", "file"},
      "url": "http://127.0.0.1:8080",      of the server
      "started_at": 1767225600.0,          seconds since the Unix epoch
      "seconds": 41.2,                     from the first client's start to the last one's end
      "ending": "done",                    or "timeout", "interrupted"
      "exit_code": 0,
      "verdict": "all 2,040 rows delivered; ...",
      "thresholds": [{"expression", "measured", "holds", "text"}],
      "limits": [{"scope", "key", "limit", "amount", "window_seconds"}],    seen at work
      "total": {"clients.total": 302, "rows.missing": 0, ...},              figure -> number or null
      "workloads": {"NAME": {"rows.missing": 0, ...}},
      "clients": [...],                    mockwb.scenario.client_result.ClientResult
      "runs": [...],                       mockwb.account.RunAccount, the server's side
      "behaviour": [...]                   mockwb.client_account.ClientAccount, as the server saw it
    }

The figures are those of thresholds (`mockwb.scenario.figures`): seconds, bytes, shares 0..1.
"""

import json
from pathlib import Path
from typing import Any

import msgspec

from mockwb.scenario.figures import read_all
from mockwb.scenario.judgement import Judgement
from mockwb.scenario.load import LoadedScenario
from mockwb.scenario.runner import Run

VERSION = 1


def report(loaded: LoadedScenario, url: str, run: Run, judgement: Judgement) -> dict[str, Any]:
    """The report as plain data, in the order that a reader wants it."""
    tallies = judgement.tallies
    scenario = loaded.scenario
    return {
        "version": VERSION,
        "scenario": {
            "name": scenario.name,
            "description": scenario.description,
            "file": str(loaded.file),
        },
        "url": url,
        "started_at": run.started_at,
        "seconds": run.seconds,
        "ending": run.ending,
        "exit_code": int(judgement.exit_code),
        "verdict": judgement.verdict,
        "thresholds": msgspec.to_builtins(judgement.outcomes),
        "limits": msgspec.to_builtins(run.windows),
        "total": read_all(tallies.total),
        "workloads": {name: read_all(tally) for name, tally in tallies.workloads.items()},
        "clients": msgspec.to_builtins(run.clients),
        "runs": msgspec.to_builtins(run.account.runs),
        "behaviour": msgspec.to_builtins(run.behaved),
    }


def write_report(path: Path, content: dict[str, Any]) -> None:
    """Write it as indented JSON; OSError if that cannot be done."""
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
