"""The data folder: where it is, what may be in it, and who may read it."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import msgspec
import platformdirs

FORMAT = 1
_KEY = "secret.key"
_SYNCED = ("dropbox", "onedrive", "google drive", "googledrive", "icloud", "mobile documents", "nextcloud", "box sync")


class FolderRefused(Exception):
    """The data folder cannot be used; the text says why and what would fit."""


class Marker(msgspec.Struct, frozen=True):
    """What store.json says: whether the folder holds real or demo data, and in which format."""

    kind: str
    format: int


def chosen(data: str | None = None) -> Path:
    """The data folder: the argument, else HOMEROOM_DATA, else the platform's user data folder."""
    named = data or os.environ.get("HOMEROOM_DATA")
    return (
        Path(named).expanduser().resolve() if named else Path(platformdirs.user_data_dir("homeroom", appauthor=False))
    )


def demo_folder() -> Path:
    """The demo's own folder, beside the platform's user data folder and never the same."""
    return Path(platformdirs.user_data_dir("homeroom-demo", appauthor=False))


def opened(folder: Path, *, kind: str) -> Path:
    """The folder, made where it was not, marked as `kind` (real or demo), readable by its owner alone.

    Raises FolderRefused where it is inside a synchronised cloud folder, marked as the other kind, of a newer format, or
    not empty and not marked.
    """
    part = next((part for part in folder.parts if any(word in part.lower() for word in _SYNCED)), None)
    if part is not None:
        raise FolderRefused(f"{folder} is inside a synchronised folder ({part}); choose one that is not")
    folder.mkdir(parents=True, exist_ok=True)
    marker = folder / "store.json"
    if not marker.exists():
        # Importing the settings makes the key, so that it alone makes no folder somebody else's.
        if any(path.name != _KEY for path in folder.iterdir()):
            raise FolderRefused(f"{folder} is not empty and not Homeroom's; choose an empty folder with --data")
        folder.chmod(0o700)
        _write_new(marker, msgspec.json.encode(Marker(kind=kind, format=FORMAT)))
    found = msgspec.json.decode(marker.read_bytes(), type=Marker)
    if found.format > FORMAT:
        raise FolderRefused(f"{folder} was written by a newer Homeroom (format {found.format}); update Homeroom")
    if found.kind != kind:
        raise FolderRefused(f"{folder} holds {found.kind} data, and {kind} data never shares a folder with it")
    return folder


def kind_of(folder: Path) -> str:
    """real, demo, or empty text where the folder is not marked yet."""
    marker = folder / "store.json"
    return msgspec.json.decode(marker.read_bytes(), type=Marker).kind if marker.exists() else ""


def secret_key(folder: Path) -> str:
    """The key that signs sessions, made once and readable by its owner alone."""
    path = folder / _KEY
    if not path.exists():
        _write_new(path, secrets.token_urlsafe(50).encode())
    return path.read_text(encoding="ascii")


def _write_new(path: Path, content: bytes) -> None:
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(path)
