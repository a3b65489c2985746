"""Retention is applied at night, is in the audit trail, and takes nothing from an incident."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.connections.nightly_retention import RetentionClock
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.event_retention import apply_retention, list_expired_events
from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.judging.judge_events import judge_new_events
from homeroom.apps.protect.incidents.cases import find_case, list_cases, open_case
from homeroom.apps.protect.incidents.models import HeldEvent
from homeroom.cli.platform.doctor import check_retention
from homeroom.evidence.events.event_store import EventStore
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.events.stored_events import build_log_events
from tests.apps.protect.incidents.test_cases import AT, write_forwarding
from tests.cast import Cast

ACTION = "drop expired events"
LATER = (AT + timedelta(days=500)).replace(hour=7)
"""Two or three o'clock at night, where the districts are."""


@pytest.fixture
def store(cast: Cast, tmp_path: Path) -> EvidenceStore:
    store = get_evidence_store(district=cast.district)
    path = tmp_path / "log.jsonl"
    activities = [write_forwarding("ana", minutes=90), write_forwarding("bo", minutes=-3 * 24 * 60)]
    path.write_text("".join(json.dumps(item) + "\n" for item in activities), encoding="utf-8")
    load_files([path], district=cast.district, store=store, at=AT, actor="technician")
    return store


def list_entries(district: Any) -> list[Any]:
    return list(Entry.objects.of(district).filter(action=ACTION).values_list("actor", "detail"))


def count_rows(store: EvidenceStore) -> int:
    return sum(log.rows for log in EventStore(store).list_logs())


def test_a_night_drops_what_is_beyond_retention_and_notes_it_once(cast: Cast, store: EvidenceStore) -> None:
    clock = RetentionClock()
    assert clock.apply(at=LATER.replace(hour=18)) == 0, "afternoon, where the districts are"
    assert count_rows(store) == 2
    (expired,) = list_expired_events(store=store, at=LATER)
    assert (expired.table, expired.rows, expired.retention_days) == ("audit_events", 2, 400)
    assert clock.apply(at=LATER) >= 1
    assert clock.apply(at=LATER + timedelta(minutes=1)) == 0, "once a night"
    assert clock.apply(at=LATER + timedelta(days=1)) >= 1
    assert (count_rows(store), list_expired_events(store=store, at=LATER)) == (0, ())
    assert list_entries(cast.district) == [("", {"audit_events": {"events": 2, "days": 2}})]


def test_another_district_and_a_shorter_setting_are_their_own(cast: Cast, store: EvidenceStore, settings: Any) -> None:
    settings.EVENT_RETENTION = {"audit_events": 31, "host_events": 1}
    other = cast.next_district
    apply_retention(district=other, store=get_evidence_store(district=other), at=LATER)
    assert (count_rows(store), list_entries(other)) == (2, [])
    apply_retention(district=cast.district, store=store, at=AT + timedelta(days=31))
    assert count_rows(store) == 1
    assert list_entries(cast.district) == [("", {"audit_events": {"events": 1, "days": 1}})]


def test_a_load_that_is_written_makes_retention_wait_for_the_next_round(cast: Cast, store: EvidenceStore) -> None:
    slugs: list[str] = []

    def open_store(district: Any) -> EvidenceStore:
        slugs.append(district.slug)
        return get_evidence_store(district=district)

    clock = RetentionClock(open_store=open_store)
    with store.lock_for_writing():
        clock.apply(at=LATER)
    assert count_rows(store) == 2
    tries = slugs.count(cast.district.slug)
    assert clock.apply(at=LATER + timedelta(seconds=20)) == 1
    assert (slugs.count(cast.district.slug), count_rows(store)) == (tries + 1, 0)


def test_an_incident_has_its_events_when_evidence_has_dropped_them(cast: Cast, store: EvidenceStore) -> None:
    events = EventStore(store)
    judge_new_events(district=cast.district, store=store, events=events, build_events=build_log_events, at=AT)
    proposed = next(view for view in list_cases(district=cast.district) if "ana" in str(view.entities))
    public = open_case(district=cast.district, public=proposed.id, actor="technician", at=AT)
    before = find_case(district=cast.district, public=public)
    apply_retention(district=cast.district, store=store, at=LATER)
    assert count_rows(store) == 0
    assert find_case(district=cast.district, public=public) == before
    assert HeldEvent.objects.of(cast.district).get().row["actor_email"] == "ana@maple.example"


def test_events_of_a_district_that_loads_nothing_more_do_not_stay_on_the_disk(cast: Cast, store: EvidenceStore) -> None:
    files = {path for path in store.blobs.rglob("*") if path.is_file()}
    for day in range(3):
        apply_retention(district=cast.district, store=store, at=LATER + timedelta(days=day))
    remaining = {path for path in files if path.exists()}
    assert remaining < files
    assert len(list_entries(cast.district)) == 1


def test_the_doctor_says_what_is_beyond_retention(store: EvidenceStore) -> None:
    assert check_retention(store=store, at=AT + timedelta(days=399)).well, "the night has not come yet"
    check = check_retention(store=store, at=AT + timedelta(days=403))
    assert (check.name, check.well) == ("retention", False)
    assert check.found.startswith("events beyond retention: 2 of audit_events (stored for 400 days)")
