import msgspec
import pytest

from mockwb.scenario.reports.comparison import compare
from mockwb.scenario.reports.comparison_text import headline, markdown
from mockwb.scenario.reports.folder import report_json
from mockwb.scenario.reports.reading import read_report
from mockwb.scenario.reports.settings_diff import settings_diff
from mockwb.yaml_file import FileError
from tests.scenario.accounts import client
from tests.scenario.reports.samples import reported, run


def changes(before, after) -> dict[str, str]:
    return {change.expression: change.change for change in compare(before, after).thresholds}


def test_the_same_report_twice_differs_in_nothing():
    same = compare(reported(), reported())
    assert (same.setting, same.figures, same.by_workload) == ([], [], [])
    assert (same.limits, same.guidance, same.broken) == ([], [], 0)


def test_a_threshold_that_held_and_fails_now_is_broken_and_the_reverse_is_fixed():
    whole, lossy = reported(), reported(run(rows_stored=9))
    assert changes(whole, lossy) == {
        "rows.missing == 0": "broken",
        "finish_seconds.max < 30s": "holds",
    }
    assert changes(lossy, whole)["rows.missing == 0"] == "fixed"
    assert changes(lossy, lossy)["rows.missing == 0"] == "fails"
    assert compare(whole, lossy).broken == 1
    assert headline(compare(whole, lossy)) == "1 threshold that held fails now"
    assert compare(lossy, whole).broken == 0


def test_thresholds_that_only_one_has_are_new_or_gone():
    more = reported(None, "rows.missing == 0", "retries == 0")
    less = reported(None, "rows.missing == 0")
    assert changes(less, more) == {"rows.missing == 0": "holds", "retries == 0": "new"}
    assert changes(more, less) == {"rows.missing == 0": "holds", "retries == 0": "gone"}
    assert compare(less, more).broken == 0
    assert "| retries == 0 | new: fails | - | 2 |" in markdown(compare(less, more))


def test_figures_change_by_a_number_and_by_a_share_of_what_was():
    clients = [client(finish_seconds=1.5)]
    found = compare(reported(), reported(run(clients=clients, bytes_in=2000))).figures
    words = {change.name: change.in_words for change in found}
    assert words["finish_seconds.p95"] == ("1s", "1.5s", "+500ms", "+50.0%")
    assert words["bytes.received"] == ("0B", "2kB", "+2kB", "-")
    assert "rows.stored" not in words


def test_shares_change_by_points():
    refused = {"file_stream": {"200": 3, "429": 1}}
    found = compare(reported(), reported(run(requests=refused))).figures
    words = {change.name: change.in_words for change in found}
    assert words["requests.refused_share"] == ("0.0%", "25.0%", "+25.0 points", "-")
    assert words["requests.file_stream.429"] == ("0", "1", "+1", "-")


def test_a_figure_that_could_not_be_measured_has_no_difference():
    found = compare(reported(), reported(run(clients=[client(finish_seconds=None)]))).figures
    words = {change.name: change.in_words for change in found}
    assert words["finish_seconds.p95"] == ("1s", "-", "-", "-")


def test_other_versions_and_settings_are_told():
    before = reported(plan="free-cloud", limits={"project": {"requests": "60/1m"}})
    after = reported(limits={"project": {"requests": "90/1m"}})
    after = msgspec.structs.replace(
        after, mockwb="9.9.9", engine="simulate", sdk_versions=["0.30.0", "0.31.0"]
    )
    assert compare(before, after).setting == [
        f"mockwb: {before.mockwb} -> 9.9.9",
        "wandb: 0.31.0 -> 0.30.0, 0.31.0",
        "engine: run -> simulate",
        "server.plan: free-cloud -> nothing",
        "server.limits.project.requests: 60/1m -> 90/1m",
    ]


def test_limits_and_guidance_that_differ_are_told():
    before, after = reported(), reported()
    window = msgspec.structs.replace(after.limits[0], amount=18)
    group = msgspec.structs.replace(after.guidance[0], findings=1, peak=12)
    after = msgspec.structs.replace(after, limits=[window], guidance=[group])
    found = compare(before, after)
    assert found.limits == ["project.requests: 9 requests per 5s -> 18 requests per 5s"]
    assert found.guidance == [
        "rows_per_minute: left in 3 places, up to 30 rows per minute -> "
        "left in 1 places, up to 12 rows per minute"
    ]
    gone = compare(before, msgspec.structs.replace(after, limits=[], guidance=[]))
    assert gone.limits == ["project.requests: 9 requests per 5s -> not at work"]
    assert gone.guidance[0].endswith("-> not left")


def test_lists_of_named_entries_are_compared_by_name():
    before = {"workloads": [{"name": "a", "count": 1}, {"name": "b", "count": 2}], "timeout": "1m"}
    after = {"workloads": [{"name": "b", "count": 3}, {"name": "c"}], "timeout": "1m"}
    assert list(settings_diff(before, after)) == [
        "workloads.a: {'name': 'a', 'count': 1} -> nothing",
        "workloads.b.count: 2 -> 3",
        "workloads.c: nothing -> {'name': 'c'}",
    ]


def test_a_report_is_read_from_its_file_or_its_folder(tmp_path):
    (tmp_path / "report.json").write_bytes(report_json(reported()))
    assert read_report(tmp_path) == read_report(tmp_path / "report.json") == reported()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"name: small", "expected a report.json of mockwb: JSON is malformed"),
        (b'{"version": 1}', "version 1 of the report, expected 2"),
        (b'{"version": 2}', "missing required field `mockwb`"),
    ],
)
def test_what_is_no_report_of_this_version_is_told(tmp_path, content, told):
    file = tmp_path / "report.json"
    file.write_bytes(content)
    with pytest.raises(FileError, match=told) as error:
        read_report(tmp_path)
    assert str(error.value).startswith(f"{file}: ")
