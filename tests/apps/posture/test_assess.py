"""Assessing a district: findings open, close only by evidence, and are published whole."""

from __future__ import annotations

import shutil
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from homeroom.apps.districts.models import District
from homeroom.apps.posture.commands import AssessReport, NotAccepted, NothingToJudge, accept, assess, withdraw
from homeroom.apps.posture.laying import is_laid
from homeroom.apps.posture.models import Assessment, ControlResult, Finding, Member, Standing
from homeroom.apps.posture.vanished import gone_of
from homeroom.apps.posture.writing import open_members, swept
from homeroom.domain.controls import Control, Effort
from homeroom.domain.states import Severity
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.session import SOURCES_SCHEMA
from homeroom.evidence.store import Store
from homeroom.evidence.tables import DERIVED_TABLES
from tests.cast import gather

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)
MFA = Control(
    id="second-factor", area="identity", title="A second factor", severity=Severity.HIGH, asks="accounts",
    because="Phishing.", fix={"google": "Turn it on."}, effort=Effort(minutes_per_subject=1, minutes_once=0),
    applies_to={"enabled": True}, requires={"second_factor": True},
)  # fmt: skip


class Town:
    """A district whose resolved accounts a test writes by hand."""

    def __init__(self, folder: Path) -> None:
        cast = gather()
        self.district: District = cast.district
        self.next_district: District = cast.next_district
        self.store = Store(folder, district=self.district.slug)
        self.day = TODAY
        self.runs = 0

    def resolved(self, *accounts: tuple[int, bool | None], enabled: bool = True) -> None:
        self.runs += 1
        rows = {
            "accounts": [{"id": n, "enabled": enabled, "second_factor": has} for n, has in accounts],
            "links": [
                {"subject_kind": "account", "id": n, "connector": "google", "instance": "google", "key": f"u{n}"}
                for n, _ in accounts
            ],
        }
        tables = {
            table.name: pa.Table.from_pylist(rows.get(table.name, []), schema=arrow_schema(table))
            for table in DERIVED_TABLES
        }
        at = AT + timedelta(minutes=self.runs)
        self.store.publish_derived(tables, inputs=f"run{self.runs}", today=self.day, at=at)

    def assessed(self, **asked: Any) -> AssessReport:
        at = AT + timedelta(minutes=self.runs, seconds=30)
        return assess(district=self.district, store=self.store, today=self.day, at=at, controls=[MFA], **asked)

    def members(self) -> list[tuple[int, str, date | None]]:
        rows = Member.objects.of(self.district).order_by("subject", "opened")
        return [(row.subject, row.why or "open", row.not_seen_since) for row in rows]


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_a_failing_account_opens_a_finding_with_its_records(town: Town) -> None:
    town.resolved((1, False), (2, True), (3, None))
    told = town.assessed(subjects=True).as_json()
    line = told["controls"][0]
    assert (line["population"], line["passing"], line["failing"], line["cannot_tell"]) == (3, 1, 1, 1)
    assert [one["records"] for one in line["subjects"]] == [[{"source": "google", "key": "u1"}]]
    assert [one["records"] for one in line["cannot_tell_subjects"]] == [[{"source": "google", "key": "u3"}]]
    assert [(one["control"], one["members"], one["state"]) for one in told["findings"]] == [
        ("second-factor", 1, "open")
    ]


def test_equal_input_makes_no_second_assessment(town: Town) -> None:
    town.resolved((1, False))
    assert town.assessed().number == town.assessed().number == 1
    assert Assessment.objects.of(town.district).count() == 1


def test_equal_input_is_not_judged_again_and_says_the_same(town: Town) -> None:
    asked: list[int] = []
    town.resolved((1, False), (2, True), (3, None))
    first, second, third = (
        town.assessed(progress=lambda step, done, total: asked.append(done), subjects=shown)
        for shown in (False, False, True)
    )
    assert (first.controls, first.findings) == (second.controls, second.findings)
    assert [one.counts for one in third.controls] == [one.counts for one in first.controls]
    assert third.controls[0].failing
    assert asked.count(0) == 2  # the first judges, and the third, which is asked for subjects


def test_an_account_that_passes_now_is_fixed_and_returns_as_a_new_interval(town: Town) -> None:
    for has in (False, True, False):
        town.resolved((1, has))
        town.assessed()
    assert town.members() == [(1, "fixed", None), (1, "open", None)]


def test_an_account_that_the_control_does_not_reach_any_more_no_longer_applies(town: Town) -> None:
    town.resolved((1, False))
    town.assessed()
    town.resolved((1, False), enabled=False)
    town.assessed()
    assert town.members() == [(1, "no_longer_applies", None)]


def test_a_missing_value_fixes_nothing_and_is_seen_again_later(town: Town) -> None:
    town.resolved((1, False))
    town.assessed()
    town.resolved((1, None))
    town.assessed()
    assert town.members() == [(1, "open", TODAY)]
    town.resolved((1, False))
    town.assessed()
    assert town.members() == [(1, "open", None)]


def test_a_subject_that_vanished_without_a_newer_complete_load_is_only_not_seen(town: Town) -> None:
    town.resolved((1, False), (2, True))
    town.assessed()
    town.resolved((2, True))
    report = town.assessed()
    assert town.members() == [(1, "open", TODAY)]
    assert report.findings[0].state == "not_seen"


def test_an_accepted_subject_is_no_open_member_until_it_expires(town: Town) -> None:
    town.resolved((1, False))
    town.assessed()
    given: dict[str, Any] = {
        "reason": "The kiosk at the door",
        "owner": "director",
        "control": "second-factor",
        "subject": 1,
    }
    number = accept(district=town.district, at=AT, today=TODAY, actor="director", expires_on=date(2026, 2, 1), **given)
    assert town.assessed().controls[0].counts.excepted == 1
    assert town.members() == [(1, "accepted", None)]
    withdraw(district=town.district, at=AT, actor="director", acceptance=number)
    assert town.assessed().controls[0].counts.failing == 1


@pytest.mark.parametrize(
    ("reason", "owner", "expires_on"),
    [(" ", "director", date(2026, 2, 1)), ("Why", "", date(2026, 2, 1)), ("Why", "director", TODAY),
     ("Why", "director", date(2029, 1, 1))],
)  # fmt: skip
def test_an_acceptance_needs_a_reason_an_owner_and_a_day_within_two_years(
    town: Town, reason: str, owner: str, expires_on: date
) -> None:
    with pytest.raises(NotAccepted):
        accept(
            district=town.district, at=AT, today=TODAY, actor="director", control="second-factor",
            reason=reason, owner=owner, expires_on=expires_on,
        )  # fmt: skip


def test_what_a_killed_run_left_is_taken_back(town: Town) -> None:
    town.resolved((1, False))
    town.assessed()
    finding = Finding.objects.of(town.district).get()
    values: dict[str, Any] = {"district": town.district, "since": TODAY, "snapshot": ""}
    Member.objects.create(finding=finding, subject=9, opened=2, **values)
    Member.objects.of(town.district).filter(subject=1).update(closed=2, why="fixed")
    Finding.objects.create(
        district=town.district, public="f-x", control="other", subject_kind="account", first_opened=2
    )
    swept(district=town.district, number=1)
    assert town.members() == [(1, "open", None)]
    assert Finding.objects.of(town.district).count() == 1


def test_a_run_that_died_before_the_flip_ends_as_an_undisturbed_one(town: Town) -> None:
    class Killed(BaseException):
        pass

    def dies(step: str, done: int, total: int) -> None:
        if step == "write findings":
            raise Killed

    town.resolved((1, False), (2, False))
    town.assessed()
    before = town.members()
    town.resolved((1, True), (2, False), (3, False))
    with pytest.raises(Killed):
        town.assessed(progress=dies)
    number = Standing.objects.get(district=town.district).assessment
    assert number == 1
    assert not ControlResult.objects.of(town.district).filter(assessment=2).exists()
    assert len(before) == 2
    town.assessed()
    assert town.members() == [(1, "fixed", None), (2, "open", None), (3, "open", None)]


def test_the_stranger_from_the_next_district_sees_no_finding(town: Town) -> None:
    town.resolved((1, False))
    town.assessed()
    assert Member.objects.of(town.next_district).count() == 0
    assert Member.objects.of(town.district).count() == 1


def test_a_district_that_was_never_resolved_is_not_judged(town: Town) -> None:
    with pytest.raises(NothingToJudge, match="homeroom resolve"):
        town.assessed()


def test_a_subject_is_gone_only_after_a_newer_complete_load_of_every_source_that_carried_it(town: Town) -> None:
    town.resolved((1, False))
    town.assessed()
    snapshot = Member.objects.of(town.district).get().snapshot
    member = next(iter(open_members(district=town.district)))
    load = {
        "connector": "google", "instance": "google", "stream": "google.users", "scope": "/", "load_id": "x",
        "loaded_at": AT + timedelta(days=1), "complete": True,
    }  # fmt: skip

    def gone(**changes: Any) -> set[int]:
        sources = pa.Table.from_pylist([{**load, **changes}], schema=SOURCES_SCHEMA)
        return gone_of(town.store, "account", [member], sources=sources)

    assert member.snapshot == snapshot
    assert gone() == {member.id}
    assert gone(complete=False) == set()
    assert gone(loaded_at=AT - timedelta(days=1)) == set()
    assert gone(instance="google-two") == set()


def test_a_judgement_whose_files_are_gone_is_published_anew_and_keeps_the_last_two(town: Town) -> None:
    town.resolved((1, False), (2, True))
    first = town.assessed()
    assert town.assessed().number == first.number
    shutil.rmtree(town.store.folder / "judged")
    again = town.assessed()
    assert (again.number, again.opened, again.closed) == (first.number + 1, 0, 0)
    for number in range(3):
        town.resolved((1, False), (2, number % 2 == 0))
        last = town.assessed()
    kept = sorted(path.name for path in (town.store.folder / "judged").iterdir())
    assert [int(name[:6]) for name in kept] == [last.number - 1, last.number]
    assert is_laid(store=town.store, number=last.number, derived=last.derived)
