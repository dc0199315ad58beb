"""Files that a script hands over while its run goes on: batched, uploaded, told, counted."""

import json
import math
from collections import Counter
from random import Random

from mockwb.sdkmodel.checkpoint_files import CheckpointFiles, Together
from mockwb.sdkmodel.handed_files import FileSource, HandedFile
from mockwb.sdkmodel.logging_shape import Media, Pace, Shape
from mockwb.sdkmodel.operations import RunName
from mockwb.sdkmodel.requests import Bytes
from mockwb.sdkmodel.run import VirtualRun
from mockwb.sdkmodel.settings import QUIET, SdkSettings
from mockwb.sdkmodel.shaped_lines import MediaFiles, ShapedLines
from tests.sdkmodel.timeline import Answer, Answering, Sent, Timeline

SHAPE = Shape({"metrics": 1, "images": {"count": 1, "every": 10, "size": 300}})


def lines_of(rows: int = 30) -> ShapedLines:
    return ShapedLines(SHAPE, Pace(1.0), count=rows)


def saved(lines: ShapedLines, *, overwrite: bool = False, every: int = 4) -> CheckpointFiles:
    return CheckpointFiles(lines, count=2, size=70_000, every=every, overwrite=overwrite, client=3)


def live(
    lines: ShapedLines,
    files: FileSource,
    answering: Answering = lambda sent, number: None,
    finish_at: float = 29.0,
    settings: SdkSettings = QUIET,
) -> tuple[VirtualRun, Timeline]:
    run = VirtualRun(
        RunName("team", "p", "r1"),
        api_key="k" * 40,
        settings=settings,
        random=Random(7),
        rows=lines,
        files=files,
    )
    time = Timeline(run, answering).advance_to(finish_at)
    run.finish(finish_at)
    return run, time.advance_to(10_000)


def asked(time: Timeline) -> list[list[str]]:
    return [sent.json["variables"]["files"] for sent in time.of("CreateRunFiles")]


def test_files_gather_for_five_seconds_from_the_first_of_a_batch() -> None:
    lines = lines_of()
    _, time = live(lines, saved(lines, every=3), finish_at=28.5)
    assert time.times("CreateRunFiles") == [5, 11, 17, 23, 28.5]
    names = [[name.removeprefix("checkpoints/") for name in batch] for batch in asked(time)]
    assert names[0] == [f"step_{row}_{part}.ckpt" for row in (0, 3) for part in (0, 1)]
    assert names[-1][-2:] == ["wandb-summary.json", "config.yaml"]
    assert sum(len(batch) for batch in names) == 2 * 10 + 2


def test_what_is_uploaded_is_told_with_the_stream_and_has_its_size_and_content() -> None:
    lines = lines_of()
    run, time = live(lines, saved(lines))
    told = [name for sent in time.of("file_stream") for name in sent.json.get("uploaded", [])]
    names = [name for batch in asked(time) for name in batch]
    assert sorted(told) == sorted(names)
    bodies = [time.of(name)[0].body for name in names if name.endswith(".ckpt")]
    assert {len(body) for body in bodies} == {70_000}
    assert len(set(bodies)) > 8
    assert (run.tally.files_handed, run.tally.file_bytes) == (16, 16 * 70_000)
    assert run.tally.upload_seconds[:4] == [5.0, 5.0, 1.0, 1.0]


def test_a_file_of_the_same_name_is_uploaded_once_per_batch() -> None:
    lines = lines_of()
    run, time = live(lines, saved(lines, overwrite=True, every=3))
    assert len(time.of("checkpoints/latest_0.ckpt")) == 5
    assert run.tally.files_handed == len(run.tally.upload_seconds) == 10


def test_a_file_that_takes_the_place_of_one_of_the_run_s_own_counts_as_handed_over() -> None:
    class Requirements:
        def __init__(self) -> None:
            self.files = [HandedFile("requirements.txt", Bytes(b"package==1"))]

        def next_at(self) -> float:
            return 1.0 if self.files else math.inf

        def take(self, now: float) -> list[HandedFile]:
            taken, self.files = self.files, []
            return taken

    run, time = live(lines_of(), Requirements(), settings=SdkSettings())
    assert [len(sent.body) for sent in time.of("requirements.txt")] == [10]
    assert (run.tally.files_handed, len(run.tally.upload_seconds)) == (1, 1)


def test_given_refusals_then_an_upload_takes_as_long_as_its_retries() -> None:
    def refusing(sent: Sent, number: int) -> Answer | None:
        refused = sent.name == "checkpoints/step_0_0.ckpt" and number <= 2
        return Answer(429, headers={"Retry-After": "3"}) if refused else None

    lines = lines_of()
    run, time = live(lines, saved(lines, every=40), refusing)
    assert time.times("checkpoints/step_0_0.ckpt") == [5, 8, 11]
    assert run.tally.upload_seconds == [5.0, 11.0]


def test_no_more_than_128_uploads_are_under_way_at_once() -> None:
    def slowly(sent: Sent, number: int) -> Answer | None:
        return Answer(after=3.0) if sent.name.startswith("checkpoints/") else None

    lines = lines_of()
    many = CheckpointFiles(lines, count=300, size=10, every=100, overwrite=False, client=0)
    run, time = live(lines, many, slowly)
    begun = Counter(round(sent.at) for sent in time.sent if sent.name.startswith("checkpoints/"))
    assert begun == {5: 128, 8: 128, 11: 44}
    assert len(run.tally.upload_seconds) == 300


def test_given_a_final_refusal_then_a_file_is_lost_and_the_run_goes_on() -> None:
    def refusing(sent: Sent, number: int) -> Answer | None:
        return Answer(403) if sent.name.endswith("_0.ckpt") else None

    lines = lines_of()
    run, time = live(lines, saved(lines), refusing)
    assert (run.tally.files_handed, len(run.tally.upload_seconds)) == (16, 8)
    assert run.error is None
    assert time.sent[-1].json["complete"] is True


def test_media_are_uploaded_under_the_paths_that_their_rows_tell() -> None:
    lines = lines_of()
    _, time = live(lines, Together(MediaFiles(lines), saved(lines, every=100)))
    media = [sent for sent in time.sent if sent.name.startswith("media/")]
    rows = [
        json.loads(line)
        for sent in time.of("file_stream")
        for line in sent.json.get("files", {}).get("wandb-history.jsonl", {}).get("content", [])
    ]
    assert [sent.name for sent in media] == [r["image_0"]["path"] for r in rows if "image_0" in r]
    assert [sent.body for sent in media] == [
        b"".join(Media("image", 300, variant).chunks()) for variant in (0, 1, 2)
    ]
    assert time.of("checkpoints/step_0_1.ckpt")
