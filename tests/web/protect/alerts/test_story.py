"""One alert: what is on its page, who may do what about it, and that each is in the audit trail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import Cast
from tests.web.protect.alerts.alert_rows import RULE, STUDENT, STUDENT_ID, create_alert
from tests.web.protect.alerts.test_queue import get_text

ClientFactory = Callable[[str], Client]


def test_the_page_says_why_what_it_means_and_the_first_step(as_: ClientFactory, cast: Cast):
    alert = create_alert(cast.district)
    text = get_text(as_("auditor"), f"/alerts/{alert.public}")
    for part in (
        "dana@maple.example forwards mail to an address out of the domain.",
        "Somebody reads along.",
        "Ask Dana by phone.",
        "super administrator, acted",
        "Jan 15, 2026, 3:05:00 AM",
        "Google: login",
        "A staff account that someone else uses",
    ):
        assert part in text


def test_a_rule_leads_to_its_page_and_one_of_another_tool_nowhere(as_: ClientFactory, cast: Cast, store: EvidenceStore):
    client = as_("technician")
    create_alert(cast.district, 1)
    create_alert(cast.district, 2, rule="defender/malware")
    link = f'<a href="/alerts/rules/{RULE}">'
    assert link in client.get("/alerts/alert-0000000000000001").content.decode()
    assert client.get(f"/alerts/rules/{RULE}").status_code == 200
    assert "/alerts/rules/defender" not in client.get("/alerts/alert-0000000000000002").content.decode()


def test_a_student_stands_by_id_and_leads_to_the_page_that_logs_it(as_: ClientFactory, cast: Cast):
    alert = create_alert(cast.district)
    page = as_("technician").get(f"/alerts/{alert.public}").content.decode()
    assert STUDENT.name not in page
    assert f'<a href="/accounts/{STUDENT_ID}">student {STUDENT_ID}</a>' in page


def test_a_technician_acknowledges_closes_and_opens_again_and_the_trail_has_it(as_: ClientFactory, cast: Cast):
    alert = create_alert(cast.district)
    client, address = as_("technician"), f"/alerts/{alert.public}"
    assert client.post(f"{address}/acknowledge").status_code == 302
    assert "technician is on it since" in get_text(client, address)
    form = {"verdict": "false_alarm", "reason": "It is her own address."}
    assert client.post(f"{address}/close", form).status_code == 302
    assert "Closed: false alarm" in get_text(client, address)
    assert client.post(f"{address}/reopen").status_code == 302
    alert.refresh_from_db()
    assert (alert.state, alert.verdict) == ("new", "")
    actions = [entry.action for entry in Entry.objects.of(cast.district).filter(subject=alert.public).order_by("pk")]
    assert actions == ["acknowledge alert", "close alert", "open alert again"]


@pytest.mark.parametrize("form", [{"verdict": "false_alarm", "reason": "no"}, {"verdict": "maybe"}, {}])
def test_a_false_alarm_needs_its_reason_in_a_sentence(as_: ClientFactory, cast: Cast, form: dict[str, str]):
    alert = create_alert(cast.district)
    answer = as_("technician").post(f"/alerts/{alert.public}/close", form)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    alert.refresh_from_db()
    assert alert.state == "new"


def test_what_somebody_changed_meanwhile_stays(as_: ClientFactory, cast: Cast):
    alert = create_alert(cast.district, state="closed", verdict="real")
    answer = as_("technician").post(f"/alerts/{alert.public}/acknowledge")
    assert answer.status_code == 422
    alert.refresh_from_db()
    assert alert.state == "closed"


def test_the_auditor_sees_no_button_and_changes_nothing(as_: ClientFactory, cast: Cast):
    alert = create_alert(cast.district)
    auditor, address = as_("auditor"), f"/alerts/{alert.public}"
    assert "<form" not in auditor.get(address).content.decode().split("<main")[1]
    for action in ("acknowledge", "close", "reopen"):
        assert auditor.post(f"{address}/{action}", {"verdict": "real"}).status_code == 403
    alert.refresh_from_db()
    assert alert.state == "new"


def test_an_id_that_the_alert_had_before_leads_to_it(as_: ClientFactory, cast: Cast):
    alert = create_alert(cast.district, former=["alert-00000000000000ff"])
    answer = as_("technician").get("/alerts/alert-00000000000000ff")
    assert (answer.status_code, answer["Location"]) == (302, f"/alerts/{alert.public}")
