"""Apply what a loaded list of facts calls the district, and its time zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.commands import rename_district
from homeroom.domain.platform.district import District
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session

TABLE = "district_facts"
_FACTS_SQL = f"SELECT fact, arg_max(value, seen_at) FROM {TABLE} WHERE value IS NOT NULL GROUP BY fact"


def apply_district_facts(
    *, district: District, store: EvidenceStore, loads: Iterable[Load], actor: str, at: datetime
) -> None:
    """Name the district as its current facts do, if one of these loads brought facts.

    A name that somebody set since stays until facts are loaded again: the newest decision counts.
    """
    if not any(TABLE in load.tables for load in loads):
        return
    session = open_session(store.pin_snapshot().restrict_to(TABLE))
    try:
        facts = dict(session.execute(_FACTS_SQL).fetchall())
    finally:
        session.close()
    name, timezone = facts.get("name", district.name), facts.get("timezone", district.timezone)
    if (name, timezone) == (district.name, district.timezone):
        return
    with transaction.atomic():
        rename_district(district=district, name=name, timezone=timezone)
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="name district",
            subject_kind="district",
            subject=district.slug,
            detail={"name": name, "timezone": timezone},
        )
