from mockwb.scenario.figures import FIGURES
from mockwb.scenario.reports.figures_shown import MAIN, worth_showing, written


def test_all_main_figures_are_there():
    assert MAIN.keys() <= FIGURES.keys()


def test_figures_are_written_in_their_units_also_where_they_are_not_registered():
    assert written("finish_seconds.p95", 90.5) == "1m30.5s"
    assert written("requests.refused_share", 0.123) == "12.3%"
    assert written("bytes.received", 2_000_000) == "2MB"
    assert written("requests.file_stream.418", 1200) == "1,200"
    assert written("a figure of another version", 3) == "3"
    assert written("finish_seconds.p95", None) == "-"


def test_a_figure_of_nothing_but_zeros_is_shown_only_if_that_says_something():
    assert worth_showing("rows.missing", [0, 0])
    assert worth_showing("retries", [0, 2])
    assert not worth_showing("retries", [0, None])
    assert not worth_showing("remaining.lowest", [None])
