"""A person is erased from logs, detections and alerts; an incident keeps its evidence, and the outcome names it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.announced_work import ENTRY_LISTS
from homeroom.apps.protect.detection.models import AnnouncedWork, StoredAlert, StoredDetection
from homeroom.apps.protect.incidents.cases import find_case, list_cases, open_case
from homeroom.apps.protect.incidents.erase_person import erase_person_everywhere, preview_person_erasure
from homeroom.evidence.events.event_store import EventStore
from tests.apps.protect.incidents.test_cases import AT, load_activities, write_forwarding
from tests.cast import Cast

NAMES = ["ana@maple.example"]


@pytest.fixture
def loaded(cast: Cast, tmp_path: Path) -> Cast:
    earlier, later = AT - timedelta(hours=2), AT - timedelta(hours=1)
    load_activities(cast, tmp_path, write_forwarding("bo", minutes=-3 * 24 * 60), at=earlier)
    load_activities(cast, tmp_path, write_forwarding("ana", minutes=90), at=later)
    return cast


def _count(cast: Cast) -> tuple[int, int, int]:
    """Return how many events, detections and alerts are stored."""
    rows = sum(log.rows for log in EventStore(get_evidence_store(district=cast.district)).list_logs())
    counts = (model.objects.of(cast.district).count() for model in (StoredDetection, StoredAlert))
    return rows, *counts  # type: ignore[return-value]


def _erase(cast: Cast, names: list[str] = NAMES, reason: str = "Asked for by the family."):
    store = get_evidence_store(district=cast.district)
    return erase_person_everywhere(
        district=cast.district, store=store, names=names, reason=reason, actor="director", at=AT
    )


def test_what_names_the_person_is_erased_and_all_else_stays(loaded: Cast):
    store = get_evidence_store(district=loaded.district)
    before = _count(loaded)
    preview = preview_person_erasure(district=loaded.district, store=store, names=NAMES, at=AT)
    assert _count(loaded) == before == (2, 2, 2)
    outcome = _erase(loaded)
    assert (outcome.events.rows, outcome.detections.detections, outcome.holds) == (1, 1, ())
    assert (preview.events, preview.detections, preview.holds) == (outcome.events, outcome.detections, outcome.holds)
    assert _count(loaded) == (1, 1, 1)
    assert [
        alert.title for alert in StoredAlert.objects.of(loaded.district) if "ana@" in json.dumps(alert.details)
    ] == []
    entry = Entry.objects.of(loaded.district).get(action="erase person from logs")
    assert (entry.actor, entry.detail["events"], entry.detail["reason"]) == ("director", 1, "Asked for by the family.")
    assert "ana@" not in json.dumps(entry.detail)


def test_what_an_incident_holds_stays_and_the_outcome_names_the_incident(loaded: Cast):
    ana = next(view for view in list_cases(district=loaded.district) if "ana@" in view.title)
    open_case(district=loaded.district, public=ana.id, actor="technician", at=AT)
    outcome = _erase(loaded)
    (hold,) = outcome.holds
    assert (hold.incident, hold.state, hold.alerts, hold.events) == (ana.id, "open", 1, 1)
    assert (outcome.events.rows, outcome.detections.detections) == (1, 0)
    assert outcome.detections.held == (ana.alerts[0].id,)
    view = find_case(district=loaded.district, public=ana.id)
    assert view is not None
    assert len(view.alerts) == 1
    assert Entry.objects.of(loaded.district).get(action="erase person from logs").detail["held_by"] == [ana.id]


def test_an_erasure_needs_a_reason_and_a_whole_name(loaded: Cast):
    for names, reason in ((NAMES, ""), (["an"], "Asked for by the family.")):
        with pytest.raises(ValueError, match="would fit"):
            _erase(loaded, names, reason)
    assert _count(loaded) == (2, 2, 2)


def test_work_that_was_announced_on_the_page_stays_expected_beside_what_is_erased(cast: Cast, tmp_path: Path):
    lists = {name: [] for name in ENTRY_LISTS} | {"who": ["bo@maple.example"]}
    times = dict.fromkeys(("starts", "ends", "daily_from", "daily_until"))
    AnnouncedWork.objects.create(
        district=cast.district, key="one", entry={**lists, **times}, reason="A test.", announced_by="x", announced_at=AT
    )
    load_activities(cast, tmp_path, write_forwarding("bo", minutes=60), write_forwarding("ana", minutes=90), at=AT)
    assert _erase(cast).detections.detections == 1
    (alert,) = StoredAlert.objects.of(cast.district)
    assert (alert.state, alert.reason) == ("expected", "A test.")
