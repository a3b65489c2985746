"""Suppressing vulnerabilities on a page: who may, for which ones, shown as excepted, and expiry."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.protect.exceptions.models import RiskException
from homeroom.apps.protect.posture.models import ControlResult
from homeroom.apps.protect.vulnerabilities.models import Fixed
from homeroom.apps.protect.vulnerabilities.review.review import review_vulnerabilities
from homeroom.domain.ids import format_public_id
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import ASSESSED_AT, TODAY
from tests.assessed_district import publish_assessments as posture
from tests.cast import Cast
from tests.web.protect.test_vulnerabilities import get_page_text, publish_snapshot

ClientFactory = Callable[[str], Client]
CONTROL = "scanner-known-exploited"
SUPPRESS_ADDRESS = "/vulnerabilities/suppress?thing=google-chrome"


@pytest.fixture
def vulnerable(cast: Cast, store: EvidenceStore) -> Cast:
    """Publish sixty laptops with an old Chrome, assessed."""
    publish_snapshot(store, exploited="CVE-2099-1001", inputs="vulnerable")
    run_review(cast, store)
    return cast


def run_review(cast: Cast, store: EvidenceStore, *, days: int = 0) -> None:
    review_vulnerabilities(
        district=cast.district, store=store, today=TODAY + timedelta(days=days), at=ASSESSED_AT + timedelta(days=days)
    )


def build_form(**overrides: str) -> dict[str, str]:
    return {
        "justification": "not_reachable", "scope": "everywhere", "value": "", "owner": "technician",
        "reason": "The labs have no way to the internet until May.", "expires_on": str(TODAY + timedelta(days=60)),
    } | overrides  # fmt: skip


def test_a_director_lets_vulnerabilities_stand_and_they_are_counted_as_excepted_from_the_next_judgment(
    as_: ClientFactory, vulnerable: Cast, store: EvidenceStore
) -> None:
    client = as_("director")
    assert client.get(SUPPRESS_ADDRESS).status_code == 200
    answer = client.post(SUPPRESS_ADDRESS, build_form())
    assert (answer.status_code, answer["Location"]) == (302, "/vulnerabilities/remedies/google-chrome")
    page = get_page_text(client, "/vulnerabilities/remedies/google-chrome")
    assert "The labs have no way to the internet" in page
    assert page.count("excepted") >= 60 - 35  # each device of the page says so at once
    assert "and 60 excepted" not in get_page_text(client, "/vulnerabilities")
    run_review(vulnerable, store)
    page = get_page_text(client, "/vulnerabilities")
    assert "and 60 excepted" in page
    assert page.index("VLC") < page.index("Google Chrome")
    assert "Google Chrome" in get_page_text(client, "/vulnerabilities?show=excepted")
    assert "Google Chrome" not in get_page_text(client, "/vulnerabilities?show=exploited")
    exceptions = get_page_text(client, "/exceptions")
    assert "Not exploitable here. The labs have no way" in exceptions
    assert "Every device" in exceptions


def test_what_was_let_stand_comes_back_when_it_is_withdrawn_or_its_day_has_passed(
    as_: ClientFactory, vulnerable: Cast, store: EvidenceStore, settings: Any
) -> None:
    client = as_("director")
    client.post(SUPPRESS_ADDRESS, build_form(expires_on=str(TODAY + timedelta(days=5))))
    run_review(vulnerable, store)
    settings.NOW = settings.NOW + timedelta(days=6)
    run_review(vulnerable, store, days=6)
    page = get_page_text(client, "/vulnerabilities")
    assert "and 60 excepted" not in page
    assert "60 devices overdue" in page
    assert "Flaws that came back in the last 90 days" in get_page_text(client, "/exceptions")
    client.post("/vulnerabilities/suppress?cve=CVE-2099-1003", build_form(expires_on=str(TODAY + timedelta(days=60))))
    suppression = RiskException.objects.of(vulnerable.district).get(cve="CVE-2099-1003")
    response = client.post(f"/vulnerabilities/suppressions/{suppression.pk}/withdraw")
    assert response["Location"] == "/vulnerabilities/flaws/CVE-2099-1003"
    assert "Flaws that are let stand" not in get_page_text(client, "/exceptions")


def test_one_device_is_let_stand_from_its_line(as_: ClientFactory, vulnerable: Cast, store: EvidenceStore) -> None:
    client, device = as_("director"), format_public_id("device", 2)
    page = client.get("/vulnerabilities/remedies/google-chrome").content.decode()
    assert f"{SUPPRESS_ADDRESS.replace('&', '&amp;')}&amp;scope=device&amp;value={device}" in page
    client.post(SUPPRESS_ADDRESS, build_form(scope="device", value=device))
    run_review(vulnerable, store)
    assert "and 1 excepted" in get_page_text(client, "/vulnerabilities")
    assert f"Device {device}" in get_page_text(client, "/exceptions")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"owner": ""}, "Choose somebody of this district."),
        ({"owner": "stranger"}, "Choose somebody of this district."),
        ({"expires_on": str(TODAY)}, "Choose a day from tomorrow"),
        ({"reason": "because"}, "Say in a sentence why"),
        ({"justification": ""}, "Choose why these flaws may stand."),
        ({"scope": "school"}, "Name which one"),
        ({"scope": "school", "value": "Hogwarts"}, "No device of that scope has it."),
        ({"scope": "device", "value": "5CD0001"}, "Give the id of one device"),
    ],
)
def test_what_does_not_hold_together_is_refused_beside_its_field(
    as_: ClientFactory, vulnerable: Cast, wrong: dict[str, str], says: str
) -> None:
    answer = as_("director").post(SUPPRESS_ADDRESS, build_form(**wrong))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not RiskException.objects.of(vulnerable.district).exists()


def test_a_technician_lets_nothing_stand_that_is_grave_or_exploited_and_withdraws_their_own(
    as_: ClientFactory, vulnerable: Cast, store: EvidenceStore
) -> None:
    technician = as_("technician")
    assert technician.get(SUPPRESS_ADDRESS).status_code == 403
    assert technician.post(SUPPRESS_ADDRESS, build_form()).status_code == 403
    as_("director").post(SUPPRESS_ADDRESS, build_form())
    suppression = RiskException.objects.of(vulnerable.district).get()
    assert technician.post(f"/vulnerabilities/suppressions/{suppression.pk}/withdraw").status_code == 403
    RiskException.objects.of(vulnerable.district).update(made_by="technician")
    assert technician.post(f"/vulnerabilities/suppressions/{suppression.pk}/withdraw").status_code == 302


def test_the_stranger_sees_and_takes_back_nothing(as_: ClientFactory, vulnerable: Cast) -> None:
    as_("director").post(SUPPRESS_ADDRESS, build_form())
    stranger, suppression = as_("stranger"), RiskException.objects.of(vulnerable.district).get()
    assert stranger.get(SUPPRESS_ADDRESS).status_code == 404
    assert stranger.post(f"/vulnerabilities/suppressions/{suppression.pk}/withdraw").status_code == 404
    assert "no way to the internet" not in get_page_text(stranger, "/exceptions")
    assert "Nothing has been resolved yet" in get_page_text(stranger, "/vulnerabilities")
    assert RiskException.objects.of(vulnerable.district).get().withdrawn_at is None


def test_a_director_says_by_when_vulnerabilities_are_to_be_closed(
    as_: ClientFactory, vulnerable: Cast, store: EvidenceStore
) -> None:
    client, days = as_("director"), {"critical": "7", "high": "14", "medium": "30", "low": "60"}
    assert "days that Homeroom ships" in get_page_text(client, "/vulnerabilities/deadlines")
    assert as_("technician").post("/vulnerabilities/deadlines", days).status_code == 403
    assert client.post("/vulnerabilities/deadlines", {**days, "low": "1"}).status_code == 422
    assert client.post("/vulnerabilities/deadlines", {**days, "low": "x"}).status_code == 422
    assert client.post("/vulnerabilities/deadlines", days).status_code == 302
    run_review(vulnerable, store)
    page = get_page_text(client, "/vulnerabilities")
    assert "within 7 days where critical, 14 where high" in page
    assert "due Jan 29, 2026" in page
    client.post("/vulnerabilities/deadlines", {"shipped": "1"})
    assert "days that Homeroom ships" in get_page_text(as_("auditor"), "/vulnerabilities/deadlines")


def test_what_was_fixed_in_a_year_is_told_by_class_of_device(as_: ClientFactory, vulnerable: Cast) -> None:
    assert "Nothing was seen fixed yet" in get_page_text(as_("auditor"), "/vulnerabilities")
    for kind, days_to_fix, count, days_ago in (
        ("laptop", 2, 3, 1),
        ("laptop", 30, 1, 9),
        ("server", 41, 2, 9),
        ("server", 900, 50, 400),
    ):
        Fixed.objects.create(
            district=vulnerable.district,
            review=1,
            on=TODAY - timedelta(days=days_ago),
            kind=kind,
            took=days_to_fix,
            many=count,
        )
    page = get_page_text(as_("auditor"), "/vulnerabilities")
    assert "Laptops 4 9 2 " in page
    assert "Servers 2 41 41 " in page
    assert "Servers" not in get_page_text(as_("stranger"), "/vulnerabilities")


def test_what_is_due_this_week_stands_in_the_plan_and_what_is_excepted_does_not(
    as_: ClientFactory, vulnerable: Cast, store: EvidenceStore
) -> None:
    posture(vulnerable.district, store)
    page = get_page_text(as_("auditor"), "/plan")
    assert "Vulnerabilities due" in page
    assert re.search(r"Google Chrome Update to 141.0.7390.54: closes 2 flaws Jan 9, 2026 60 60", page)
    assert "VLC" not in page  # due in thirty days
    as_("director").post(SUPPRESS_ADDRESS, build_form())
    run_review(vulnerable, store)
    assert "Vulnerabilities due" not in get_page_text(as_("auditor"), "/plan")
    assert "Google Chrome" not in get_page_text(as_("stranger"), "/plan")


def test_a_private_reason_is_kept_from_who_may_change_nothing_and_from_the_trail(
    as_: ClientFactory, vulnerable: Cast
) -> None:
    reason = "Its door code is on the wiki until May."
    assert as_("director").post(SUPPRESS_ADDRESS, build_form(reason=reason, private="1")).status_code == 302
    for page in ("/vulnerabilities/remedies/google-chrome", "/exceptions"):
        assert reason in get_page_text(as_("director"), page)
        assert reason not in get_page_text(as_("auditor"), page)
        assert "The reason is withheld for your role." in get_page_text(as_("auditor"), page)
    assert reason not in get_page_text(as_("director"), "/audit")


def test_a_control_about_vulnerabilities_says_what_is_let_stand_who_answers_for_it_and_until_when(
    as_: ClientFactory, vulnerable: Cast, store: EvidenceStore
) -> None:
    posture(vulnerable.district, store)
    ControlResult.objects.of(vulnerable.district).filter(control="windows-10").update(control=CONTROL)
    assert as_("director").post(SUPPRESS_ADDRESS, build_form()).status_code == 302
    page = get_page_text(as_("director"), f"/posture/{CONTROL}")
    assert "Flaws that are let stand" in page
    assert "technician answers for it until" in page
    assert "Flaws that are let stand" not in get_page_text(as_("director"), "/posture/staff-second-factor")
