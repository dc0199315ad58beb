"""Trains 40 steps, dies after 24 of them without a word, and is started again.

`resume-after-crash.yaml` runs copies of this. Each is a launcher, which starts the training once
more when it dies, as a scheduler restarts a job.
"""

import os
import signal
import subprocess
import sys
import time

import wandb

STEPS, DIES_AFTER = 40, 24
TRAIN = "train"


def train() -> None:
    """Log the steps that the server does not have yet; die on the way the first time."""
    copy = os.environ["MOCKWB_INDEX"]
    settings = wandb.Settings(x_file_stream_transmit_interval=2, console="off")
    with wandb.init(id=f"resumed-{copy}", resume="allow", settings=settings) as run:
        print(f"from step {run.step}", flush=True)
        for step in range(run.step, STEPS):
            run.log({"loss": 1 / (step + 1)}, step=step)
            time.sleep(0.25)  # noqa: TID251 -- training takes real time
            if not run.resumed and step + 1 == DIES_AFTER:
                os.killpg(0, signal.SIGKILL)  # with the SDK's own process


def main() -> int:
    """The launcher: train, and once more if that dies."""
    for _ in range(2):
        code = subprocess.call([sys.executable, __file__, TRAIN], start_new_session=True)
        if code != -signal.SIGKILL:
            return code
    return 1


if __name__ == "__main__":
    sys.exit(train() if sys.argv[1:] == [TRAIN] else main())
