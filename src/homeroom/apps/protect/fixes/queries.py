"""Queries for fix files: the list with outcomes, one file with its flags, and its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import duckdb
from django.db.models import Count, Q

from homeroom.apps.protect.fixes.collect import FLAG_SQL, SUBJECT_TABLES
from homeroom.apps.protect.fixes.models import FixFile, FixRow
from homeroom.apps.protect.fixes.suggestions import list_units
from homeroom.apps.protect.posture.catalog.controls import get_control
from homeroom.apps.protect.posture.catalog.problems import describe_problem
from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding, list_member_subjects
from homeroom.apps.protect.posture.rows.snapshot import query_assessed_snapshot
from homeroom.apps.protect.posture.rows.subject_sql import SUBJECT_IDS_SQL, join_ids
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.protect.controls import Control
from homeroom.domain.protect.remedies import FIX, ConsoleAction, FixChange
from homeroom.library.protect.remedies import find_action, load_actions

PAGE_ROWS = 25
MAX_FILES = 100
SAMPLE_ROWS = 4
TAKEN = "handed out"
"""The state of a file that somebody took, and of which a row has not worked yet."""


@dataclass(frozen=True, kw_only=True)
class FixSummary:
    """A fix file as pages show it. `action` is None if no connector offers it any more.

    One that contains an incident has its id in `incident`, and no control.
    """

    public: str
    finding: str
    control: Control | None
    group: str
    action: ConsoleAction | None
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
    incident: str = ""

    @property
    def problem(self) -> str:
        """What was wrong with the subjects of its rows, or the incident that it contains."""
        if self.control is None:
            return self.incident
        return describe_problem(self.control, count=self.rows, group=self.group)

    @property
    def not_seen(self) -> int:
        """Number of rows without a report in any load since the release."""
        return self.rows - self.worked - self.did_not


@dataclass(frozen=True, kw_only=True)
class FixRowView:
    """One row as a page shows it: who it is about, where, and when they used it last.

    A student appears only with ids, unless the page shows students.
    """

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
    address: str = ""
    unit: str = ""
    last_used: date | None = None


@dataclass(frozen=True, kw_only=True)
class SubjectLabels:
    """What a person knows a subject by: its name, school, address (of a device, the asset tag), unit and last use."""

    name: str = ""
    school: str = ""
    address: str = ""
    unit: str = ""
    last_used: date | None = None


_NO_LABELS = SubjectLabels()
_LABELS_SQL = {
    "account": "name, school, email, org_unit, CAST(last_sign_in AS DATE)",
    "device": "serial, school, asset_tag, org_unit, CAST(last_seen AS DATE)",
}


@dataclass(frozen=True, kw_only=True)
class FixOffer:
    """One action that fits a finding, with the units that can be chosen."""

    action: ConsoleAction
    units: tuple[str, ...]


def count_unproven_fixes(*, district: District, since: datetime) -> int:
    """Return how many fix files were taken since a time, and wait for a load that proves all of their rows."""
    return FixFile.objects.of(district).filter(state=TAKEN, handed_at__gte=since).count()


def list_fixes(*, district: District, finding: str = "", incident: str = "") -> tuple[FixSummary, ...]:
    """Return the newest hundred files, optionally of one finding or one incident."""
    rows = FixFile.objects.of(district).exclude(state="")
    rows = rows.filter(incident=incident) if incident else rows
    if incident and not rows.exists():  # mostly, and its rows are counted in five ways
        return ()
    return tuple(
        _build_summary(row)
        for row in _annotate_counts(rows.filter(finding=finding) if finding else rows).order_by("-made_at", "-pk")[
            :MAX_FILES
        ]
    )


def list_open_fixes(*, district: District, person: str = "") -> tuple[FixSummary, ...]:
    """Return the newest files that are not proved yet: those that a person prepared, reviewed or took, or all."""
    rows = FixFile.objects.of(district).exclude(state__in=("", "proved"))
    of_person = Q(made_by=person) | Q(reviewed_by=person) | Q(handed_by=person)
    files = list((rows.filter(of_person) if person else rows).order_by("-made_at", "-pk")[:MAX_FILES])
    return (
        tuple(
            map(
                _build_summary,
                _annotate_counts(rows.filter(pk__in=[file.pk for file in files])).order_by("-made_at", "-pk"),
            )
        )
        if files
        else ()
    )


def find_fix(*, district: District, public: str) -> FixSummary | None:
    """Return one file by its public id, or None."""
    row = _annotate_counts(FixFile.objects.of(district).exclude(state="").filter(public=public)).first()
    return _build_summary(row) if row else None


def count_flags(*, district: District, public: str) -> tuple[tuple[str, int], ...]:
    """Return (flag, number of rows) for the flags that any row has."""
    rows = FixRow.objects.of(district).filter(fix__public=public, fix__district_id=district.pk, dropped=False)
    names = list(dict.fromkeys(name for flags in FLAG_SQL.values() for name in flags))
    counts = rows.aggregate(**{name: Count("pk", filter=Q(flags__contains=name)) for name in names})
    return tuple((name, counts[name]) for name in names if counts[name])


def list_fix_rows(
    *,
    district: District,
    assessment: AssessmentRef | None,
    fix: FixSummary,
    after: int = -1,
    only: str = "",
    outcome: str | None = None,
    limit: int = PAGE_ROWS,
    show_students: bool = False,
) -> tuple[tuple[FixRowView, ...], int | None]:
    """Return a page of rows and the position after which the next page begins, or None.

    `only` filters rows by a flag; `outcome` by outcome, empty for not seen yet. Students have names and addresses only
    if `show_students`. Raise QueryTimeout if evidence is busy.
    """
    rows = FixRow.objects.of(district).filter(fix__public=fix.public, place__gt=after).order_by("place")
    rows = rows.filter(flags__contains=only) if only else rows
    rows = rows if outcome is None else rows.filter(outcome=outcome, dropped=False)
    page_rows = list(rows[: limit + 1])
    kind = fix.action.subject if fix.action else "account"
    subjects = [row.subject for row in page_rows[:limit] if row.subject]
    labels = _load_subject_labels(district, assessment, kind, subjects) if assessment and subjects else {}
    views = tuple(
        _build_row_view(row, kind, labels.get(row.subject, _NO_LABELS), show_students=show_students)
        for row in page_rows[:limit]
    )
    return views, (page_rows[limit - 1].place if len(page_rows) > limit else None)


def render_sample(*, district: District, fix: FixSummary) -> tuple[str, str]:
    """Return (name, text) of the file that holds the rows, with the first four rows."""
    if fix.action is None:
        return "", ""
    kind = fix.action.subject
    rows = FixRow.objects.of(district).filter(fix__public=fix.public, dropped=False).order_by("place")[:SAMPLE_ROWS]
    changes = [FixChange(handle=_mask_handle(row, kind), to=row.to, back=row.back, cells=row.cells) for row in rows]
    *_, sample = fix.action.render_files(fix.action, changes, FIX)
    return sample.name, "".join(sample.pieces)


def list_offers(*, district: District, assessment: AssessmentRef, finding: OpenFinding) -> tuple[FixOffer, ...]:
    """Return the actions that the finding's control names. Raise QueryTimeout."""
    offered = [load_actions()[name] for name in finding.control.remedies if name in load_actions()]
    needs_units = any(action.asks == "unit" for action in offered)

    def query_units(session: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, ...]]:
        return {action.id: list_units(session, action=action) for action in offered if action.asks == "unit"}

    units_by_action = (
        query_assessed_snapshot(district=district, assessment=assessment, query=query_units) if needs_units else {}
    )
    return tuple(FixOffer(action=action, units=units_by_action.get(action.id, ())) for action in offered)


def count_members_by_school(
    *, district: District, assessment: AssessmentRef, finding: OpenFinding
) -> tuple[tuple[str, int], ...]:
    """Return (school, open members) of a finding by name. Raise QueryTimeout."""
    subjects = list_member_subjects(district=district, assessment=assessment, finding_id=finding.id)
    table = SUBJECT_TABLES.get(finding.subject_kind)
    if table is None:
        return ()
    sql = (
        f"SELECT school, count(*) FROM {table} WHERE id IN ({SUBJECT_IDS_SQL}) AND school IS NOT NULL GROUP BY 1 "
        f"ORDER BY 1"
    )
    return tuple(
        query_assessed_snapshot(
            district=district,
            assessment=assessment,
            query=lambda session: session.execute(sql, {"ids": join_ids(subjects)}).fetchall(),
        )
    )


def _load_subject_labels(
    district: District, assessment: AssessmentRef, kind: str, subjects: list[int]
) -> dict[int, SubjectLabels]:
    """Return what a person knows a subject by, by subject."""
    sql = f"SELECT id, {_LABELS_SQL[kind]} FROM {SUBJECT_TABLES[kind]} WHERE id IN ({SUBJECT_IDS_SQL})"
    result_rows = query_assessed_snapshot(
        district=district,
        assessment=assessment,
        query=lambda session: session.execute(sql, {"ids": join_ids(subjects)}).fetchall(),
    )
    return {
        subject: SubjectLabels(
            name=name or "",
            school=school or "",
            address=address or "",
            unit=unit or "",
            last_used=last_used,
        )
        for subject, name, school, address, unit, last_used in result_rows
    }


def _build_row_view(row: FixRow, kind: str, labels: SubjectLabels, *, show_students: bool) -> FixRowView:
    is_hidden = kind == "account" and "student" in row.flags.split(",") and not show_students
    return FixRowView(
        place=row.place,
        kind=kind,
        public=format_public_id(kind, row.subject),
        name="" if is_hidden else labels.name,
        school=labels.school,
        handle=_mask_handle(row, kind) if is_hidden else row.handle,
        to=row.to,
        back=row.back,
        flags=tuple(name for name in row.flags.split(",") if name),
        dropped=row.dropped,
        outcome=row.outcome,
        address="" if is_hidden else labels.address,
        unit=labels.unit,
        last_used=labels.last_used,
    )


def _mask_handle(row: FixRow, kind: str) -> str:
    """Return the tool's handle; for a student's account, whose address is a name, its public id."""
    return (
        format_public_id(kind, row.subject) if kind == "account" and "student" in row.flags.split(",") else row.handle
    )


def _annotate_counts(files: Any) -> Any:
    is_active = Q(rows__dropped=False)
    return files.annotate(
        n=Count("rows", filter=is_active),
        dropped=Count("rows", filter=~is_active),
        no_undo=Count("rows", filter=is_active & Q(rows__back=None)),
        worked=Count("rows", filter=is_active & Q(rows__outcome="worked")),
        did_not=Count("rows", filter=is_active & Q(rows__outcome="did not")),
    )


def _build_summary(row: Any) -> FixSummary:
    shared_fields = (
        "public",
        "finding",
        "group",
        "target",
        "state",
        "left",
        "made_by",
        "made_at",
        "reviewed_by",
        "reviewed_at",
    )
    later_fields = ("handed_by", "handed_at", "proved_at", "sha256", "dropped", "no_undo", "worked", "did_not")
    return FixSummary(
        control=get_control(row.control) if row.control else None,
        incident=row.incident,
        action=find_action(row.action),
        action_id=row.action,
        rows=row.n,
        **{name: getattr(row, name) for name in (*shared_fields, *later_fields)},
    )
