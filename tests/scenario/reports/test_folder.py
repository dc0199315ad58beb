import pytest

from mockwb.scenario.errors import StartError
from mockwb.scenario.reports.folder import prepare_folder, write_folder
from tests.scenario.reports.samples import reported


def test_a_folder_has_the_run_in_every_form(tmp_path):
    folder = tmp_path / "new" / "out"
    prepare_folder(folder, "--report")
    write_folder(folder, reported())
    names = sorted(file.name for file in folder.iterdir())
    assert names == ["junit.xml", "report.html", "report.json", "summary.md"]
    assert all(file.stat().st_size for file in folder.iterdir())


def test_what_cannot_be_a_folder_is_refused_before_the_run(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(StartError, match=r"s\.yaml:3: report: cannot write to"):
        prepare_folder(tmp_path / "taken", "s.yaml:3: report")
    with pytest.raises(StartError, match=r"takes a folder .* got 'r\.json'"):
        prepare_folder(tmp_path.__class__("r.json"), "--report")


def test_what_an_earlier_run_left_is_not_taken_for_this_ones(tmp_path):
    write_folder(tmp_path, reported())
    (tmp_path / "mine.txt").write_text("kept")
    prepare_folder(tmp_path, "--report")
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]
