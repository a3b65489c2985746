"""The logs of a test: everything that is logged goes to a data folder of its own while it runs."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from homeroom.apps.platform.telemetry.log_lines import DataFolderLog
from homeroom.evidence.files.data_folder import open_data_folder
from homeroom.evidence.files.log_file import LOGS, list_log_files, read_entries

SEPARATE_LOGGERS = ("homeroom.access", "homeroom.apps.platform.telemetry.job_runs")
"""Loggers that do not pass on what they log."""


@dataclass(frozen=True)
class RecordedLogs:
    """The logs in one data folder."""

    data: Path

    def read(self, log: str) -> list[dict[str, Any]]:
        """Return the entries of a log."""
        return list(read_entries(self.data, log))

    def read_text(self) -> str:
        """Return every byte of every log, as text."""
        return "".join(path.read_text("utf-8") for log in LOGS for path in list_log_files(self.data, log))


@contextmanager
def record_logs(folder: Path, *, level: int = logging.WARNING) -> Iterator[RecordedLogs]:
    """Write what is logged within to the logs of a new data folder."""
    data = open_data_folder(folder, kind="real")
    handler = DataFolderLog(data=str(data))
    loggers = [logging.getLogger(name) for name in ("", *SEPARATE_LOGGERS)]
    root, before = loggers[0], loggers[0].level
    root.setLevel(level)
    for logger in loggers:
        logger.addHandler(handler)
    try:
        yield RecordedLogs(data)
    finally:
        root.setLevel(before)
        for logger in loggers:
            logger.removeHandler(handler)
