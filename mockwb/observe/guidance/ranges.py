"""All ranges of W&B's guidance: the one list of them."""

from mockwb.observe.guidance import (
    api_pace,
    config_size,
    files_per_run,
    log_rates,
    log_sizes,
    metric_cardinality,
    runs_per_project,
    steps_per_run,
)

RANGES = (
    runs_per_project.RANGE,
    steps_per_run.RANGE,
    metric_cardinality.RANGE,
    log_rates.ROWS,
    log_rates.VALUES,
    log_rates.VIDEO,
    log_sizes.VALUE,
    log_sizes.CALL,
    config_size.RANGE,
    files_per_run.RANGE,
    api_pace.RANGE,
)
"""In the order in which findings are told."""
