"""Work that was done is fixed: a subject that a remedy took out of a control's population was not merely settled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from homeroom.apps.manage.planning.open_jobs import group_open_findings
from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.models import Member
from homeroom.apps.protect.posture.published.queries import (
    AssessmentChanges,
    count_changes_since_last,
    get_published_assessment,
    list_finding_events,
    list_open_findings,
)
from homeroom.domain.matching import parse_pattern
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.controls import Control, Effort
from homeroom.domain.protect.remedies import ConsoleAction
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.pattern_sql import list_pattern_fields
from homeroom.evidence.tables import DERIVED_TABLES, TABLES
from homeroom.library.protect.remedies import load_actions
from tests.assessed_district import publish_load
from tests.cast import create_cast

pytestmark = pytest.mark.django_db
TODAY = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)
UNUSED = Control(
    id="unused", area="identity", title="Accounts are used", severity=Severity.MEDIUM, asks="accounts",
    because="Nobody watches them.", fix={"google": "Suspend them."},
    effort=Effort(minutes_per_subject=1, minutes_once=0), remedies=("google.suspend-user",),
    applies_to={"enabled": True, "kind": "staff"}, requires={"never_signed_in": False},
)  # fmt: skip
WITHOUT_REMEDY = Control(**{**vars(UNUSED), "id": "without-remedy", "remedies": ()})
WHATEVER_ITS_STATE = Control(**{**vars(UNUSED), "id": "any-state", "applies_to": {"kind": "staff"}})
STAFF = {"suspended": False, "kind": "staff"}
SUSPENDED = {"suspended": True, "kind": "staff"}


class ConsoleDistrict:
    """A district with Google accounts that nobody uses, whose console a test changes."""

    def __init__(self, folder: Path) -> None:
        self.district: District = create_cast().district
        self.store = EvidenceStore(folder, district=self.district.slug)
        self.runs = 0

    def run_assess(self, accounts: Mapping[int, Mapping[str, Any]], *, control: Control = UNUSED) -> None:
        """Load the accounts from Google, resolve them as they are, and assess one control."""
        self.runs += 1
        at = AT + timedelta(hours=self.runs)
        records = [
            {"key": f"u{n}", "email": f"u{n}@maple.test", "suspended": account["suspended"]}
            for n, account in accounts.items()
        ]
        publish_load(self.store, "google", "google.users", "account_records", records, at=at)
        rows = {
            "accounts": [
                {
                    "id": n,
                    "directory": "google",
                    "enabled": None if account["suspended"] is None else not account["suspended"],
                    "kind": account["kind"],
                    "never_signed_in": True,
                    "person": account.get("person"),
                }
                for n, account in accounts.items()
            ],
            "links": [
                {
                    "subject_kind": "account", "id": n, "connector": "google", "instance": "google", "key": f"u{n}",
                    "table_name": "account_records",
                }
                for n in accounts
            ],
        }  # fmt: skip
        tables = {
            table.name: pa.Table.from_pylist(rows.get(table.name, []), schema=build_arrow_schema(table))
            for table in DERIVED_TABLES
        }
        at += timedelta(minutes=1)
        self.store.publish_derived(tables, inputs=f"run{self.runs}", today=TODAY, at=at)
        assess(district=self.district, store=self.store, today=TODAY, at=at, controls=[control])

    def list_reasons(self) -> list[tuple[int, str]]:
        """Return (account, why its member closed, or open)."""
        rows = Member.objects.of(self.district).order_by("subject", "opened")
        return [(row.subject, row.why or "open") for row in rows]

    def count_changes(self) -> AssessmentChanges:
        """Return the changes that Today shows."""
        assessment = get_published_assessment(district=self.district)
        assert assessment is not None
        return count_changes_since_last(district=self.district, assessment=assessment)


@pytest.fixture
def town(tmp_path: Path) -> ConsoleDistrict:
    return ConsoleDistrict(tmp_path)


@pytest.mark.parametrize("action", [action for action in load_actions().values() if action.effect], ids=lambda a: a.id)
def test_the_effect_of_every_action_is_a_pattern_over_its_subjects(action: ConsoleAction) -> None:
    table = TABLES[{"account": "accounts", "device": "devices"}[action.subject]]
    assert parse_pattern(dict(action.effect), fields=list_pattern_fields(table))


def test_accounts_that_were_suspended_as_the_finding_asked_are_fixed(town: ConsoleDistrict) -> None:
    town.run_assess(dict.fromkeys(range(50), STAFF))
    town.run_assess({n: SUSPENDED if n < 44 else STAFF for n in range(50)})
    changes = town.count_changes()
    assert (changes.fixed, changes.settled, changes.new, changes.returned) == (44, 0, 0, 0)
    assessment = get_published_assessment(district=town.district)
    finding = Member.objects.of(town.district).values_list("finding_id", flat=True)[0]
    assert assessment is not None
    events = list_finding_events(district=town.district, assessment=assessment, finding_id=finding)
    assert [(event.fixed, event.settled) for event in events] == [(44, 0), (0, 0)]


def test_an_account_that_left_the_population_otherwise_is_settled(town: ConsoleDistrict) -> None:
    town.run_assess({1: STAFF, 2: STAFF})
    town.run_assess({1: SUSPENDED, 2: {"suspended": False, "kind": "service"}})
    assert town.list_reasons() == [(1, "fixed"), (2, "no_longer_applies")]


def test_a_suspension_that_no_remedy_asks_for_is_settled(town: ConsoleDistrict) -> None:
    town.run_assess({1: STAFF}, control=WITHOUT_REMEDY)
    town.run_assess({1: SUSPENDED}, control=WITHOUT_REMEDY)
    assert town.list_reasons() == [(1, "no_longer_applies")]


def test_a_change_that_was_made_before_the_member_opened_ends_nothing(town: ConsoleDistrict) -> None:
    town.run_assess({1: SUSPENDED}, control=WHATEVER_ITS_STATE)
    town.run_assess({1: {"suspended": True, "kind": "service"}}, control=WHATEVER_ITS_STATE)
    assert town.list_reasons() == [(1, "no_longer_applies")]


def test_an_account_that_the_newest_load_lacks_was_not_fixed(town: ConsoleDistrict) -> None:
    town.run_assess({1: STAFF, 2: STAFF})
    town.run_assess({2: SUSPENDED})
    assert dict(town.list_reasons())[2] == "fixed"
    assert dict(town.list_reasons())[1] != "fixed"


def test_an_account_whose_state_nobody_reports_was_not_fixed(town: ConsoleDistrict) -> None:
    town.run_assess({1: STAFF, 2: STAFF})
    town.run_assess({1: {"suspended": None, "kind": "staff"}, 2: {"suspended": None, "kind": "service"}})
    assert "fixed" not in dict(town.list_reasons()).values()


def test_an_account_that_is_unsuspended_and_unused_again_returns(town: ConsoleDistrict) -> None:
    for account in (STAFF, SUSPENDED, STAFF):
        town.run_assess({1: account})
    assert town.list_reasons() == [(1, "fixed"), (1, "open")]
    assert town.count_changes().returned == 1


def test_accounts_and_the_people_behind_them_are_counted_apart(tmp_path: Path) -> None:
    console = ConsoleDistrict(tmp_path)
    owners = {1: 7, 2: 7, 3: 8, 4: None, 5: None}
    console.run_assess({n: {**STAFF, "person": person} for n, person in owners.items()})
    assessment = get_published_assessment(district=console.district)
    assert assessment is not None
    (finding,) = list_open_findings(district=console.district, assessment=assessment)
    assert (finding.members, finding.people, finding.has_fewer_people) == (5, 4, True)
    of_shipped_control = replace(finding, control=UNUSED)
    assert of_shipped_control.minutes == 4  # a minute each, once a person
    (open_job,) = group_open_findings([of_shipped_control]).values()
    assert (open_job.members, open_job.people, open_job.minutes_per_subject) == (5, 4, 0.8)
