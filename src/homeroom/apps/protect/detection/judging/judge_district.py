"""Judge a district's stored events: the event store and the shipped rules, put together."""

from __future__ import annotations

from datetime import datetime

from homeroom.apps.protect.detection.judging.judge_events import JudgedEvents, judge_new_events
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.events.stored_events import build_log_events

WAIT_SECONDS = 300
"""How long a run waits for another one of the district."""


def judge_district(
    *,
    district: District,
    store: EvidenceStore,
    at: datetime,
    wait: float = WAIT_SECONDS,
    progress: Progress = ignore_progress,
) -> JudgedEvents:
    """Judge what came since the last run. Raise JudgingBusy if another run does not end in time."""
    return judge_new_events(
        district=district,
        store=store,
        events=EventStore(store),
        build_events=build_log_events,
        at=at,
        wait=wait,
        progress=progress,
    )


def has_unresolved_loads(store: EvidenceStore) -> bool:
    """Return whether lists were loaded since the newest snapshot was resolved."""
    derived = store.get_latest_derived()
    if derived is None:
        return bool(store.list_current_loads())
    return not derived.inputs.startswith(store.compute_sources_id())
