"""How far the lines of one streamed file have been sent; `FileStream` has one per file."""

from mockwb.sdkmodel.lines import Chunk, LineSource


class LineCursor:
    """A source of lines, and how far it has been sent."""

    __slots__ = ("offset", "sent", "source")

    def __init__(self, source: LineSource) -> None:
        self.source = source
        self.sent = 0
        self.offset = 0
        """Lines that the server had from earlier."""

    def begin(self, now: float, wall: float, offset: int) -> None:
        """The run exists; the server has `offset` lines of it already."""
        self.source.begin(now, wall)
        self.offset = offset

    @property
    def next_offset(self) -> int:
        """Line number, on the server, of the first unsent line."""
        return self.offset + self.sent

    def waiting_since(self) -> float:
        """When the first unsent line arrived or will; infinity if that is unknown."""
        return self.source.arrival(self.sent)

    def take(self, arrived: int, max_size: int) -> Chunk | None:
        """What has not been sent of the first `arrived` lines, up to a size; it counts as sent."""
        if arrived <= self.sent:
            return None
        chunk = self.source.cut(self.sent, arrived, max_size)
        self.sent += chunk.lines
        return chunk
