"""Which files a process is reading, on disk, so that a crash of a native decoder is blamed on the file that caused it.

A decoder in C that breaks ends the whole process, and no exception names the file. So each file is written down before
it is read. The next process finds what a dead one was reading, and refuses a file that

- was the only one being read when a native fault (`NATIVE_FAULTS`) ended the process, or
- was being read when two processes ended, for whatever reason.

A file that was only suspected is read again, alone, so that the next crash has one suspect. Once refused, a file may be
tried again: another version of Homeroom may read it.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.files.work_folder import open_work_folder

JOURNAL_FILE, SUSPECTS_FILE = "reading.json", "suspects.json"
NATIVE_FAULTS = frozenset(
    -getattr(signal, name) for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGILL", "SIGFPE") if hasattr(signal, name)
)
"""Exit codes of processes that broke by themselves; any other signal came from outside."""
MAX_ENDS = 2
FileId = tuple[str, int]
"""Name and size of a file: what is the same when it is read again."""


class Journal(msgspec.Struct, frozen=True):
    """What a process is reading."""

    pid: int
    files: tuple[FileId, ...]


class Suspect(msgspec.Struct, frozen=True):
    """A file that was being read when a process ended: how often, and whether it alone and by a native fault."""

    name: str
    size: int
    ends: int = 0
    convicted: bool = False


class ReadingJournal:
    """The journal of this process, and the suspects of dead ones. Safe to share between threads."""

    def __init__(self, *, run_folder: Path, work_folder: Path) -> None:
        self._run_folder, self._path = run_folder, work_folder / JOURNAL_FILE
        self._lock = threading.Lock()
        self._reading: list[FileId] = []

    @contextmanager
    def watch(self, *files: FileId) -> Iterator[None]:
        """Write down that these files are being read, until the block ends, also by an exception."""
        self._change(added=files)
        try:
            yield
        finally:
            self._change(removed=files)

    def has_suspects(self) -> bool:
        """Return whether a file is suspected, so that files are to be read one by one."""
        return bool(_read_suspects(self._run_folder))

    def is_suspected(self, file: FileId) -> bool:
        """Return whether a file was being read when a process ended."""
        return file in _read_suspects(self._run_folder)

    def take_verdict(self, name: str, size: int) -> str:
        """Return why a file is not read, or empty text. It may be tried again after that."""
        suspects = _read_suspects(self._run_folder)
        suspect = suspects.get((name, size))
        if suspect is None or not (suspect.convicted or suspect.ends >= MAX_ENDS):
            return ""
        self.clear(name, size)
        return "the program that read it broke off in the middle of it; all other files were read without it"

    def clear(self, name: str, size: int) -> None:
        """Suspect a file no longer: it was read, or it was refused."""
        suspects = _read_suspects(self._run_folder)
        if suspects.pop((name, size), None) is not None:
            _write_suspects(self._run_folder, suspects.values())

    def _change(self, *, added: Collection[FileId] = (), removed: Collection[FileId] = ()) -> None:
        with self._lock:
            for file in removed:
                self._reading.remove(file)
            self._reading.extend(added)
            content = msgspec.json.encode(Journal(pid=os.getpid(), files=tuple(self._reading)))
            # Renamed into place: another thread may end the process while this one writes.
            temporary = self._path.with_suffix(".new")
            temporary.write_bytes(content)
            temporary.replace(self._path)


class NoJournal(ReadingJournal):
    """A journal that writes nothing, for tests and for whoever reads trusted files."""

    def __init__(self) -> None:
        super().__init__(run_folder=Path(), work_folder=Path())

    @contextmanager
    def watch(self, *files: FileId) -> Iterator[None]:
        """Do nothing."""
        yield

    def has_suspects(self) -> bool:
        """Return False."""
        return False

    def is_suspected(self, file: FileId) -> bool:
        """Return False."""
        return False

    def take_verdict(self, name: str, size: int) -> str:
        """Return empty text."""
        return ""

    def clear(self, name: str, size: int) -> None:
        """Do nothing."""


NO_JOURNAL = NoJournal()
_current: list[ReadingJournal] = []


def start_journal(data: Path, *, ended_process: int = 0, exit_code: int | None = None) -> ReadingJournal:
    """Open this process's work folder, blame what dead processes were reading, and return this process's journal.

    `ended_process` was seen to end with `exit_code`, if anybody saw it.
    """
    run_folder = data / "run"
    run_folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def add_suspects(folder: Path) -> None:
        journal = _read_journal(folder)
        if journal is not None and journal.files:
            is_native = journal.pid == ended_process and exit_code in NATIVE_FAULTS
            _add_suspects(run_folder, journal.files, convicted=is_native and len(set(journal.files)) == 1)

    journal = ReadingJournal(run_folder=run_folder, work_folder=open_work_folder(data, on_dead=add_suspects))
    _current[:] = [journal]
    return journal


def get_journal() -> ReadingJournal:
    """Return this process's journal; one that writes nothing if none was started."""
    return _current[0] if _current else NO_JOURNAL


def is_reading(data: Path, *, process_id: int) -> bool:
    """Return whether a process that ended was reading a file."""
    journals = (_read_journal(folder) for folder in (data / "tmp").glob("*") if folder.is_dir())
    return any(journal is not None and journal.pid == process_id and journal.files for journal in journals)


def _read_journal(folder: Path) -> Journal | None:
    try:
        return msgspec.json.decode((folder / JOURNAL_FILE).read_bytes(), type=Journal)
    except (OSError, msgspec.DecodeError):
        return None


def _add_suspects(run_folder: Path, files: Collection[FileId], *, convicted: bool) -> None:
    suspects = _read_suspects(run_folder)
    for name, size in set(files):
        before = suspects.get((name, size), Suspect(name=name, size=size))
        suspects[name, size] = Suspect(
            name=name, size=size, ends=before.ends + 1, convicted=convicted or before.convicted
        )
    _write_suspects(run_folder, suspects.values())


def _read_suspects(run_folder: Path) -> dict[FileId, Suspect]:
    try:
        suspects = msgspec.json.decode((run_folder / SUSPECTS_FILE).read_bytes(), type=list[Suspect])
    except (OSError, msgspec.DecodeError):
        return {}
    return {(suspect.name, suspect.size): suspect for suspect in suspects}


def _write_suspects(run_folder: Path, suspects: Collection[Suspect]) -> None:
    path = run_folder / SUSPECTS_FILE
    if suspects:
        write_file(path, msgspec.json.encode(list(suspects)))
    else:
        path.unlink(missing_ok=True)
