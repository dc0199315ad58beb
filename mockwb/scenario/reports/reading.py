"""Reads a report.json that was written before. Used by `mockwb compare`."""

from pathlib import Path

import msgspec

from mockwb.scenario.reports.document import VERSION, Report
from mockwb.scenario.reports.folder import REPORT_FILE
from mockwb.yaml_file import FileError


class _Version(msgspec.Struct):
    version: int


def read_report(path: Path) -> Report:
    """The report in a file, or in a folder that `--report` wrote; FileError says what is wrong."""
    file = path / REPORT_FILE if path.is_dir() else path
    try:
        content = file.read_bytes()
    except OSError as error:
        raise FileError(f"{file}: {error.strerror}") from error
    try:
        version = msgspec.json.decode(content, type=_Version).version
        if version == VERSION:
            return msgspec.json.decode(content, type=Report)
    except msgspec.DecodeError as error:
        raise FileError(f"{file}: expected a report.json of mockwb: {error}") from error
    raise FileError(f"{file}: version {version} of the report, expected {VERSION}")
