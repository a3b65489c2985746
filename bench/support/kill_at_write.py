"""Run the program and kill it at a chosen write.

`python -m bench.support.kill_at_write KIND POINT MICROSECONDS VERB …`.

Every file of the data folder that is opened for writing, renamed or removed, every batch of rows that goes into a
Parquet file, and every SQL statement that is not a SELECT is a write. Writes are counted by kind: what is done to which
folder or table. At write POINT (from 1) of the kind KIND the process gets a SIGKILL: immediately, which is between two
writes, or after that many microseconds, which is often inside one, also inside a native library's. POINT 0 kills
nothing; the last line of standard error then counts the writes: `writes {kind: number}`.

With HOMEROOM_POWER_LOSS=1 the power fails at the same moment: each file is cut to the size that it had when it was
synced last, as a disk may have no more of it, and each write-ahead log of SQLite to what of it was synced. SQLite's
databases are left as they are: it syncs them itself.
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

from bench.support.synced_log import SyncedLog

DATABASES = ("state.sqlite3", "jobs.sqlite3")
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
PASSIVE = ("SELECT", "PRAGMA", "EXPLAIN", "--")
TABLE = re.compile(r'(INSERT INTO|INSERT OR IGNORE INTO|UPDATE|DELETE FROM)\s+"?(\w+)', re.IGNORECASE)
RANDOM_NAME = re.compile(r"[0-9a-f]{12,}|\d{4,}|(?<=-)\w{8}$")
"""Parts of a folder's name that are others in each run."""


class SyncedSizes:
    """The sizes of the files of a data folder when they were synced last, or when the program started."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.sizes = {path.stat().st_ino: path.stat().st_size for path in self._list_files()}
        self.logs = [SyncedLog(data / name) for name in DATABASES]

    def watch(self) -> None:
        """Note the size of each file that is synced from now on."""
        sync = os.fsync

        def sync_and_note(descriptor: int) -> None:
            sync(descriptor)
            status = os.fstat(descriptor)
            self.sizes[status.st_ino] = status.st_size
            for log in self.logs:
                log.note_sync(status.st_ino)

        os.fsync = sync_and_note  # type: ignore[assignment]

    def cut_files(self) -> None:
        """Cut each file to the size that is on the disk for certain."""
        for path in self._list_files():
            size = self.sizes.get(path.stat().st_ino, 0)
            if path.stat().st_size > size:
                os.truncate(path, size)
        for log in self.logs:
            log.cut()

    def _list_files(self) -> list[Path]:
        paths = [path for path in self.data.rglob("*") if path.is_file() and not path.is_symlink()]
        return [path for path in paths if ".sqlite3" not in path.name]


class WriteKiller:
    """Counter of writes by kind that kills the process at one of them, and cuts the power if there are sizes."""

    def __init__(
        self, *, kind: str, point: int, microseconds: int, data: Path, synced: SyncedSizes | None = None
    ) -> None:
        self.kind, self.point, self.delay, self.data = kind, point, microseconds / 1e6, str(data)
        self.counts: Counter[str] = Counter()
        self.synced = synced

    def kill(self) -> None:
        """Kill this process, with the power if it is to fail."""
        if self.synced is not None:
            self.kind = ""  # what follows are no writes of the program
            self.synced.cut_files()
        os.kill(os.getpid(), signal.SIGKILL)

    def count_write(self, kind: str) -> None:
        """Count one more write."""
        self.counts[kind] += 1
        if kind == self.kind and self.counts[kind] == self.point:
            if self.delay == 0 or self.synced is not None:
                self.kill()
            threading.Thread(target=self._kill_after_delay, daemon=True).start()

    def _kill_after_delay(self) -> None:
        time.sleep(self.delay)
        os.kill(os.getpid(), signal.SIGKILL)

    def handle_audit_event(self, event: str, arguments: tuple[object, ...]) -> None:
        """Count the writes among Python's audit events."""
        if event in ("os.rename", "os.remove") or (event == "open" and _is_opened_for_writing(arguments)):
            name = str(arguments[1] if event == "os.rename" else arguments[0])
            if name.startswith(self.data) and not name.endswith("lock"):
                folder = RANDOM_NAME.sub("*", Path(name).parent.name)
                self.count_write(f"{event.removeprefix('os.')} {folder}")

    def handle_sql(self, statement: str) -> None:
        """Count the writes among SQLite's traced statements."""
        sql = statement.lstrip()
        if not sql.upper().startswith(PASSIVE):
            match = TABLE.match(sql)
            self.count_write(" ".join(match.groups()) if match else sql.split()[0].upper())


def _is_opened_for_writing(arguments: tuple[object, ...]) -> bool:
    mode, flags = arguments[1], arguments[2]
    return any(letter in mode for letter in "wax+") if isinstance(mode, str) else bool(int(str(flags or 0)) & WRITING)


def _watch_blobs(killer: WriteKiller) -> None:
    """Count the writes of Parquet, which a native library does, so that Python's audit events miss them."""
    from homeroom.evidence.files.blobs import BlobWriter

    write, close = BlobWriter.write, BlobWriter.close

    def count_rows(self: BlobWriter, table: object, **options: object) -> None:
        killer.count_write("rows blobs")
        write(self, table, **options)  # type: ignore[arg-type]

    def count_close(self: BlobWriter) -> str:
        killer.count_write("end blobs")
        return close(self)

    BlobWriter.write, BlobWriter.close = count_rows, count_close  # type: ignore[method-assign,assignment]


def _watch_sql(killer: WriteKiller) -> None:
    from django.db.backends.signals import connection_created

    def trace_connection(connection: object, **_: object) -> None:
        connection.connection.set_trace_callback(killer.handle_sql)  # type: ignore[attr-defined]

    connection_created.connect(trace_connection, weak=False)


def main() -> None:
    """Set up the killer, then run the program."""
    kind, point, microseconds = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    data = Path(os.environ["HOMEROOM_DATA"]).resolve()
    synced = SyncedSizes(data) if os.environ.get("HOMEROOM_POWER_LOSS") == "1" else None
    if synced is not None:
        synced.watch()
    killer = WriteKiller(kind=kind, point=point, microseconds=microseconds, data=data, synced=synced)
    _watch_sql(killer)
    _watch_blobs(killer)
    import homeroom.cli.main as program

    sys.argv = ["homeroom", *sys.argv[4:]]
    verbs = program.build_app()
    sys.addaudithook(killer.handle_audit_event)
    try:
        verbs(prog_name="homeroom")
    finally:
        print(f"\nwrites {json.dumps(killer.counts)}", file=sys.stderr)


if __name__ == "__main__":
    main()
