"""The files at a path, in order: a file itself, or all below a folder; links are not followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from homeroom.domain.loose.documents import NotReadReason
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
        yield from _iter_folder(root, root)
    else:
        yield _build_file(root, root.name)


def _iter_folder(folder: Path, root: Path) -> Iterator[FoundFile]:
    try:
        entries = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError:
        yield FoundFile(path=folder, name=_get_name(folder, root), reason=NotReadReason.LOCKED)
        return
    for path in entries:
        if path.is_symlink() or path.is_junction():
            if not _is_link_into(path, root):
                yield FoundFile(path=path, name=_get_name(path, root), reason=NotReadReason.UNKNOWN_KIND)
        elif path.is_dir():
            yield from _iter_folder(path, root)
        else:
            yield _build_file(path, _get_name(path, root))


def _build_file(path: Path, name: str) -> FoundFile:
    return FoundFile(path=path, name=clean_name(name), reason=None if path.is_file() else NotReadReason.UNKNOWN_KIND)


def _get_name(path: Path, root: Path) -> str:
    return clean_name(path.relative_to(root).as_posix())


def _is_link_into(link: Path, root: Path) -> bool:
    """Check whether a link leads to what is scanned anyway."""
    try:
        return link.resolve(strict=True).is_relative_to(root.resolve())
    except (OSError, RuntimeError):
        return False
