"""The log file of a data folder: one line an event, readable by its owner only, without any student's data."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path

from homeroom.evidence.files.blobs import open_owner_only
from homeroom.evidence.files.data_folder import MARKER_FILE

LOG_FOLDER, LOG_FILE = "logs", "homeroom.log"
MAX_BYTES = 5 * 1024**2
"""A larger file becomes `homeroom.log.1`, of which there is one."""


def get_log_path(data: Path) -> Path:
    """Return the path of the log file."""
    return data / LOG_FOLDER / LOG_FILE


def append_log(data: Path, text: str, *, echo: bool = False) -> bool:
    """Append a text with the time; with `echo` also print it on standard error. Return whether it was written.

    A log that cannot be written, as on a full disk, raises nothing: what it is about matters more.
    """
    entry = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC  {text}\n"
    if echo:
        sys.stderr.write(entry)
        sys.stderr.flush()
    path = get_log_path(data)
    if not (data / MARKER_FILE).exists():
        return False  # a folder that is not Homeroom's yet must stay empty
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if path.exists() and path.stat().st_size > MAX_BYTES:
            path.replace(path.with_name(f"{LOG_FILE}.1"))
        with open(path, "ab", opener=open_owner_only) as file:
            file.write(entry.encode("utf-8", "backslashreplace"))
    except OSError:
        return False
    return True
