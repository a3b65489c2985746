"""The queue of alerts: order, states in the address, pages, until when logs were judged, and whose it is."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from django.test import Client

from homeroom.domain.protect.control_states import Severity
from tests.cast import Cast
from tests.web.protect.alerts.alert_rows import FIRED_AT, STUDENT, STUDENT_ID, create_alert, set_judged

ClientFactory = Callable[[str], Client]


def get_text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200, address
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def list_titles(client: Client, address: str = "/alerts") -> list[str]:
    return re.findall(r'<a href="/alerts/alert-\w+">([^<]+)</a>', client.get(address).content.decode())


def test_the_most_urgent_comes_first_and_then_the_newest(as_: ClientFactory, cast: Cast):
    create_alert(cast.district, 1, title="Old and high")
    create_alert(cast.district, 2, title="New and high", at=FIRED_AT + timedelta(hours=1))
    create_alert(cast.district, 3, title="Critical", severity=Severity.CRITICAL, at=FIRED_AT - timedelta(days=2))
    create_alert(cast.district, 4, title="Low", severity=Severity.LOW)
    assert list_titles(as_("auditor")) == ["Critical", "New and high", "Old and high"]


def test_each_line_says_what_happened_to_whom_when_and_its_state(as_: ClientFactory, cast: Cast):
    create_alert(cast.district, state="acknowledged", acknowledged_by="technician", acknowledged_at=FIRED_AT)
    set_judged(cast.district)
    text = get_text(as_("technician"), "/alerts")
    assert "Mail is forwarded out of the domain" in text
    assert f"dana@maple.example, student {STUDENT_ID}" in text
    assert "3:05 AM" in text  # in the zone of the district
    assert "Somebody is on it (technician)" in text
    assert "Google: login 3:15 AM" in text
    assert STUDENT.name not in text


def test_the_address_chooses_the_state(as_: ClientFactory, cast: Cast):
    for number, state in enumerate(("new", "expected", "suppressed"), start=1):
        create_alert(cast.district, number, title=state, state=state)
    create_alert(cast.district, 5, title="done", state="closed", verdict="real")
    create_alert(cast.district, 6, title="low", severity=Severity.LOW)
    create_alert(cast.district, 7, title="low of long ago", severity=Severity.LOW, at=FIRED_AT - timedelta(days=9))
    client = as_("technician")
    for state, title in {"expected": "expected", "suppressed": "suppressed", "closed": "done", "low": "low"}.items():
        assert list_titles(client, f"/alerts?state={state}") == [title]
    assert list_titles(client, "/alerts?state=nonsense&after=-1") == ["new"]


def test_an_empty_queue_says_what_is_watched_and_until_when(as_: ClientFactory, cast: Cast):
    client = as_("technician")
    assert "No log is watched yet" in get_text(client, "/alerts")
    set_judged(cast.district)
    text = get_text(client, "/alerts")
    assert "No alert needs you" in text
    assert "Google: login, 3:15 AM" in text


def test_more_than_fifty_come_in_pages(as_: ClientFactory, cast: Cast):
    for number in range(1, 53):
        create_alert(cast.district, number, title=f"Alert {number}", at=FIRED_AT - timedelta(minutes=number))
    client = as_("technician")
    page = client.get("/alerts").content.decode()
    assert 'rel="next" href="/alerts?after=50"' in page
    assert list_titles(client, "/alerts?after=50") == ["Alert 51", "Alert 52"]


def test_the_next_district_sees_none_of_it(as_: ClientFactory, cast: Cast):
    alert = create_alert(cast.district)
    stranger = as_("stranger")
    assert list_titles(stranger) == []
    assert stranger.get(f"/alerts/{alert.public}").status_code == 404
