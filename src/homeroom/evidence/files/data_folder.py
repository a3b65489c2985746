"""The data folder: where it is, what may be in it, and who may read it."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path

import msgspec
import platformdirs

FORMAT = 3
MARKER_FILE = "store.json"
OWN_NAMES = ("evidence", "state.sqlite3", "jobs.sqlite3")
"""Names that show that a folder is a data folder, although it is not marked."""
KEY_FILE = "secret.key"
RESTORE_MARKER = "restoring.json"
"""A file that a folder has while a backup is restored into it."""
STAGING_FOLDER = "restoring"
"""The folder beside it: the rows of the backup, in clear, until they are loaded."""
MOVED_MARKER = "state-moved.json"
"""A file that a folder has once its state is in PostgreSQL: without DATABASE_URL nothing is opened any more."""
MOVING_MARKER = "moving.json"
"""A file that a folder has while its state is moved: into which database rows are loaded, and since when."""
_CLOUD_FOLDER_NAMES = (
    "dropbox",
    "onedrive",
    "google drive",
    "googledrive",
    "icloud",
    "mobile documents",
    "nextcloud",
    "box sync",
)


class FolderRefused(Exception):
    """The data folder cannot be used; the text gives the reason and what would fit."""


class FolderMarker(msgspec.Struct, frozen=True):
    """Content of store.json: whether the folder holds real or demo data, and in which format."""

    kind: str
    format: int


def locate_data_folder(data: str | None = None) -> Path:
    """Return the data folder: the argument, else HOMEROOM_DATA, else the platform's user data folder."""
    configured = data or os.environ.get("HOMEROOM_DATA")
    return (
        Path(configured).expanduser().resolve()
        if configured
        else Path(platformdirs.user_data_dir("homeroom", appauthor=False))
    )


def _clear_folder(folder: Path) -> None:
    """Delete everything but the key, which the settings have read already."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name != KEY_FILE:
            path.unlink()


def get_demo_folder() -> Path:
    """Return the demo's own folder, next to the platform's user data folder and never the same."""
    return Path(platformdirs.user_data_dir("homeroom-demo", appauthor=False))


def open_data_folder(folder: Path, *, kind: str) -> Path:
    """Open the data folder, created if missing, marked as `kind` (real or demo) and readable by its owner only.

    A demo of an older format is emptied. Raises FolderRefused if the folder is inside a synchronized cloud folder,
    marked as the other kind, of another format, or not empty and not marked.
    """
    part = next((part for part in folder.parts if any(name in part.lower() for name in _CLOUD_FOLDER_NAMES)), None)
    if part is not None:
        raise FolderRefused(f"{folder} is inside a synchronised folder ({part}); choose one that is not")
    folder.mkdir(parents=True, exist_ok=True)
    marker = folder / MARKER_FILE
    if not marker.exists():
        names = {path.name for path in folder.iterdir()}
        if RESTORE_MARKER in names:
            raise FolderRefused(f"a restore into {folder} did not end; run it again: homeroom restore FILE")
        if not names.isdisjoint(OWN_NAMES):
            raise FolderRefused(
                f"{folder} is Homeroom's, but {MARKER_FILE} is missing, which states whether its data is real; restore "
                "it from a backup: homeroom doctor --repair --backup FOLDER"
            )
        # Importing the settings creates the key, so a folder with nothing but the key is still ours.
        if names - {KEY_FILE}:
            raise FolderRefused(f"{folder} is not empty and not Homeroom's; choose an empty folder with --data")
        folder.chmod(0o700)
        _write_new(marker, msgspec.json.encode(FolderMarker(kind=kind, format=FORMAT)))
    remove_restore_files(folder)
    existing = _read_marker(marker)
    if existing.format < FORMAT and existing.kind == kind == "demo":
        _clear_folder(folder)  # a demo holds nothing but the sample, which is made again
        return open_data_folder(folder, kind=kind)
    if existing.format > FORMAT:
        raise FolderRefused(f"{folder} was written by a newer Homeroom (format {existing.format}); update Homeroom")
    if existing.format < FORMAT:
        raise FolderRefused(
            f"{folder} was written before the first release (format {existing.format}); "
            "load the exports into an empty folder"
        )
    if existing.kind != kind:
        raise FolderRefused(f"{folder} holds {existing.kind} data, and {kind} data never shares a folder with it")
    return folder


def remove_restore_files(folder: Path) -> None:
    """Remove what a restore needed from a folder that it has opened, also if that was interrupted.

    The rows of a backup must not stay in clear, and the marker must not let a later restore empty the folder. Raise
    FolderRefused if they cannot be removed.
    """
    marker = folder / RESTORE_MARKER
    if not marker.exists():
        return
    try:
        shutil.rmtree(folder / STAGING_FOLDER, onexc=_ignore_missing)
        marker.unlink(missing_ok=True)
    except OSError as error:
        raise FolderRefused(
            f"{error.filename} is left of a restore and cannot be removed ({error.strerror}); remove it, and then "
            f"{marker}"
        ) from error


def _ignore_missing(_function: object, _path: str, error: BaseException) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def read_folder_kind(folder: Path) -> str:
    """Return real, demo, or empty text if the folder is not marked yet. Raise FolderRefused if the mark is damaged."""
    marker = folder / MARKER_FILE
    return _read_marker(marker).kind if marker.exists() else ""


def _read_marker(marker: Path) -> FolderMarker:
    try:
        return msgspec.json.decode(marker.read_bytes(), type=FolderMarker)
    except msgspec.DecodeError:
        reason = f"{marker} is damaged; restore it from a backup: homeroom doctor --repair --backup FOLDER"
        raise FolderRefused(reason) from None


def load_secret_key(folder: Path) -> str:
    """Return the key that signs sessions, created once and readable by its owner only.

    One that is empty or cannot be read is replaced: everybody then signs in again.
    """
    path = folder / KEY_FILE
    key = path.read_text(encoding="ascii", errors="replace") if path.exists() else ""
    if not key.strip() or not key.isascii():
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
