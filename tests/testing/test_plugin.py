"""The pytest plugin in test runs of its own, with a plain HTTP client in the SDK's place."""

import tomllib
from importlib import import_module

import pytest

from tests.testing.suite import ROOT, Suite

pytest_plugins = ["pytester"]

CLIENT = '''
import base64, json, os, urllib.request

QUERY = """mutation UpsertBucket($entity: String, $project: String, $name: String) {
  upsertBucket(input: {entityName: $entity, modelName: $project, name: $name}) { inserted } }"""

def post(path, body):
    key = base64.b64encode(f"api:{os.environ['WANDB_API_KEY']}".encode()).decode()
    headers = {"Authorization": f"Basic {key}", "Content-Type": "application/json"}
    url = os.environ["WANDB_BASE_URL"] + path
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request) as response:
        return json.load(response)

def train(losses, run="r1"):
    entity, project = os.environ["WANDB_ENTITY"], os.environ["WANDB_PROJECT"]
    variables = {"entity": entity, "project": project, "name": run}
    post("/graphql", {"query": QUERY, "variables": variables})
    lines = [json.dumps({"_step": step, "loss": loss}) for step, loss in enumerate(losses)]
    files = {"wandb-history.jsonl": {"offset": 0, "content": lines}}
    body = {"files": files, "complete": True, "exitcode": 0}
    post(f"/files/{entity}/{project}/{run}/file_stream", body)
'''


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    return Suite(pytester, monkeypatch, client=CLIENT)


def test_given_the_metadata_then_pytest_finds_the_plugin() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    plugin = import_module(project["entry-points"]["pytest11"]["mockwb"])
    assert hasattr(plugin, "pytest_configure")


def test_given_tests_that_log_then_each_sees_only_its_own_runs_on_one_server(
    suite: Suite,
) -> None:
    result = suite.run("""
        import pytest
        from client import train

        seen = []

        @pytest.mark.parametrize("loss", [1, 2], ids=["a/b", "c d"])
        def test_logs(mockwb, mockwb_server, loss):
            assert mockwb.runs == mockwb.requests == []
            train([loss, loss + 1])
            mockwb.assert_logged("r1", {"loss": [loss, loss + 1]})
            mockwb.assert_nothing_lost()
            assert mockwb.run().user == mockwb.entity
            assert mockwb.server is mockwb_server
            seen.append((mockwb.url, mockwb.entity, mockwb.api_key, mockwb.project))

        @pytest.mark.mockwb(guidance={"config_size": "10MB"})
        def test_guidance(mockwb):
            train([1])
            mockwb.assert_no_guidance_findings()

        def test_afterwards(mockwb_server):
            assert len(mockwb_server.runs) == 2
            (url, *first), (same_url, *second) = seen
            assert url == same_url == mockwb_server.url
            assert set(first).isdisjoint(second)
            assert first[2] == "test_logs-a-b"
    """)
    result.assert_outcomes(passed=4)


def test_given_faults_by_chance_then_a_rerun_of_the_tests_meets_the_same(suite: Suite) -> None:
    tests = """
        import secrets
        import pytest
        from urllib.error import HTTPError
        from client import train

        FAULT = {"when": {"probability": 0.5}, "what": {"kind": "status", "status": 503}}

        def met(mockwb):
            for _ in range(20):
                try:
                    train([1.0], run=secrets.token_hex(4))
                except HTTPError:
                    pass
            print("met", [request.status for request in mockwb.requests])

        @pytest.mark.mockwb(faults=[FAULT])
        def test_on_a_server_of_its_own(mockwb):
            met(mockwb)

        def test_on_the_one_of_all(mockwb):
            mockwb.faults.add("status", status=503, when={"probability": 0.5})
            met(mockwb)
    """
    results = [suite.run(tests, "-s") for _ in range(2)]
    first, second = ([line for line in result.outlines if "met [" in line] for result in results)
    assert first == second
    assert ["503" in line and "200" in line for line in first] == [True, True]


def test_given_a_failing_assertion_then_the_report_shows_run_key_step_and_values(
    suite: Suite,
) -> None:
    result = suite.run("""
        from client import train

        def test_logs(mockwb):
            train([1.0, 0.5])
            mockwb.assert_logged("r1", {"loss": 0.25})
    """)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            ">*mockwb.assert_logged*",
            "E*AssertionError: run user-*/test_logs/r1 did not log what was expected",
            "E*key 'loss', step 1: expected 0.25, found 0.5 (the last of 2)",
            "test_theirs.py:5: AssertionError",
        ]
    )


def test_given_the_marker_then_the_test_has_a_server_with_these_settings(suite: Suite) -> None:
    result = suite.run("""
        import pytest
        from urllib.error import HTTPError
        from client import train

        @pytest.mark.mockwb(limits={"project": {"requests": "1/1h"}})
        def test_refuses(mockwb):
            train([1])
            with pytest.raises(HTTPError, match="429"):
                train([1, 2])
            with pytest.raises(AssertionError, match="answered 429 by the limit project.requests"):
                mockwb.assert_nothing_lost()
            mockwb.clock.advance("1h")
            train([1, 2])
            mockwb.assert_nothing_lost()

        @pytest.mark.mockwb(plan="tight")
        class TestInAClass:
            def test_plan(self, mockwb):
                assert mockwb.limits.rules["project"]["requests"] != "unlimited"

        @pytest.mark.mockwb("tight")
        def test_wrong_marker(mockwb):
            pass

        @pytest.mark.mockwb(plam="tight")
        def test_wrong_setting(mockwb):
            pass
    """)
    result.assert_outcomes(passed=2, errors=2)
    result.stdout.fnmatch_lines(["*the marker mockwb takes keywords*", "*unknown*plam*"])


def test_given_limits_and_faults_of_a_test_then_the_next_one_finds_all_as_it_was(
    suite: Suite,
) -> None:
    result = suite.run("""
        import pytest
        from client import train

        @pytest.mark.parametrize("round", [1, 2])
        def test_limits(mockwb, round):
            assert list(mockwb.limits.usage()) == []
            train([1])
            mockwb.limits.set(user={"requests": "5/1m"})
            train([1], "r2")
            assert [usage.scope for usage in mockwb.limits.usage()] == ["user"]
            mockwb.limits.freeze()
            assert mockwb.faults.acted == {}
            mockwb.faults.add("status", status=500)
    """)
    result.assert_outcomes(passed=2)


def test_given_the_fixture_then_the_environment_is_patched_and_restored(
    suite: Suite, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = {
        "WANDB_MODE": "offline",
        "WANDB_RUN_ID": "x",
        "WANDB_SILENT": "true",
        "WANDB_DIR": "d",
    }
    for name, value in theirs.items():
        monkeypatch.setenv(name, value)
    result = suite.run("""
        import os
        from pathlib import Path

        def wandb_variables():
            return {name: text for name, text in os.environ.items() if name.startswith("WANDB_")}

        BEFORE = wandb_variables()

        def test_patched(mockwb, tmp_path):
            now = wandb_variables()
            assert now.items() >= mockwb.env.items()
            assert now["WANDB_MODE"] == "online" and now["WANDB_SILENT"] == "true"
            assert "WANDB_RUN_ID" not in now
            for name in ("DIR", "CACHE_DIR", "CONFIG_DIR", "DATA_DIR", "ARTIFACT_DIR"):
                folder = Path(now[f"WANDB_{name}"])
                assert folder.is_dir() and folder.is_relative_to(tmp_path.parent)
            assert list(tmp_path.iterdir()) == []
            os.environ["WANDB_NOTES"] = "set by the test"

        def test_restored():
            assert wandb_variables() == BEFORE
            assert BEFORE["WANDB_RUN_ID"] == "x"
    """)
    result.assert_outcomes(passed=2)


def test_given_a_test_without_the_fixture_then_neither_server_nor_sdk_is_imported(
    suite: Suite,
) -> None:
    result = suite.run("""
        import sys

        def test_nothing():
            assert sys.modules.keys().isdisjoint({"aiohttp", "graphql", "msgspec", "wandb"})

        def test_with_fixture(mockwb):
            assert "aiohttp" in sys.modules and "wandb" not in sys.modules
    """)
    result.assert_outcomes(passed=2)


def test_given_xdist_then_each_process_has_a_server(suite: Suite) -> None:
    result = suite.run(
        """
        import os
        from pathlib import Path
        import pytest
        from client import train

        @pytest.mark.parametrize("number", range(6))
        def test_logs(mockwb, number, tmp_path):
            train([number])
            mockwb.assert_logged("r1", {"loss": number})
            mockwb.assert_nothing_lost()
            assert len(mockwb.runs) == 1
        """,
        "-p",
        "xdist",
        "-n2",
    )
    result.assert_outcomes(passed=6)
