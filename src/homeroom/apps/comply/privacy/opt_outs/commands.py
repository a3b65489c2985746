"""Add opt-outs of students, from a closed request or a file, and end one. Each change is in the audit trail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction

from homeroom.apps.comply.privacy.models import OptOut
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.comply.privacy.requests import OptOutKind
from homeroom.domain.ids import parse_public_id
from homeroom.domain.platform.district import District


@transaction.atomic
def add_opt_outs(
    *,
    district: District,
    students: Mapping[str, Sequence[str]],
    since: date,
    source: str,
    actor: str,
    at: datetime,
) -> int:
    """Add opt-outs, by public id their kinds, and return how many are new. An opt-out that is there stays as it is."""
    wanted = {(student, kind) for student, kinds in students.items() for kind in kinds}
    current = set(OptOut.objects.of(district).filter(ended_on=None).values_list("student", "kind"))
    new = sorted(wanted - current)
    OptOut.objects.bulk_create(
        [
            OptOut(
                district_id=district.pk,
                student=student,
                subject=parse_public_id(student)[1],
                kind=OptOutKind(kind),
                since=since,
                source=source[:200],
                made_by=actor,
                made_at=at,
            )
            for student, kind in new
        ]
    )
    if new:
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="add opt-outs",
            subject_kind="opt-outs",
            subject=source[:80],
            detail={"students": len({student for student, _ in new}), "opt_outs": len(new)},
        )
    return len(new)


@transaction.atomic
def end_opt_out(*, district: District, number: int, today: date, actor: str, at: datetime) -> None:
    """End an opt-out: from now on the student's data may be disclosed again. Raise LookupError."""
    row = OptOut.objects.of(district).select_for_update().filter(pk=number, ended_on=None).first()
    if row is None:
        raise LookupError(f"there is no current opt-out {number}")
    row.ended_on, row.ended_by = today, actor
    row.save(update_fields=["ended_on", "ended_by"])
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="end opt-out",
        subject_kind="person",
        subject=row.student,
        detail={"kind": row.kind},
    )
