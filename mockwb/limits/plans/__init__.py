"""Ready-made limits, in the words of the server's configuration."""

from mockwb.ready_made import ReadyMade


class UnknownPlanError(LookupError):
    """No plan of that name comes with mockwb; the message says which is meant, or which do."""


_PLANS = ReadyMade(__name__, "plan", UnknownPlanError)

plan_names = _PLANS.names
plan_text = _PLANS.text
plan_summary = _PLANS.summary
