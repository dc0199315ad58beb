from mockwb.scenario.series import Sample, Series, Waits, join


def sample(at: float, seconds: float = 1.0, **fields) -> Sample:
    return Sample(at=at, seconds=seconds, **fields)


def test_given_two_intervals_then_joined_they_count_both_and_stand_as_the_later_one():
    first = sample(
        1,
        active=9,
        waiting=5,
        requests={"200": 3, "500": 1},
        bytes_in=10,
        rows_stored=7,
        remaining={"project.requests": 20, "run.requests": 900},
        waits=Waits(p50=1, p95=2, max=3),
    )
    second = sample(
        2,
        active=4,
        waiting=6,
        requests={"200": 2, "429": 4},
        bytes_in=5,
        rows_stored=8,
        remaining={"project.requests": 700},
        waits=Waits(p50=2, p95=3, max=4),
    )
    assert join(first, second) == sample(
        2,
        seconds=2.0,
        active=9,
        waiting=6,
        requests={"200": 5, "429": 4, "500": 1},
        bytes_in=15,
        rows_stored=8,
        remaining={"project.requests": 20, "run.requests": 900},
        waits=Waits(p50=2, p95=3, max=4),
    )


def test_given_more_samples_than_it_may_keep_then_intervals_double_and_nothing_is_lost():
    series = Series(interval=1, most=10)
    for second in range(1, 101):
        series.add(sample(second, requests={"200": second}))
    assert series.interval == 16
    assert len(series.samples) <= 10
    assert sum(one.answered for one in series.samples) == sum(range(1, 101))
    assert sum(one.seconds for one in series.samples) == 100
    starts = [one.at - one.seconds for one in series.samples]
    assert starts == [0, *(one.at for one in series.samples[:-1])]


def test_given_samples_shorter_than_the_interval_then_they_are_joined_until_it_is_full():
    series = Series(interval=1)
    for quarter in range(1, 10):
        series.add(sample(quarter / 4, seconds=0.25))
    assert [one.at for one in series.samples] == [1, 2, 2.25]


def test_given_a_last_sample_cut_short_then_it_is_no_interval_of_its_own():
    series = Series(interval=1)
    series.add(sample(1, requests={"200": 5}))
    series.end(sample(1.1, seconds=0.1, requests={"200": 5}))
    assert series.samples == [sample(1.1, seconds=1.1, requests={"200": 10})]
    series.end(sample(1.7, seconds=0.6))
    assert [one.at for one in series.samples] == [1.1, 1.7]


def test_rows_in_flight_are_those_logged_else_those_sent_that_are_not_stored():
    assert sample(1, rows_logged=9, rows_sent=5, rows_stored=4).rows_in_flight == 5
    assert sample(1, rows_sent=5, rows_stored=4).rows_in_flight == 1
    assert sample(1, rows_sent=5, rows_stored=6).rows_in_flight == 0
