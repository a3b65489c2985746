"""Start of telemetry in a process that serves pages or runs jobs."""

from __future__ import annotations

import faulthandler
import sys
import threading
from pathlib import Path
from types import TracebackType

from django.conf import settings

from homeroom import __version__
from homeroom.apps.platform.telemetry.counters import open_counters
from homeroom.apps.platform.telemetry.log_lines import list_errors
from homeroom.evidence.files.log_file import CRASHES, append_entry, build_entry


def start_telemetry() -> None:
    """Begin to count and to trace as the settings say, and let errors that nobody catches go to the log of crashes.

    Call it once in each process, after it was forked.
    """
    data = Path(settings.DATA)
    record_uncaught_errors(data)
    if settings.METRICS_TOKEN:
        open_counters(data)
    if settings.TRACING:
        from homeroom.apps.platform.telemetry.spans import configure_tracing

        configure_tracing(version=__version__)


def record_uncaught_errors(data: Path) -> None:
    """Write errors that end a thread or the process to the log of crashes, instead of printing their texts.

    A native crash prints the frames of all threads, without values, on standard error.
    """

    def record(kind: type[BaseException], error: BaseException | None, _frames: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            return
        errors = list_errors(error) or [{"type": kind.__qualname__, "frames": []}]
        append_entry(data, build_entry("crash", level="CRITICAL", errors=errors), log=CRASHES)
        sys.stderr.write(f"{errors[0]['type']} ended a thread or the process; see the log of crashes.\n")

    sys.excepthook = record
    threading.excepthook = lambda ended: record(ended.exc_type, ended.exc_value, ended.exc_traceback)
    if not faulthandler.is_enabled():
        faulthandler.enable()
