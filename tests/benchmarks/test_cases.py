import json
from itertools import islice

import pytest

from tests.benchmarks.cases import CASES, Bodies, Case, requests_of


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_given_a_case_then_each_request_goes_on_where_the_last_one_ended(case: Case) -> None:
    requests = requests_of("/files/e/p/r/file_stream", "host", "Basic x", Bodies(case))
    next_line = 0
    for request in islice(requests, 3):
        head, _, body = request.partition(b"\r\n\r\n")
        assert head.startswith(b"POST /files/e/p/r/file_stream HTTP/1.1\r\n")
        assert b"Content-Length: %d\r\n" % len(body) in head
        files = json.loads(body).get("files", {})
        if not case.rows:
            assert body == b"{}"
            continue
        history = files["wandb-history.jsonl"]
        rows = [json.loads(line) for line in history["content"]]
        assert history["offset"] == next_line
        assert [row["_step"] for row in rows] == list(range(next_line, next_line + case.rows))
        assert {len(row) for row in rows} == {case.metrics + 3}
        next_line += case.rows
        (summary,) = map(json.loads, files["wandb-summary.json"]["content"])
        assert summary["_step"] == next_line - 1
