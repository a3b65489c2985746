"""Search what is held of the student of a request: rows of evidence by system, and log entries naming the student."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeroom.apps.comply.privacy.held_records import find_held_records, summarize_held
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.evidence.events.erase_events import count_naming_events


def search_request(*, district: District, student: str) -> Mapping[str, Any]:
    """Return how many rows and log entries each system holds of a student, as plain values. Raise QueryTimeout.

    A log entry counts if it names one of the student's addresses, numbers or user names; no value is returned.
    """
    records = find_held_records(district=district, student=student)
    events = count_naming_events(get_evidence_store(district=district), records.names)
    logs = [{"system": system, "table": table, "rows": rows} for (system, table), rows in events.items()]
    return {"rows": records.count + sum(events.values()), "held": [*summarize_held(records), *logs]}
