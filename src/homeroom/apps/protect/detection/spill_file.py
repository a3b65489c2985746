"""Objects of a run in a temporary file, which has no name and ends with the process."""

from __future__ import annotations

import pickle
import weakref
from tempfile import SpooledTemporaryFile
from typing import Any

MAX_BYTES_IN_MEMORY = 32 * 1024 * 1024


class SpillFile:
    """A temporary file that objects are appended to and read from by their offsets; what is small stays in memory."""

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(max_size=MAX_BYTES_IN_MEMORY)  # noqa: SIM115  (for the life of the run)
        weakref.finalize(self, self._file.close)
        self._end = 0

    def append(self, item: Any) -> int:
        """Append an object and return its offset."""
        offset = self._end
        self._file.seek(offset)
        pickle.dump(item, self._file, protocol=pickle.HIGHEST_PROTOCOL)
        self._end = self._file.tell()
        return offset

    def read(self, offset: int) -> Any:
        """Return the object at an offset."""
        self._file.seek(offset)
        return pickle.load(self._file)  # noqa: S301  (this process wrote it)
