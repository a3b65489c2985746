"""What the truth says of lists, apps, groups and units, judged a second time from the files alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from tests.unit.sample.exports import Exports, Row

pytestmark = pytest.mark.scale


def stated(district: Exports, control: str, kind: str = "failing") -> set[str]:
    found = [one["key"] for records in district.truth["controls"][control][kind] for one in records]
    assert len(found) == len(set(found)), f"{control} states a subject twice"
    return set(found)


def newest_of(rows: Iterable[Row], column: str) -> date | None:
    return max((date.fromisoformat(row[column]) for row in rows if row[column]), default=None)


def by(rows: Iterable[Row], column: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def a_year_before(today: date) -> date:
    return date(today.year - 1, today.month, min(today.day, 28) if today.month == 2 else today.day)


def test_old_backups_and_restores_that_nobody_tried_are_stated(district: Exports) -> None:
    stale, untried, unknown = set(), set(), set()
    for system, jobs in by(district.csv("lists/backups.csv"), "System").items():
        newest = newest_of(jobs, "Last Good Backup")
        if newest is None:
            continue
        wanted = {"Yes": 2, "No": 8, "": 2}[jobs[0]["Must Have"]]
        stale |= {system} if (district.today - newest).days > wanted else set()
        tried = newest_of(jobs, "Last Restore Test")
        if jobs[0]["Must Have"] == "" or (jobs[0]["Must Have"] == "Yes" and tried is None):
            unknown.add(system)
        elif jobs[0]["Must Have"] == "Yes" and tried is not None and tried < a_year_before(district.today):
            untried.add(system)
    assert stated(district, "backup-recent") == stale
    assert stated(district, "restore-tested") == untried
    assert stated(district, "restore-tested", "cannot_tell") == unknown
    assert stale
    assert untried
    assert unknown


def test_agreements_that_ran_out_and_nobody_replaced_are_stated(district: Exports) -> None:
    rows = [row for row in district.csv("lists/agreements.csv") if row["Date Signed"]]
    newest = {product: max(row["Date Signed"] for row in those) for product, those in by(rows, "Product").items()}
    standing = [row for row in rows if row["Date Signed"] == newest[row["Product"]] and row["Expires"]]
    ended = {row["Agreement"] for row in standing if row["Expires"] < district.today.isoformat()}
    soon = (district.today + timedelta(days=90)).isoformat()
    assert stated(district, "agreement-current") == ended
    assert stated(district, "agreement-ends-soon") == {
        row["Agreement"] for row in standing if district.today.isoformat() <= row["Expires"] <= soon
    }


def test_contracts_with_too_many_or_too_few_seats_are_stated(district: Exports) -> None:
    users = {row["App Name"]: int(row["Active Users"]) for row in district.csv("lists/use.csv")}
    few, many, uncounted = set(), set(), set()
    for row in district.csv("lists/contracts.csv"):
        if row["Last Day"] < district.today.isoformat():
            continue
        used, seats = users.get(row["Product"]), int(row["Seats"])
        uncounted |= {row["Contract"]} if used is None else set()
        few |= {row["Contract"]} if used is not None and used * 2 < seats else set()
        many |= {row["Contract"]} if used is not None and used > seats else set()
    assert (stated(district, "contract-seats-used"), stated(district, "contract-seats-enough")) == (few, many)
    assert stated(district, "contract-seats-used", "cannot_tell") == uncounted


def test_whoever_was_not_trained_within_a_year_is_stated(district: Exports) -> None:
    done: dict[str, str] = {}
    for row in district.csv("lists/training.csv"):
        if row["Category"] == "Training":
            done[row["Learner"]] = max(done.get(row["Learner"], ""), row["Finished"])
    numbers = {row["Email"].lower(): row["Employee ID"] for row in district.employees}
    late = {numbers[email] for email, last in done.items() if last < a_year_before(district.today).isoformat()}
    assert stated(district, "staff-trained") == late
    assert late
    listed = {numbers[email] for email in done if email in numbers}
    assert not stated(district, "staff-given-training") & listed


def test_apps_that_one_person_let_into_mail_or_files_are_stated(district: Exports) -> None:
    far = ("https://mail.google.com/", "/auth/drive", "/auth/drive.readonly")
    grants = by(district.csv("google/tokens.csv"), "clientId")
    lonely = {
        app
        for app, rows in grants.items()
        if len(rows) == 1 and any(scope.endswith(far) for scope in rows[0]["scopes"].split())
    }
    assert stated(district, "app-of-one-person") == lonely
    assert lonely


def test_units_without_anybody_in_or_below_them_are_stated(district: Exports) -> None:
    held = {user["orgUnitPath"] for user in district.users} | {row["orgUnitPath"] for row in district.chromebooks}
    empty = {
        row["orgUnitId"]
        for row in district.csv("google/orgs.csv")
        if not any(f"{unit}/".startswith(f"{row['orgUnitPath']}/") for unit in held)
    }
    assert stated(district, "unit-empty") == empty
    assert len(empty) == 2
