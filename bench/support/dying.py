"""Runs the program and kills it from within at a chosen write: `python -m bench.support.dying KIND POINT MICROSECONDS VERB …`.

Every file of the data folder that is opened for writing, renamed or removed, every batch of rows that goes into a Parquet
file, and every SQL statement that is no SELECT is a write. Writes are counted by kind: what is done to which folder or
table. At write POINT (from 1) of the kind KIND a SIGKILL falls: at once, which is between two writes, or after that many
microseconds, which is often inside one, also inside a native library's. POINT 0 kills nobody; the last line of standard
error then counts the writes: `writes {kind: number}`.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
from collections import Counter
from pathlib import Path

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
PASSIVE = ("SELECT", "PRAGMA", "EXPLAIN", "--")
TABLE = re.compile(r'(INSERT INTO|INSERT OR IGNORE INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)


class Blow:
    """Counts writes by kind and strikes at one of them."""

    def __init__(self, *, kind: str, point: int, microseconds: int, data: Path) -> None:
        self.kind, self.point, self.delay, self.data = kind, point, microseconds / 1e6, str(data)
        self.counts: Counter[str] = Counter()

    def see(self, kind: str) -> None:
        """One more write."""
        self.counts[kind] += 1
        if kind == self.kind and self.counts[kind] == self.point:
            if self.delay == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            threading.Thread(target=self._strike, daemon=True).start()

    def _strike(self) -> None:
        time.sleep(self.delay)
        os.kill(os.getpid(), signal.SIGKILL)

    def hear(self, event: str, arguments: tuple[object, ...]) -> None:
        """Python's audit events."""
        if event in ("os.rename", "os.remove") or (event == "open" and _writes(arguments)):
            name = str(arguments[1] if event == "os.rename" else arguments[0])
            if name.startswith(self.data) and not name.endswith("lock"):
                self.see(f"{event.removeprefix('os.')} {Path(name).parent.name}")

    def read(self, statement: str) -> None:
        """SQLite's trace of statements."""
        told = statement.lstrip()
        if not told.upper().startswith(PASSIVE):
            found = TABLE.match(told)
            self.see(" ".join(found.groups()) if found else told.split()[0].upper())


def _writes(arguments: tuple[object, ...]) -> bool:
    mode, flags = arguments[1], arguments[2]
    return any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(int(str(flags or 0)) & WRITING)


def _hear_blobs(blow: Blow) -> None:
    """Parquet is written by a native library, which Python does not hear."""
    from homeroom.evidence.blobs import BlobWriter

    write, close = BlobWriter.write, BlobWriter.close

    def heard_write(self: BlobWriter, table: object, **how: object) -> None:
        blow.see("rows blobs")
        write(self, table, **how)  # type: ignore[arg-type]

    def heard_close(self: BlobWriter) -> str:
        blow.see("end blobs")
        return close(self)

    BlobWriter.write, BlobWriter.close = heard_write, heard_close  # type: ignore[method-assign,assignment]


def _hear_sql(blow: Blow) -> None:
    from django.db.backends.signals import connection_created

    def traced(connection: object, **_: object) -> None:
        connection.connection.set_trace_callback(blow.read)  # type: ignore[attr-defined]

    connection_created.connect(traced, weak=False)


def main() -> None:
    """Arms the blow, then runs the program."""
    kind, point, microseconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    blow = Blow(kind=kind, point=point, microseconds=microseconds, data=Path(os.environ["HOMEROOM_DATA"]).resolve())
    _hear_sql(blow)
    _hear_blobs(blow)
    import homeroom.cli.main as program

    sys.argv = ["homeroom", *sys.argv[4:]]
    verbs = program.collected()
    sys.addaudithook(blow.hear)
    try:
        verbs(prog_name="homeroom")
    finally:
        print(f"\nwrites {json.dumps(blow.counts)}", file=sys.stderr)


if __name__ == "__main__":
    main()
