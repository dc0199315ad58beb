"""The steps of run.finish(), in the order the SDK takes them."""

from enum import Enum


class FinishStage(Enum):
    """What finish() does next; each stage begins when the one before is through."""

    NOT_ASKED = "not asked"
    CONFIG = "config"
    """UpsertBucket with the config, after one that may be under way."""
    FILES = "files"
    """CreateRunFiles for all that is left."""
    UPLOADS = "uploads"
    """Waiting for uploads to end."""
    STREAM = "stream"
    """Waiting for the rest of the file stream and its finish mark."""
    DONE = "done"
