"""A person opens what Homeroom proposes, merges, splits and closes it, and each change is in the trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.incidents.commands import (
    add_alerts,
    change_details,
    close_incident,
    declare_incident,
    make_incident,
    mark_moment,
    merge_incidents,
    open_incident,
    reopen_incident,
    split_incident,
)
from homeroom.apps.protect.incidents.models import HeldEvent
from homeroom.apps.protect.incidents.queries import find_incident, get_month_report, list_incidents, propose_from_alerts
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.apps.protect.incidents.serialize import build_incidents_document, build_report_document
from homeroom.engines.protect.incidents import propose_incidents
from tests.apps.protect.incidents.conftest import NOON, open_proposed, read_no_rows
from tests.unit.protect.incidents.alert_cases import ANA, HOUR, MONDAY, make_account, make_incident_alert

pytestmark = pytest.mark.differs_by_database("transactions")
BY = {"actor": "technician", "at": NOON + timedelta(hours=1)}


def _list_actions(cast):
    rows = Entry.objects.of(cast.district).order_by("pk")
    return [(row.actor, row.action) for row in rows]


def test_what_is_proposed_has_the_form_that_other_programs_read(cast, alerts):
    document = build_incidents_document(list_incidents(district=cast.district, alerts=alerts))
    assert document == {"incidents": [{
        "id": propose_incidents(alerts)[0].id, "title": "Odd sign in", "severity": "high", "state": "proposed",
        "alerts": [alert.id for alert in alerts],
        "entities": [{"kind": "account", "name": "ana@maple.example", "id": "a-1"},
                     {"kind": "address", "name": "203.0.113.9", "id": ""}],
        "timeline": [
            {"time": "2026-09-14T13:00:00Z", "what": "Odd sign in", "by": "log", "key": "odd-sign-in/0"},
            {"time": "2026-09-14T14:00:00Z", "what": "Mail forwarded", "by": "log", "key": "mail-forwarded/60"},
        ],
        "playbook": "taken-over-staff-account",
        "moments": {"first_event": "2026-09-14T13:00:00Z", "detected": "2026-09-14T13:00:00Z"},
    }]}  # fmt: skip


def test_an_opened_incident_keeps_its_id_and_its_alerts_are_proposed_to_nobody_again(cast, alerts, incident):
    assert incident == propose_incidents(alerts)[0].id
    views = list_incidents(district=cast.district, alerts=alerts)
    assert [(view.id, view.state, len(view.alerts)) for view in views] == [(incident, "open", 2)]
    assert [line.what for line in views[0].timeline] == ["Odd sign in", "Mail forwarded", "Opened."]
    assert views[0].moments["acknowledged"] == NOON
    assert _list_actions(cast) == [("technician", "open incident")]
    with pytest.raises(IncidentRefused, match="opened before"):
        open_proposed(cast, alerts)


def test_the_next_district_sees_nothing_of_it(cast, incident):
    assert list_incidents(district=cast.next_district, alerts=()) == ()
    assert find_incident(district=cast.next_district, public=incident) is None
    with pytest.raises(LookupError):
        close_incident(district=cast.next_district, public=incident, reason="Mine.", **BY)


def test_events_are_held_with_their_rows_when_the_log_has_them_no_more(cast, alerts):
    rows = {event.reference: {"actor": "ana@maple.example"} for alert in alerts for event in alert.events}
    incident = open_proposed(cast, alerts, read_rows=lambda references: {key: rows[key] for key in references})
    assert list(HeldEvent.objects.of(cast.district).values_list("row__actor", flat=True)) == ["ana@maple.example"] * 2
    view = list_incidents(district=cast.district, alerts=())[0]
    assert (view.id, [line.key for line in view.timeline]) == (incident, ["odd-sign-in/0", "mail-forwarded/60", ""])


def test_what_follows_is_proposed_to_join_and_makes_the_incident_worse(cast, alerts, incident):
    more = make_incident_alert("user-list", ANA, minutes=2 * HOUR, severity="critical")
    proposed = propose_from_alerts(district=cast.district, alerts=[*alerts, more])
    assert [item.joins for item in proposed] == [(incident,)]
    added = add_alerts(district=cast.district, public=incident, alerts=[more], read_rows=read_no_rows, **BY)
    assert added == (more.id,)
    view = find_incident(district=cast.district, public=incident)
    assert (view.severity, len(view.alerts)) == ("critical", 3)
    with pytest.raises(IncidentRefused, match="belongs to an incident already"):
        add_alerts(district=cast.district, public=incident, alerts=[more], read_rows=read_no_rows, **BY)


def test_a_phone_call_becomes_an_incident_and_two_are_merged(cast, incident):
    called = MONDAY - timedelta(hours=2)
    other = make_incident(
        district=cast.district, title="A teacher called", severity="medium", text="Mail that she did not write.",
        happened_at=called, playbook="taken-over-staff-account", **BY,
    )  # fmt: skip
    merge_incidents(district=cast.district, public=incident, other=other, **BY)
    view = list_incidents(district=cast.district, alerts=())[0]
    assert view == find_incident(district=cast.district, public=other)
    assert view.moments["first_event"] == called
    assert [line.what for line in view.timeline][:2] == ["Mail that she did not write.", "Odd sign in"]
    with pytest.raises(IncidentRefused, match="merged"):
        close_incident(district=cast.district, public=other, reason="Nothing.", **BY)


def test_a_split_takes_some_alerts_and_not_all(cast, alerts, incident):
    split = split_incident(district=cast.district, public=incident, alerts=[alerts[1].id], title="Another", **BY)
    views = {view.id: view for view in list_incidents(district=cast.district, alerts=alerts)}
    assert [alert.id for alert in views[split].alerts] == [alerts[1].id]
    assert views[split].timeline[0].what == "Mail forwarded"
    with pytest.raises(IncidentRefused, match="not all"):
        split_incident(district=cast.district, public=split, alerts=[alerts[1].id], title="Third", **BY)


def test_only_a_member_owns_an_incident(cast, incident):
    values = {"title": "Payroll", "severity": "critical", **BY}
    with pytest.raises(IncidentRefused, match="nobody of this district"):
        change_details(district=cast.district, public=incident, owner="stranger", **values)
    change_details(district=cast.district, public=incident, owner="technician", **values)
    assert find_incident(district=cast.district, public=incident).owner == "technician"


def test_homeroom_has_no_word_for_it_until_a_person_declares_it_with_counsels_name(cast, incident):
    view = find_incident(district=cast.district, public=incident)
    assert view.declared_as == ""
    assert "breach" not in str(build_incidents_document([view])).casefold()
    values = {"declared_as": "data breach", "reason": "Student records were read.", **BY}
    for actor, counsel in (("technician", " "), ("", "Lee & Park LLP")):
        with pytest.raises(IncidentRefused):
            declare_incident(district=cast.district, public=incident, counsel=counsel, **{**values, "actor": actor})
    declare_incident(district=cast.district, public=incident, counsel="Lee & Park LLP", **values)
    view = find_incident(district=cast.district, public=incident)
    assert (view.declared_as, view.declared_by, view.counsel) == ("data breach", "technician", "Lee & Park LLP")


def test_containment_and_closing_make_the_figures_of_the_month(cast, incident):
    contained = NOON + timedelta(minutes=30)
    mark = {"district": cast.district, "public": incident, "moment": "contained"}
    with pytest.raises(IncidentRefused, match="past"):
        mark_moment(**mark, happened_at=NOON + timedelta(days=1), reason="Signed out.", **BY)
    mark_moment(**mark, happened_at=contained, reason="Signed out everywhere.", **BY)
    assert find_incident(district=cast.district, public=incident).state == "contained"
    close_incident(district=cast.district, public=incident, reason="Password reset; nothing was read.", **BY)
    month = build_report_document(get_month_report(district=cast.district))["months"][0]
    assert (month["month"], month["incidents"]) == ("2026-09", 1)
    assert month["contain"] == {"seconds": 5.5 * 3600, "n": 1}
    assert month["acknowledge"] == {"seconds": 5 * 3600, "n": 1}
    assert month["source_lag"] == {"seconds": None, "n": 0}


def test_a_closed_incident_takes_no_change_until_somebody_opens_it_again(cast, alerts, incident):
    assert set(close_incident(district=cast.district, public=incident, reason="Done.", **BY)) == {
        alert.id for alert in alerts
    }
    assert propose_from_alerts(district=cast.district, alerts=alerts) == ()
    with pytest.raises(IncidentRefused, match="closed"):
        close_incident(district=cast.district, public=incident, reason="Again.", **BY)
    reopen_incident(district=cast.district, public=incident, reason="It came back.", **BY)
    view = find_incident(district=cast.district, public=incident)
    assert (view.state, "closed" in view.moments) == ("open", False)
    assert [action for _, action in _list_actions(cast)] == ["open incident", "close incident", "reopen incident"]


def test_alerts_of_somebody_else_stay_another_proposal(cast, alerts):
    other = make_incident_alert("odd-sign-in", make_account("bo@maple.example"), minutes=3)
    first, second = propose_incidents([*alerts, other])
    open_incident(district=cast.district, proposed=first, read_rows=read_no_rows, actor="technician", at=NOON)
    states = [(v.id, v.state) for v in list_incidents(district=cast.district, alerts=[*alerts, other])]
    assert states == [(second.id, "proposed"), (first.id, "open")]


def test_an_alert_whose_id_changed_with_a_late_event_stays_in_its_incident(cast, alerts, incident):
    late = make_incident_alert("odd-sign-in", ANA, minutes=-HOUR)
    changed = replace(late, former=(alerts[0].id,))
    view = list_incidents(district=cast.district, alerts=[changed, alerts[1]])[0]
    assert (view.id, [alert.id for alert in view.alerts]) == (incident, [changed.id, alerts[1].id])
