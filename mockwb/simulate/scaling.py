"""The same scenario with more or fewer clients. Called by `sweep`."""

import msgspec

from mockwb.scenario.errors import StartError
from mockwb.scenario.model import Scenario


def scaled(scenario: Scenario, clients: int) -> Scenario:
    """`scenario` with so many clients in all, every workload with its share, and at least one.

    StartError if a workload cannot have that many.
    """
    counts = _shares([workload.count for workload in scenario.workloads], clients)
    workloads = []
    for workload, count in zip(scenario.workloads, counts, strict=True):
        try:
            workloads.append(msgspec.structs.replace(workload, count=count))
        except ValueError as error:
            raise StartError(f"workload {workload.name} with {count:,} clients: {error}") from error
    return msgspec.structs.replace(scenario, workloads=workloads)


def _shares(counts: list[int], total: int) -> list[int]:
    """`total` in the proportions of `counts`; what rounding leaves goes to the largest."""
    if total < len(counts):
        raise StartError(f"{total:,} clients are too few for {len(counts):,} workloads")
    shares = [max(1, total * count // sum(counts)) for count in counts]
    shares[shares.index(max(shares))] += total - sum(shares)
    return shares
