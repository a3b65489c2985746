"""Evidence with the people whom sign-in is about: who works here, who left, students, and accounts of each."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES
from tests.assessed_district import ASSESSED_AT, TODAY
from tests.cast import TEACHER_ADDRESS

PEOPLE: tuple[dict[str, Any], ...] = (
    {"id": 1, "name": "Ines Calloway", "email": TEACHER_ADDRESS, "title": "Teacher", "began_on": date(2025, 8, 18)},
    {"id": 2, "name": "Rolf Anselm", "email": "rolf.anselm@maple.test", "left": True, "here": False},
    {"id": 3, "name": "Mina Ferro", "email": "mina.ferro@maple.test", "kind": "student", "roles": ["student"]},
    {"id": 4, "name": "Otis Brandt", "email": "otis.brandt@maple.test", "roles": ["staff", "student"]},
    {"id": 5, "name": "Vera Lund", "email": "vera.lund@maple.test"},
    {"id": 6, "name": "Gus Moreau", "email": "gus.moreau@home.test", "kind": "guardian", "roles": ["guardian"]},
    {"id": 7, "name": "Cleo Marsh", "email": "cleo.marsh@maple.test"},
    {"id": 8, "name": "Ana Silva", "email": "front.desk@maple.test"},
    {"id": 9, "name": "Bo Silva", "email": "front.desk@maple.test"},
    {"id": 10, "name": "Dana Whitfield", "email": "dana.whitfield@maple.test", "title": "Technology director"},
    {"id": 11, "name": "Lars Holm", "email": "lars.holm@maple.test"},
)
ACCOUNTS: tuple[dict[str, Any], ...] = (
    {"id": 101, "person": 1, "email": TEACHER_ADDRESS},
    {"id": 102, "person": 2, "email": "rolf.anselm@maple.test"},
    {"id": 103, "person": 3, "email": "mina.ferro@maple.test", "kind": "student"},
    {"id": 104, "person": 4, "email": "otis.brandt@maple.test"},
    {"id": 105, "person": 5, "email": "vera.lund@maple.test", "enabled": False},
    {"id": 106, "person": 10, "email": "Dana.Whitfield@maple.test"},
    {"id": 107, "person": None, "email": "scanner@maple.test", "kind": "service"},
    {"id": 108, "person": 11, "email": "lars.holm@maple.test", "kind": "student"},
)


def publish_people(root: Path, *, district: str, left: str = "") -> EvidenceStore:
    """Publish a resolved snapshot with these people and accounts, and return the store; one address may have left."""
    store = EvidenceStore(root, district=district)
    people = [
        {"kind": "staff", "roles": ["teacher"], "here": row["email"] != left, "left": row["email"] == left, **row}
        for row in PEOPLE
    ]
    accounts = [{"kind": "staff", "directory": "google", "enabled": True, **row} for row in ACCOUNTS]
    tables = {
        "people": people,
        "accounts": accounts,
        "devices": [],
    }
    arrow = {
        name: cast_to_table(
            pl.DataFrame(rows, infer_schema_length=None) if rows else pl.DataFrame(schema={"id": pl.Int64}),
            table=TABLES[name],
        ).to_arrow()
        for name, rows in tables.items()
    }
    store.publish_derived(
        arrow, inputs=store.compute_sources_id(), today=TODAY, at=ASSESSED_AT + timedelta(hours=bool(left))
    )
    return store
