import json
import re
from dataclasses import replace

import msgspec
import pytest

from mockwb.account import Delivery
from mockwb.scenario.account_reader import Window
from mockwb.scenario.content_check import ContentCheck
from mockwb.scenario.reports.folder import write_folder
from mockwb.scenario.reports.html_page import html_page
from tests.scenario.accounts import client
from tests.scenario.reports.browser import rendered
from tests.scenario.reports.samples import reported, run


def near(points):
    """Coordinates are written with two digits: that much of the chart they may be off."""
    return [pytest.approx(point, abs=0.02, rel=0.002) for point in points]


def test_in_a_browser_the_charts_hold_the_data_of_the_report(tmp_path):
    write_folder(tmp_path, reported(run(throttled_seconds=1.75)))
    page = rendered(tmp_path / "report.html", tmp_path / "profile")
    report = json.loads((tmp_path / "report.json").read_text())
    series = report["series"]
    at = [sample["at"] for sample in series]

    def over_time(values):
        return near([(t, v) for t, v in zip(at, values, strict=True) if v is not None])

    def rates(*statuses):
        """Of these together: the charts of rates are stacked."""
        return over_time(
            [sum(s["requests"].get(n, 0) for n in statuses) / s["seconds"] for s in series]
        )

    assert page.curves["requests"] == {
        "2xx": rates("200"),
        "429": rates("200", "429"),
        "5xx": rates("200", "429", "503"),
        "other": rates("200", "429", "503", "404"),
    }
    assert page.curves["quota"] == {
        limit: over_time(
            [None if limit not in s["remaining"] else s["remaining"][limit] / 10 for s in series]
        )
        for limit in ("project.requests", "run.requests")
    }
    assert page.curves["rows"] == {
        name: over_time([sample[f"rows_{name}"] for sample in series])
        for name in ("sent", "stored")
    }
    assert page.curves["clients"] == {
        "active": over_time([sample["active"] for sample in series]),
        "held back": over_time([sample["waiting"] for sample in series]),
    }
    assert page.curves["waits"] == {
        name: over_time([sample["waits"][key] for sample in series])
        for name, key in (("median", "p50"), ("95th percentile", "p95"), ("worst", "max"))
    }
    assert page.curves["bytes"] == {
        "received": over_time([sample["bytes_in"] / sample["seconds"] for sample in series])
    }
    for chart, name in (("finish", "finish_quantiles"), ("totals", "wait_quantiles")):
        quantiles = report[name]["w"]
        assert page.curves[chart] == {"w": near(list(zip(quantiles, range(101), strict=True)))}
    assert page.spoken["rows"] == "Rows over time: at the end 10 were sent and 10 stored."
    assert "0:01 to 0:03\n2xx: 1.5\n429: 2.5\n5xx: 1\nother: 0.5" in page.titles["requests"]
    assert all("0:02  frozen for 1s </script>" in page.titles[c] for c in ("quota", "waits"))
    assert "0:02: frozen for 1s </script>" in page.texts


def test_the_page_needs_nothing_from_elsewhere():
    text = html_page(reported())
    assert not re.search(r"""(src|href|action)\s*=|url\(|@import|fetch\(|XMLHttp""", text)
    assert set(re.findall(r"https?://[^\s\"'<]+", text)) <= {"http://www.w3.org/2000/svg"}


def test_the_verdict_comes_first_and_tables_need_no_script():
    text = html_page(reported(run(rows_stored=9)))
    verdict = text.index("Failed: 1 of 2 thresholds does not hold", text.index("<body>"))
    assert verdict < text.index("<h2>Thresholds") < text.index('id="charts"')
    assert "<td><code>finish_seconds.max &lt; 30s</code></td>" in text
    assert '<td>team/p</td><td class="number">9 requests per 5s</td>' in text
    assert '<th scope="row">rows missing</th><td class="number">1</td>' in text


def test_what_others_wrote_stays_text():
    text = html_page(reported(run(clients=[client(error="<script>x</script>", exit_code=1)])))
    assert "&lt;script&gt;x&lt;/script&gt;" in text
    assert text.count("</script>") == 2


def test_guidance_and_runs_that_are_not_whole_are_there():
    broken = Delivery(verdict="incomplete", end_unknown=True)
    check = ContentCheck(runs=3, different=["team/p/r7"])
    text = html_page(reported(replace(run(delivery=broken), content={"w": check})))
    assert "team/p/r7</li>" in text
    assert "<td>its end: no finish mark came</td>" in text
    assert "Log less often. <small>(team/p/r2)</small>" in text


def test_limits_that_many_runs_had_are_one_row():
    window = Window(scope="run", key="", limit="requests", amount=2, window_seconds=1)
    windows = [msgspec.structs.replace(window, key=f"team/p/r{n}") for n in range(1200)]
    text = html_page(reported(replace(run(), windows=windows)))
    assert text.count("<td><code>run.requests</code></td>") == 1
    assert "1,200, such as team/p/r0" in text


def test_a_run_of_a_single_sample_has_dots_to_be_seen(tmp_path):
    short = replace(run(), series=run().series[:1])
    write_folder(tmp_path, reported(short))
    page = rendered(tmp_path / "report.html", tmp_path / "profile")
    assert page.curves["requests"]["2xx"] == near([(1.0, 4.0)])
    assert page.curves["rows"]["stored"] == near([(1.0, 4.0)])
