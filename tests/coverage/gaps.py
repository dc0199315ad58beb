"""What of a release of the SDK is not served as it must be."""

from mockwb.coverage.survey import Survey
from mockwb.coverage.verdicts import RUNS


def gaps(survey: Survey) -> dict[str, list[str]]:
    """Operation and place -> what is invalid, or on the runs side unanswered."""
    return {
        f"{verdict.operation} in {verdict.found_in}": verdict.errors or verdict.unanswered
        for verdict in survey.verdicts
        if not (verdict.answered if verdict.side == RUNS else verdict.valid)
    }
