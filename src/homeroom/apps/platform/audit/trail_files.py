"""Files of a district's trail outside the database: heads as they were committed, and signed checkpoints.

`audit/<district>/heads-<day>.log` gets one line for each committed entry, so that a database that was put back is
noticed although its own head fits. A line that was not written, or was torn by a crash, is no error.
"""

from __future__ import annotations

import errno
import logging
import os
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

from homeroom.domain.platform.audit.chain import ChainHead
from homeroom.evidence.files.blobs import open_owner_only

FOLDER = "audit"
CHECKPOINT_FILE = "checkpoints.jsonl"
_LINE = re.compile(r"(\d{1,18}) ([0-9a-f]{64})")
_log = logging.getLogger(__name__)


def get_trail_folder(data: Path, *, district: str) -> Path:
    """Return the folder of a district's trail (its short name)."""
    return data / FOLDER / district


def list_trail_districts(data: Path) -> tuple[str, ...]:
    """Return the short names of the districts that have files of a trail."""
    folder = data / FOLDER
    return tuple(sorted(path.name for path in folder.iterdir() if path.is_dir())) if folder.is_dir() else ()


def append_head(data: Path, head: ChainHead, *, district: str) -> None:
    """Note a committed head. What cannot be written, as on a full disk, is logged: the entry itself is committed."""
    folder = get_trail_folder(data, district=district)
    try:
        _append(folder / _name_log(datetime.now(UTC).date()), f"{head.number} {head.digest}\n".encode(), sync=False)
    except OSError as error:
        _log.warning("The head of an audit trail was not noted: %s", type(error).__name__)


def read_heads(data: Path, *, district: str) -> dict[int, str]:
    """Return the digests of committed entries by number, as far as they were noted since the last checkpoints.

    Of a number that was noted twice the first counts: the database was put back in between.
    """
    heads: dict[int, str] = {}
    for number, digest in _iterate_heads(data, district=district):
        heads.setdefault(number, digest)
    return heads


def list_turning_points(data: Path, *, district: str) -> frozenset[int]:
    """Return the last number that was noted, and each after which a smaller one was.

    If a database was put back, so that others have the numbers of lost entries, the last lost one is among them.
    """
    points, last = set(), 0
    for number, _ in _iterate_heads(data, district=district):
        points |= {last} if number <= last else set()
        last = number
    return frozenset(points | {last})


def _iterate_heads(data: Path, *, district: str) -> Iterator[tuple[int, str]]:
    for path in sorted(get_trail_folder(data, district=district).glob("heads-*.log")):
        for line in path.read_text(encoding="ascii", errors="replace").splitlines():
            if match := _LINE.fullmatch(line):
                yield int(match[1]), match[2]


def remove_old_heads(data: Path, *, district: str, before: date) -> None:
    """Remove the notes of days before a day: a checkpoint has been signed since."""
    for path in get_trail_folder(data, district=district).glob("heads-*.log"):
        if path.name < _name_log(before):
            path.unlink(missing_ok=True)


def append_checkpoint_line(data: Path, line: bytes, *, district: str) -> None:
    """Append a checkpoint, and sync it; it begins a line of its own even if the one before was torn by a crash."""
    path = get_trail_folder(data, district=district) / CHECKPOINT_FILE
    _append(path, (b"\n" if _is_torn(path) else b"") + line + b"\n", sync=True)


def iterate_checkpoint_lines(data: Path, *, district: str) -> Iterator[bytes]:
    """Yield the checkpoints of a district, the oldest first, without lines that a crash tore: no entry names those."""
    path = get_trail_folder(data, district=district) / CHECKPOINT_FILE
    if path.exists():
        yield from (line for line in path.read_bytes().split(b"\n") if line.strip().endswith(b"}"))


def _is_torn(path: Path) -> bool:
    """Return whether a file ends within a line."""
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as handle:
        handle.seek(-1, os.SEEK_END)
        return handle.read(1) != b"\n"


def _append(path: Path, content: bytes, *, sync: bool) -> None:
    """Append bytes in one write. Raise OSError if not all of them could be written, as on a full disk."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with open(path, "ab", buffering=0, opener=open_owner_only) as handle:
        if handle.write(content) != len(content):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), path.name)
        if sync:
            os.fsync(handle.fileno())


def _name_log(day: date) -> str:
    return f"heads-{day.isoformat()}.log"
