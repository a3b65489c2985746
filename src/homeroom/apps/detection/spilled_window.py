"""Windows of correlations that hold their ends in memory and the middle in a temporary file."""

from __future__ import annotations

import pickle
import weakref
from collections import deque
from collections.abc import Iterator
from tempfile import TemporaryFile

from homeroom.engines.detect.correlate import WindowEntry

BLOCK_ENTRIES = 4_096


class SpillFile:
    """A temporary file of blocks for all windows of a run; it has no name and ends with the process."""

    def __init__(self) -> None:
        self._file = TemporaryFile()  # noqa: SIM115  (for the life of the run)
        weakref.finalize(self, self._file.close)
        self._end = 0

    def write(self, entries: list[WindowEntry]) -> int:
        """Append a block and return its offset."""
        offset = self._file.seek(self._end)
        pickle.dump(entries, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()
        return offset

    def read(self, offset: int) -> list[WindowEntry]:
        """Return the block at an offset."""
        self._file.seek(offset)
        entries: list[WindowEntry] = pickle.load(self._file)  # noqa: S301  (this process wrote it)
        return entries


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
            self._blocks.append(self._spill.write(self._newest))
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
