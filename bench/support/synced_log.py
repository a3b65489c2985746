"""How much of SQLite's write-ahead log is on the disk for certain, and cutting it back to that.

[The file format](https://www.sqlite.org/walformat.html): a header of 32 bytes with the page size at 8 and a salt at 16,
then frames of 24 bytes, with the same salt at 8, and a page. A log that begins again has another salt. In the shared
memory the salt is at 32, and at 96 and 128 are the numbers of frames that a checkpoint copied into the database, or was
about to copy: SQLite syncs those before.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

HEADER_BYTES, FRAME_HEADER_BYTES = 32, 24


class SyncedLog:
    """The write-ahead log of one database."""

    def __init__(self, database: Path) -> None:
        self.path = database.with_name(f"{database.name}-wal")
        self._memory = database.with_name(f"{database.name}-shm")
        self._synced = self._read_frames()

    def note_sync(self, inode: int) -> None:
        """Note that the file with this inode was synced, if it is this log."""
        if self.path.exists() and self.path.stat().st_ino == inode:
            self._synced = self._read_frames()

    def cut(self) -> None:
        """Cut the log to the frames that are on the disk for certain. The process has to end after it."""
        salt, _, size = self._read_frames()
        if not size:
            return
        synced = self._synced[1] if self._synced[0] == salt else 0
        length = HEADER_BYTES + max(synced, self._count_copied(salt)) * size
        if self.path.stat().st_size > length:
            os.truncate(self.path, length)

    def _read_frames(self) -> tuple[bytes, int, int]:
        """Return the salt of the log, the number of its frames and their size; zeros if there is no log."""
        if not self.path.exists() or self.path.stat().st_size < HEADER_BYTES:
            return b"", 0, 0
        with self.path.open("rb") as log:
            header = log.read(HEADER_BYTES)
            salt, size = header[16:24], struct.unpack(">I", header[8:12])[0] + FRAME_HEADER_BYTES
            count = 0
            while log.read(FRAME_HEADER_BYTES)[8:16] == salt:
                count += 1
                log.seek(HEADER_BYTES + count * size)
        return salt, count, size

    def _count_copied(self, salt: bytes) -> int:
        memory = self._memory.read_bytes()[:132] if self._memory.exists() else b""
        if len(memory) < 132 or memory[32:40] != salt:
            return 0
        return max(struct.unpack("=I", memory[start : start + 4])[0] for start in (96, 128))
