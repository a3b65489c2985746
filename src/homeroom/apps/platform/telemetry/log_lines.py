"""Log records as entries without personal data: which parts of a record may be written, and where.

The text of an exception can quote any value, so that only its class and frames are written. The messages of Homeroom's
own code are literals with class names and counts. A message of a library is written as the literal of its source code,
with numbers filled in and everything else left out; if it has no arguments, it may have been composed, and is left out.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import Any

from homeroom.apps.platform.telemetry.request_ids import get_request_id
from homeroom.apps.platform.telemetry.spans import get_trace_id
from homeroom.evidence.files.log_file import ACCESS, CRASHES, EVENTS, append_entry, build_entry

OWN = "homeroom"
ACCESS_LOGGER = "homeroom.access"
REFUSALS = "django.security."
_LIBRARY_FIELDS = ("event", "task_id", "task_path", "attempt", "attempts", "max_attempts", "duration_ms")
"""Fields of records of the queue, which hold ids and numbers."""
_OMITTED = "…"


class DataFolderLog(logging.Handler):
    """Writes records to the logs of a data folder: failures with their frames to the log of crashes, too."""

    def __init__(self, *, data: str) -> None:
        super().__init__()
        self._data = Path(data)

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        try:
            entry = build_record_entry(record)
            if record.name == ACCESS_LOGGER:
                append_entry(self._data, entry, log=ACCESS)
            else:
                append_entry(self._data, entry, log=CRASHES if _is_crash(record) else EVENTS)
        except Exception:  # noqa: BLE001  what is logged about matters more than the log
            sys.stderr.write("A log entry could not be written.\n")


class PlainText(logging.Formatter):
    """A record as a sentence for a terminal, with the class and place of an error and without its text."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the text."""
        message = describe_message(record) or f"{record.levelname} at {describe_place(record.pathname, record.lineno)}"
        errors = list_errors(_get_error(record))
        return message + "".join(f"\n  {error['type']} at {error['frames'][-1:]}" for error in errors)


def build_record_entry(record: logging.LogRecord) -> dict[str, Any]:
    """Return the entry of a record. An own record brings its fields as `fields`."""
    fields: dict[str, Any] = dict(getattr(record, "fields", {})) if _is_own(record.name) else _pick_fields(record)
    event = fields.pop("event", "") or "log"
    request_id = fields.pop("request_id", "") or get_request_id()
    return build_entry(
        event,
        level=record.levelname,
        logger=None if event in ("request", "job") else record.name,
        message=describe_message(record),
        request_id=request_id,
        trace_id=get_trace_id(),
        **fields,
        place=None if _is_own(record.name) else describe_place(record.pathname, record.lineno),
        errors=list_errors(_get_error(record)) or None,
    )


def describe_message(record: logging.LogRecord) -> str:
    """Return the message of a record without values of a library's arguments that are no numbers."""
    if _is_own(record.name):
        return record.getMessage()
    if not record.args:
        return ""
    try:
        return str(str(record.msg) % _mask_arguments(record.args))
    except (TypeError, ValueError):
        return str(record.msg)


def list_errors(error: BaseException | None) -> list[dict[str, Any]]:
    """Return class and frames (file, line, function) of an error and of its causes, without their texts."""
    entries: list[dict[str, Any]] = []
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        frames = traceback.extract_tb(error.__traceback__)
        entries.append(
            {
                "type": f"{type(error).__module__}.{type(error).__qualname__}",
                "frames": [f"{describe_place(frame.filename, frame.lineno or 0)} {frame.name}" for frame in frames],
            }
        )
        error = error.__cause__ or error.__context__
    return entries


def describe_place(path: str, line: int) -> str:
    """Return file and line, from the package on: the folders before it can hold the name of a person."""
    parts = Path(path).parts
    starts = [number + 1 for number, part in enumerate(parts[:-1]) if part in ("site-packages", "src")]
    return f"{'/'.join(parts[starts[-1] :] if starts else parts[-2:])}:{line}"


def _is_crash(record: logging.LogRecord) -> bool:
    """Return whether a record is about a fault of the program: a request that Django refuses is none."""
    return bool(record.exc_info) and record.levelno >= logging.ERROR and not record.name.startswith(REFUSALS)


def _is_own(name: str) -> bool:
    return name == OWN or name.startswith(f"{OWN}.")


def _pick_fields(record: logging.LogRecord) -> dict[str, Any]:
    fields = {name: getattr(record, name) for name in _LIBRARY_FIELDS if hasattr(record, name)}
    request = getattr(record, "request", None)
    return fields | ({"route": getattr(request, "route", "")} if request is not None else {})


def _get_error(record: logging.LogRecord) -> BaseException | None:
    return record.exc_info[1] if isinstance(record.exc_info, tuple) else None


def _mask_arguments(arguments: Any) -> Any:
    if isinstance(arguments, dict):
        return {name: _mask_argument(value) for name, value in arguments.items()}
    return tuple(_mask_argument(value) for value in arguments)


def _mask_argument(value: object) -> object:
    if isinstance(value, bool | int | float):
        return value
    return type(value).__name__ if isinstance(value, BaseException) else _OMITTED
