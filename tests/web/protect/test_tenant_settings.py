"""Tenant settings: each policy by unit and school profile, with other tools' verdicts, of this district alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.protect.exceptions.commands import create_exception
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.posture.tenants.history import list_policy_history, store_changes
from homeroom.apps.protect.posture.tenants.settings import PolicyResult, evaluate_tenant_settings
from homeroom.domain.ids import hash_place_id
from homeroom.domain.protect.control_states import State
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import ASSESSED_AT, publish_load
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
TODAY = date(2026, 1, 15)


def build_setting(name: str, unit: str, **value: Any) -> dict[str, Any]:
    return {
        "suite": "google", "tenant": "C01", "unit": unit, "group": "", "name": name, "value": json.dumps(value),
    }  # fmt: skip


SETTINGS = [
    build_setting("security_two_step_verification_enrollment", "00top", allowEnrollment=True),
    build_setting("security_two_step_verification_enforcement", "00top", enforcedFrom="2025-08-18T06:00:00Z"),
    build_setting("security_two_step_verification_enforcement", "01stu", enforcedFrom="1970-01-01T00:00:00Z"),
    build_setting("security_password", "00top", minimumLength=12),
    build_setting("security_password", "01stu", minimumLength=8),
    build_setting("drive_and_docs_external_sharing", "00top", externalSharingMode="DISALLOWED"),
    build_setting("drive_and_docs_external_sharing", "02sta", externalSharingMode="ALLOWLISTED_DOMAINS"),
    build_setting("gmail_auto_forwarding", "00top", enableAutoForwarding=True),
]
UNITS = [
    {"key": "id:01stu", "path": "/Students", "name": "Students", "parent_path": "/"},
    {"key": "id:03ele", "path": "/Students/Elementary", "name": "Elementary", "parent_path": "/Students"},
    {"key": "id:02sta", "path": "/Staff", "name": "Staff", "parent_path": "/"},
]


@pytest.fixture
def stated(cast: Cast, store: EvidenceStore) -> Cast:
    publish_load(store, "google", "google.policies", "setting_records", SETTINGS, at=ASSESSED_AT)
    publish_load(store, "google", "google.units", "org_units", UNITS, at=ASSESSED_AT)
    verdict = {
        "suite": "scubagoggles", "tenant": "maple.example", "product": "gmail", "policy": "GWS.GMAIL.11.1v0.6",
        "org_unit": "", "requirement": "x", "criticality": "Should", "result": "Warning", "judged_at": ASSESSED_AT,
    }  # fmt: skip
    publish_load(store, "scuba", "scuba.goggles", "verdict_records", [verdict], at=ASSESSED_AT)
    next_store = EvidenceStore(store.folder.parent, district="elsewhere")
    publish_load(
        next_store, "google", "google.policies", "setting_records", [build_setting("secret", "x", a=1)], at=ASSESSED_AT
    )
    return cast


def get_policy_lines(cast: Cast, profile: str = "k12") -> dict[str, PolicyResult]:
    result = evaluate_tenant_settings(district=cast.district, at=NOW, today=TODAY, profile=profile)
    return {line.policy.id: line for line in result.lines}


def list_unit_states(line: PolicyResult) -> dict[str, tuple[str, State]]:
    return {unit.name: (unit.people, unit.state) for unit in line.where}


def test_a_school_asks_students_what_fits_them_and_the_published_form_asks_all_alike(stated: Cast):
    k12_lines, published = get_policy_lines(stated), get_policy_lines(stated, profile="")
    assert list_unit_states(k12_lines["second-factor"]) == {
        "/": ("", State.PASS), "/Students": ("students", State.NOT_APPLICABLE),
        "/Students/Elementary": ("students-35", State.NOT_APPLICABLE), "/Staff": ("staff", State.PASS),
    }  # fmt: skip
    assert k12_lines["second-factor"].state is State.PASS
    assert published["second-factor"].state is State.FAIL
    assert list_unit_states(published["second-factor"])["/Students/Elementary"] == ("", State.FAIL)
    assert (k12_lines["passwords-of-12"].state, published["passwords-of-12"].state) == (State.PASS, State.FAIL)
    assert (k12_lines["files-stay-inside"].state, published["files-stay-inside"].state) == (State.PASS, State.FAIL)
    assert k12_lines["gmail-dmarc-cisa-reports"].state is State.NOT_APPLICABLE
    assert "federal" in k12_lines["gmail-dmarc-cisa-reports"].because


def test_a_failing_policy_says_what_was_found_and_other_tools_stand_beside_it(stated: Cast):
    line = get_policy_lines(stated)["gmail-no-forwarding"]
    assert (line.state, line.failing) == (State.FAIL, 4)
    assert line.where[0].details == (("gmail_auto_forwarding.enableAutoForwarding", "true", "false"),)
    assert line.tool_verdicts == (("scubagoggles", "Warning"),)


def test_what_nobody_stated_cannot_be_told(stated: Cast):
    line = get_policy_lines(stated)["gmail-no-old-mail-clients"]
    assert line.state is State.CANNOT_TELL
    assert get_policy_lines(stated)["logs-are-kept-a-year"].by_hand


def test_an_accepted_unit_is_excepted_until_the_day_that_was_said(stated: Cast):
    options: dict[str, Any] = {"district": stated.district, "at": NOW, "today": TODAY, "actor": "director"}
    create_exception(
        **options,
        scope=FindingScope(control="gmail-no-forwarding", group="C01", subject=hash_place_id("C01", "/Staff")),
        reason="On leave until June.",
        owner="director",
        expires_on=date(2026, 2, 1),
    )
    line = get_policy_lines(stated)["gmail-no-forwarding"]
    assert list_unit_states(line)["/Staff"] == ("staff", State.EXCEPTED)
    assert (line.state, line.failing) == (State.FAIL, 3)
    later = evaluate_tenant_settings(district=stated.district, at=NOW, today=date(2026, 2, 2))
    assert next(entry for entry in later.lines if entry.policy.id == "gmail-no-forwarding").failing == 4


def test_the_page_shows_every_policy_and_one_state_where_asked(as_: ClientFactory, stated: Cast):
    page = as_("auditor").get("/tenant-settings").content.decode()
    assert ">Automatic mail forwarding is allowed</a>" in page
    assert "GWS.GMAIL.11.1" in page
    assert "ScubaGoggles: Warning" in page
    failing = as_("technician").get("/tenant-settings?state=fail").content.decode()
    assert ">Automatic mail forwarding is allowed</a>" in failing
    assert "2-step verification is required in Google" not in failing
    assert (
        "2-step verification is required in Google"
        in as_("technician").get("/tenant-settings?state=fail&as=published").content.decode()
    )


def test_a_policy_has_a_page_with_every_unit(as_: ClientFactory, stated: Cast):
    page = as_("technician").get("/tenant-settings/gmail-no-forwarding").content.decode()
    assert "/Students/Elementary" in page
    assert "true; false would fit" in page
    assert "Students, grades 3 to 5" in page
    assert as_("technician").get("/tenant-settings/unheard-of").status_code == 404


def test_without_settings_the_page_says_what_to_load(as_: ClientFactory, judged_district: Cast):
    page = as_("technician").get("/tenant-settings").content.decode()
    assert "No settings are known yet" in page
    assert 'href="/tenant-settings"' in as_("technician").get("/posture").content.decode()


def build_form(**changes: str) -> dict[str, str]:
    defaults = {
        "reason": "The county forwards until it moves in June.",
        "owner": "director",
        "expires_on": "2026-02-15",
    }
    return {**defaults, "unit": "/Staff", **changes}


def test_a_director_accepts_a_setting_in_one_unit_and_takes_it_back(as_: ClientFactory, stated: Cast):
    director = as_("director")
    address = "/tenant-settings/gmail-no-forwarding"
    assert "/Students/Elementary" in director.get(f"{address}/accept").content.decode()
    assert director.post(f"{address}/accept", build_form()).headers["Location"] == address
    page = director.get(address).content.decode()
    assert "The county forwards until it moves in June." in page
    assert "Excepted" in page
    number = page.split("/acceptances/")[1].split("/")[0]
    assert director.post(f"/acceptances/{number}/withdraw").headers["Location"] == address
    assert "Excepted" not in director.get(address).content.decode()


def test_what_does_not_fit_in_the_form_is_said_and_nothing_is_accepted(as_: ClientFactory, stated: Cast):
    address = "/tenant-settings/gmail-no-forwarding/accept"
    for invalid_form in (
        build_form(reason="no"),
        build_form(owner="stranger"),
        build_form(expires_on="2020-01-01"),
        build_form(unit="/Elsewhere"),
    ):
        assert as_("director").post(address, invalid_form).status_code == 422
    assert get_policy_lines(stated)["gmail-no-forwarding"].failing == 4


def test_a_technician_accepts_no_severe_setting_and_an_auditor_none(as_: ClientFactory, stated: Cast):
    assert as_("technician").post("/tenant-settings/gmail-no-forwarding/accept", build_form()).status_code == 403
    assert as_("auditor").post("/tenant-settings/gmail-no-forwarding/accept", build_form()).status_code == 403
    assert "Accept risk" not in as_("auditor").get("/tenant-settings/gmail-no-forwarding").content.decode()


def test_mail_domains_that_somebody_looked_up_are_judged_too(stated: Cast, store: EvidenceStore):
    rows = [
        {"domain": "maple.example", "spf": "v=spf1 -all", "dkim": True, "dmarc": ""},
        {"domain": "alumni.example", "spf": "", "dkim": None, "dmarc": ""},
    ]
    publish_load(store, "district", "district.mail", "mail_domains", rows, at=ASSESSED_AT)
    policy_lines = get_policy_lines(stated)
    assert list_unit_states(policy_lines["gmail-spf"]) == {
        "alumni.example": ("", State.FAIL),
        "maple.example": ("", State.PASS),
    }
    assert policy_lines["gmail-dmarc"].failing == 2
    assert policy_lines["gmail-dkim"].state is State.CANNOT_TELL


def test_the_history_of_a_policy_has_a_row_where_it_changed(as_: ClientFactory, stated: Cast, store: EvidenceStore):
    def record_day(day: date) -> int:
        result = evaluate_tenant_settings(district=stated.district, at=NOW, today=day)
        return store_changes(district=stated.district, today=day, lines=result.lines)

    assert record_day(date(2026, 1, 13)) > 100
    assert record_day(date(2026, 1, 14)) == 0
    fixed_settings = [
        row | {"value": '{"enableAutoForwarding": false}'} if row["name"] == "gmail_auto_forwarding" else row
        for row in SETTINGS
    ]
    publish_load(store, "google", "google.policies", "setting_records", fixed_settings, at=NOW)
    assert record_day(TODAY) == 1
    assert [
        (entry.day, entry.state, entry.failing)
        for entry in list_policy_history(district=stated.district, policy="gmail-no-forwarding")
    ] == [
        (TODAY, State.PASS, 0),
        (date(2026, 1, 13), State.FAIL, 4),
    ]
    page = as_("auditor").get("/tenant-settings/gmail-no-forwarding").content.decode()
    assert "How it went" in page
    assert "Jan 13, 2026" in page
