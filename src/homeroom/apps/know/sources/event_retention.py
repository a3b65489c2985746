"""Apply the retention of events where no load does it: find what is beyond it, and drop that."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District
from homeroom.evidence.events.expire_events import (
    ExpiredEvents,
    drop_expired_events,
    find_expired_events,
    remove_retired_files,
)
from homeroom.evidence.loads.store import EvidenceStore


def list_expired_events(*, store: EvidenceStore, at: datetime) -> tuple[ExpiredEvents, ...]:
    """Return what is beyond retention at that time, by table."""
    return find_expired_events(store, at=at, retention=settings.EVENT_RETENTION)


def apply_retention(*, district: District, store: EvidenceStore, at: datetime) -> tuple[ExpiredEvents, ...]:
    """Drop the events beyond retention and return what was dropped. Raise StoreBusy at once if a load is written.

    Events of an opened incident stay with it: it has copies of their rows.
    """
    with store.lock_for_writing(wait=0):
        expired = drop_expired_events(store, at=at, retention=settings.EVENT_RETENTION)
        remove_retired_files(store, at=at)
    if expired:
        record_audit_entry(
            district=district,
            at=at,
            actor="",
            action="drop expired events",
            subject_kind="district",
            subject=district.slug,
            detail={item.table: {"events": item.rows, "days": len(item.days)} for item in expired},
        )
    return expired
