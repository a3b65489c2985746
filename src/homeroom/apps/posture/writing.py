"""Writes an assessment under a number that nobody reads yet, and publishes it with one update.

1. What a killed run left is removed. 2. Findings, new members and closings are written in short transactions under the
next number. 3. One transaction writes the results, marks members seen or not seen, and moves `Standing.assessment`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import batched
from typing import Any

import pyarrow as pa
from django.db import transaction
from django.db.models import Count, Min, Q

from homeroom.apps.districts.batches import in_batches, inserted, rows_of
from homeroom.apps.posture.comparing import Changes, Key, Opening
from homeroom.apps.posture.comparing import Standing as OpenMember
from homeroom.apps.posture.models import (
    Assessment,
    ControlResult,
    Finding,
    FindingResult,
    Member,
    SchoolResult,
    Standing,
)
from homeroom.domain.controls import Control
from homeroom.domain.ids import finding_subject, public_id
from homeroom.engines.posture.judgement import Judgement

BATCH = 2_000
"""Rows that are changed in one transaction: they take about 50 ms on SQLite, so that a sign-in waits no longer than that."""
IDS = 500
STALE_DAYS = 7
"""Days that a member may be out of sight before it is stale."""


def published(*, district: Any) -> int:
    """The number of the published assessment; 0 before the first."""
    standing, _ = Standing.objects.get_or_create(district=district)
    return int(standing.assessment)


def swept(*, district: Any, number: int) -> None:
    """Removes what a killed run wrote after that assessment."""
    members = Member.objects.of(district)
    for ids in _ids(members.filter(opened__gt=number).values_list("pk", flat=True)):
        Member.objects.of(district).filter(pk__in=ids).delete()
    for ids in _ids(members.filter(closed__gt=number).values_list("pk", flat=True)):
        Member.objects.of(district).filter(pk__in=ids).update(closed=None, why="")
    Finding.objects.of(district).filter(first_opened__gt=number).delete()
    forget_schools(district=district, number=number)


def write_schools(*, district: Any, number: int, rows: pa.Table) -> None:
    """Writes how each control stands in each school (a table of BY_SCHOOL) under `number`, in short transactions."""
    every = {"district_id": district.pk, "assessment": number}
    in_batches(rows_of(rows), inserted(SchoolResult._meta.db_table, rows.column_names, every=every))


def forget_schools(*, district: Any, number: int) -> None:
    """Removes how schools stood in other assessments than the published one."""
    for ids in _ids(SchoolResult.objects.of(district).exclude(assessment=number).values_list("pk", flat=True)):
        SchoolResult.objects.of(district).filter(pk__in=ids).delete()


def open_members(*, district: Any) -> Iterator[OpenMember]:
    """Every member that is open in the published assessment; nothing may be half-written (see `swept`)."""
    rows = (
        Member.objects.of(district)
        .filter(closed=None)
        .values_list("pk", "finding__control", "finding__group", "subject", "since", "snapshot", "not_seen_since")
    )
    for pk, control, group, subject, since, snapshot, not_seen_since in rows.iterator(chunk_size=BATCH):
        yield OpenMember(
            id=pk,
            finding=(control, group),
            subject=subject,
            since=since,
            snapshot=snapshot,
            not_seen_since=not_seen_since,
        )


def write(
    *, district: Any, number: int, changes: Changes, snapshot: str, progress: Callable[[str, int, int], None]
) -> None:
    """Writes new and closing members under `number`, in short transactions."""
    rows = _members(changes.opening, _findings(district, number, changes), snapshot)
    total = len(changes.opening) + sum(len(ids) for ids in changes.closing.values())

    def told() -> Iterator[tuple[Any, ...]]:
        for so_far, row in enumerate(rows_of(rows), 1):
            if so_far % BATCH == 0 or so_far == rows.num_rows:
                progress("write findings", so_far, total)
            yield row

    every = {"district_id": district.pk, "opened": number}
    done = in_batches(told(), inserted(Member._meta.db_table, rows.column_names, every=every))
    for why, ids in changes.closing.items():
        for some in batched(ids, IDS):
            Member.objects.of(district).filter(pk__in=some).update(closed=number, why=why)
            done += len(some)
            progress("write findings", done, total)


def _members(opening: Sequence[Opening], findings: Mapping[Key, int], snapshot: str) -> pa.Table:
    return pa.table(
        {
            "finding_id": pa.array([findings[one.finding] for one in opening], pa.int64()),
            "subject": pa.array([one.subject for one in opening], pa.int64()),
            "since": pa.array([one.since for one in opening], pa.date32()),
            "why": pa.repeat(pa.scalar(""), len(opening)),
            "snapshot": pa.repeat(pa.scalar(snapshot), len(opening)),
        }
    )


def _findings(district: Any, number: int, changes: Changes) -> dict[Key, int]:
    known = {(control, group): pk for control, group, pk in _known(district)}
    kinds = {one.finding: one.kind for one in changes.opening}
    missing = [
        Finding(
            district=district,
            public=public_id("finding", finding_subject(*key)),
            control=key[0],
            group=key[1],
            subject_kind=kind,
            first_opened=number,
        )
        for key, kind in kinds.items()
        if key not in known
    ]
    for batch in batched(missing, BATCH):
        with transaction.atomic():
            Finding.objects.bulk_create(batch)
    return {(control, group): pk for control, group, pk in _known(district)} if missing else known


def _known(district: Any) -> Iterable[tuple[str, str, int]]:
    return Finding.objects.of(district).values_list("control", "group", "pk")


@transaction.atomic
def publish(
    *,
    district: Any,
    number: int,
    at: datetime,
    judgement: Judgement,
    controls: Sequence[Control],
    derived: str,
    fingerprint: str,
    as_of: datetime | None,
    changes: Changes,
) -> None:
    """Makes assessment `number` the one that everybody reads."""
    Assessment.objects.create(
        district=district,
        number=number,
        at=at,
        today=judgement.today,
        derived=derived,
        controls=fingerprint,
        as_of=as_of,
    )
    ControlResult.objects.bulk_create(_results(district, number, judgement, controls))
    _mark(district, changes.unseen, judgement.today)
    _mark(district, changes.seen_again, None)
    count_findings(district=district, number=number, today=judgement.today)
    moved = Standing.objects.filter(district=district, assessment__lt=number).update(assessment=number)
    if moved != 1:
        raise RuntimeError(f"assessment {number} is published already")


def count_findings(*, district: Any, number: int, today: date) -> None:
    """Writes how every finding with open members stands in assessment `number`, and forgets those before the one before it."""
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
    FindingResult.objects.bulk_create(FindingResult(district=district, assessment=number, **row) for row in counted)


def _results(district: Any, number: int, judgement: Judgement, controls: Sequence[Control]) -> Iterator[ControlResult]:
    for control in controls:
        counts = judgement.counts[control.id]
        yield ControlResult(
            district=district,
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


def _mark(district: Any, ids: Iterable[int], since: date | None) -> None:
    for batch in batched(ids, BATCH):
        Member.objects.of(district).filter(pk__in=batch).update(not_seen_since=since)


def _ids(query: Any) -> Iterator[tuple[int, ...]]:
    return batched(list(query), IDS)
