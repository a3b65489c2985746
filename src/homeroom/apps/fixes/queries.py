"""What pages and verbs ask of fix files: the list with its outcomes, one file with what stands out, and its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb
from django.db.models import Count, Q

from homeroom.apps.fixes.gathering import FLAGS, TABLES_OF
from homeroom.apps.fixes.models import FixFile, FixRow
from homeroom.apps.fixes.proposing import units
from homeroom.apps.posture.ordering import GIVEN, listed
from homeroom.apps.posture.places import answered
from homeroom.apps.posture.queries import Judgement, OpenFinding, member_subjects
from homeroom.apps.posture.shelf import control_of
from homeroom.domain.controls import Control
from homeroom.domain.ids import public_id
from homeroom.domain.remedies import FIX, Action, Change
from homeroom.library.remedies import actions

PAGE = 25
NEWEST = 100
SAMPLE_ROWS = 4


@dataclass(frozen=True, kw_only=True)
class Fix:
    """A fix file as pages show it. `action` is None where no connector offers it any more."""

    public: str
    finding: str
    control: Control
    group: str
    action: Action | None
    action_id: str
    target: str
    state: str
    left: Mapping[str, int]
    made_by: str
    made_at: datetime
    reviewed_by: str
    reviewed_at: datetime | None
    handed_by: str
    handed_at: datetime | None
    proved_at: datetime | None
    sha256: str
    rows: int
    dropped: int
    no_undo: int
    worked: int
    did_not: int

    @property
    def not_seen(self) -> int:
        """Rows that no load since the hand-out said anything about."""
        return self.rows - self.worked - self.did_not


@dataclass(frozen=True, kw_only=True)
class Line:
    """One row as a page shows it. A pupil's is known by its ids alone."""

    place: int
    kind: str
    public: str
    name: str
    school: str
    handle: str
    to: str
    back: str | None
    flags: tuple[str, ...]
    dropped: bool
    outcome: str


@dataclass(frozen=True, kw_only=True)
class Offer:
    """One action that fits a finding, with the units that could be named."""

    action: Action
    units: tuple[str, ...]


def fixes(*, district: Any, finding: str = "") -> tuple[Fix, ...]:
    """The newest hundred files, of one finding where it is named."""
    rows = FixFile.objects.of(district).exclude(state="")
    return tuple(
        _fix(row)
        for row in _counted(rows.filter(finding=finding) if finding else rows).order_by("-made_at", "-pk")[:NEWEST]
    )


def fix_of(*, district: Any, public: str) -> Fix | None:
    """One file by its public id, or None."""
    row = _counted(FixFile.objects.of(district).exclude(state="").filter(public=public)).first()
    return _fix(row) if row else None


def flags_of(*, district: Any, public: str) -> tuple[tuple[str, int], ...]:
    """(what stands out, how many rows), for those that any row has."""
    rows = FixRow.objects.of(district).filter(fix__public=public, fix__district=district, dropped=False)
    names = list(dict.fromkeys(name for flags in FLAGS.values() for name in flags))
    counts = rows.aggregate(**{name: Count("pk", filter=Q(flags__contains=name)) for name in names})
    return tuple((name, counts[name]) for name in names if counts[name])


def lines(
    *,
    district: Any,
    of: Judgement,
    fix: Fix,
    after: int = -1,
    only: str = "",
    outcome: str | None = None,
    limit: int = PAGE,
) -> tuple[tuple[Line, ...], int | None]:
    """A page of rows, and the place after which the next begins, or None. Raises TooSlow where evidence is busy.

    `only` keeps rows that carry a flag; `outcome` those with that outcome, empty for not seen yet.
    """
    rows = FixRow.objects.of(district).filter(fix__public=fix.public, place__gt=after).order_by("place")
    rows = rows.filter(flags__contains=only) if only else rows
    rows = rows if outcome is None else rows.filter(outcome=outcome, dropped=False)
    found = list(rows[: limit + 1])
    kind = fix.action.subject if fix.action else "account"
    names = _names(district, of, kind, [row.subject for row in found[:limit]])
    shown = tuple(_line(row, kind, names.get(row.subject, ("", ""))) for row in found[:limit])
    return shown, (found[limit - 1].place if len(found) > limit else None)


def sample_of(*, district: Any, fix: Fix) -> tuple[str, str]:
    """(name, text) of the paper that rows stand in, with the first four rows."""
    if fix.action is None:
        return "", ""
    kind = fix.action.subject
    rows = FixRow.objects.of(district).filter(fix__public=fix.public, dropped=False).order_by("place")[:SAMPLE_ROWS]
    few = [Change(handle=_handle(row, kind), to=row.to, back=row.back, cells=row.cells) for row in rows]
    *_, paper = fix.action.papers(fix.action, few, FIX)
    return paper.name, "".join(paper.pieces)


def offers(*, district: Any, of: Judgement, finding: OpenFinding) -> tuple[Offer, ...]:
    """The actions that the finding's control names. Raises TooSlow."""
    there = [actions()[name] for name in finding.control.remedies if name in actions()]
    wanted = any(action.asks == "unit" for action in there)

    def ask(session: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
        return {action.id: units(session, action=action) for action in there if action.asks == "unit"}

    known = answered(district=district, of=of, ask=ask) if wanted else {}
    return tuple(Offer(action=action, units=known.get(action.id, ())) for action in there)


def schools_of(*, district: Any, of: Judgement, finding: OpenFinding) -> tuple[tuple[str, int], ...]:
    """(school, open members) of a finding, by name. Raises TooSlow."""
    subjects = member_subjects(district=district, of=of, finding_id=finding.id)
    table = TABLES_OF.get(finding.subject_kind)
    if table is None:
        return ()
    sql = f"SELECT school, count(*) FROM {table} WHERE id IN ({GIVEN}) AND school IS NOT NULL GROUP BY 1 ORDER BY 1"
    return tuple(
        answered(
            district=district, of=of, ask=lambda session: session.execute(sql, {"ids": listed(subjects)}).fetchall()
        )
    )


def _names(district: Any, of: Judgement, kind: str, subjects: list[int]) -> dict[int, tuple[str, str]]:
    """(name, school) of subjects; a pupil's account has no name here."""
    name = "CASE WHEN kind = 'student' THEN '' ELSE name END" if kind == "account" else "serial"
    sql = f"SELECT id, coalesce({name}, ''), coalesce(school, '') FROM {TABLES_OF[kind]} WHERE id IN ({GIVEN})"
    found = answered(
        district=district, of=of, ask=lambda session: session.execute(sql, {"ids": listed(subjects)}).fetchall()
    )
    return {subject: (said, school) for subject, said, school in found}


def _line(row: FixRow, kind: str, names: tuple[str, str]) -> Line:
    return Line(
        place=row.place,
        kind=kind,
        public=public_id(kind, row.subject),
        name=names[0],
        school=names[1],
        handle=_handle(row, kind),
        to=row.to,
        back=row.back,
        flags=tuple(name for name in row.flags.split(",") if name),
        dropped=row.dropped,
        outcome=row.outcome,
    )


def _handle(row: FixRow, kind: str) -> str:
    """The tool's handle; for a pupil's account, whose address is a name, its public id."""
    return public_id(kind, row.subject) if kind == "account" and "pupil" in row.flags.split(",") else row.handle


def _counted(files: Any) -> Any:
    kept = Q(rows__dropped=False)
    return files.annotate(
        n=Count("rows", filter=kept),
        dropped=Count("rows", filter=~kept),
        no_undo=Count("rows", filter=kept & Q(rows__back=None)),
        worked=Count("rows", filter=kept & Q(rows__outcome="worked")),
        did_not=Count("rows", filter=kept & Q(rows__outcome="did not")),
    )


def _fix(row: Any) -> Fix:
    same = ("public", "finding", "group", "target", "state", "left", "made_by", "made_at", "reviewed_by", "reviewed_at")
    later = ("handed_by", "handed_at", "proved_at", "sha256", "dropped", "no_undo", "worked", "did_not")
    return Fix(
        control=control_of(row.control),
        action=actions().get(row.action),
        action_id=row.action,
        rows=row.n,
        **{name: getattr(row, name) for name in (*same, *later)},
    )
