"""Windows of correlations that hold their ends in memory and the middle in a temporary file."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from homeroom.apps.protect.detection.spill_file import SpillFile
from homeroom.engines.protect.detect.correlate import WindowEntry

BLOCK_ENTRIES = 4_096


class SpilledWindow:
    """A queue of events: the oldest block and the newest are in memory, those between them in a file.

    Most windows have fewer entries than a block and write nothing.
    """

    def __init__(self, spill: SpillFile, *, block_entries: int = BLOCK_ENTRIES) -> None:
        self._spill, self._block_entries = spill, block_entries
        self._oldest: deque[WindowEntry] = deque()
        self._newest: list[WindowEntry] = []
        self._blocks: deque[int] = deque()
        """Offset of each block in the file."""
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def get_oldest(self) -> WindowEntry:
        """Return the oldest event; raise IndexError if there is none."""
        self._fill_oldest()
        return self._oldest[0]

    def __iter__(self) -> Iterator[WindowEntry]:
        yield from self._oldest
        for offset in self._blocks:
            yield from self._spill.read(offset)
        yield from self._newest

    def append(self, entry: WindowEntry) -> None:
        """Add the newest event."""
        self._length += 1
        if not self._blocks and not self._newest and len(self._oldest) < self._block_entries:
            self._oldest.append(entry)
            return
        self._newest.append(entry)
        if len(self._newest) >= self._block_entries:
            self._blocks.append(self._spill.append(self._newest))
            self._newest = []

    def remove_oldest(self) -> WindowEntry:
        """Remove the oldest event and return it; raise IndexError if there is none."""
        self._fill_oldest()
        entry = self._oldest.popleft()
        self._length -= 1
        return entry

    def _fill_oldest(self) -> None:
        if self._oldest:
            return
        if self._blocks:
            self._oldest.extend(self._spill.read(self._blocks.popleft()))
        else:
            self._oldest.extend(self._newest)
            self._newest = []
