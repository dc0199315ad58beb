from collections.abc import Iterable

from prometheus_client.parser import text_string_to_metric_families

from mockwb.observe.metrics import Metrics
from mockwb.record import Ingested
from mockwb.target import Surface, WindowUsage
from tests.observe.records import asked, refused, streamed

Labels = dict[str, str]


def metrics_of(max_projects: int = 10, usage: Iterable[WindowUsage] = ()) -> Metrics:
    return Metrics(max_projects, lambda: usage)


def samples(metrics: Metrics) -> dict[str, list[tuple[Labels, float]]]:
    """What a scraper reads: sample name -> (labels, value)."""
    text = metrics.render("")[0].decode()
    read: dict[str, list[tuple[Labels, float]]] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            read.setdefault(sample.name, []).append((sample.labels, sample.value))
    return read


def value(metrics: Metrics, name: str, **labels: str) -> float:
    (found,) = [value for own, value in samples(metrics)[name] if own == labels]
    return found


def test_given_requests_then_they_are_counted_by_endpoint_code_and_project() -> None:
    metrics = metrics_of()
    for record in (streamed(), streamed(), refused(), streamed(project="p2"), asked()):
        metrics.saw(record)
    assert samples(metrics)["mockwb_requests_total"] == [
        ({"endpoint": "file_stream", "code": "200", "project": "team/proj"}, 2),
        ({"endpoint": "file_stream", "code": "429", "project": "team/proj"}, 1),
        ({"endpoint": "file_stream", "code": "200", "project": "team/p2"}, 1),
        ({"endpoint": "graphql", "code": "200", "project": ""}, 1),
    ]


def test_given_more_projects_than_the_cap_then_the_rest_is_counted_as_other() -> None:
    metrics = metrics_of(max_projects=2)
    for number in range(50):
        metrics.saw(streamed(project=f"p{number}", ingested=Ingested(rows=1)))
        metrics.saw(refused(project=f"p{number}"))
    read = samples(metrics)
    for name in ("mockwb_ingested_rows_total", "mockwb_requests_refused_total"):
        assert [(own["project"], count) for own, count in read[name]] == [
            ("team/p0", 1),
            ("team/p1", 1),
            ("other", 48),
        ]


def test_given_refusals_then_they_are_counted_by_scope_limit_and_project() -> None:
    metrics = metrics_of()
    for record in (refused(), refused(limit="bytes"), refused(limit="bytes")):
        metrics.saw(record)
    labels = {"scope": "project", "project": "team/proj"}
    assert value(metrics, "mockwb_requests_refused_total", limit="requests", **labels) == 1
    assert value(metrics, "mockwb_requests_refused_total", limit="bytes", **labels) == 2


def test_given_premature_retries_then_they_are_counted_by_project() -> None:
    metrics = metrics_of(max_projects=1)
    for project in ("team/proj", "team/proj", "team/other", None):
        metrics.note_premature_retry(project)
    assert samples(metrics)["mockwb_premature_retries_total"] == [
        ({"project": "team/proj"}, 2),
        ({"project": "other"}, 1),
        ({"project": ""}, 1),
    ]


def test_given_durations_and_sizes_then_histograms_per_endpoint_hold_them() -> None:
    metrics = metrics_of()
    metrics.saw(streamed(duration=0.003, bytes_in=100, bytes_out=7))
    metrics.saw(streamed(duration=45.0, bytes_in=5000, bytes_out=8))
    at = {"endpoint": "file_stream"}
    duration = "mockwb_request_duration_seconds"
    assert value(metrics, f"{duration}_bucket", le="0.005", **at) == 1
    assert value(metrics, f"{duration}_bucket", le="60.0", **at) == 2
    assert value(metrics, f"{duration}_count", **at) == 2
    assert value(metrics, f"{duration}_sum", **at) == 45.003
    assert value(metrics, "mockwb_request_size_bytes_bucket", le="256.0", **at) == 1
    assert value(metrics, "mockwb_request_size_bytes_sum", **at) == 5100
    assert value(metrics, "mockwb_response_bytes_total", **at) == 15


def test_given_ingested_rows_then_new_resent_changed_and_gaps_are_counted_apart() -> None:
    metrics = metrics_of()
    gaps = [("wandb-history.jsonl", 3, 5), ("output.log", 0, 1)]
    brought = Ingested(rows=3, rows_resent=2, rows_changed=1, values=30, lines=4, gaps=gaps)
    metrics.saw(streamed(ingested=brought, bytes_in=500))
    metrics.saw(refused(bytes_in=9000))
    counted = {
        name: value(metrics, f"mockwb_{name}_total", project="team/proj")
        for name in (
            *("ingested_rows", "ingested_values", "ingested_bytes", "ingested_lines"),
            *("resent_rows", "changed_rows", "gaps"),
        )
    }
    assert counted == {
        "ingested_rows": 3,
        "ingested_values": 30,
        "ingested_bytes": 500,
        "ingested_lines": 4,
        "resent_rows": 2,
        "changed_rows": 1,
        "gaps": 2,
    }


def test_given_window_usage_at_scrape_then_requests_and_bytes_have_families_of_their_own() -> None:
    usage = [
        WindowUsage("project", "team/proj", "requests", 60, 60.0, 45),
        WindowUsage("project", "team/proj", "requests", 1000, 3600.0, 45),
        WindowUsage("project", "team/proj", "bytes", 10_000, 60.0, 12_000),
        WindowUsage("project", "team/unheard", "requests", 60, 60.0, 1),
    ]
    metrics = metrics_of(usage=usage)
    metrics.saw(streamed())
    minute = {"project": "team/proj", "window": "1m"}
    hour = {"project": "team/proj", "window": "1h"}
    read = samples(metrics)
    assert read["mockwb_limit_requests"] == [(minute, 60), (hour, 1000)]
    assert read["mockwb_limit_used_requests"] == [(minute, 45), (hour, 45)]
    assert read["mockwb_limit_remaining_requests"] == [(minute, 15), (hour, 955)]
    assert read["mockwb_limit_bytes"] == [(minute, 10_000)]
    assert read["mockwb_limit_used_bytes"] == [(minute, 12_000)]
    assert read["mockwb_limit_remaining_bytes"] == [(minute, 0)]


def test_given_other_limits_of_a_project_then_each_has_families_in_base_units() -> None:
    usage = [
        WindowUsage("project", "team/proj", "run_creations", 10, 60.0, 4),
        WindowUsage("project", "team/proj", "query_time", 30_000, 60.0, 12_345),
        WindowUsage("project", "team/proj", "storage_requests", 20, 60.0, 20),
        WindowUsage("project", "team/proj", "storage_bytes", 5_000_000, 60.0, 1_000_000),
    ]
    metrics = metrics_of(usage=usage)
    metrics.saw(streamed())
    read = samples(metrics)
    figures = {
        suffix: tuple(
            read[f"mockwb_limit_{part}{suffix}"][0][1] for part in ("", "used_", "remaining_")
        )
        for suffix in ("run_creations", "query_seconds", "storage_requests", "storage_bytes")
    }
    assert figures == {
        "run_creations": (10, 4, 6),
        "query_seconds": (30, 12.345, 17.655),
        "storage_requests": (20, 20, 0),
        "storage_bytes": (5_000_000, 1_000_000, 4_000_000),
    }


def test_given_windows_of_one_length_and_two_kinds_then_the_tightest_has_the_series() -> None:
    usage = [
        WindowUsage("project", "team/proj", "requests", 100, 60.0, 95, kind="rolling"),
        WindowUsage("project", "team/proj", "requests", 60, 60.0, 58, kind="fixed"),
        WindowUsage("project", "team/proj", "requests", 60, 60.0, 20, kind="token_bucket"),
    ]
    metrics = metrics_of(usage=usage)
    metrics.saw(streamed())
    minute = {"project": "team/proj", "window": "1m"}
    assert samples(metrics)["mockwb_limit_remaining_requests"] == [(minute, 2)]


def test_given_windows_of_users_addresses_and_runs_then_they_have_no_series() -> None:
    usage = [WindowUsage(scope, "team/proj", "requests", 60, 60.0, 1) for scope in ("user", "ip")]
    metrics = metrics_of(usage=[*usage, WindowUsage("run", "team/proj", "requests", 60, 60.0, 1)])
    metrics.saw(streamed())
    assert not [name for name in samples(metrics) if name.startswith("mockwb_limit")]


def test_given_run_states_then_each_state_is_a_gauge_until_the_next_are_noted() -> None:
    metrics = metrics_of()
    metrics.note_run_states({"running": 3, "failed": 1})
    assert samples(metrics)["mockwb_runs"] == [({"state": "running"}, 3), ({"state": "failed"}, 1)]
    metrics.note_run_states({"running": 1})
    assert samples(metrics)["mockwb_runs"] == [({"state": "running"}, 1)]


def test_given_graphql_operations_without_end_then_labels_are_bounded() -> None:
    metrics = metrics_of()
    for number in range(1000):
        metrics.saw(asked(f"Operation{number}"))
    metrics.saw(asked(None))
    metrics.saw(asked(None, surface=Surface.STORAGE))
    counts = [
        (own["operation"], n) for own, n in samples(metrics)["mockwb_graphql_operations_total"]
    ]
    assert len(counts) == 202
    assert dict(counts)["Operation0"] == 1
    assert dict(counts)["other"] == 800
    assert dict(counts)[""] == 1


def test_given_a_project_name_with_quotes_and_line_breaks_then_a_scraper_reads_it_back() -> None:
    metrics = metrics_of()
    metrics.saw(streamed(project='a"b\\c\nd é'))
    ((labels, _),) = samples(metrics)["mockwb_requests_total"]
    assert labels["project"] == 'team/a"b\\c\nd é'


def test_given_two_servers_in_one_process_then_their_counts_stay_apart() -> None:
    first, second = metrics_of(), metrics_of()
    first.saw(streamed())
    assert "mockwb_requests_total" in samples(first)
    assert "mockwb_requests_total" not in samples(second)


def test_given_a_scraper_that_prefers_openmetrics_then_it_gets_it() -> None:
    body, content_type = metrics_of().render("application/openmetrics-text;version=1.0.0")
    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert body.endswith(b"# EOF\n")
    assert metrics_of().render("*/*")[1].startswith("text/plain; version=0.0.4")


def test_given_any_scrape_then_process_and_build_are_told_and_no_created_series() -> None:
    metrics = metrics_of()
    metrics.saw(streamed())
    read = samples(metrics)
    assert {"process_cpu_seconds_total", "python_info", "mockwb_build_info"} <= set(read)
    text = metrics.render("application/openmetrics-text")[0].decode()
    assert "_created" not in text


def test_given_findings_of_guidance_then_they_are_shown_by_range_and_project() -> None:
    found = [("value_size", "team/a", 2), ("value_size", "team/b", 3), ("api", None, 1)]
    metrics = Metrics(1, list, lambda: [*found, ("value_size", "team/c", 4)])
    assert samples(metrics)["mockwb_guidance_findings"] == [
        ({"range": "value_size", "project": "team/a"}, 2),
        ({"range": "value_size", "project": "other"}, 7),
        ({"range": "api", "project": ""}, 1),
    ]
