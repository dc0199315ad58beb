"""The limits in force, and every way to change them while the server runs."""

from mockwb.limits.limiter import Limiter


class LiveLimits:
    """Owns what is configured now: a plan's name, and the rules that the limiter enforces."""

    def __init__(self, limiter: Limiter, plan: str) -> None:
        """Start with what `limiter` enforces, which `plan` gave."""
        self.limiter = limiter
        self.plan = plan
        """Name of the plan that was taken last; single limits may have changed since."""
