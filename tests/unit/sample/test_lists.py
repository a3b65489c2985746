"""The ground truth of lists, apps, groups and units agrees with the files, as evaluated by independent code."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from tests.unit.sample.exports import ExportRow, SampleExports

pytestmark = pytest.mark.scale


def list_truth_keys(
    district: SampleExports, control: str, kind: str = "failing", *, source: str | None = None
) -> set[str]:
    keys = [
        record["key"]
        for records in district.truth["controls"][control][kind]
        for record in records
        if source in (None, record["source"])
    ]
    assert len(keys) == len(set(keys)), f"{control} states a subject twice"
    return set(keys)


def find_newest(rows: Iterable[ExportRow], column: str) -> date | None:
    return max((date.fromisoformat(row[column]) for row in rows if row[column]), default=None)


def group_by(rows: Iterable[ExportRow], column: str) -> dict[str, list[ExportRow]]:
    groups: dict[str, list[ExportRow]] = defaultdict(list)
    for row in rows:
        groups[row[column]].append(row)
    return groups


def subtract_year(today: date) -> date:
    return date(today.year - 1, today.month, min(today.day, 28) if today.month == 2 else today.day)


def test_old_backups_and_restores_that_nobody_tried_are_stated(district: SampleExports) -> None:
    stale, untried, unknown = set(), set(), set()
    for system, jobs in group_by(district.read_csv("lists/backups.csv"), "System").items():
        newest = find_newest(jobs, "Last Good Backup")
        if newest is None:
            continue
        max_age = {"Yes": 2, "No": 8, "": 2}[jobs[0]["Must Have"]]
        stale |= {system} if (district.today - newest).days > max_age else set()
        tried = find_newest(jobs, "Last Restore Test")
        if jobs[0]["Must Have"] == "" or (jobs[0]["Must Have"] == "Yes" and tried is None):
            unknown.add(system)
        elif jobs[0]["Must Have"] == "Yes" and tried is not None and tried < subtract_year(district.today):
            untried.add(system)
    assert list_truth_keys(district, "backup-recent", source="backups") == stale
    assert list_truth_keys(district, "restore-tested") == untried
    assert list_truth_keys(district, "restore-tested", "cannot_tell") == unknown
    assert stale
    assert untried
    assert unknown


def test_agreements_that_ran_out_and_nobody_replaced_are_stated(district: SampleExports) -> None:
    rows = [row for row in district.read_csv("lists/agreements.csv") if row["Date Signed"]]
    newest = {
        product: max(row["Date Signed"] for row in agreements)
        for product, agreements in group_by(rows, "Product").items()
    }
    current = [row for row in rows if row["Date Signed"] == newest[row["Product"]] and row["Expires"]]
    expired = {row["Agreement"] for row in current if row["Expires"] < district.today.isoformat()}
    soon = (district.today + timedelta(days=90)).isoformat()
    assert list_truth_keys(district, "agreement-current") == expired
    assert list_truth_keys(district, "agreement-ends-soon") == {
        row["Agreement"] for row in current if district.today.isoformat() <= row["Expires"] <= soon
    }


def test_contracts_with_too_many_or_too_few_seats_are_stated(district: SampleExports) -> None:
    users = {row["App Name"]: int(row["Active Users"]) for row in district.read_csv("lists/use.csv")}
    underused, overused, uncounted = set(), set(), set()
    for row in district.read_csv("lists/contracts.csv"):
        if row["Last Day"] < district.today.isoformat():
            continue
        used, seats = users.get(row["Product"]), int(row["Seats"])
        uncounted |= {row["Contract"]} if used is None else set()
        underused |= {row["Contract"]} if used is not None and used * 2 < seats else set()
        overused |= {row["Contract"]} if used is not None and used > seats else set()
    seats_used, seats_enough = (
        list_truth_keys(district, control, source="contracts")
        for control in ("contract-seats-used", "contract-seats-enough")
    )
    assert (seats_used, seats_enough) == (underused, overused)
    assert list_truth_keys(district, "contract-seats-used", "cannot_tell", source="contracts") == uncounted


def test_whoever_was_not_trained_within_a_year_is_stated(district: SampleExports) -> None:
    done: dict[str, str] = {}
    for row in district.read_csv("lists/training.csv"):
        if row["Category"] == "Training":
            done[row["Learner"]] = max(done.get(row["Learner"], ""), row["Finished"])
    numbers = {row["Email"].lower(): row["Employee ID"] for row in district.employees}
    late = {numbers[email] for email, last in done.items() if last < subtract_year(district.today).isoformat()}
    assert list_truth_keys(district, "staff-trained") == late
    assert late
    listed = {numbers[email] for email in done if email in numbers}
    assert not list_truth_keys(district, "staff-given-training") & listed


def test_apps_that_one_person_let_into_mail_or_files_are_stated(district: SampleExports) -> None:
    far = ("https://mail.google.com/", "/auth/gmail.readonly", "/auth/drive", "/auth/drive.readonly")
    grants = group_by(district.read_csv("google/tokens.csv"), "clientId")
    lonely = {
        app
        for app, rows in grants.items()
        if len(rows) == 1 and any(scope.endswith(far) for scope in rows[0]["scopes"].split())
    }
    assert list_truth_keys(district, "app-of-one-person") == lonely
    assert lonely


def test_units_without_anybody_in_or_below_them_are_stated(district: SampleExports) -> None:
    occupied = {user["orgUnitPath"] for user in district.users} | {row["orgUnitPath"] for row in district.chromebooks}
    empty = {
        row["orgUnitId"]
        for row in district.read_csv("google/orgs.csv")
        if not any(f"{unit}/".startswith(f"{row['orgUnitPath']}/") for unit in occupied)
    }
    assert list_truth_keys(district, "unit-empty") == empty
    assert len(empty) == 2
