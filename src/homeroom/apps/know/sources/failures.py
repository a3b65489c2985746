"""What a failure of the machine or of the data means, in one sentence with what to do.

The text of an exception is left out wherever it can quote a value; the frames go to the log file.
"""

from __future__ import annotations

import errno
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from homeroom.apps.platform.telemetry.log_lines import list_errors
from homeroom.evidence.files.log_file import CRASHES, append_entry, build_entry, get_log_path
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.evidence.integrity.check import References, check_evidence
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.contract.faults import FULL_WORDS, describe_origin

FULL, UNREACHABLE, LOCKED, DAMAGED_DATABASE, DAMAGED, FORBIDDEN, UNKNOWN = (
    "full", "unreachable", "locked", "damaged database", "damaged", "forbidden", "unknown",
)  # fmt: skip
_FULL_ERRORS = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG))
_DAMAGE_WORDS = ("malformed", "not a database", "disk i/o error", "file is encrypted")
_READ_ONLY_WORDS = ("unable to open", "readonly database")
_DATA_LIBRARIES = frozenset(("duckdb", "_duckdb", "pyarrow", "polars", "msgspec", "zlib"))
"""Libraries that read evidence: their errors are often damage."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A failure: its kind, one of the words above, and a sentence for the person who runs Homeroom."""

    kind: str
    sentence: str


def classify_failure(error: BaseException) -> str | None:
    """Return the kind of a failure that an error names by itself, without a look at the evidence; else None."""
    chain = _list_causes(error)
    if any(isinstance(cause, EvidenceDamaged) for cause in chain):
        return DAMAGED
    if any(_is_full(cause) for cause in chain):
        return FULL
    database = _describe_database_error(chain, Path())
    return database.kind if database else None


def describe_failure(error: BaseException, *, data: Path) -> Failure:
    """Return what a failure means and what to do about it. If it may be damage, the evidence is checked."""
    chain = _list_causes(error)
    if damaged := next((cause for cause in chain if isinstance(cause, EvidenceDamaged)), None):
        return Failure(kind=DAMAGED, sentence=f"{damaged}.")
    if any(_is_full(cause) for cause in chain):
        sentence = f"there is no room left on the disk of {data}. Free some, and run it again; nothing was lost."
        return Failure(kind=FULL, sentence=sentence)
    if database := _describe_database_error(chain, data):
        return database
    if denied := next((cause for cause in chain if isinstance(cause, PermissionError)), None):
        return Failure(kind=FORBIDDEN, sentence=f"{denied.filename or data} may not be read or written by this user.")
    if any(_may_be_damage(cause, data) for cause in chain) and (damage := _find_damage(data)):
        return Failure(kind=DAMAGED, sentence=damage)
    sentence = (
        f"this broke off unexpectedly ({type(error).__name__} at {describe_origin(error)}). Nothing half-done is "
        f"visible. Report it with the end of {get_log_path(data, CRASHES)}."
    )
    return Failure(kind=UNKNOWN, sentence=sentence)


def log_failure(error: BaseException, *, data: Path) -> None:
    """Write the frames of an exception and its causes to the log of crashes, without their texts."""
    append_entry(data, build_entry("crash", level="ERROR", errors=list_errors(error)), log=CRASHES)


def _list_causes(error: BaseException) -> list[BaseException]:
    causes: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and current not in causes:
        causes.append(current)
        current = current.__cause__ or current.__context__
    return causes


def _is_full(error: BaseException) -> bool:
    if isinstance(error, OSError) and error.errno in _FULL_ERRORS:
        return True
    text = str(error).lower() if _get_library(error) in _DATA_LIBRARIES or _is_database_error(error) else ""
    return any(words in text for words in FULL_WORDS)


def _describe_database_error(chain: list[BaseException], data: Path) -> Failure | None:
    errors = [cause for cause in chain if _is_database_error(cause)]
    if not errors:
        return None
    text = " ".join(str(cause) for cause in errors).lower()
    if "locked" in text:
        sentence = "the database is locked by another process. Wait until that has ended, and run it again."
        return Failure(kind=LOCKED, sentence=sentence)
    if any(words in text for words in _DAMAGE_WORDS):
        sentence = f"a database in {data} is damaged. Run homeroom doctor --deep, which says what restores it."
        return Failure(kind=DAMAGED_DATABASE, sentence=sentence)
    if any(words in text for words in _READ_ONLY_WORDS) and (denied := _find_read_only(data)):
        return Failure(kind=FORBIDDEN, sentence=f"{denied} may not be written by this user.")
    if any(words in text for words in ("no such table", *_READ_ONLY_WORDS)):
        sentence = f"a database in {data} cannot be opened or is not complete. Run homeroom doctor."
        return Failure(kind=DAMAGED_DATABASE, sentence=sentence)
    if any(type(cause).__name__ in ("OperationalError", "InterfaceError") for cause in errors):
        sentence = "the database cannot be reached. Check that it runs and that DATABASE_URL leads to it."
        return Failure(kind=UNREACHABLE, sentence=sentence)
    return None


def _find_read_only(data: Path) -> Path | None:
    """Return the data folder, or a file of its databases, that this user may not write; None if all may be written."""
    paths = (data, *sorted(data.glob("*.sqlite3*")))
    return next((path for path in paths if path.exists() and not os.access(path, os.W_OK)), None)


def _is_database_error(error: BaseException) -> bool:
    return isinstance(error, sqlite3.Error) or (
        _get_library(error) in ("psycopg", "django")
        and any(
            parent.__name__ == "DatabaseError" or parent.__name__ == "InterfaceError" for parent in type(error).__mro__
        )
    )


def _may_be_damage(error: BaseException, data: Path) -> bool:
    if isinstance(error, FileNotFoundError):
        return str(error.filename or "").startswith(str(data / "evidence"))
    return _get_library(error) in _DATA_LIBRARIES or isinstance(error, OSError | EOFError)


def _get_library(error: BaseException) -> str:
    return type(error).__module__.partition(".")[0]


def _find_damage(data: Path) -> str:
    """Return a sentence about the damage of the evidence; empty text if there is none."""
    root = data / "evidence"
    names = [path.name for path in sorted(root.iterdir()) if path.is_dir()] if root.is_dir() else []
    damages = [
        damage
        for name in names
        for damage in check_evidence(EvidenceStore(root, district=name), references=References())
    ]
    if not damages:
        return ""
    count = "one file" if len(damages) == 1 else f"{len(damages)} files"
    return f"{count} of the evidence cannot be used: {damages[0]}. Run homeroom doctor --repair."
