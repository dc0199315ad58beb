"""What a window that replaces others counts from the start, when limits change while they serve."""

from collections.abc import Sequence

from mockwb.limits.windows.rolling import RollingWindow
from mockwb.limits.windows.window import Window


def carry_over(window: Window, predecessors: Sequence[Window], now: float) -> None:
    """Charge the new `window` with what counted before it came, as far as its length reaches.

    `predecessors` are the windows of the same key and limit until now. Nothing that any of them
    still knows of is lost, and nothing is counted twice.
    """
    rolling = [old for old in predecessors if isinstance(old, RollingWindow)]
    donors: list[Window] = [old for old in predecessors if not isinstance(old, RollingWindow)]
    if rolling:
        # All saw the same requests: the longest remembers what the others do, and more.
        longest = max(rolling, key=lambda old: old.length)
        if not donors and isinstance(window, RollingWindow):
            window.adopt(longest, now)
            return
        donors.append(longest)
    for at, cost in _together(donors, now):
        window.charge(at, cost)
    window.expire(now)


def _together(windows: Sequence[Window], now: float) -> list[tuple[float, int]]:
    """One history, oldest first: since any instant as much as the window that knows most.

    Each window tells of the same requests, some of fewer, some of later instants.
    """
    if len(windows) == 1:
        return list(windows[0].history(now))
    events = [
        (at, cost, number)
        for number, window in enumerate(windows)
        for at, cost in window.history(now)
    ]
    events.sort(reverse=True)
    sums = [0] * len(windows)
    known = 0
    together = []
    for at, cost, number in events:
        sums[number] += cost
        if sums[number] > known:
            together.append((at, sums[number] - known))
            known = sums[number]
    together.reverse()
    return together
