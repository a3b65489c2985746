"""Damage of a file: what it is, what follows from it, and what repairs it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RELOAD, RESOLVE, ASSESS, REMOVE, RESEAL, RESTORE = "reload", "resolve", "assess", "remove", "reseal", "restore"
"""What repairs a file: loading its original again, resolving or assessing again, removing it so that it is built again,
writing its checksum, or a backup."""


@dataclass(frozen=True, kw_only=True)
class FileDamage:
    """One damaged file. `path` is relative to the data folder; `subject` is the load or snapshot that it belongs to.

    `originals` are the files that the load was read from.
    """

    path: str
    problem: str
    subject: str
    consequence: str
    remedy: str
    originals: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path} {self.problem}. {self.subject[:1].upper()}{self.subject[1:]}: {self.consequence}"


def describe_problem(path: Path, *, digest: str) -> str:
    """Return what is wrong with a file that should have that SHA-256; empty text if nothing is."""
    try:
        size = path.stat().st_size
        with path.open("rb") as handle:
            if hashlib.file_digest(handle, "sha256").hexdigest() == digest:
                return ""
    except FileNotFoundError:
        return "is missing"
    except OSError as error:
        return f"cannot be read ({error.strerror})"
    return "was changed since it was written" if size else "is empty"


def list_files(folder: Path, pattern: str) -> Iterator[Path]:
    """Yield the files of that pattern below a folder, by name; none if there is no folder."""
    yield from sorted(path for path in folder.glob(pattern) if path.is_file()) if folder.is_dir() else ()
