"""A failing policy over tenant settings is a finding like any other: opened, accepted, proven by the next judgement."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from homeroom.apps.frameworks.queries import standing_under
from homeroom.apps.posture.commands import accept, assess
from homeroom.apps.posture.evidence import finding_rows
from homeroom.apps.posture.models import Acceptance, Member, SettingResult
from homeroom.apps.posture.queries import OpenFinding, judgement, open_findings, result
from homeroom.apps.posture.shelf import policy_controls
from homeroom.apps.posture.states import rows_in_state
from homeroom.domain.ids import place_subject
from homeroom.library.controls import controls
from tests.cast import gather
from tests.scene import JUDGED, TODAY, evidence, load, snapshot

pytestmark = pytest.mark.django_db
POLICY = "gmail-no-forwarding"
UNITS = ("Students", "Staff")


class Tenant:
    """A district with one Google tenant whose forwarding a test turns on and off by unit."""

    def __init__(self, folder: Path, settings: Any) -> None:
        settings.DATA = folder
        self.district = gather().district
        self.store = evidence(folder / "evidence", district=self.district.slug)
        self.at = JUDGED

    def stated(self, *, units: Iterable[str] = UNITS, **forwards: bool) -> None:
        """Whether mail may be forwarded, in the top unit (`top`) and in others by name; a whole load of a new day."""
        self.at += timedelta(hours=1)
        units = list(units)
        places = [
            {"key": f"id:{n}", "path": f"/{name}", "name": name, "parent_path": "/"} for n, name in enumerate(units)
        ]
        rows = [
            {
                "suite": "google", "tenant": "C01", "unit": "00top" if name == "top" else str(units.index(name)),
                "group": "", "name": "gmail_auto_forwarding", "value": json.dumps({"enableAutoForwarding": on}),
            }
            for name, on in forwards.items()
        ]  # fmt: skip
        load(self.store, "google", "google.policies", "setting_records", rows, at=self.at)
        load(self.store, "google", "google.units", "org_units", places, at=self.at)

    def judged(self, day: date = TODAY) -> None:
        self.store.publish_derived(
            snapshot(3), inputs=self.store.sources_id(), today=day, at=self.at + timedelta(minutes=1)
        )
        at = datetime.combine(day, self.at.timetz())
        assess(district=self.district, store=self.store, today=day, at=at)

    def finding(self) -> OpenFinding | None:
        of = judgement(district=self.district)
        assert of is not None
        return next(iter(open_findings(district=self.district, of=of, control=POLICY)), None)

    def members(self) -> dict[str, str]:
        named = {place_subject("C01", name): name for name in ("/", *(f"/{one}" for one in (*UNITS, "Labs")))}
        rows = Member.objects.of(self.district).filter(finding__control=POLICY).order_by("pk")
        return {named[row.subject]: row.why or ("not seen" if row.not_seen_since else "open") for row in rows}


@pytest.fixture
def tenant(tmp_path: Path, settings: Any) -> Tenant:
    return Tenant(tmp_path, settings)


def test_no_policy_has_the_id_of_a_control() -> None:
    assert {one.id for one in policy_controls()} & {one.id for one in controls()} == set()
    assert len(policy_controls()) > 150


def test_a_failing_policy_opens_a_finding_whose_members_are_its_units(tenant: Tenant) -> None:
    tenant.stated(top=True, Staff=False)
    tenant.judged()
    found = tenant.finding()
    assert found is not None
    assert (found.group, found.subject_kind, found.members) == ("C01", "place", 2)
    assert tenant.members() == {"/": "open", "/Students": "open"}
    of = judgement(district=tenant.district)
    assert of is not None
    rows = finding_rows(district=tenant.district, of=of, finding=found)
    assert [row.cells[0] for row in rows.rows] == ["/", "/Students"]
    assert {row.since for row in rows.rows} == {TODAY}
    one = result(district=tenant.district, of=of, control=POLICY)
    assert one is not None
    assert (one.numbers.failing, one.numbers.passing) == (2, 1)
    passing = rows_in_state(district=tenant.district, of=of, control=one.control, state="pass")
    assert passing is not None
    assert [row.cells[0] for row in passing.rows] == ["/Staff"]


def test_the_next_judgement_proves_that_a_setting_was_changed(tenant: Tenant) -> None:
    tenant.stated(top=True)
    tenant.judged()
    tenant.stated(top=False, Students=True)
    tenant.judged()
    assert tenant.members() == {"/": "fixed", "/Students": "open", "/Staff": "fixed"}
    number = getattr(judgement(district=tenant.district), "number", None)
    tenant.judged()
    assert getattr(judgement(district=tenant.district), "number", None) == number


def test_a_unit_that_is_gone_leaves_and_one_that_nobody_reads_any_more_stays(tenant: Tenant) -> None:
    tenant.stated(top=True)
    tenant.judged()
    tenant.stated(units=["Students"], top=True)
    tenant.judged()
    assert tenant.members() == {"/": "open", "/Students": "open", "/Staff": "gone"}
    for one in [one for one in tenant.store.loads() if one.stream == "google.policies"][::-1]:
        with tenant.store.writing():
            tenant.store.undo(one.id)
    tenant.judged()
    assert tenant.members() == {"/": "not seen", "/Students": "not seen", "/Staff": "gone"}


def test_an_accepted_place_is_excepted_and_comes_back_on_its_day(tenant: Tenant) -> None:
    tenant.stated(top=True)
    tenant.judged()
    accept(
        district=tenant.district, at=JUDGED, today=TODAY, actor="director", control=POLICY, group="C01",
        subject=place_subject("C01", "/Staff"), reason="The coaches need it.", owner="director",
        expires_on=TODAY + timedelta(days=2),
    )  # fmt: skip
    tenant.judged()
    assert tenant.members() == {"/": "open", "/Students": "open", "/Staff": "accepted"}
    tenant.judged(TODAY + timedelta(days=3))
    assert tenant.members()["/Staff"] == "open"


def test_a_framework_counts_a_judged_policy_once(tenant: Tenant) -> None:
    tenant.stated(top=True)
    tenant.judged()
    under = standing_under(district=tenant.district, framework="cisa-cpg-2.0", at=JUDGED, today=TODAY)
    known = {check.id for goal in under.standing.goals for check in goal.checks if check.policy and check.judged}
    assert known
    assert all("@" not in one for one in known)


def test_what_was_accepted_as_a_setting_is_accepted_of_the_finding(tenant: Tenant) -> None:
    move = import_module("homeroom.apps.posture.migrations.0004_settings_are_findings")
    told: dict[str, Any] = {
        "district": tenant.district,
        "reason": "r",
        "owner": "o",
        "expires_on": TODAY,
        "made_by": "m",
        "made_at": JUDGED,
    }
    Acceptance.objects.create(control=f"setting:{POLICY}", group="/Staff", **told)
    Acceptance.objects.create(control=f"setting:{POLICY}", group="", **told)
    Acceptance.objects.create(control="leaver-account", group="", **told)
    for name in ("C01", "C02"):
        SettingResult.objects.create(
            district=tenant.district, policy=POLICY, tenant=name, day=TODAY, state="fail", passing=0, failing=1,
            cannot_tell=0, excepted=0,
        )  # fmt: skip
    move.as_findings(apps, None)
    rows = Acceptance.objects.of(tenant.district).values_list("control", "group", "subject", "reason")
    assert sorted(rows, key=str) == sorted(
        [
            ("leaver-account", "", None, "r"),
            *(
                (POLICY, name, subject, "r")
                for name in ("C01", "C02")
                for subject in (None, place_subject(name, "/Staff"))
            ),
        ],
        key=str,
    )
