"""Keeps every request: the newest in memory, all of them in a file if one is wanted.

Served by `/_mockwb/journal`. A request is kept as its record, packed, and made an entry when
somebody asks; headers and bodies are redacted before they are kept.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice

import msgspec

from mockwb.clock import Clock
from mockwb.config.model import JournalConfig
from mockwb.observe.journal_entry import JournalEntry, Messages, entry_of, messages_of
from mockwb.observe.journal_file import JournalFile, joined
from mockwb.observe.journal_query import JournalQuery
from mockwb.observe.redaction import Redactor
from mockwb.record import RequestRecord
from mockwb.target import Surface

PATH = "/_mockwb/journal"
"""Requests for the journal itself are not in it: they would be all that one who follows it sees."""

_FLUSH_EVERY = 1.0
"""Seconds."""
_BATCH = 2000
"""Entries that go to the file at once, and do not wait for the second to pass."""
_BATCH_BYTES = 16_000_000

_Kept = bytes | RequestRecord | tuple[bytes | RequestRecord, Messages]
"""A packed record, a few hundred bytes, instead of two dozen objects: thousands of those push
everything else out of the processor's caches. What cannot be packed, such as text that is none,
stays as it is. With bodies, what was said goes along."""

_pack = msgspec.msgpack.Encoder().encode
_unpack = msgspec.msgpack.Decoder(RequestRecord).decode


class Page(msgspec.Struct, frozen=True):
    """Part of the journal."""

    entries: list[JournalEntry]
    """In the order in which the requests ended."""
    next: int
    """Give this as `after` for what comes next."""
    forgotten: int
    """Requests that are not remembered any more, whatever was asked for."""


class Journal:
    """An onlooker that remembers."""

    def __init__(self, config: JournalConfig, clock: Clock) -> None:
        """Remember as `config` says."""
        self._config = config
        self._clock = clock
        self._to_wall = clock.wall() - clock.now()
        self._redactor = Redactor()
        self._most = config.max_entries
        self._ring: deque[_Kept] = deque()
        self._bytes = 0
        self._seq = 0
        self._file = None if config.file is None else JournalFile(config.file)
        self._off = config.max_entries == 0 and config.file is None
        self._pending: list[tuple[int, _Kept]] = []
        self._pending_bytes = 0
        self._encoder = msgspec.json.Encoder()

    def saw(self, record: RequestRecord) -> None:
        """Keep one finished request."""
        if record.target.surface is Surface.CONTROL and record.path.startswith(PATH):
            return
        self._seq += 1
        if self._off:
            return
        kept: _Kept
        if record.traffic is None:
            size = 0
            kept = _packed(self._without_keys(record))
        else:
            messages = messages_of(record, record.traffic, self._redactor)
            size = messages.size
            kept = _packed(self._without_keys(record)), messages
        ring = self._ring
        ring.append(kept)
        self._bytes += size
        if len(ring) > self._most or self._bytes > self._config.max_memory:
            self._make_room()
        if self._file is not None:
            self._pending.append((self._seq, kept))
            self._pending_bytes += size
            if len(self._pending) >= _BATCH or self._pending_bytes >= _BATCH_BYTES:
                self.flush()

    def page(
        self, query: JournalQuery, *, after: int | None = None, limit: int | None = None
    ) -> Page:
        """Up to `limit` entries that match: the first ones past `after`, or else the newest."""
        asked_for = query.test(self._to_wall)
        chosen: list[tuple[int, RequestRecord, Messages | None]] = []
        end = self._seq
        for seq, kept in self._newest_first() if after is None else self._past(after):
            record, messages = _unpacked(kept)
            if asked_for(record):
                if limit is not None and len(chosen) >= limit:
                    end = end if after is None else chosen[-1][0]
                    break
                chosen.append((seq, record, messages))
        if after is None:
            chosen.reverse()
        entries = [entry_of(*one, self._to_wall) for one in chosen]
        return Page(entries, end, self._seq - len(self._ring))

    def clear(self) -> int:
        """Forget everything, the file excepted; how many entries that were."""
        count = len(self._ring)
        self._ring.clear()
        self._bytes = 0
        return count

    def flush(self) -> None:
        """Hand what is pending to the file's thread."""
        if self._file is not None and self._pending:
            batch, self._pending, self._pending_bytes = self._pending, [], 0
            self._file.append(len(batch), partial(self._lines, batch))

    async def write(self) -> None:
        """Flush every second for as long as the server runs; cancel it, then `close`."""
        while True:
            await self._clock.sleep(_FLUSH_EVERY)
            self.flush()

    def close(self) -> None:
        """Write what is left; blocks until it is on its way to the disk."""
        self.flush()
        if self._file is not None:
            self._file.close()

    def _without_keys(self, record: RequestRecord) -> RequestRecord:
        """The record, or a copy that may be kept."""
        agent = self._redactor.text(record.user_agent)
        error = record.error and self._redactor.text(record.error)
        if record.traffic is None and agent == record.user_agent and error == record.error:
            return record
        return msgspec.structs.replace(record, traffic=None, user_agent=agent, error=error)

    def _make_room(self) -> None:
        """Forget the oldest."""
        ring = self._ring
        while ring and (len(ring) > self._most or self._bytes > self._config.max_memory):
            kept = ring.popleft()
            if type(kept) is tuple:
                self._bytes -= kept[1].size

    def _newest_first(self) -> Iterable[tuple[int, _Kept]]:
        return zip(range(self._seq, 0, -1), reversed(self._ring), strict=False)

    def _past(self, after: int) -> Iterator[tuple[int, _Kept]]:
        first = self._seq - len(self._ring) + 1
        unasked = max(0, after + 1 - first)
        return enumerate(islice(self._ring, unasked, None), start=first + unasked)

    def _lines(self, batch: Sequence[tuple[int, _Kept]]) -> bytes:
        entries = [entry_of(seq, *_unpacked(kept), self._to_wall) for seq, kept in batch]
        return joined([self._encoder.encode(entry) for entry in entries])


def _packed(record: RequestRecord) -> bytes | RequestRecord:
    try:
        return _pack(record)
    except (ValueError, OverflowError):  # half a character, or a number beyond 64 bits
        return record


def _unpacked(kept: _Kept) -> tuple[RequestRecord, Messages | None]:
    record, messages = kept if isinstance(kept, tuple) else (kept, None)
    return _unpack(record) if isinstance(record, bytes) else record, messages
