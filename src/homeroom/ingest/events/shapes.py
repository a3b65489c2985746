"""The parts of an event that depend on its product."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from homeroom.domain.protect.detections.events import LogSource


@dataclass(frozen=True, kw_only=True, slots=True)
class EventParts:
    """One event of a record, without its place."""

    time: datetime | None
    source: LogSource
    host: str = ""
    user: str = ""
    fields: Mapping[str, Any]
