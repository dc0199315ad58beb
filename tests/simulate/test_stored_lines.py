from mockwb.simulate.stored_lines import StoredLines


def test_lines_in_order_are_all_new() -> None:
    lines = StoredLines()
    assert [lines.store(0, 5), lines.store(5, 9)] == [5, 4]
    assert (lines.end, lines.gaps) == (9, [])


def test_lines_that_come_again_count_once() -> None:
    lines = StoredLines()
    lines.store(0, 5)
    assert [lines.store(0, 5), lines.store(3, 7), lines.store(1, 2)] == [0, 2, 0]
    assert (lines.end, lines.gaps) == (7, [])


def test_given_lines_left_out_then_a_gap_stays_until_it_is_filled() -> None:
    lines = StoredLines()
    lines.store(0, 2)
    assert lines.store(10, 12) == 2
    assert lines.gaps == [(2, 10)]
    assert lines.store(4, 6) == 2
    assert lines.gaps == [(2, 4), (6, 10)]
    assert lines.store(0, 12) == 6
    assert (lines.end, lines.gaps) == (12, [])
