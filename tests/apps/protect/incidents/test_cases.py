"""From a loaded log to a closed incident: the alerts learn where they belong, and the incident holds its events."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.judging.judge_events import judge_new_events
from homeroom.apps.protect.detection.models import StoredAlert
from homeroom.apps.protect.detection.queries import find_alert, list_all_alerts
from homeroom.apps.protect.incidents.cases import (
    close_case,
    find_case,
    join_case,
    list_cases,
    merge_cases,
    open_case,
    open_case_from_alert,
    split_case,
)
from homeroom.apps.protect.incidents.current_alerts import list_alert_outlines, list_current_alerts
from homeroom.apps.protect.incidents.models import HeldEvent
from homeroom.apps.protect.incidents.proposals import find_proposal_outline, list_proposals
from homeroom.apps.protect.incidents.queries import get_month_report
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.evidence.events.event_store import EventStore
from homeroom.ingest.events.stored_events import build_log_events
from tests.apps.program import run_homeroom
from tests.cast import Cast
from tests.data_folders import prepare_data_folder
from tests.unit.protect.incidents.alert_cases import MONDAY

AT = MONDAY + timedelta(hours=3)
BY = {"actor": "technician", "at": AT}


def write_forwarding(actor: str, *, minutes: int) -> dict[str, Any]:
    """Return an activity: an account forwards its mail out of the district, so many minutes after Monday morning."""
    time = (MONDAY + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    parameter = {"name": "email_forwarding_destination_address", "value": "eve@evil.example"}
    event = {"type": "email_forwarding_change", "name": "email_forwarding_out_of_domain", "parameters": [parameter]}
    return {
        "kind": "admin#reports#activity",
        "id": {"time": time, "uniqueQualifier": f"{minutes}", "applicationName": "user_accounts", "customerId": "C1"},
        "actor": {"email": f"{actor}@maple.example", "profileId": actor},
        "ipAddress": "203.0.113.5",
        "events": [event],
    }


def load_activities(cast: Cast, folder: Path, *activities: dict[str, Any], at) -> None:
    """Load activities as one file, and judge what is new."""
    path = folder / f"{at:%H%M}.jsonl"
    path.write_text("".join(json.dumps(item) + "\n" for item in activities), encoding="utf-8")
    store = get_evidence_store(district=cast.district)
    load_files([path], district=cast.district, store=store, at=at, actor="technician")
    judge_new_events(
        district=cast.district, store=store, events=EventStore(store), build_events=build_log_events, at=at
    )


@pytest.fixture
def loaded(cast: Cast, tmp_path: Path) -> Cast:
    earlier, later = AT - timedelta(hours=2), AT - timedelta(hours=1)
    load_activities(cast, tmp_path, write_forwarding("bo", minutes=-3 * 24 * 60), at=earlier)
    load_activities(cast, tmp_path, write_forwarding("ana", minutes=90), at=later)
    return cast


def test_an_alert_leads_to_an_incident_that_holds_its_events_and_closes_with_it(loaded: Cast):
    district = loaded.district
    bo, ana = sorted(list_cases(district=district), key=lambda view: view.timeline[0].time)
    assert (bo.state, ana.state, len(ana.alerts)) == ("proposed", "proposed", 1)
    alert = ana.alerts[0].id
    assert open_case_from_alert(district=district, alert=alert, **BY) == ana.id
    assert open_case_from_alert(district=district, alert=alert, **BY) == ana.id
    row = find_alert(district=district, public=alert)
    assert row is not None
    assert (row.state, row.incident) == ("in_incident", ana.id)
    held = HeldEvent.objects.of(district).get()
    assert held.key == ana.timeline[0].key
    assert held.row["actor_email"] == "ana@maple.example"
    assert "eve@evil.example" in held.row["details"]
    close_case(district=district, public=ana.id, reason="Forwarding removed, password reset.", **BY)
    row = find_alert(district=district, public=alert)
    assert row is not None
    assert (row.state, row.verdict) == ("closed", "real")
    assert [(view.id, view.state) for view in list_cases(district=district)] == [
        (bo.id, "proposed"), (ana.id, "closed"),
    ]  # fmt: skip


def test_what_joins_an_alert_to_others_is_stored_with_it_as_its_detections_have_it(loaded: Cast):
    outlines, alerts = (read(district=loaded.district) for read in (list_alert_outlines, list_current_alerts))
    assert [(item.id, set(item.touches)) for item in outlines] == [(item.id, set(item.touches)) for item in alerts]
    assert all(item.touches for item in outlines)
    with CaptureQueriesContext(connection) as queries:
        list_alert_outlines(district=loaded.district)
    assert not any("detection_storeddetection" in query["sql"] for query in queries)
    StoredAlert.objects.of(loaded.district).update(touches=None)
    older = list_alert_outlines(district=loaded.district)
    assert [(item.id, item.touches) for item in older] == [(item.id, item.touches) for item in alerts]


def test_proposals_are_computed_again_only_if_their_alerts_or_incidents_changed(loaded: Cast):
    district = loaded.district
    first = list_proposals(district=district)
    assert [item.id for item in reversed(first)] == [view.id for view in list_cases(district=district)]
    with CaptureQueriesContext(connection) as queries:
        assert list_proposals(district=district) is first
    assert len(queries) == 2
    open_case(district=district, public=first[0].id, **BY)
    assert [item.id for item in list_proposals(district=district)] == [item.id for item in first[1:]]
    assert find_proposal_outline(district=district, public=first[0].id) is None
    StoredAlert.objects.of(district).filter(public=first[1].alerts[0].id).update(title="Another title")
    assert find_proposal_outline(district=district, public=first[1].id) != first[1]


def test_the_time_to_detect_is_that_of_the_source_the_sync_and_the_judging(loaded: Cast):
    ana = max(list_cases(district=loaded.district), key=lambda view: view.timeline[0].time)
    open_case(district=loaded.district, public=ana.id, **BY)
    figures = get_month_report(district=loaded.district)[0].figures
    seconds = {name: figures[name].seconds for name in ("detect", "source_lag", "sync", "judging")}
    assert seconds == {"detect": 1800, "source_lag": 0, "sync": 1800, "judging": 0}


def test_merged_and_split_alerts_know_their_incident(loaded: Cast):
    district = loaded.district
    bo, ana = sorted(list_cases(district=district), key=lambda view: view.timeline[0].time)
    open_case(district=district, public=ana.id, **BY)
    join_case(district=district, public=ana.id, proposal=bo.id, **BY)
    assert {row.incident for row in list_all_alerts(district=district)} == {ana.id}
    split = split_case(district=district, public=ana.id, alerts=[bo.alerts[0].id], title="Bo", **BY)
    assert {row.incident for row in list_all_alerts(district=district)} == {ana.id, split}
    merge_cases(district=district, public=split, other=ana.id, **BY)
    assert {row.incident for row in list_all_alerts(district=district)} == {split}
    view = find_case(district=district, public=ana.id)
    assert view is not None
    assert (view.id, len(view.alerts)) == (split, 2)
    with pytest.raises(IncidentRefused, match="sentence"):
        close_case(district=district, public=split, reason="No.", verdict="false_alarm", **BY)
    assert {row.state for row in list_all_alerts(district=district)} == {"in_incident"}


def test_what_is_not_proposed_is_not_opened(loaded: Cast):
    with pytest.raises(LookupError):
        open_case(district=loaded.next_district, public=list_cases(district=loaded.district)[0].id, **BY)
    with pytest.raises(LookupError):
        open_case_from_alert(district=loaded.district, alert="alert-0", **BY)


def test_the_command_prints_a_document_and_a_table(tmp_path: Path):
    data = prepare_data_folder(tmp_path / "data")
    done = run_homeroom("incidents", "--json", data=data)
    assert (done.returncode, json.loads(done.stdout)) == (0, {"incidents": []})
