"""Faults of readers: an exception that no reader meant to raise costs the file that it read, and nothing else.

Faults of the machine (a full disk, no more open files) are not the file's, so they are raised again.
"""

from __future__ import annotations

import errno
import logging
import traceback
from pathlib import Path

from homeroom.ingest.contract.errors import FileRefused, build_refusal

_log = logging.getLogger(__name__)
MACHINE_ERRORS = frozenset(
    getattr(errno, name)
    for name in ("ENOSPC", "EDQUOT", "EROFS", "EMFILE", "ENFILE", "ENOMEM", "EFBIG")
    if hasattr(errno, name)
)
FULL_WORDS = ("no space left", "disk is full", "max_temp_directory_size", "disk quota")
"""What errors of libraries contain if the disk is full."""
FITS = "the export as the system wrote it; if it is, report this as a fault of Homeroom"


def convert_fault(error: Exception, *, file: str) -> FileRefused:
    """Return the refusal of a file whose reading raised an unexpected exception. Raise the error if it is no file's.

    The text of the exception is left out, since it can quote a value.
    """
    if is_machine_fault(error):
        raise error
    if isinstance(error, FileRefused):
        return error
    where = describe_origin(error)
    _log.error("Reading a file broke off: %s at %s", type(error).__name__, where)
    if isinstance(error, MemoryError):
        return build_refusal(file, "takes more memory than there is", fits="a smaller file, or several")
    if isinstance(error, OSError):
        return build_refusal(file, f"cannot be read ({error.strerror or type(error).__name__})", fits="a readable file")
    return build_refusal(file, f"its reader broke off ({type(error).__name__} at {where})", fits=FITS)


def is_machine_fault(error: BaseException) -> bool:
    """Return whether an error is the machine's: no file, read alone, would have avoided it."""
    if isinstance(error, OSError):
        return error.errno in MACHINE_ERRORS
    is_query_error = type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb")
    return is_query_error and any(words in str(error).lower() for words in FULL_WORDS)


def describe_origin(error: BaseException) -> str:
    """Return file and line in which an error was raised, of this program's own if any is."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if "homeroom" in Path(frame.filename).parts] or frames
    return f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "an unknown place"
