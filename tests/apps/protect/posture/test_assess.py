"""Assessing a district: findings open, close only by evidence, and are published whole."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.exceptions.commands import create_exception, withdraw_exception
from homeroom.apps.protect.exceptions.scopes import FindingScope
from homeroom.apps.protect.posture.assess.publisher import iter_open_members, remove_unpublished
from homeroom.apps.protect.posture.commands import (
    AssessmentReport,
    NoResolvedSnapshot,
    assess,
)
from homeroom.apps.protect.posture.findings.disappearance import find_disappeared
from homeroom.apps.protect.posture.models import Assessment, ControlResult, Finding, Member, PublishedAssessment
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.controls import Control, Effort
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.state_files import get_state_files
from homeroom.evidence.query.session import SOURCES_SCHEMA
from homeroom.evidence.tables import DERIVED_TABLES
from tests.cast import create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("bulk writes, unique findings")]
TODAY = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)
MFA = Control(
    id="second-factor", area="identity", title="A second factor", severity=Severity.HIGH, asks="accounts",
    because="Phishing.", fix={"google": "Turn it on."}, effort=Effort(minutes_per_subject=1, minutes_once=0),
    applies_to={"enabled": True}, requires={"second_factor": True},
)  # fmt: skip


class AccountDistrict:
    """A district whose resolved accounts a test writes by hand."""

    def __init__(self, folder: Path) -> None:
        cast = create_cast()
        self.district: District = cast.district
        self.next_district: District = cast.next_district
        self.store = EvidenceStore(folder, district=self.district.slug)
        self.day = TODAY
        self.runs = 0

    def publish_accounts(self, *accounts: tuple[int, bool | None], enabled: bool = True, school: str = "") -> None:
        self.runs += 1
        rows = {
            "accounts": [
                {"id": n, "enabled": enabled, "second_factor": has_second_factor, "school": school or None}
                for n, has_second_factor in accounts
            ],
            "links": [
                {"subject_kind": "account", "id": n, "connector": "google", "instance": "google", "key": f"u{n}"}
                for n, _ in accounts
            ],
        }
        tables = {
            table.name: pa.Table.from_pylist(rows.get(table.name, []), schema=build_arrow_schema(table))
            for table in DERIVED_TABLES
        }
        at = AT + timedelta(minutes=self.runs)
        self.store.publish_derived(tables, inputs=f"run{self.runs}", today=self.day, at=at)

    def run_assess(self, **options: Any) -> AssessmentReport:
        at = AT + timedelta(minutes=self.runs, seconds=30)
        return assess(district=self.district, store=self.store, today=self.day, at=at, controls=[MFA], **options)

    def list_members(self) -> list[tuple[int, str, date | None]]:
        rows = Member.objects.of(self.district).order_by("subject", "opened")
        return [(row.subject, row.why or "open", row.not_seen_since) for row in rows]


@pytest.fixture
def town(tmp_path: Path) -> AccountDistrict:
    return AccountDistrict(tmp_path)


def test_a_failing_account_opens_a_finding_with_its_records(town: AccountDistrict) -> None:
    town.publish_accounts((1, False), (2, True), (3, None))
    document = town.run_assess(subjects=True).serialize()
    line = document["controls"][0]
    assert (line["population"], line["passing"], line["failing"], line["cannot_tell"]) == (3, 1, 1, 1)
    assert [entry["records"] for entry in line["subjects"]] == [[{"source": "google", "key": "u1"}]]
    assert [entry["records"] for entry in line["cannot_tell_subjects"]] == [[{"source": "google", "key": "u3"}]]
    assert [(entry["control"], entry["members"], entry["state"]) for entry in document["findings"]] == [
        ("second-factor", 1, "open")
    ]


def test_equal_input_makes_no_second_assessment(town: AccountDistrict) -> None:
    town.publish_accounts((1, False))
    assert town.run_assess().number == town.run_assess().number == 1
    assert Assessment.objects.of(town.district).count() == 1


def test_equal_input_is_not_judged_again_and_says_the_same(town: AccountDistrict) -> None:
    progress_calls: list[int] = []
    town.publish_accounts((1, False), (2, True), (3, None))
    first, second, third = (
        town.run_assess(progress=lambda step, done, total: progress_calls.append(done), subjects=with_subjects)
        for with_subjects in (False, False, True)
    )
    assert (first.controls, first.findings) == (second.controls, second.findings)
    assert [control_line.counts for control_line in third.controls] == [
        control_line.counts for control_line in first.controls
    ]
    assert third.controls[0].failing
    assert progress_calls.count(0) == 2  # the first judges, and the third, which is asked for subjects


def test_an_account_that_passes_now_is_fixed_and_returns_as_a_new_interval(town: AccountDistrict) -> None:
    for has in (False, True, False):
        town.publish_accounts((1, has))
        town.run_assess()
    assert town.list_members() == [(1, "fixed", None), (1, "open", None)]


def test_an_account_that_the_control_does_not_reach_any_more_no_longer_applies(town: AccountDistrict) -> None:
    town.publish_accounts((1, False))
    town.run_assess()
    town.publish_accounts((1, False), enabled=False)
    town.run_assess()
    assert town.list_members() == [(1, "no_longer_applies", None)]


def test_a_missing_value_fixes_nothing_and_is_seen_again_later(town: AccountDistrict) -> None:
    town.publish_accounts((1, False))
    town.run_assess()
    town.publish_accounts((1, None))
    town.run_assess()
    assert town.list_members() == [(1, "open", TODAY)]
    town.publish_accounts((1, False))
    town.run_assess()
    assert town.list_members() == [(1, "open", None)]


def test_a_subject_that_vanished_without_a_newer_complete_load_is_only_not_seen(town: AccountDistrict) -> None:
    town.publish_accounts((1, False), (2, True))
    town.run_assess()
    town.publish_accounts((2, True))
    report = town.run_assess()
    assert town.list_members() == [(1, "open", TODAY)]
    assert report.findings[0].state == "not_seen"


def test_an_accepted_subject_is_no_open_member_until_it_expires(town: AccountDistrict) -> None:
    town.publish_accounts((1, False))
    town.run_assess()
    acceptance: dict[str, Any] = {
        "reason": "The kiosk at the door",
        "owner": "director",
        "scope": FindingScope(control="second-factor", subject=1),
    }
    number = create_exception(
        district=town.district, at=AT, today=TODAY, actor="director", expires_on=date(2026, 2, 1), **acceptance
    )
    assert town.run_assess().controls[0].counts.excepted == 1
    assert town.list_members() == [(1, "accepted", None)]
    withdraw_exception(district=town.district, at=AT, actor="director", number=number, scope_class=FindingScope)
    assert town.run_assess().controls[0].counts.failing == 1


def test_what_a_killed_run_left_is_taken_back(town: AccountDistrict) -> None:
    town.publish_accounts((1, False))
    town.run_assess()
    finding = Finding.objects.of(town.district).get()
    values: dict[str, Any] = {"district": town.district, "since": TODAY, "snapshot": ""}
    Member.objects.create(finding=finding, subject=9, opened=2, **values)
    Member.objects.of(town.district).filter(subject=1).update(closed=2, why="fixed")
    Finding.objects.create(
        district=town.district, public="f-x", control="other", subject_kind="account", first_opened=2
    )
    remove_unpublished(district=town.district, number=1)
    assert town.list_members() == [(1, "open", None)]
    assert Finding.objects.of(town.district).count() == 1


def test_a_run_that_died_before_the_flip_ends_as_an_undisturbed_one(town: AccountDistrict) -> None:
    class Killed(BaseException):
        pass

    def raise_killed(step: str, done: int, total: int) -> None:
        if step == "write findings":
            raise Killed

    town.publish_accounts((1, False), (2, False))
    town.run_assess()
    before = town.list_members()
    town.publish_accounts((1, True), (2, False), (3, False))
    with pytest.raises(Killed):
        town.run_assess(progress=raise_killed)
    number = PublishedAssessment.objects.get(district=town.district).assessment
    assert number == 1
    assert not ControlResult.objects.of(town.district).filter(assessment=2).exists()
    assert len(before) == 2
    town.run_assess()
    assert town.list_members() == [(1, "fixed", None), (2, "open", None), (3, "open", None)]


def test_the_stranger_from_the_next_district_sees_no_finding(town: AccountDistrict) -> None:
    town.publish_accounts((1, False))
    town.run_assess()
    assert Member.objects.of(town.next_district).count() == 0
    assert Member.objects.of(town.district).count() == 1


def test_a_district_that_was_never_resolved_is_not_judged(town: AccountDistrict) -> None:
    with pytest.raises(NoResolvedSnapshot, match="homeroom resolve"):
        town.run_assess()


def test_a_subject_is_gone_only_after_a_newer_complete_load_of_every_source_that_carried_it(
    town: AccountDistrict,
) -> None:
    town.publish_accounts((1, False))
    town.run_assess()
    snapshot = Member.objects.of(town.district).get().snapshot
    member = next(iter(iter_open_members(district=town.district)))
    load = {
        "connector": "google", "instance": "google", "stream": "google.users", "scope": "/", "load_id": "x",
        "loaded_at": AT + timedelta(days=1), "complete": True,
    }  # fmt: skip

    def find_gone(**changes: Any) -> set[int]:
        sources = pa.Table.from_pylist([{**load, **changes}], schema=SOURCES_SCHEMA)
        return find_disappeared(town.store, "account", [member], sources=sources)

    assert member.snapshot == snapshot
    assert find_gone() == {member.id}
    assert find_gone(complete=False) == set()
    assert find_gone(loaded_at=AT - timedelta(days=1)) == set()
    assert find_gone(instance="google-two") == set()


def test_a_judgment_whose_files_are_gone_is_published_again_and_keeps_the_last_two(town: AccountDistrict) -> None:
    town.publish_accounts((1, False), (2, True))
    first = town.run_assess()
    assert town.run_assess().number == first.number
    shutil.rmtree(town.store.folder / "assessed_states")
    again = town.run_assess()
    assert (again.number, again.opened, again.closed) == (first.number + 1, 0, 0)
    for number in range(3):
        town.publish_accounts((1, False), (2, number % 2 == 0))
        last = town.run_assess()
    folder_names = sorted(path.name for path in (town.store.folder / "assessed_states").iterdir())
    assert [int(name[:6]) for name in folder_names] == [last.number - 1, last.number]
    assert get_state_files(town.store, number=last.number, derived=last.derived).are_complete
