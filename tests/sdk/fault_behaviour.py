"""What two releases of the SDK make of each kind of fault: the table of the README.

`python -m tests.sdk.fault_behaviour` prints it as Markdown, after a minute or two. It installs both
releases into virtual environments of their own.
"""

import logging
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from tests.sdk.conftest import Sdk, serving
from tests.sdk.environments import old_sdk_python

RELEASES = ("0.31.0", "0.16.6")
ROWS = 20
ADVISED = 8
"""Seconds of a Retry-After; by themselves both releases wait 2."""
_AT_A_TIME = 12
"""Processes; most of what they do is wait."""
_STREAM = {"endpoint": "file_stream"}
_CREATION = {"operation": "UpsertBucket"}
_ONCE = {"first": 1}
_TWICE = {"first": 2}


def _status(status: int, match: Any = _STREAM, when: Any = _TWICE) -> list[dict[str, Any]]:
    return [{"match": match, "when": when, "what": {"kind": "status", "status": status}}]


CASES: dict[str, list[dict[str, Any]]] = {
    "`latency` 1s, file_stream": [{"match": _STREAM, "what": {"kind": "latency"}}],
    "`status` 401, first file_stream request": _status(401, when=_ONCE),
    "`status` 403, first file_stream request": _status(403, when=_ONCE),
    "`status` 409, first file_stream request": _status(409, when=_ONCE),
    "`status` 413, first file_stream request": _status(413, when=_ONCE),
    "`status` 408, first two": _status(408),
    "`status` 429 without headers, first two": _status(429),
    "`status` 500, first two": _status(500),
    "`status` 502, then 504 (HTML)": [
        *_status(502, when=_ONCE),
        *_status(504, {**_STREAM, "from_number": 2}, _ONCE),
    ],
    "`status` 404 on run creation": _status(404, _CREATION, _ONCE),
    "`status` 409 on run creation, once": _status(409, _CREATION, _ONCE),
    "`status` 500 on run creation, once": _status(500, _CREATION, _ONCE),
    "`graphql_error` on run creation": [
        {"match": _CREATION, "when": _ONCE, "what": {"kind": "graphql_error"}}
    ],
    "`reset` before the body, once": [
        {"match": _STREAM, "when": _ONCE, "what": {"kind": "reset"}},
    ],
    "`reset` during an upload, once": [
        {
            "match": {"endpoint": "storage"},
            "when": _ONCE,
            "what": {"kind": "reset", "at": "during"},
        },
    ],
    "`reset` after the body, first attempt of each": [
        {"match": _STREAM, "when": _ONCE, "what": {"kind": "reset", "at": "after"}},
        {
            "match": {**_STREAM, "from_number": 2},
            "when": {"every_nth": 2},
            "what": {"kind": "reset", "at": "after"},
        },
    ],
    "`stall` 5s, then reset, once": [
        {"match": _STREAM, "when": _ONCE, "what": {"kind": "stall", "time": "5s"}}
    ],
    "`truncate` on run creation, once": [
        {"match": _CREATION, "when": _ONCE, "what": {"kind": "truncate"}}
    ],
    "`corrupt` on run creation, once": [
        {"match": _CREATION, "when": _ONCE, "what": {"kind": "corrupt"}}
    ],
    "`corrupt`, file_stream": [{"match": _STREAM, "what": {"kind": "corrupt"}}],
    "`bandwidth` 2 kB/s up, file_stream": [
        {"match": _STREAM, "what": {"kind": "bandwidth", "up": "2kB"}}
    ],
    f"`ratelimit_headers` remaining 0, reset 60, Retry-After {ADVISED}, a 429 once": [
        *_status(429, when=_ONCE),
        {
            "match": _STREAM,
            "what": {
                "kind": "ratelimit_headers",
                "remaining": "0",
                "reset": "60",
                "retry_after": str(ADVISED),
            },
        },
    ],
    "`clock_skew` 30 days": [{"what": {"kind": "clock_skew", "ahead": "30d"}}],
    "`stopped` while it trains": [{"what": {"kind": "stopped"}}],
    "`refuse` 3s, once": [
        {"match": _STREAM, "when": _ONCE, "what": {"kind": "refuse", "time": "3s"}}
    ],
}
"""What befalls a run, and the rules that bring it about."""

_ALONE = [case for case in CASES if case.startswith(("`stopped`", "`refuse`"))]
"""They need a server, or a process, that nobody else uses."""
_LAST = [
    case
    for case in CASES
    if "run creation" in case and case.startswith(("`status` 404", "`g", "`t", "`c"))
]
"""After an init that failed, that of the next run may hang in the old release."""


def suffer(runs: list[str], rows: int, wait: float) -> Any:
    """Log a run after the other with default settings; wait for an interrupt before their ends."""
    import time

    import wandb

    ended = {}
    for name in runs:
        saw: dict[str, Any] = {"error": None, "interrupted": False}
        ended[name] = saw
        try:
            run = wandb.init(entity="team", project="p", id=name)
        except Exception as error:
            saw["error"] = type(error).__name__
            continue
        try:
            for i in range(rows):
                run.log({"x": i})
            print("ready", flush=True)
            for _ in range(int(wait * 10)):  # in pieces: the old release interrupts no sleep
                time.sleep(0.1)  # noqa: TID251 -- a process of its own
        except KeyboardInterrupt:
            saw["interrupted"] = True
        run.finish()
    return ended


def measure(release: str, cases: list[str], folder: Path) -> dict[tuple[str, str], str]:
    """(case, release) -> what one release does under these faults, in a few words."""
    runs = {f"run-{number}": case for number, case in enumerate(cases)}
    trains = any("while it trains" in case for case in cases)
    with serving() as server:
        sdk = Sdk(server.url, folder, old_sdk_python(release))
        arguments = {"runs": list(runs), "rows": ROWS, "wait": 60 if trains else 0}
        if not trains:
            _add_faults(sdk, runs)
        with sdk.start(suffer, **arguments) as process:
            if trains:
                process.until(lambda: "ready" in process.output)
                _add_faults(sdk, runs)
            saw = process.result(".")
        return {(case, release): _told(saw[run], sdk.account(run)) for run, case in runs.items()}


def _add_faults(sdk: Sdk, runs: dict[str, str]) -> None:
    for run, case in runs.items():
        for number, rule in enumerate(CASES[case]):
            match = {**rule.get("match", {}), "run": run}
            sdk.ask("faults", "POST", {**rule, "name": f"{run}.{number}", "match": match})


def _told(saw: Any, account: Any) -> str:
    attempts = account["operations"].get("UpsertBucket", 0)
    if saw["error"] is not None:
        return f"init raises {saw['error']} after {attempts} attempt{'s' * (attempts > 1)}"
    stored, resent = account["rows_stored"], account["rows_resent"]
    failed = sum(
        count
        for answers in account["requests"].values()
        for status, count in answers.items()
        if status != "200"
    )
    words = ["script interrupted"] if saw["interrupted"] else []
    if failed:
        words.append("sends again" if stored == ROWS else "gives up")
    if account["throttled_seconds"] >= ADVISED:
        words.append("waits as told")
    words.append("all rows stored" if stored == ROWS else f"{stored} of {ROWS} rows stored")
    if resent:
        words.append("those sent twice stored once")
    if account["gaps"]:
        words.append("a gap")
    if account["state"] != "finished":
        words.append(f"run stays `{account['state']}`")
    return ", ".join(words)


def measure_all(folder: Path) -> dict[tuple[str, str], str]:
    """(case, release) -> what came of it; several processes at a time."""
    for release in RELEASES:
        old_sdk_python(release)
    others = [case for case in CASES if case not in _ALONE + _LAST]
    groups = [[case] for case in _ALONE]
    groups += [[*others[n :: len(_LAST)], last] for n, last in enumerate(_LAST)]
    jobs = [(release, cases) for cases in groups for release in RELEASES]
    with ThreadPoolExecutor(_AT_A_TIME) as threads:
        running = [
            threads.submit(measure, release, cases, folder / str(number))
            for number, (release, cases) in enumerate(jobs)
        ]
        return {key: told for each in running for key, told in each.result().items()}


def table(told: dict[tuple[str, str], str]) -> str:
    """Markdown: a row per case."""
    lines = [("fault", *(f"wandb {release}" for release in RELEASES)), ("---",) * 3]
    lines += [(case, *(told[case, release] for release in RELEASES)) for case in CASES]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Print the table."""
    logging.getLogger("mockwb").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as folder:
        print(table(measure_all(Path(folder))))


if __name__ == "__main__":
    main()
