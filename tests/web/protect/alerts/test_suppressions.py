"""Suppressing from an alert: the preview, who may, what a student's address stays out of, and withdrawing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.domain.protect.control_states import Severity
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import TODAY
from tests.cast import Cast
from tests.web.protect.alerts.alert_rows import RULE, STUDENT, create_alert
from tests.web.protect.alerts.test_queue import get_text, list_titles

ClientFactory = Callable[[str], Client]
FORM = {
    "rule": RULE,
    "entity": "0",
    "reason": "She moves her mail to the new domain.",
    "owner": "technician",
    "expires_on": str(TODAY + timedelta(days=30)),
}


def test_the_preview_counts_what_the_last_90_days_had_for_the_chosen_entity(as_: ClientFactory, cast: Cast):
    create_alert(cast.district, 1)
    create_alert(cast.district, 2, entities=(STUDENT,), state="closed", verdict="real")
    client, address = as_("director"), "/alerts/alert-0000000000000001/suppress"
    assert "1 detection in 1 alert. None of them was closed as real." in get_text(client, address)
    everything = get_text(client, f"{address}?entity=all")
    assert "2 detections in 2 alerts. 1 of them was closed as real" in everything
    assert STUDENT.name not in client.get(address).content.decode()


def test_a_director_suppresses_until_a_day_and_withdraws_it(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    create_alert(cast.district)
    client = as_("director")
    answer = client.post("/alerts/alert-0000000000000001/suppress", FORM)
    assert (answer.status_code, answer["Location"]) == (302, "/alerts?state=suppressed")
    assert list_titles(client) == []
    page = client.get("/alerts?state=suppressed").content.decode()
    assert "She moves her mail to the new domain." in page
    withdraw = page.split('action="/alerts/suppressions/')[1].split('"')[0]
    assert as_("technician").post(f"/alerts/suppressions/{withdraw}").status_code == 403
    assert client.post(f"/alerts/suppressions/{withdraw}").status_code == 302
    assert [title.partition(":")[0] for title in list_titles(client)] == ["Mail is forwarded out of the domain"]
    actions = [entry.action for entry in Entry.objects.of(cast.district).order_by("pk")]
    assert actions == ["suppress alerts", "withdraw suppression of alerts"]


def test_a_reason_an_owner_and_a_day_within_a_year_are_needed(as_: ClientFactory, cast: Cast):
    create_alert(cast.district)
    wrong = {"reason": "no", "owner": "stranger", "expires_on": str(TODAY + timedelta(days=999))}
    answer = as_("director").post("/alerts/alert-0000000000000001/suppress", FORM | wrong)
    assert answer.status_code == 422
    assert answer.content.decode().count('class="error"') == 3


def test_a_technician_suppresses_what_is_medium_and_nothing_more_severe(
    as_: ClientFactory, cast: Cast, store: EvidenceStore
):
    create_alert(cast.district, 1, severity=Severity.HIGH)
    create_alert(cast.district, 2, severity=Severity.MEDIUM)
    client = as_("technician")
    assert client.post("/alerts/alert-0000000000000001/suppress", FORM).status_code == 403
    assert client.post("/alerts/alert-0000000000000002/suppress", FORM).status_code == 302
