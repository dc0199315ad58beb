"""What a GraphQL request costs a project's query-time budget: modelled, so that it is reproducible.

No figure is published: W&B's page says only that some SDK requests are limited by database query
time. The table is a model, made to be overridden (`limits.query_costs` in the configuration).
"""

import math
from typing import Literal

import msgspec

from mockwb.units import Duration


class OperationCost(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Time of one request."""

    base: Duration = Duration(0.005)
    """Charged before the request runs."""
    per_item: Duration = Duration(0.0002)
    """Charged afterwards for each row or item that the answer lists."""


def _ms(base: float, per_item: float) -> OperationCost:
    return OperationCost(base=Duration(base / 1000), per_item=Duration(per_item / 1000))


_WRITE = _ms(5, 0.5)
"""Changes one record and what hangs on it; items are the files that it names."""
_PAGE = _ms(10, 0.5)
"""A page of small records by an index."""
_SCAN = _ms(20, 0.1)
"""Reads a run's history; items are rows."""
_SAMPLE = _ms(40, 0.1)
"""Reads all of a run's history, to answer with a part of it."""

_MODEL: dict[str, OperationCost] = {
    # What every run's own process sends (wandb-core, and the old one in Python).
    "RunStoppedStatus": _ms(1, 0),
    # Inserts or rewrites a run with config and summary; the most frequent write of all.
    "UpsertBucket": _ms(20, 0),
    # Counts lines and fetches the last ones, besides the run.
    "RunResumeStatus": _ms(15, 0),
    "RewindRun": _ms(100, 0),
    "CreateRunFiles": _WRITE,
    "RunUploadUrls": _WRITE,
    "MarkRunFilesUploaded": _WRITE,
    "NotifyScriptableRunAlert": _WRITE,
    # Lists of the public API. A run brings its config and summary along, so each one is dear.
    "Runs": _ms(30, 2),
    "RunFiles": _PAGE,
    "RunConsoleLogPage": _PAGE,
    "RunConsoleLogTail": _PAGE,
    "DeleteRun": _ms(100, 0),
    "deleteFiles": _WRITE,
    # History.
    "HistoryPage": _SCAN,
    "RunFullHistory": _SCAN,
    "RunParquetHistory": _SCAN,
    "SampledHistoryPage": _SAMPLE,
    "RunSampledHistory": _SAMPLE,
    "RunHistoryKeys": _SAMPLE,
    # Artifacts: looked up by alias, listed, written.
    "CreateArtifact": _ms(20, 0),
    "CreateArtifactManifest": _WRITE,
    "UpdateArtifactManifest": _WRITE,
    "CreateArtifactFiles": _WRITE,
    "CommitArtifact": _ms(50, 0),
    "UseArtifact": _WRITE,
    "UpdateArtifact": _WRITE,
    "ArtifactMembershipByName": _ms(10, 0.5),
    "ArtifactMembershipFiles": _PAGE,
    "ArtifactFiles": _PAGE,
    "ArtifactFileURLsByManifestEntries": _PAGE,
    "ProjectArtifacts": _PAGE,
    "ProjectArtifactTypes": _PAGE,
    "ProjectArtifactCollections": _PAGE,
    "ArtifactTypeArtifactCollections": _PAGE,
    "RunInputArtifacts": _PAGE,
    "RunOutputArtifacts": _PAGE,
    "ArtifactUsedBy": _PAGE,
}
"""Operation -> cost, where it differs from the default.

The figures follow what such queries read and write in a relational database with the usual
indices; nobody measured W&B's. What matters is their proportion: a page of runs or of history is
worth many look-ups.
"""


class QueryCosts(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How query time is reckoned."""

    time: Literal["modelled", "measured"] = "modelled"
    """By the table, or as long as the server really took."""
    default: OperationCost = OperationCost()
    operations: dict[str, OperationCost] = {}
    """GraphQL operation name -> cost, over the built-in table."""

    def before(self, operation: str | None) -> int:
        """Whole milliseconds, at least 1, to charge before the request runs."""
        if self.time == "measured":
            return 1
        return max(1, _whole_ms(self._cost(operation).base))

    def after(self, operation: str | None, items: int, seconds: float) -> int:
        """Whole milliseconds to charge on top once it returned `items` after `seconds`."""
        if self.time == "measured":
            return max(0, _whole_ms(seconds) - 1)
        cost = self._cost(operation)
        whole = _whole_ms(cost.base + cost.per_item * items)
        return max(0, whole - self.before(operation))

    def _cost(self, operation: str | None) -> OperationCost:
        name = operation or ""
        return self.operations.get(name) or _MODEL.get(name) or self.default


def _whole_ms(seconds: float) -> int:
    """Rounded up, except for the errors of floating-point sums."""
    return math.ceil(round(seconds * 1000, 6))
