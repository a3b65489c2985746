"""Steps of a fix file: prepare, drop rows, review, release, discard. Each writes an audit entry.

States: prepared → reviewed → handed out → proved. Whoever prepared a file may review it, since many teams are two
people; but if it contains an administrator's account, another person must review it, or the row must be dropped.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from collections.abc import Set as Collection
from datetime import date, datetime
from typing import Any

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.bulk_write import build_insert, write_in_batches
from homeroom.apps.protect.exceptions.queries import list_acceptances
from homeroom.apps.protect.finding_work.commands import FROM_FIX, START, WorkChange, build_work_scope, write_work
from homeroom.apps.protect.finding_work.queries import get_finding_state
from homeroom.apps.protect.finding_work.states import IN_PROGRESS
from homeroom.apps.protect.fixes.collect import UNTICKED_FLAGS, FixOptions, collect_evidence
from homeroom.apps.protect.fixes.models import FixFile, FixRow
from homeroom.apps.protect.fixes.package import FixPackage, build_zip
from homeroom.apps.protect.fixes.select_changes import SelectedChanges, select_changes
from homeroom.apps.protect.fixes.suggestions import list_subject_schools, list_units
from homeroom.apps.protect.posture.published.queries import (
    AssessmentRef,
    OpenFinding,
    get_finding,
    get_published_assessment,
    list_member_subjects,
)
from homeroom.apps.protect.posture.rows.snapshot import query_assessed_snapshot
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.containment import MAX_ACCOUNTS_ALONE
from homeroom.domain.protect.remedies import ConsoleAction
from homeroom.domain.spreadsheets import is_formula
from homeroom.evidence.page_cache.retry import retry_on_timeout
from homeroom.library.protect.remedies import find_action, load_actions

PREPARED, REVIEWED, RELEASED, VERIFIED = "prepared", "reviewed", "handed out", "proved"
ROW_COLUMNS = (
    *("district_id", "fix_id", "place", "subject", "instance", "key"),
    *("handle", "to", "back", "cells", "flags", "dropped", "outcome"),
)


class FixNotPossible(ValueError):
    """The step is not possible; the text explains what would be."""


def prepare_fix(
    *,
    district: District,
    assessment: AssessmentRef,
    finding: OpenFinding,
    action: str,
    options: FixOptions,
    actor: str,
    at: datetime,
    today: date,
) -> str:
    """Write a fix file for the open members of a finding in the assessed snapshot; return its public id.

    It replaces an unreviewed file that the same person prepared for the same finding and action. Raise FixNotPossible
    if the control does not offer the action, the target does not fit, the finding is accepted, or no row is left, and
    QueryTimeout if evidence is busy.
    """
    fix_action = _get_offered_action(finding, action)
    accepted = _find_accepted_subjects(district, finding, today)
    member_ids = list_member_subjects(district=district, assessment=assessment, finding_id=finding.id)
    subjects = [subject for subject in member_ids if subject not in accepted]
    public = format_public_id("fix", secrets.randbits(63))
    _check_target(district, assessment, fix_action, options.target)
    _check_school(district, assessment, fix_action, options.school, subjects)
    gathered = retry_on_timeout(
        lambda: query_assessed_snapshot(
            district=district,
            assessment=assessment,
            query=lambda session: collect_evidence(
                session, action=fix_action, subjects=subjects, options=options, today=today
            ),
        )
    )
    selected = select_changes(gathered, action=fix_action, options=options, marker=f"Homeroom {public}")
    left = {
        **selected.left_out,
        **({"excepted": len(member_ids) - len(subjects)} if len(subjects) < len(member_ids) else {}),
    }
    if not selected.rows:
        raise FixNotPossible(
            f"no row is left: {format_left_out(left)}" if left else "no row is left; choose another school or action"
        )
    _delete_replaced_files(district, finding, action, actor)
    fix = FixFile.objects.create(
        district_id=district.pk,
        public=public,
        finding=finding.public,
        control=finding.control.id,
        group=finding.group,
        action=action,
        target=options.target,
        derived=assessment.derived,
        left=left,
        made_by=actor,
        made_at=at,
    )
    _write_rows(district, fix, selected, unticked=UNTICKED_FLAGS if options.careful else frozenset())
    with transaction.atomic():
        FixFile.objects.of(district).filter(pk=fix.pk).update(state=PREPARED)
        _record_audit(district, at, actor, "prepare fix file", fix, rows=len(selected.rows), left=left)
    return public


@transaction.atomic
def choose_rows(
    *, district: District, public: str, shown: Sequence[int], ticked: Sequence[int], actor: str, at: datetime
) -> tuple[int, int]:
    """Have in the file, of the rows that a page showed by position, the ticked ones; return (added, dropped).

    A reviewed file must be reviewed again. Raise LookupError for an unknown id and FixNotPossible if the file was
    released.
    """
    fix = _load_fix_file(district, public, PREPARED, REVIEWED, for_update=True)
    rows = FixRow.objects.of(district).filter(fix=fix, place__in=shown)
    added = rows.filter(place__in=ticked, dropped=True).update(dropped=False)
    dropped = rows.exclude(place__in=ticked).filter(dropped=False).update(dropped=True)
    if added or dropped:
        FixFile.objects.of(district).filter(pk=fix.pk).update(state=PREPARED, reviewed_by="", reviewed_at=None)
        _record_audit(district, at, actor, "choose rows of fix file", fix, added=added, dropped=dropped)
    return added, dropped


@transaction.atomic
def review_fix(
    *,
    district: District,
    public: str,
    actor: str,
    at: datetime,
    shown: Sequence[int] = (),
    ticked: Sequence[int] = (),
) -> None:
    """Mark the file as reviewed, with the ticked ones of the rows that the page showed.

    Raise LookupError and FixNotPossible.
    """
    if shown:
        choose_rows(district=district, public=public, shown=shown, ticked=ticked, actor=actor, at=at)
    fix = _load_fix_file(district, public, PREPARED, for_update=True)
    rows = FixRow.objects.of(district).filter(fix=fix, dropped=False)
    if not rows.exists():
        raise FixNotPossible("no row is ticked; tick the rows that belong in it")
    if not actor.strip():
        raise FixNotPossible("a review needs the name of who looked")
    # A file prepared at the command line has no name of who prepared it.
    if fix.made_by in ("", actor) and rows.filter(flags__contains="administrator").exists():
        raise FixNotPossible(
            "an administrator's account is in it: somebody other than who prepared it on its page reviews it, or drop "
            "the row"
        )
    if fix.incident and fix.made_by in ("", actor) and rows.count() > MAX_ACCOUNTS_ALONE:
        raise FixNotPossible(
            f"it is about more than {MAX_ACCOUNTS_ALONE} accounts: somebody other than who prepared it reviews it"
        )
    FixFile.objects.of(district).filter(pk=fix.pk, state=PREPARED).update(
        state=REVIEWED, reviewed_by=actor, reviewed_at=at
    )
    _record_audit(district, at, actor, "review fix file", fix, rows=rows.count(), own=actor == fix.made_by)


def release(*, district: District, public: str, actor: str, at: datetime, may_take_alone: bool = True) -> FixPackage:
    """Return the zip with fix, undo and README; the caller closes its file. Each release is identical byte for byte.

    Raise LookupError for an unknown id, and FixNotPossible before the review, or if `actor` is who reviewed it and not
    `may_take_alone`.
    """
    fix = _load_fix_file(district, public, REVIEWED, RELEASED, VERIFIED)
    if not may_take_alone and fix.reviewed_by == actor:
        raise FixNotPossible("nobody else reviewed it; a colleague or a director takes it")
    action = find_action(fix.action)
    if action is None:
        raise FixNotPossible(f"no connector offers {fix.action} any more")
    package = build_zip(district=district, fix=fix, action=action)
    release_values = {"state": RELEASED, "handed_by": actor, "handed_at": at, "sha256": package.sha256}
    with transaction.atomic():
        match = {"pk": fix.pk, "reviewed_at": fix.reviewed_at}
        updated = FixFile.objects.of(district).filter(**match, state=REVIEWED).update(**release_values)
        if not updated and not FixFile.objects.of(district).filter(**match, state__in=(RELEASED, VERIFIED)).exists():
            package.file.close()
            raise FixNotPossible("it was changed just now; review it again")
        if updated and fix.finding:
            _start_finding(district, fix, actor, at)
        counts = {"rows": package.rows, "undo": package.undo, "students": package.students, "sha256": package.sha256}
        _record_audit(district, at, actor, "hand out fix file", fix, **counts)
    return package


def _start_finding(district: District, fix: FixFile, actor: str, at: datetime) -> None:
    """Mark the work on the finding of a file as in progress, unless somebody has it in progress already."""
    assessment = get_published_assessment(district=district)
    finding = get_finding(district=district, assessment=assessment, public=fix.finding) if assessment else None
    if assessment is None or finding is None or not finding.members:
        return
    values: dict[str, Any] = {"district": district, "assessment": assessment, "finding": finding}
    if get_finding_state(**values, today=at.date()).state == IN_PROGRESS:
        return
    scope, change = build_work_scope(**values), WorkChange(act=START, person=actor, origin=FROM_FIX)
    write_work(district=district, at=at, actor=actor, scope=scope, change=change, is_audited=False)


@transaction.atomic
def discard_fix(*, district: District, public: str, actor: str, at: datetime) -> None:
    """Delete a file that was not released. Raise LookupError and FixNotPossible."""
    fix = _load_fix_file(district, public, PREPARED, REVIEWED, for_update=True)
    _record_audit(district, at, actor, "discard fix file", fix)
    fix.delete()


def format_left_out(left: dict[str, int]) -> str:
    """Format the counts of left-out members by reason for a message."""
    return ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in sorted(left.items()))


def _get_offered_action(finding: OpenFinding, action: str) -> ConsoleAction:
    offered = [name for name in finding.control.remedies if name in load_actions()]
    if action not in offered:
        raise FixNotPossible(
            f"{action or 'no action'}; {', '.join(offered) or 'nothing in bulk'} would fit this finding"
        )
    return load_actions()[action]


def _find_accepted_subjects(district: District, finding: OpenFinding, today: date) -> set[int]:
    """Return the subjects with a current acceptance. Raise FixNotPossible if the finding itself is accepted."""
    finding_acceptances = [
        acceptance
        for acceptance in list_acceptances(district=district, today=today, control=finding.control.id)
        if acceptance.group == finding.group
    ]
    if any(acceptance.subject is None for acceptance in finding_acceptances):
        raise FixNotPossible("the finding is accepted; withdraw that first")
    return {acceptance.subject for acceptance in finding_acceptances if acceptance.subject is not None}


def _check_target(district: District, assessment: AssessmentRef, action: ConsoleAction, target: str) -> None:
    if not target:
        return
    if not action.asks:
        raise FixNotPossible(f"{action.id} takes no value; leave it out")
    if is_formula(target) or not target.isprintable() or len(target) > 300 or target != target.strip():
        raise FixNotPossible(f"{target[:40]!r} is no {action.asks}; a plain name would fit")
    if action.asks == "unit":
        unit_names = query_assessed_snapshot(
            district=district, assessment=assessment, query=lambda session: list_units(session, action=action)
        )
        if target not in unit_names:
            raise FixNotPossible(f"no record is in the unit {target}; {', '.join(unit_names[:8])} are there")


def _check_school(
    district: District, assessment: AssessmentRef, action: ConsoleAction, school: str, subjects: Sequence[int]
) -> None:
    if not school:
        return
    school_names = query_assessed_snapshot(
        district=district,
        assessment=assessment,
        query=lambda session: list_subject_schools(session, action=action, subjects=subjects),
    )
    if school not in school_names:
        raise FixNotPossible(f"nobody in {school!r}; {', '.join(school_names) or 'no school'} would fit")


def _delete_replaced_files(district: District, finding: OpenFinding, action: str, actor: str) -> None:
    """Delete files that a killed run left behind, and the file that the new one replaces."""
    FixFile.objects.of(district).filter(state="", made_by=actor, finding=finding.public).delete()
    match = {"finding": finding.public, "action": action, "made_by": actor, "state": PREPARED}
    FixFile.objects.of(district).filter(**match).delete()


def _write_rows(district: District, fix: FixFile, selected: SelectedChanges, *, unticked: Collection[str]) -> None:
    """Write rows in short transactions with plain SQL, which is several times as fast as the ORM's bulk_create.

    Rows with one of the `unticked` flags start dropped.
    """
    rows = (
        (
            *(district.pk, fix.pk, position, change.subject, change.instance, change.key),
            *(change.change.handle, change.change.to, change.change.back, json.dumps(dict(change.change.cells))),
            *(",".join(change.flags), not unticked.isdisjoint(change.flags), ""),
        )
        for position, change in enumerate(selected.rows)
    )
    write_in_batches(rows, build_insert(FixRow._meta.db_table, ROW_COLUMNS))


def _load_fix_file(district: District, public: str, *states: str, for_update: bool = False) -> FixFile:
    """Return the file if it is in one of these states. Raise LookupError and FixNotPossible.

    `for_update` locks the row until the transaction ends, so that a file is not released while rows are dropped from
    it.
    """
    files = FixFile.objects.of(district).filter(public=public).exclude(state="")
    fix = (files.select_for_update() if for_update else files).first()
    if fix is None:
        raise LookupError(f"there is no fix file {public}")
    if fix.state not in states:
        raise FixNotPossible(f"it is {fix.state}; {' or '.join(states)} would fit")
    return fix


def _record_audit(district: District, at: datetime, actor: str, audit_action: str, fix: FixFile, **detail: Any) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=audit_action,
        subject_kind="fix",
        subject=fix.public,
        detail={
            "action": fix.action,
            **({"incident": fix.incident} if fix.incident else {"control": fix.control}),
            **detail,
        },
    )
