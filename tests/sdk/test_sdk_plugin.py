"""The pytest plugin and `MockServer` with the real SDK, in the test's own process and in others."""

import os
import subprocess
from pathlib import Path

import pytest

from tests.sdk.environments import install
from tests.test_readme import EXAMPLE, TRAIN
from tests.testing.suite import ROOT, Suite

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.sdk


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Suite:
    return Suite(pytester, monkeypatch)


def test_given_runs_of_the_sdk_then_tests_see_all_of_them_and_begin_anew(suite: Suite) -> None:
    result = suite.run("""
        import math
        import os
        import pytest
        import wandb

        folders = []

        def test_everything(mockwb):
            config = {"lr": 0.1, "net": {"depth": 3}}
            with wandb.init(name="bold", config=config, tags=["a"]) as run:
                for step in range(4):
                    run.log({"loss": 1 / (step + 1), "val": {"acc": step}, "bad": math.nan})
                run.log({"last": True})
                print("hello from the run")
                with open("notes.txt", "w") as file:
                    file.write("noted")
                run.save("notes.txt")
            seen = mockwb.run(run)
            assert (seen.path, seen.name, seen.tags) == (run.path, "bold", ["a"])
            assert (seen.entity, seen.project) == (mockwb.entity, "test_everything")
            assert (seen.state, seen.exit_code) == ("finished", 0)
            assert seen.config == {"lr": 0.1, "net": {"depth": 3}}
            assert [row["_step"] for row in seen.history] == [0, 1, 2, 3, 4]
            assert seen.summary["loss"] == 0.25 and seen.summary["last"] is True
            assert seen.files["notes.txt"] == b"noted"
            assert seen.files.sizes["notes.txt"] == 5
            assert "hello from the run" in seen.output
            mockwb.assert_logged(run, {
                "loss": [1, 0.5, pytest.approx(1 / 3), ...],
                "val.acc": {0: 0, 3: 3},
                "bad": [math.nan] * 4,
                "last": True,
            })
            mockwb.assert_nothing_lost()
            assert {request.operation for request in mockwb.requests} > {"UpsertBucket"}
            with pytest.raises(AssertionError, match=r"step 3: expected 0.5, found 0.25"):
                mockwb.assert_logged(run, {"loss": 0.5})
            folders.append((os.environ["WANDB_DIR"], run.dir))

        @pytest.mark.parametrize("round", [1, 2])
        def test_left_open(mockwb, mockwb_server, round):
            assert mockwb.runs == []
            if round == 2:  # what the former test left open was finished
                assert [run.state for run in mockwb_server.runs] == ["finished", "finished"]
            run = wandb.init()
            assert run.entity == mockwb.entity
            run.log({"loss": round})
            with pytest.raises(AssertionError, match="running; it has not ended"):
                mockwb.assert_nothing_lost()
            mockwb.clock.advance("10m")
            assert mockwb.run(run).state == "crashed"
            with pytest.raises(AssertionError, match="crashed"):
                mockwb.assert_nothing_lost()

        def test_several_at_once_and_read_back(mockwb):
            first, second = (wandb.init(reinit="create_new") for _ in range(2))
            for loss, run in enumerate((first, second)):
                run.log({"loss": loss})
                run.finish()
            assert len(mockwb.runs) == 2
            mockwb.assert_logged(second, {"loss": [1]})
            mockwb.assert_nothing_lost()
            read = wandb.Api().run(second.path)
            assert [row["loss"] for row in read.scan_history()] == [1]

        def test_folders():
            assert wandb.run is None
            for folder, run_dir in folders:
                assert run_dir.startswith(folder)
    """)
    result.assert_outcomes(passed=5)


def test_given_limits_and_faults_then_refusals_show_and_nothing_is_lost(suite: Suite) -> None:
    result = suite.run("""
        import os
        import subprocess
        import sys
        import pytest
        import wandb
        from mockwb.testing import MockServer, assert_nothing_lost

        @pytest.mark.mockwb(limits={"project": {"requests": "1/4s"}})
        def test_refused(mockwb):
            with wandb.init() as run:
                run.log({"loss": 1})
            refused = [request for request in mockwb.requests if request.status == 429]
            assert {request.refused_by for request in refused} == {"project.requests"}
            assert [usage.used for usage in mockwb.limits.usage("project")] == [1]
            mockwb.assert_logged(run, {"loss": [1]})
            mockwb.assert_nothing_lost()

        @pytest.mark.mockwb(auth={"keys": [{"key": "k" * 40, "user": "ada"}]})
        def test_known_keys(mockwb):
            with wandb.init() as run:
                assert run.entity == "ada"
            assert mockwb.run().user == "ada"
            with pytest.raises(wandb.errors.Error):
                wandb.Api(api_key="x" * 40).viewer

        @pytest.mark.mockwb(guidance={"metrics_per_project": 3})
        def test_guidance(mockwb):
            with wandb.init() as run:
                run.log({"a": 1, "b": {"c": 1, "d": 2}})
                run.log({"e": 1})
            with pytest.raises(AssertionError, match="metrics_per_project: 4 metrics"):
                mockwb.assert_no_guidance_findings()

        def test_faults(mockwb):
            name = mockwb.faults.add(
                "status", status=502, match={"endpoint": "file_stream"}, when={"first": 1}
            )
            with wandb.init() as run:
                run.log({"loss": 1})
            assert mockwb.faults.acted == {name: 1}
            mockwb.assert_logged(run, {"loss": [1]})
            mockwb.assert_nothing_lost()

        def test_left_open_in_an_outage(mockwb):
            wandb.init().log({"loss": 1})
            mockwb.limits.freeze()
            mockwb.faults.take_profile("outage")

        def test_finished_all_the_same(mockwb_server):
            assert mockwb_server.runs[-1].state == "finished"
            assert [row["loss"] for row in mockwb_server.runs[-1].history] == [1]

        def test_killed_process(mockwb):
            script = "import os, wandb; run = wandb.init(); run.log({'a': 1}); os._exit(1)"
            subprocess.run([sys.executable, "-c", script], env=os.environ)
            (run,) = mockwb.runs
            if run.state == "running":
                mockwb.clock.advance("10m")
            with pytest.raises(AssertionError, match=f"run {run.path}: crashed"):
                mockwb.assert_nothing_lost()
    """)
    result.assert_outcomes(passed=7)


@pytest.mark.slow
def test_given_a_fresh_environment_with_mockwb_wandb_and_pytest_then_the_readmes_example_passes(
    tmp_path: Path,
) -> None:
    constraints = str(ROOT / ".ci" / "constraints.txt")
    wanted = ["--constraint", constraints, f"{ROOT}[sdk]", "pytest"]
    python = install(tmp_path / "environment", wanted)
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / "train.py").write_text(TRAIN)
    (folder / "test_training.py").write_text(EXAMPLE)
    done = subprocess.run(
        [str(python), "-m", "pytest", "--strict-markers", "-W", "error"],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "HOME": str(folder)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "5 passed" in done.stdout
