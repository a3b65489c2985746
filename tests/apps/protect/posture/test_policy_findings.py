"""A failing tenant policy is a finding like any other: opened, accepted, and closed by the next assessment."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.protect.exceptions.commands import create_exception
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.frameworks.queries import get_compliance
from homeroom.apps.protect.posture.catalog.controls import list_policy_controls
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.models import Member
from homeroom.apps.protect.posture.published.queries import (
    OpenFinding,
    get_control_result,
    get_published_assessment,
    list_open_findings,
)
from homeroom.apps.protect.posture.rows.by_state import get_state_page
from homeroom.apps.protect.posture.rows.evidence_rows import get_finding_page
from homeroom.domain.ids import hash_place_id
from homeroom.library.protect.controls import load_controls
from tests.assessed_district import ASSESSED_AT, TODAY, build_snapshot, publish_evidence, publish_load
from tests.cast import create_cast

pytestmark = pytest.mark.django_db
POLICY = "gmail-no-forwarding"
UNITS = ("Students", "Staff")


class ForwardingTenant:
    """A district with one Google tenant whose forwarding a test turns on and off by unit."""

    def __init__(self, folder: Path, settings: Any) -> None:
        settings.DATA = folder
        self.district = create_cast().district
        self.store = publish_evidence(folder / "evidence", district=self.district.slug)
        self.at = ASSESSED_AT

    def load_settings(self, *, units: Iterable[str] = UNITS, **forwards: bool) -> None:
        """Load whether mail may be forwarded, in the top unit (`top`) and in others by name, as a full new load."""
        self.at += timedelta(hours=1)
        units = list(units)
        unit_rows = [
            {"key": f"id:{n}", "path": f"/{name}", "name": name, "parent_path": "/"} for n, name in enumerate(units)
        ]
        rows = [
            {
                "suite": "google", "tenant": "C01", "unit": "00top" if name == "top" else str(units.index(name)),
                "group": "", "name": "gmail_auto_forwarding", "value": json.dumps({"enableAutoForwarding": on}),
            }
            for name, on in forwards.items()
        ]  # fmt: skip
        publish_load(self.store, "google", "google.policies", "setting_records", rows, at=self.at)
        publish_load(self.store, "google", "google.units", "org_units", unit_rows, at=self.at)

    def run_assess(self, day: date = TODAY) -> None:
        self.store.publish_derived(
            build_snapshot(3), inputs=self.store.compute_sources_id(), today=day, at=self.at + timedelta(minutes=1)
        )
        at = datetime.combine(day, self.at.timetz())
        assess(district=self.district, store=self.store, today=day, at=at)

    def find_finding(self) -> OpenFinding | None:
        assessment = get_published_assessment(district=self.district)
        assert assessment is not None
        return next(iter(list_open_findings(district=self.district, assessment=assessment, control=POLICY)), None)

    def list_members(self) -> dict[str, str]:
        unit_by_subject = {
            hash_place_id("C01", name): name for name in ("/", *(f"/{unit}" for unit in (*UNITS, "Labs")))
        }
        rows = Member.objects.of(self.district).filter(finding__control=POLICY).order_by("pk")
        return {unit_by_subject[row.subject]: row.why or ("not seen" if row.not_seen_since else "open") for row in rows}


@pytest.fixture
def tenant(tmp_path: Path, settings: Any) -> ForwardingTenant:
    return ForwardingTenant(tmp_path, settings)


def test_no_policy_has_the_id_of_a_control() -> None:
    assert {control.id for control in list_policy_controls()} & {control.id for control in load_controls()} == set()
    assert len(list_policy_controls()) > 150


def test_a_failing_policy_opens_a_finding_whose_members_are_its_units(tenant: ForwardingTenant) -> None:
    tenant.load_settings(top=True, Staff=False)
    tenant.run_assess()
    finding = tenant.find_finding()
    assert finding is not None
    assert (finding.group, finding.subject_kind, finding.members) == ("C01", "place", 2)
    assert tenant.list_members() == {"/": "open", "/Students": "open"}
    assessment = get_published_assessment(district=tenant.district)
    assert assessment is not None
    rows = get_finding_page(district=tenant.district, assessment=assessment, finding=finding)
    assert [row.cells[0] for row in rows.rows] == ["/", "/Students"]
    assert {row.since for row in rows.rows} == {TODAY}
    control_result = get_control_result(district=tenant.district, assessment=assessment, control=POLICY)
    assert control_result is not None
    assert (control_result.numbers.failing, control_result.numbers.passing) == (2, 1)
    passing = get_state_page(
        district=tenant.district, assessment=assessment, control=control_result.control, state="pass"
    )
    assert passing is not None
    assert [row.cells[0] for row in passing.rows] == ["/Staff"]


def test_the_next_judgment_proves_that_a_setting_was_changed(tenant: ForwardingTenant) -> None:
    tenant.load_settings(top=True)
    tenant.run_assess()
    tenant.load_settings(top=False, Students=True)
    tenant.run_assess()
    assert tenant.list_members() == {"/": "fixed", "/Students": "open", "/Staff": "fixed"}
    number = getattr(get_published_assessment(district=tenant.district), "number", None)
    tenant.run_assess()
    assert getattr(get_published_assessment(district=tenant.district), "number", None) == number


def test_a_unit_that_is_gone_leaves_and_one_that_nobody_reads_any_more_stays(tenant: ForwardingTenant) -> None:
    tenant.load_settings(top=True)
    tenant.run_assess()
    tenant.load_settings(units=["Students"], top=True)
    tenant.run_assess()
    assert tenant.list_members() == {"/": "open", "/Students": "open", "/Staff": "gone"}
    for stored_load in [
        stored_load for stored_load in tenant.store.list_loads() if stored_load.stream == "google.policies"
    ][::-1]:
        with tenant.store.lock_for_writing():
            tenant.store.undo(stored_load.id)
    tenant.run_assess()
    assert tenant.list_members() == {"/": "not seen", "/Students": "not seen", "/Staff": "gone"}


def test_an_accepted_place_is_excepted_and_comes_back_on_its_day(tenant: ForwardingTenant) -> None:
    tenant.load_settings(top=True)
    tenant.run_assess()
    create_exception(
        district=tenant.district,
        at=ASSESSED_AT,
        today=TODAY,
        actor="director",
        scope=FindingScope(control=POLICY, group="C01", subject=hash_place_id("C01", "/Staff")),
        reason="The coaches need it.",
        owner="director",
        expires_on=TODAY + timedelta(days=2),
    )
    tenant.run_assess()
    assert tenant.list_members() == {"/": "open", "/Students": "open", "/Staff": "accepted"}
    tenant.run_assess(TODAY + timedelta(days=3))
    assert tenant.list_members()["/Staff"] == "open"


def test_a_framework_counts_a_judged_policy_once(tenant: ForwardingTenant) -> None:
    tenant.load_settings(top=True)
    tenant.run_assess()
    compliance = get_compliance(district=tenant.district, framework="cisa-cpg-2.0", at=ASSESSED_AT, today=TODAY)
    policy_ids = {
        check.id for goal in compliance.result.goals for check in goal.checks if check.policy and check.is_assessed
    }
    assert policy_ids
    assert all("@" not in policy_id for policy_id in policy_ids)
