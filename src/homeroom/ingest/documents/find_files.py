"""The files at a path, in order: a file itself, or all below a folder; links are not followed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from homeroom.domain.protect.loose.documents import NotReadReason
from homeroom.ingest.documents.archive_members import clean_name


@dataclass(frozen=True, kw_only=True)
class FoundFile:
    """A file with its path relative to what is scanned; `reason` if it cannot be read."""

    path: Path
    name: str
    reason: NotReadReason | None = None


def find_files(root: Path) -> Iterator[FoundFile]:
    """Yield the files at a path. Raise FileNotFoundError if there is nothing."""
    if not root.exists():
        raise FileNotFoundError(root)
    if root.is_dir():
        yield from _iter_folder(root, root, "")
    else:
        yield _build_file(root, root.name, is_file=root.is_file())


def _iter_folder(folder: Path, root: Path, name: str) -> Iterator[FoundFile]:
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError:
        yield FoundFile(path=folder, name=clean_name(name or "."), reason=NotReadReason.LOCKED)
        return
    for entry in entries:
        path, inner = folder / entry.name, f"{name}/{entry.name}" if name else entry.name
        if entry.is_symlink() or entry.is_junction():
            if not _is_link_into(path, root):
                yield FoundFile(path=path, name=clean_name(inner), reason=NotReadReason.UNKNOWN_KIND)
        elif entry.is_dir():
            yield from _iter_folder(path, root, inner)
        else:
            yield _build_file(path, inner, is_file=entry.is_file())


def _build_file(path: Path, name: str, *, is_file: bool) -> FoundFile:
    return FoundFile(path=path, name=clean_name(name), reason=None if is_file else NotReadReason.UNKNOWN_KIND)


def _is_link_into(link: Path, root: Path) -> bool:
    """Check whether a link leads to what is scanned anyway."""
    try:
        return link.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False
