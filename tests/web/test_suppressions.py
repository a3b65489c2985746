"""Letting flaws stand on a page: who may, for what, and that it is seen as excepted and comes back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.posture.models import ControlResult
from homeroom.apps.vulnerabilities.models import Fixed, Suppression
from homeroom.apps.vulnerabilities.reviewing import review
from homeroom.domain.ids import public_id
from homeroom.evidence.store import Store
from tests.cast import Cast
from tests.scene import JUDGED, TODAY
from tests.scene import judged as posture
from tests.web.test_vulnerabilities import compared, text

As = Callable[[str], Client]
ASKED = "scanner-known-exploited"
AT = "/vulnerabilities/suppress?thing=google-chrome"


@pytest.fixture
def flawed(cast: Cast, store: Store) -> Cast:
    """Sixty laptops with an old Chrome, judged."""
    compared(store, exploited="CVE-2099-1001", inputs="flawed")
    judged(cast, store)
    return cast


def judged(cast: Cast, store: Store, *, days: int = 0) -> None:
    review(district=cast.district, store=store, today=TODAY + timedelta(days=days), at=JUDGED + timedelta(days=days))


def form(**more: str) -> dict[str, str]:
    return {
        "justification": "not_reachable", "scope": "everywhere", "value": "", "owner": "technician",
        "reason": "The labs have no way to the internet until May.", "expires_on": str(TODAY + timedelta(days=60)),
    } | more  # fmt: skip


def test_a_director_lets_flaws_stand_and_they_are_counted_as_excepted_from_the_next_judgement(
    as_: As, flawed: Cast, store: Store
) -> None:
    client = as_("director")
    assert client.get(AT).status_code == 200
    answer = client.post(AT, form())
    assert (answer.status_code, answer["Location"]) == (302, "/vulnerabilities/remedies/google-chrome")
    page = text(client, "/vulnerabilities/remedies/google-chrome")
    assert "The labs have no way to the internet" in page
    assert page.count("excepted") >= 60 - 35  # each device of the page says so at once
    assert "and 60 excepted" not in text(client, "/vulnerabilities")
    judged(flawed, store)
    page = text(client, "/vulnerabilities")
    assert "and 60 excepted" in page
    assert page.index("VLC") < page.index("Google Chrome")
    assert "Google Chrome" in text(client, "/vulnerabilities?show=excepted")
    assert "Google Chrome" not in text(client, "/vulnerabilities?show=exploited")
    exceptions = text(client, "/exceptions")
    assert "Not reachable: nobody gets at it. The labs have no way" in exceptions
    assert "Every device" in exceptions


def test_what_was_let_stand_comes_back_when_it_is_withdrawn_or_its_day_has_passed(
    as_: As, flawed: Cast, store: Store, settings: Any
) -> None:
    client = as_("director")
    client.post(AT, form(expires_on=str(TODAY + timedelta(days=5))))
    judged(flawed, store)
    settings.NOW = settings.NOW + timedelta(days=6)
    judged(flawed, store, days=6)
    page = text(client, "/vulnerabilities")
    assert "and 60 excepted" not in page
    assert "60 devices overdue" in page
    assert "Flaws that came back in the last 90 days" in text(client, "/exceptions")
    client.post("/vulnerabilities/suppress?cve=CVE-2099-1003", form(expires_on=str(TODAY + timedelta(days=60))))
    one = Suppression.objects.of(flawed.district).get(cve="CVE-2099-1003")
    answer = client.post(f"/vulnerabilities/suppressions/{one.pk}/withdraw")
    assert answer["Location"] == "/vulnerabilities/flaws/CVE-2099-1003"
    assert "Flaws that are let stand" not in text(client, "/exceptions")


def test_one_device_is_let_stand_from_its_line(as_: As, flawed: Cast, store: Store) -> None:
    client, device = as_("director"), public_id("device", 2)
    page = client.get("/vulnerabilities/remedies/google-chrome").content.decode()
    assert f"{AT.replace('&', '&amp;')}&amp;scope=device&amp;value={device}" in page
    client.post(AT, form(scope="device", value=device))
    judged(flawed, store)
    assert "and 1 excepted" in text(client, "/vulnerabilities")
    assert f"Device {device}" in text(client, "/exceptions")


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
    as_: As, flawed: Cast, wrong: dict[str, str], says: str
) -> None:
    answer = as_("director").post(AT, form(**wrong))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert not Suppression.objects.of(flawed.district).exists()


def test_a_technician_lets_nothing_stand_that_is_grave_or_exploited_and_withdraws_their_own(
    as_: As, flawed: Cast, store: Store
) -> None:
    technician = as_("technician")
    assert technician.get(AT).status_code == 403
    assert technician.post(AT, form()).status_code == 403
    as_("director").post(AT, form())
    one = Suppression.objects.of(flawed.district).get()
    assert technician.post(f"/vulnerabilities/suppressions/{one.pk}/withdraw").status_code == 403
    Suppression.objects.of(flawed.district).update(made_by="technician")
    assert technician.post(f"/vulnerabilities/suppressions/{one.pk}/withdraw").status_code == 302


def test_the_stranger_sees_and_takes_back_nothing(as_: As, flawed: Cast) -> None:
    as_("director").post(AT, form())
    stranger, one = as_("stranger"), Suppression.objects.of(flawed.district).get()
    assert stranger.get(AT).status_code == 404
    assert stranger.post(f"/vulnerabilities/suppressions/{one.pk}/withdraw").status_code == 404
    assert "no way to the internet" not in text(stranger, "/exceptions")
    assert "Nothing has been resolved yet" in text(stranger, "/vulnerabilities")
    assert Suppression.objects.of(flawed.district).get().withdrawn_at is None


def test_a_director_says_by_when_flaws_are_to_be_closed(as_: As, flawed: Cast, store: Store) -> None:
    client, days = as_("director"), {"critical": "7", "high": "14", "medium": "30", "low": "60"}
    assert "days that Homeroom ships" in text(client, "/vulnerabilities/deadlines")
    assert as_("technician").post("/vulnerabilities/deadlines", days).status_code == 403
    assert client.post("/vulnerabilities/deadlines", {**days, "low": "1"}).status_code == 422
    assert client.post("/vulnerabilities/deadlines", {**days, "low": "x"}).status_code == 422
    assert client.post("/vulnerabilities/deadlines", days).status_code == 302
    judged(flawed, store)
    page = text(client, "/vulnerabilities")
    assert "within 7 days where critical, 14 where high" in page
    assert "due Jan 29, 2026" in page
    client.post("/vulnerabilities/deadlines", {"shipped": "1"})
    assert "days that Homeroom ships" in text(as_("auditor"), "/vulnerabilities/deadlines")


def test_what_was_fixed_in_a_year_is_told_by_class_of_device(as_: As, flawed: Cast) -> None:
    assert "Nothing was seen fixed yet" in text(as_("auditor"), "/vulnerabilities")
    for kind, took, many, ago in (
        ("laptop", 2, 3, 1),
        ("laptop", 30, 1, 9),
        ("server", 41, 2, 9),
        ("server", 900, 50, 400),
    ):
        Fixed.objects.create(
            district=flawed.district, review=1, on=TODAY - timedelta(days=ago), kind=kind, took=took, many=many
        )
    page = text(as_("auditor"), "/vulnerabilities")
    assert "Laptops 4 9 2 " in page
    assert "Servers 2 41 41 " in page
    assert "Servers" not in text(as_("stranger"), "/vulnerabilities")


def test_what_is_due_this_week_stands_in_the_plan_and_what_is_excepted_does_not(
    as_: As, flawed: Cast, store: Store
) -> None:
    posture(flawed.district, store)
    page = text(as_("auditor"), "/plan")
    assert "Flaws that are due" in page
    assert re.search(r"Google Chrome Update to 141.0.7390.54: closes 2 flaws Jan 9, 2026 60 60", page)
    assert "VLC" not in page  # due in thirty days
    as_("director").post(AT, form())
    judged(flawed, store)
    assert "Flaws that are due" not in text(as_("auditor"), "/plan")
    assert "Google Chrome" not in text(as_("stranger"), "/plan")


def test_a_private_reason_is_kept_from_who_may_change_nothing_and_from_the_trail(as_: As, flawed: Cast) -> None:
    reason = "Its door code is on the wiki until May."
    assert as_("director").post(AT, form(reason=reason, private="1")).status_code == 302
    for page in ("/vulnerabilities/remedies/google-chrome", "/exceptions"):
        assert reason in text(as_("director"), page)
        assert reason not in text(as_("auditor"), page)
        assert "The reason is withheld for your role." in text(as_("auditor"), page)
    assert reason not in text(as_("director"), "/audit")


def test_a_control_about_flaws_says_what_is_let_stand_who_answers_for_it_and_until_when(
    as_: As, flawed: Cast, store: Store
) -> None:
    posture(flawed.district, store)
    ControlResult.objects.of(flawed.district).filter(control="windows-10").update(control=ASKED)
    assert as_("director").post(AT, form()).status_code == 302
    page = text(as_("director"), f"/posture/{ASKED}")
    assert "Flaws that are let stand" in page
    assert "technician answers for it until" in page
    assert "Flaws that are let stand" not in text(as_("director"), "/posture/staff-second-factor")
