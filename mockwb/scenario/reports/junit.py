"""`junit.xml`: each threshold a test case, so that CI shows what failed by how much.

It has a failure or an error exactly when the exit code is not 0: clients that failed although all
thresholds hold are told in the suite's output.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator

from mockwb.scenario.reports.document import Report

_ENDINGS = {
    "interrupted": "interrupted before its end",
    "timeout": "timed out",
    "aborted": "ended early by a threshold that failed",
    "broken": "ended by a server that failed",
}


def junit(report: Report) -> bytes:
    """The file's content."""
    suite = ET.Element("testsuite", name=report.scenario.name)
    cases = list(_cases(report))
    suite.extend(cases)
    counts = {
        "tests": len(cases),
        "failures": sum(case.find("failure") is not None for case in cases),
        "errors": sum(case.find("error") is not None for case in cases),
        "skipped": sum(case.find("skipped") is not None for case in cases),
    }
    suites = ET.Element("testsuites", name="mockwb")
    for name, count in counts.items():
        suite.set(name, str(count))
        suites.set(name, str(count))
    suite.set("time", f"{report.seconds:.3f}")
    ET.SubElement(suite, "system-out").text = _printable("\n".join(_output(report)))
    suites.append(suite)
    ET.indent(suites)
    content: bytes = ET.tostring(suites, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _cases(report: Report) -> Iterator[ET.Element]:
    for outcome in report.thresholds:
        case = _case(report, outcome.expression)
        if not outcome.holds:
            _add(case, "failure", f"does not hold: {outcome.text}", report.verdict)
        elif outcome.skipped:
            _add(case, "skipped", outcome.measured_in_words, "")
        yield case
    for workload in report.workloads:
        case = _case(report, f"clients of {workload} end well")
        errors = [error for error in report.errors if error.workload == workload]
        if errors and report.exit_code:
            lines = [f"{error.clients:,} x {error.reason}" for error in errors]
            failed = sum(error.clients for error in errors)
            _add(case, "error", f"{failed:,} clients failed", "\n".join(lines))
        yield case
    case = _case(report, "the scenario is played to its end")
    if report.exit_code and report.ending != "done":
        _add(case, "error", _ENDINGS.get(report.ending, report.ending), report.verdict)
    yield case


def _case(report: Report, name: str) -> ET.Element:
    return ET.Element("testcase", classname=f"mockwb.{report.scenario.name}", name=name)


def _add(case: ET.Element, tag: str, message: str, text: str) -> None:
    element = ET.SubElement(case, tag, message=_printable(message))
    element.text = _printable(text)


def _output(report: Report) -> Iterator[str]:
    yield f"verdict: {report.verdict}"
    for outcome in report.thresholds:
        yield f"{outcome.verdict}  {outcome.text}"
    for error in report.errors:
        yield f"{error.workload}: {error.clients:,} x {error.reason}"


def _printable(text: str) -> str:
    """Without the control characters that XML cannot hold; errors quote other programs' output."""
    return "".join(char if char >= " " or char in "\n\t" else "?" for char in text)
