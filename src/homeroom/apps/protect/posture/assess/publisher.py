"""Write an assessment under a number that nobody reads yet, and publish it with one update.

1. Leftovers of a killed run are removed. 2. Findings, new members and closings are written in short transactions under
the next number. 3. One transaction writes the results, marks members seen or not seen, and moves
`PublishedAssessment.assessment`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from django.db import transaction
from django.db.models import Count, Min, Q

from homeroom.apps.platform.districts.bulk_write import build_insert, iter_row_tuples, write_in_batches
from homeroom.apps.protect.posture.findings.transitions import FindingKey, MemberChanges, NewMember
from homeroom.apps.protect.posture.findings.transitions import OpenMember as OpenMember
from homeroom.apps.protect.posture.models import (
    Assessment,
    ControlResult,
    ControlWeek,
    Finding,
    FindingResult,
    Member,
    PublishedAssessment,
    SchoolResult,
)
from homeroom.domain.ids import format_public_id, hash_finding_id
from homeroom.domain.platform.district import District
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.evaluation import Evaluation
from homeroom.evidence.page_cache.mapped_files import Positions

BATCH_ROWS = 2_000
"""Rows changed in one transaction: about 50 ms on SQLite, so that a sign-in waits no longer than that."""
BATCH_IDS = 500
RETAINED_WEEKS = timedelta(weeks=106)
"""How far back the counts by school are stored for each week."""
STALE_DAYS = 7
"""Days that a member may be out of sight before it is stale."""


def get_assessment_number(*, district: District) -> int:
    """Return the number of the published assessment; 0 before the first."""
    row, _ = PublishedAssessment.objects.get_or_create(district_id=district.pk)
    return int(row.assessment)


def remove_unpublished(*, district: District, number: int) -> None:
    """Remove what a killed run wrote after the published assessment."""
    members = Member.objects.of(district)
    for ids in _batch_ids(members.filter(opened__gt=number).values_list("pk", flat=True)):
        Member.objects.of(district).filter(pk__in=ids).delete()
    for ids in _batch_ids(members.filter(closed__gt=number).values_list("pk", flat=True)):
        Member.objects.of(district).filter(pk__in=ids).update(closed=None, why="")
    Finding.objects.of(district).filter(first_opened__gt=number).delete()
    prune_school_results(district=district, number=number)


def write_school_results(*, district: District, number: int, rows: pa.Table) -> None:
    """Write the counts of each control in each school (a table of BY_SCHOOL) in short transactions."""
    constants = {"district_id": district.pk, "assessment": number}
    write_in_batches(
        iter_row_tuples(rows), build_insert(SchoolResult._meta.db_table, rows.column_names, constants=constants)
    )


def prune_school_results(*, district: District, number: int) -> None:
    """Remove the school results of all assessments but the published one."""
    for ids in _batch_ids(SchoolResult.objects.of(district).exclude(assessment=number).values_list("pk", flat=True)):
        SchoolResult.objects.of(district).filter(pk__in=ids).delete()


def write_control_weeks(*, district: District, number: int, today: date) -> None:
    """Write the counts by school of assessment `number` as those of its week, and remove weeks that are too old."""
    week = today - timedelta(days=today.weekday())
    counts: defaultdict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    rows = SchoolResult.objects.of(district).filter(assessment=number).exclude(school="")
    for control, school, passing, failing in rows.values_list("control", "school", "passing", "failing"):
        if passing + failing:
            counts[control][school] = (passing, failing)
    ControlWeek.objects.of(district).filter(Q(week=week) | Q(week__lt=week - RETAINED_WEEKS)).delete()
    ControlWeek.objects.bulk_create(
        ControlWeek(district_id=district.pk, week=week, control=control, schools=schools)
        for control, schools in counts.items()
    )


def iter_open_members(*, district: District) -> Iterator[OpenMember]:
    """Yield every member that is open in the published assessment; call `remove_unpublished` first."""
    rows = (
        Member.objects.of(district)
        .filter(closed=None)
        .values_list("pk", "finding__control", "finding__group", "subject", "since", "snapshot", "not_seen_since")
    )
    for pk, control, group, subject, since, snapshot, not_seen_since in rows.iterator(chunk_size=BATCH_ROWS):
        yield OpenMember(
            id=pk,
            finding=(control, group),
            subject=subject,
            since=since,
            snapshot=snapshot,
            not_seen_since=not_seen_since,
        )


def write_members(
    *, district: District, number: int, changes: MemberChanges, snapshot: str, progress: Callable[[str, int, int], None]
) -> None:
    """Write new and closing members under `number`, in short transactions."""
    rows = _build_member_rows(changes.opening, _ensure_findings(district, number, changes), snapshot)
    total = len(changes.opening) + sum(len(ids) for ids in changes.closing.values())

    def iter_with_progress() -> Iterator[tuple[Any, ...]]:
        for done_rows, row in enumerate(iter_row_tuples(rows), 1):
            if done_rows % BATCH_ROWS == 0 or done_rows == rows.num_rows:
                progress("write findings", done_rows, total)
            yield row

    constants = {"district_id": district.pk, "opened": number}
    done = write_in_batches(
        iter_with_progress(), build_insert(Member._meta.db_table, rows.column_names, constants=constants)
    )
    for reason, ids in changes.closing.items():
        for batch in batched(ids, BATCH_IDS):
            Member.objects.of(district).filter(pk__in=batch).update(closed=number, why=reason)
            done += len(batch)
            progress("write findings", done, total)


def _build_member_rows(opening: Sequence[NewMember], findings: Mapping[FindingKey, int], snapshot: str) -> pa.Table:
    return pa.table(
        {
            "finding_id": pa.array([findings[member.finding] for member in opening], pa.int64()),
            "subject": pa.array([member.subject for member in opening], pa.int64()),
            "since": pa.array([member.since for member in opening], pa.date32()),
            "why": pa.repeat(pa.scalar(""), len(opening)),
            "snapshot": pa.repeat(pa.scalar(snapshot), len(opening)),
        }
    )


def _ensure_findings(district: District, number: int, changes: MemberChanges) -> dict[FindingKey, int]:
    pk_by_key = {(control, group): pk for control, group, pk in _query_findings(district)}
    kinds = {member.finding: member.kind for member in changes.opening}
    missing = [
        Finding(
            district_id=district.pk,
            public=format_public_id("finding", hash_finding_id(*key)),
            control=key[0],
            group=key[1],
            subject_kind=kind,
            first_opened=number,
        )
        for key, kind in kinds.items()
        if key not in pk_by_key
    ]
    for batch in batched(missing, BATCH_ROWS):
        with transaction.atomic():
            Finding.objects.bulk_create(batch)
    return {(control, group): pk for control, group, pk in _query_findings(district)} if missing else pk_by_key


def _query_findings(district: District) -> Iterable[tuple[str, str, int]]:
    return Finding.objects.of(district).values_list("control", "group", "pk")


@transaction.atomic
def publish_assessment(
    *,
    district: District,
    number: int,
    at: datetime,
    judgment: Evaluation,
    controls: Sequence[Control],
    derived: str,
    fingerprint: str,
    as_of: datetime | None,
    changes: MemberChanges,
    people: Mapping[int, int],
) -> None:
    """Make assessment `number` the one that everybody reads; `people` are those of `count_people`."""
    Assessment.objects.create(
        district_id=district.pk,
        number=number,
        at=at,
        today=judgment.today,
        derived=derived,
        controls=fingerprint,
        as_of=as_of,
    )
    ControlResult.objects.bulk_create(_build_control_results(district, number, judgment, controls))
    write_control_weeks(district=district, number=number, today=judgment.today)
    _set_not_seen_since(district, changes.unseen, judgment.today)
    _set_not_seen_since(district, changes.seen_again, None)
    write_finding_results(district=district, number=number, today=judgment.today, people=people)
    moved = PublishedAssessment.objects.filter(district_id=district.pk, assessment__lt=number).update(assessment=number)
    if moved != 1:
        raise RuntimeError(f"assessment {number} is published already")


def count_people(
    *, district: District, session: duckdb.DuckDBPyConnection, findings: Positions, subjects: Positions
) -> dict[int, int]:
    """Return how many people the open accounts of each finding belong to, by the finding's key.

    The open members are arrays: of all findings, those about accounts count. An account of nobody counts as itself.
    """
    account_findings = Finding.objects.of(district).filter(subject_kind="account").values_list("pk", flat=True)
    is_account = np.isin(findings, list(account_findings))
    if not is_account.any():
        return {}
    session.register("open_accounts", pa.table({"finding": findings[is_account], "subject": subjects[is_account]}))
    counted = session.execute(_COUNT_PEOPLE_SQL).fetchall()
    session.unregister("open_accounts")
    return dict(counted)


_COUNT_PEOPLE_SQL = """SELECT o.finding, count(DISTINCT a.person) + count(DISTINCT CASE WHEN a.person IS NULL THEN
    o.subject END) FROM open_accounts o LEFT JOIN accounts a ON a.id = o.subject GROUP BY o.finding"""


def write_finding_results(*, district: District, number: int, today: date, people: Mapping[int, int]) -> None:
    """Write the counts of every finding with open members in assessment `number`, and remove old ones.

    The assessment before stays. A finding that `people` does not name is about no accounts.
    """
    stale = Q(not_seen_since__lt=today - timedelta(days=STALE_DAYS))
    counted = (
        Member.objects.of(district)
        .filter(closed=None)
        .values("finding_id")
        .annotate(
            members=Count("pk"),
            since=Min("since"),
            stale=Count("pk", filter=stale),
            not_seen=Count("pk", filter=Q(not_seen_since__isnull=False) & ~stale),
        )
        .order_by()
    )
    FindingResult.objects.of(district).filter(Q(assessment__lt=number - 1) | Q(assessment__gte=number)).delete()
    FindingResult.objects.bulk_create(
        FindingResult(
            district_id=district.pk, assessment=number, people=people.get(row["finding_id"], row["members"]), **row
        )
        for row in counted
    )


def _build_control_results(
    district: District, number: int, judgment: Evaluation, controls: Sequence[Control]
) -> Iterator[ControlResult]:
    for control in controls:
        counts = judgment.counts[control.id]
        yield ControlResult(
            district_id=district.pk,
            assessment=number,
            control=control.id,
            severity=control.severity,
            population=counts.population,
            passing=counts.passing,
            failing=counts.failing,
            cannot_tell=counts.cannot_tell,
            excepted=counts.excepted,
            not_applicable=counts.not_applicable,
        )


def _set_not_seen_since(district: District, ids: Iterable[int], since: date | None) -> None:
    for batch in batched(ids, BATCH_ROWS):
        Member.objects.of(district).filter(pk__in=batch).update(not_seen_since=since)


def _batch_ids(query: Any) -> Iterator[tuple[int, ...]]:
    return batched(list(query), BATCH_IDS)
