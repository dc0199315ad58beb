"""The folder that `--report` writes: one run, in every form. The commands call it."""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile

import msgspec

from mockwb.scenario.errors import StartError
from mockwb.scenario.reports.document import Report
from mockwb.scenario.reports.html_page import html_page
from mockwb.scenario.reports.junit import junit
from mockwb.scenario.reports.summary import summary

REPORT_FILE = "report.json"
_JUNIT, _SUMMARY, _PAGE = "junit.xml", "summary.md", "report.html"
_FORMS = (REPORT_FILE, _JUNIT, _SUMMARY, _PAGE)


def prepare_folder(folder: Path, asked: str, forms: Sequence[str] = _FORMS) -> None:
    """Make it, better before the run than after; StartError if it cannot be written to.

    `asked` is the option or key that names it, `forms` the names of the files that it will hold.

    What an earlier run left there goes: nobody shall take it for this one's.
    """
    if folder.suffix == ".json":
        raise StartError(
            f"{asked}: takes a folder and writes {forms[0]} there, got {str(folder)!r}"
        )
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in forms:
            (folder / name).unlink(missing_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise StartError(f"{asked}: cannot write to {folder}: {error.strerror}") from error


def write_folder(folder: Path, report: Report) -> None:
    """Write report.json, junit.xml, summary.md and report.html; OSError if that cannot be done."""
    (folder / REPORT_FILE).write_bytes(report_json(report))
    (folder / _JUNIT).write_bytes(junit(report))
    (folder / _SUMMARY).write_text(summary(report), encoding="utf-8")
    (folder / _PAGE).write_text(html_page(report), encoding="utf-8")


def report_json(report: Report) -> bytes:
    """The content of report.json: indented, in the order of its fields."""
    return msgspec.json.format(msgspec.json.encode(report), indent=1) + b"\n"
