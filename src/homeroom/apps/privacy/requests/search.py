"""Search what is held of the student of a request: rows of evidence by system, disclosures and opt-outs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from homeroom.apps.privacy.held_records import find_held_records, summarize_held
from homeroom.domain.district import District


def search_request(*, district: District, student: str) -> Mapping[str, Any]:
    """Return how many rows each system holds of a student, as plain values for an entry. Raise QueryTimeout."""
    records = find_held_records(district=district, student=student)
    return {"rows": records.count, "held": summarize_held(records)}
