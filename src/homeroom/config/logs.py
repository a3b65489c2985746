"""Settings of logs, metrics and traces, from the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from homeroom.config import environment
from homeroom.evidence.files.log_file import LogPolicy

MIN_TOKEN = 24
"""Characters of a token that nobody guesses."""
FILES, STDERR = "files", "stderr"


def build_log_policy() -> LogPolicy:
    """Return where logs go and how long they stay; raise ValueError with the variable's name for what does not fit."""
    target = environment.LOG_TO.text
    if target not in (FILES, STDERR):
        raise ValueError(f"{environment.LOG_TO.name}={target!r}; {FILES} or {STDERR} would fit")
    return LogPolicy(
        most_bytes=environment.LOG_FILE_BYTES.count,
        days=environment.LOG_DAYS.count,
        files=environment.LOG_FILES.count,
        to_stderr=target == STDERR,
    )


def build_logging(*, data: Path, policy: LogPolicy, level: str) -> dict[str, Any]:
    """Return Django's LOGGING: entries to the logs, and warnings as sentences to a terminal unless entries go there."""
    handlers = ["log"] if policy.to_stderr else ["log", "console"]
    always = {"handlers": ["log"], "level": "INFO", "propagate": False}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"plain": {"()": "homeroom.apps.platform.telemetry.log_lines.PlainText"}},
        "handlers": {
            "log": {"()": "homeroom.apps.platform.telemetry.log_lines.DataFolderLog", "data": os.fspath(data)},
            "console": {"class": "logging.StreamHandler", "formatter": "plain"},
        },
        "root": {"handlers": handlers, "level": level},
        "loggers": {
            "homeroom.access": always,
            "homeroom.apps.platform.telemetry.job_runs": always,
            # Django's default handlers would print the text of an exception.
            "django": {"handlers": [], "level": level, "propagate": True},
            "django.request": {"level": "ERROR"},
            # At DEBUG, each lock (a file of logs is rotated under one) and each empty value of a template has an entry.
            "filelock": {"level": "INFO"},
            "django.template": {"level": "INFO"},
        },
    }


def read_metrics_token() -> str:
    """Return the token of metrics, or empty text; raise ValueError for one that could be guessed."""
    token = environment.METRICS_TOKEN.text
    if token and len(token) < MIN_TOKEN:
        raise ValueError(f"{environment.METRICS_TOKEN.name} is too short; {MIN_TOKEN} characters or more would fit")
    return token
