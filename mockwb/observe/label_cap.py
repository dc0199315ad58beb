"""A bound on label values: whatever clients invent, `/metrics` stays small. Used by `metrics`."""

OTHER = "other"
_LONGEST = 256
"""Characters; a longer name is counted under `other`, so that one line cannot bloat a scrape."""


class LabelCap:
    """The first `most` names keep a label of their own, the rest share `other`."""

    def __init__(self, most: int) -> None:
        """Allow `most` names; 0 counts everything under `other`."""
        self._most = most
        self._labels: dict[str | None, str] = {None: "", "": ""}
        self._taken = 0

    def claim(self, name: str | None) -> str:
        """The label to count `name` under, taking a free place for it; "" for no name."""
        label = self._labels.get(name)
        if label is not None:
            return label
        if name is None or self._taken >= self._most or not _presentable(name):
            return OTHER
        self._taken += 1
        self._labels[name] = name
        return name

    def has(self, name: str) -> bool:
        """Whether `name` has a label of its own."""
        return name in self._labels


def _presentable(name: str) -> bool:
    """Whether `name` may stand in an exposition: short enough, and without lone surrogates."""
    return len(name) <= _LONGEST and name.encode("utf-8", "replace").decode() == name
