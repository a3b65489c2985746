"""A folder of backups: which of its files are backups of this installation, and which of them are leftovers."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import chain, count
from pathlib import Path

from homeroom.evidence.backups.age_stream import read_header
from homeroom.evidence.backups.manifest import BackupRefused
from homeroom.evidence.files.data_folder import load_secret_key

SUFFIX = ".homeroom-backup"
_NAME = re.compile(r"homeroom-\d{8}T\d{6}Z(-\d+)?" + re.escape(SUFFIX))
_PARTIAL_SUFFIX = ".partial"
_ID_LENGTH = 16


def name_backup(at: datetime) -> str:
    """Return the name of a backup of that time."""
    return f"homeroom-{at:%Y%m%dT%H%M%SZ}{SUFFIX}"


def choose_free_path(folder: Path, at: datetime) -> Path:
    """Return the path of a backup of that time in a folder; the second of a second ends with `-2`."""
    path = folder / name_backup(at)
    numbered = (path.with_name(f"{path.name.removesuffix(SUFFIX)}-{number}{SUFFIX}") for number in count(2))
    return next(free for free in chain([path], numbered) if not free.exists())


def identify_installation(data: Path) -> str:
    """Return a hash of the data folder's key: the same after a restore, and another one for each installation."""
    return hashlib.sha256(b"homeroom installation\0" + load_secret_key(data).encode()).hexdigest()[:_ID_LENGTH]


def list_backups(folder: Path, *, installation: str) -> tuple[Path, ...]:
    """Return the backups of an installation that have a name with a time, the oldest first.

    A backup that somebody named, or that another installation wrote into the same folder, is none of them.
    """
    return tuple(path for _, path in sorted(_iter_backups(folder, installation)))


def name_partial(path: Path, *, installation: str) -> Path:
    """Return the path of a backup while an installation writes it."""
    return path.with_name(f".{path.name}.{installation}{_PARTIAL_SUFFIX}")


def remove_partials(folder: Path, *, installation: str) -> int:
    """Remove what killed backups of an installation left, and return how many; call it while no other runs."""
    paths = list(folder.glob(f".*.{installation}{_PARTIAL_SUFFIX}"))
    for path in paths:
        path.unlink(missing_ok=True)
    return len(paths)


def _iter_backups(folder: Path, installation: str) -> Iterator[tuple[datetime, Path]]:
    for path in folder.iterdir():
        if not _NAME.fullmatch(path.name):
            continue
        try:
            with path.open("rb") as handle:
                header = read_header(handle, name=path.name)
        except (BackupRefused, OSError):
            continue
        if header.installation == installation:
            yield header.made_at, path
