"""Read a rollout's spec with the bell folders and calendars beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path

from homeroom.connectors.bell.folders import read_bell_folder
from homeroom.connectors.icalendar.busy_times import read_busy_spans
from homeroom.domain.manage.rollouts.spec import RolloutSpec
from homeroom.domain.schooldays import Span
from homeroom.ingest.contract.errors import build_refusal
from homeroom.library.manage.rollouts.spec_reader import read_rollout_spec

FURTHEST = timedelta(days=400)
"""How far behind the last day calendars are read: more than a change of `until` that is proposed."""


def load_spec(path: Path) -> RolloutSpec:
    """Return the spec of a file. Raise FileRefused with each problem: file, line or path of keys, value, what fits."""
    return read_rollout_spec(path, read_bells=read_bell_folder, read_busy=_read_busy_file)


def _read_busy_file(path: Path, spec: RolloutSpec) -> Mapping[date, tuple[Span, ...]]:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise build_refusal("", f"cannot be read: {error.strerror}", fits="an iCalendar file (.ics)") from None
    return read_busy_spans(content, zone=spec.zone, first=spec.first, last=spec.last + FURTHEST)
