"""Preparing a fix file, reviewing it, dropping rows, handing it out, and giving it up: each a step with an audit entry.

prepared → reviewed → handed out → proved. Who prepared a file may review it, since many teams are two people; not where an
administrator's account is in it: then somebody else looks, or the row is dropped.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction

from homeroom.apps.audit.commands import record
from homeroom.apps.districts.batches import in_batches, inserted
from homeroom.apps.fixes.choosing import Chosen, choose
from homeroom.apps.fixes.gathering import Asked, gather
from homeroom.apps.fixes.models import FixFile, FixRow
from homeroom.apps.fixes.packing import Packed, packed
from homeroom.apps.fixes.proposing import schools_of, units
from homeroom.apps.posture.accepted import acceptances
from homeroom.apps.posture.evidence import patient
from homeroom.apps.posture.places import answered
from homeroom.apps.posture.queries import Judgement, OpenFinding, member_subjects
from homeroom.domain.ids import public_id
from homeroom.domain.remedies import Action
from homeroom.domain.spreadsheets import runs
from homeroom.library.remedies import actions

PREPARED, REVIEWED, HANDED, PROVED = "prepared", "reviewed", "handed out", "proved"
COLUMNS = (
    *("district_id", "fix_id", "place", "subject", "instance", "key"),
    *("handle", "to", "back", "cells", "flags", "dropped", "outcome"),
)


class NotFixed(ValueError):
    """The step does not hold together; the text says what would."""


def prepare(
    *,
    district: Any,
    of: Judgement,
    finding: OpenFinding,
    action: str,
    asked: Asked,
    actor: str,
    at: datetime,
    today: date,
) -> str:
    """Writes a fix file for the open members of a finding as the judged snapshot has them; gives its public id.

    It takes the place of one that the same person prepared for the same finding and action and nobody reviewed. Raises
    NotFixed where the control offers no such action, the target does not fit, the finding is accepted, or no row is left,
    and TooSlow where evidence is busy.
    """
    does = _offered(finding, action)
    excepted = _excepted(district, finding, today)
    everybody = member_subjects(district=district, of=of, finding_id=finding.id)
    subjects = [subject for subject in everybody if subject not in excepted]
    public = public_id("fix", secrets.randbits(63))
    _check_target(district, of, does, asked.target)
    _check_school(district, of, does, asked.school, subjects)
    gathered = patient(
        lambda: answered(
            district=district,
            of=of,
            ask=lambda session: gather(session, action=does, subjects=subjects, asked=asked, today=today),
        )
    )
    chosen = choose(gathered, action=does, asked=asked, mark=f"Homeroom {public}")
    left = {**chosen.left, **({"excepted": len(everybody) - len(subjects)} if len(subjects) < len(everybody) else {})}
    if not chosen.rows:
        raise NotFixed(f"no row is left: {told(left)}" if left else "no row is left; choose another school or action")
    _swept(district, finding, action, actor)
    fix = FixFile.objects.create(
        district=district,
        public=public,
        finding=finding.public,
        control=finding.control.id,
        group=finding.group,
        action=action,
        target=asked.target,
        derived=of.derived,
        left=left,
        made_by=actor,
        made_at=at,
    )
    _write(district, fix, chosen)
    with transaction.atomic():
        FixFile.objects.of(district).filter(pk=fix.pk).update(state=PREPARED)
        _record(district, at, actor, "prepare fix file", fix, rows=len(chosen.rows), left=left)
    return public


@transaction.atomic
def drop(*, district: Any, public: str, places: Sequence[int], actor: str, at: datetime) -> int:
    """Takes rows out of a file that is not handed out yet, by their place; a reviewed one has to be reviewed again.

    Gives how many went. Raises LookupError for none of that id, NotFixed where it left already.
    """
    fix = _held(district, public, PREPARED, REVIEWED, locked=True)
    gone = FixRow.objects.of(district).filter(fix=fix, place__in=places, dropped=False).update(dropped=True)
    if gone:
        FixFile.objects.of(district).filter(pk=fix.pk).update(state=PREPARED, reviewed_by="", reviewed_at=None)
        _record(district, at, actor, "drop rows of fix file", fix, rows=gone)
    return gone


@transaction.atomic
def review(*, district: Any, public: str, actor: str, at: datetime) -> None:
    """Says that somebody looked at the rows and stands by them. Raises LookupError and NotFixed."""
    fix = _held(district, public, PREPARED, locked=True)
    rows = FixRow.objects.of(district).filter(fix=fix, dropped=False)
    if not rows.exists():
        raise NotFixed("every row was dropped; prepare it again")
    if not actor.strip():
        raise NotFixed("a review needs the name of who looked")
    # Of a file that was prepared at the command line nobody knows who that was.
    if fix.made_by in ("", actor) and rows.filter(flags__contains="administrator").exists():
        raise NotFixed(
            "an administrator's account is in it: somebody other than who prepared it on its page reviews it, or drop the row"
        )
    FixFile.objects.of(district).filter(pk=fix.pk, state=PREPARED).update(
        state=REVIEWED, reviewed_by=actor, reviewed_at=at
    )
    _record(district, at, actor, "review fix file", fix, rows=rows.count(), own=actor == fix.made_by)


def hand_out(*, district: Any, public: str, actor: str, at: datetime) -> Packed:
    """The zip with fix, undo and README; the caller closes its file. Given again it is the same, byte for byte.

    Raises LookupError for none of that id and NotFixed before it is reviewed.
    """
    fix = _held(district, public, REVIEWED, HANDED, PROVED)
    zipped = packed(district=district, fix=fix, action=actions()[fix.action])
    first = {"state": HANDED, "handed_by": actor, "handed_at": at, "sha256": zipped.sha256}
    with transaction.atomic():
        same = {"pk": fix.pk, "reviewed_at": fix.reviewed_at}
        new = FixFile.objects.of(district).filter(**same, state=REVIEWED).update(**first)
        if not new and not FixFile.objects.of(district).filter(**same, state__in=(HANDED, PROVED)).exists():
            zipped.file.close()
            raise NotFixed("it was changed just now; review it again")
        counts = {"rows": zipped.rows, "undo": zipped.undo, "pupils": zipped.pupils, "sha256": zipped.sha256}
        _record(district, at, actor, "hand out fix file", fix, **counts)
    return zipped


@transaction.atomic
def discard(*, district: Any, public: str, actor: str, at: datetime) -> None:
    """Gives up a file that never left. Raises LookupError and NotFixed."""
    fix = _held(district, public, PREPARED, REVIEWED, locked=True)
    _record(district, at, actor, "discard fix file", fix)
    fix.delete()


def told(left: dict[str, int]) -> str:
    """Who stays out and why, for a message."""
    return ", ".join(f"{count} {why.replace('_', ' ')}" for why, count in sorted(left.items()))


def _offered(finding: OpenFinding, action: str) -> Action:
    there = [name for name in finding.control.remedies if name in actions()]
    if action not in there:
        raise NotFixed(f"{action or 'no action'}; {', '.join(there) or 'nothing in bulk'} would fit this finding")
    return actions()[action]


def _excepted(district: Any, finding: OpenFinding, today: date) -> set[int]:
    """The subjects that somebody excepted, since the judgement too. Raises NotFixed where the whole finding is."""
    found = [
        one
        for one in acceptances(district=district, today=today, control=finding.control.id)
        if one.group == finding.group
    ]
    if any(one.subject is None for one in found):
        raise NotFixed("the finding is accepted; withdraw that first")
    return {one.subject for one in found if one.subject is not None}


def _check_target(district: Any, of: Judgement, action: Action, target: str) -> None:
    if not target:
        return
    if not action.asks:
        raise NotFixed(f"{action.id} takes no value; leave it out")
    if runs(target) or not target.isprintable() or len(target) > 300 or target != target.strip():
        raise NotFixed(f"{target[:40]!r} is no {action.asks}; a plain name would fit")
    if action.asks == "unit":
        there = answered(district=district, of=of, ask=lambda session: units(session, action=action))
        if target not in there:
            raise NotFixed(f"no record is in the unit {target}; {', '.join(there[:8])} are there")


def _check_school(district: Any, of: Judgement, action: Action, school: str, subjects: Sequence[int]) -> None:
    if not school:
        return
    there = answered(
        district=district, of=of, ask=lambda session: schools_of(session, action=action, subjects=subjects)
    )
    if school not in there:
        raise NotFixed(f"nobody in {school!r}; {', '.join(there) or 'no school'} would fit")


def _swept(district: Any, finding: OpenFinding, action: str, actor: str) -> None:
    """Removes what a killed run left, and the file that this one takes the place of."""
    FixFile.objects.of(district).filter(state="", made_by=actor, finding=finding.public).delete()
    same = {"finding": finding.public, "action": action, "made_by": actor, "state": PREPARED}
    FixFile.objects.of(district).filter(**same).delete()


def _write(district: Any, fix: FixFile, chosen: Chosen) -> None:
    """Row by row into the table, in transactions that stay short: the ORM's own bulk_create takes several times as long."""
    rows = (
        (
            *(district.pk, fix.pk, place, one.subject, one.instance, one.key),
            *(one.change.handle, one.change.to, one.change.back, json.dumps(dict(one.change.cells))),
            *(",".join(one.flags), False, ""),
        )
        for place, one in enumerate(chosen.rows)
    )
    in_batches(rows, inserted(FixRow._meta.db_table, COLUMNS))


def _held(district: Any, public: str, *states: str, locked: bool = False) -> FixFile:
    """The file in one of these states. Raises LookupError and NotFixed.

    `locked` keeps it so until the transaction ends: where many write at once, a file must not leave while somebody drops
    rows of it or gives it up.
    """
    files = FixFile.objects.of(district).filter(public=public).exclude(state="")
    fix = (files.select_for_update() if locked else files).first()
    if fix is None:
        raise LookupError(f"there is no fix file {public}")
    if fix.state not in states:
        raise NotFixed(f"it is {fix.state}; {' or '.join(states)} would fit")
    return fix


def _record(district: Any, at: datetime, actor: str, said: str, fix: FixFile, **detail: Any) -> None:
    record(
        district=district,
        at=at,
        actor=actor,
        action=said,
        subject_kind="fix",
        subject=fix.public,
        detail={"action": fix.action, "control": fix.control, **detail},
    )
