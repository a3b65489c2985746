"""Tenant settings: every policy unit by unit, as schools ask it, with other tools' verdicts beside, of this district alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.posture.commands import accept
from homeroom.apps.posture.tenant_history import history, remember
from homeroom.apps.posture.tenants import Line, tenant_settings
from homeroom.domain.ids import place_subject
from homeroom.domain.states import State
from homeroom.evidence.store import Store
from tests.cast import Cast
from tests.scene import JUDGED, load

As = Callable[[str], Client]
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
TODAY = date(2026, 1, 15)


def setting(name: str, unit: str, **value: Any) -> dict[str, Any]:
    return {
        "suite": "google", "tenant": "C01", "unit": unit, "group": "", "name": name, "value": json.dumps(value),
    }  # fmt: skip


SETTINGS = [
    setting("security_two_step_verification_enrollment", "00top", allowEnrollment=True),
    setting("security_two_step_verification_enforcement", "00top", enforcedFrom="2025-08-18T06:00:00Z"),
    setting("security_two_step_verification_enforcement", "01stu", enforcedFrom="1970-01-01T00:00:00Z"),
    setting("security_password", "00top", minimumLength=12),
    setting("security_password", "01stu", minimumLength=8),
    setting("drive_and_docs_external_sharing", "00top", externalSharingMode="DISALLOWED"),
    setting("drive_and_docs_external_sharing", "02sta", externalSharingMode="ALLOWLISTED_DOMAINS"),
    setting("gmail_auto_forwarding", "00top", enableAutoForwarding=True),
]
UNITS = [
    {"key": "id:01stu", "path": "/Students", "name": "Students", "parent_path": "/"},
    {"key": "id:03ele", "path": "/Students/Elementary", "name": "Elementary", "parent_path": "/Students"},
    {"key": "id:02sta", "path": "/Staff", "name": "Staff", "parent_path": "/"},
]


@pytest.fixture
def stated(cast: Cast, store: Store) -> Cast:
    load(store, "google", "google.policies", "setting_records", SETTINGS, at=JUDGED)
    load(store, "google", "google.units", "org_units", UNITS, at=JUDGED)
    verdict = {
        "suite": "scubagoggles", "tenant": "maple.example", "product": "gmail", "policy": "GWS.GMAIL.11.1v0.6",
        "org_unit": "", "requirement": "x", "criticality": "Should", "result": "Warning", "judged_at": JUDGED,
    }  # fmt: skip
    load(store, "scuba", "scuba.goggles", "verdict_records", [verdict], at=JUDGED)
    other = Store(store.folder.parent, district="elsewhere")
    load(other, "google", "google.policies", "setting_records", [setting("secret", "x", a=1)], at=JUDGED)
    return cast


def lines(cast: Cast, profile: str = "k12") -> dict[str, Line]:
    found = tenant_settings(district=cast.district, at=NOW, today=TODAY, profile=profile)
    return {line.policy.id: line for line in found.lines}


def where(line: Line) -> dict[str, tuple[str, State]]:
    return {one.name: (one.people, one.state) for one in line.where}


def test_a_school_asks_pupils_what_fits_them_and_the_published_form_asks_all_alike(stated: Cast):
    asked, published = lines(stated), lines(stated, profile="")
    assert where(asked["second-factor"]) == {
        "/": ("", State.PASS), "/Students": ("students", State.NOT_APPLICABLE),
        "/Students/Elementary": ("students-35", State.NOT_APPLICABLE), "/Staff": ("staff", State.PASS),
    }  # fmt: skip
    assert asked["second-factor"].state is State.PASS
    assert published["second-factor"].state is State.FAIL
    assert where(published["second-factor"])["/Students/Elementary"] == ("", State.FAIL)
    assert (asked["passwords-of-12"].state, published["passwords-of-12"].state) == (State.PASS, State.FAIL)
    assert (asked["files-stay-inside"].state, published["files-stay-inside"].state) == (State.PASS, State.FAIL)
    assert asked["gmail-dmarc-cisa-reports"].state is State.NOT_APPLICABLE
    assert "federal" in asked["gmail-dmarc-cisa-reports"].because


def test_a_failing_policy_says_what_was_found_and_other_tools_stand_beside_it(stated: Cast):
    line = lines(stated)["gmail-no-forwarding"]
    assert (line.state, line.failing) == (State.FAIL, 4)
    assert line.where[0].said == (("gmail_auto_forwarding.enableAutoForwarding", "true", "false"),)
    assert line.theirs == (("scubagoggles", "Warning"),)


def test_what_nobody_stated_cannot_be_told(stated: Cast):
    line = lines(stated)["gmail-no-old-mail-clients"]
    assert line.state is State.CANNOT_TELL
    assert lines(stated)["logs-are-kept-a-year"].by_hand


def test_an_accepted_unit_is_excepted_until_the_day_that_was_said(stated: Cast):
    how: dict[str, Any] = {"district": stated.district, "at": NOW, "today": TODAY, "actor": "director"}
    accept(
        **how, control="gmail-no-forwarding", group="C01", subject=place_subject("C01", "/Staff"), reason="Leave",
        owner="director", expires_on=date(2026, 2, 1),
    )  # fmt: skip
    line = lines(stated)["gmail-no-forwarding"]
    assert where(line)["/Staff"] == ("staff", State.EXCEPTED)
    assert (line.state, line.failing) == (State.FAIL, 3)
    later = tenant_settings(district=stated.district, at=NOW, today=date(2026, 2, 2))
    assert next(one for one in later.lines if one.policy.id == "gmail-no-forwarding").failing == 4


def test_the_page_shows_every_policy_and_one_state_where_asked(as_: As, stated: Cast):
    page = as_("auditor").get("/tenant-settings").content.decode()
    assert "Mail is not forwarded by itself" in page
    assert "GWS.GMAIL.11.1" in page
    assert "ScubaGoggles: Warning" in page
    failing = as_("technician").get("/tenant-settings?state=fail").content.decode()
    assert "Mail is not forwarded by itself" in failing
    assert "Everybody signs in with a second factor" not in failing
    assert (
        "Everybody signs in with a second factor"
        in as_("technician").get("/tenant-settings?state=fail&as=published").content.decode()
    )


def test_a_policy_has_a_page_with_every_unit(as_: As, stated: Cast):
    page = as_("technician").get("/tenant-settings/gmail-no-forwarding").content.decode()
    assert "/Students/Elementary" in page
    assert "true; false would fit" in page
    assert "Students, grades 3 to 5" in page
    assert as_("technician").get("/tenant-settings/unheard-of").status_code == 404


def test_without_settings_the_page_says_what_to_load(as_: As, judged_district: Cast):
    page = as_("technician").get("/tenant-settings").content.decode()
    assert "No settings are known yet" in page
    assert 'href="/tenant-settings"' in as_("technician").get("/posture").content.decode()


def form(**changes: str) -> dict[str, str]:
    said = {"reason": "The county forwards until it moves in June.", "owner": "director", "expires_on": "2026-02-15"}
    return {**said, "unit": "/Staff", **changes}


def test_a_director_accepts_a_setting_in_one_unit_and_takes_it_back(as_: As, stated: Cast):
    director = as_("director")
    here = "/tenant-settings/gmail-no-forwarding"
    assert "/Students/Elementary" in director.get(f"{here}/accept").content.decode()
    assert director.post(f"{here}/accept", form()).headers["Location"] == here
    page = director.get(here).content.decode()
    assert "The county forwards until it moves in June." in page
    assert "Excepted" in page
    number = page.split("/acceptances/")[1].split("/")[0]
    assert director.post(f"/acceptances/{number}/withdraw").headers["Location"] == here
    assert "Excepted" not in director.get(here).content.decode()


def test_what_does_not_fit_in_the_form_is_said_and_nothing_is_accepted(as_: As, stated: Cast):
    here = "/tenant-settings/gmail-no-forwarding/accept"
    for wrong in (form(reason="no"), form(owner="stranger"), form(expires_on="2020-01-01"), form(unit="/Elsewhere")):
        assert as_("director").post(here, wrong).status_code == 422
    assert lines(stated)["gmail-no-forwarding"].failing == 4


def test_a_technician_accepts_no_severe_setting_and_an_auditor_none(as_: As, stated: Cast):
    assert as_("technician").post("/tenant-settings/gmail-no-forwarding/accept", form()).status_code == 403
    assert as_("auditor").post("/tenant-settings/gmail-no-forwarding/accept", form()).status_code == 403
    assert "Accept for now" not in as_("auditor").get("/tenant-settings/gmail-no-forwarding").content.decode()


def test_mail_domains_that_somebody_looked_up_are_judged_too(stated: Cast, store: Store):
    rows = [
        {"domain": "maple.example", "spf": "v=spf1 -all", "dkim": True, "dmarc": ""},
        {"domain": "alumni.example", "spf": "", "dkim": None, "dmarc": ""},
    ]
    load(store, "district", "district.mail", "mail_domains", rows, at=JUDGED)
    asked = lines(stated)
    assert where(asked["gmail-spf"]) == {"alumni.example": ("", State.FAIL), "maple.example": ("", State.PASS)}
    assert asked["gmail-dmarc"].failing == 2
    assert asked["gmail-dkim"].state is State.CANNOT_TELL


def test_the_history_of_a_policy_has_a_row_where_it_changed(as_: As, stated: Cast, store: Store):
    def judged(day: date) -> int:
        found = tenant_settings(district=stated.district, at=NOW, today=day)
        return remember(district=stated.district, today=day, lines=found.lines)

    assert judged(date(2026, 1, 13)) > 100
    assert judged(date(2026, 1, 14)) == 0
    better = [
        row | {"value": '{"enableAutoForwarding": false}'} if row["name"] == "gmail_auto_forwarding" else row
        for row in SETTINGS
    ]
    load(store, "google", "google.policies", "setting_records", better, at=NOW)
    assert judged(TODAY) == 1
    assert [(one.day, one.state, one.failing) for one in history(district=stated.district, policy="gmail-no-forwarding")] == [
        (TODAY, State.PASS, 0), (date(2026, 1, 13), State.FAIL, 4),
    ]  # fmt: skip
    page = as_("auditor").get("/tenant-settings/gmail-no-forwarding").content.decode()
    assert "How it went" in page
    assert "Jan 13, 2026" in page
