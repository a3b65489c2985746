"""Evidence rows behind a number: subjects with the columns that their control shows, from the assessed snapshot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import batched
from typing import Any

import numpy as np

from homeroom.apps.protect.posture.catalog.cells import format_evidence_cell
from homeroom.apps.protect.posture.catalog.columns import (
    DEVICE_COLUMNS,
    get_column_title,
    list_first_columns,
    list_shown_columns,
)
from homeroom.apps.protect.posture.catalog.confinement import is_confined
from homeroom.apps.protect.posture.catalog.controls import PLACE
from homeroom.apps.protect.posture.published.queries import AssessmentRef, OpenFinding, load_member_dates
from homeroom.apps.protect.posture.rows.member_selection import MemberSelection
from homeroom.apps.protect.posture.rows.page import CONFINED_PAGE, EvidencePage, EvidenceRow
from homeroom.apps.protect.posture.rows.policy_rows import list_policy_rows
from homeroom.apps.protect.posture.rows.snapshot import open_snapshot_device_index, open_snapshot_rows
from homeroom.apps.protect.posture.rows.subject_states import TABLE_OF, list_rows_behind, load_finding_members
from homeroom.apps.protect.posture.rows.worst_row import select_worst_rows
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.control_sql import FOLDED_TABLES, SUBJECT_KINDS
from homeroom.evidence.page_cache.retry import retry_on_timeout
from homeroom.evidence.page_cache.state_files import SubjectPage, sort_by_position
from homeroom.evidence.tables import TABLES, Privacy

PAGE = 25
CSV_PAGE = 2000
KIND_OF = dict(SUBJECT_KINDS)
STUDENT_COLUMN = {"accounts": "kind", "devices": "holder_kind", "people": "kind"}
_MAY_BE_STUDENT = ("student", None, "")
NO_PERSON = "nobody"
"""Owner kind of a row that is about no person."""


def get_finding_page(
    *,
    district: District,
    assessment: AssessmentRef,
    finding: OpenFinding,
    after: int = -1,
    limit: int = PAGE,
    all_columns: bool = False,
    selection: MemberSelection | None = None,
) -> EvidencePage:
    """Return the next open members of a finding by school and name, with the columns its control shows.

    `all_columns` returns every column, otherwise those that answer who, where and why. A `selection` limits the rows.
    Raise QueryTimeout.
    """
    if is_confined(finding.control.id):
        return CONFINED_PAGE
    members = _load_selected(district, assessment, finding, selection)
    if finding.subject_kind == PLACE:
        page = _build_place_page(district, assessment, finding, members, after=after, limit=limit)
        return replace(page, total=len(members.subjects))
    subjects, has_more = members.slice_after(after=after, limit=limit)
    page = _add_dates(district, assessment, finding, subjects, has_more=has_more, all_columns=all_columns)
    return replace(page, total=len(members.subjects))


def list_selected_subjects(
    *, district: District, assessment: AssessmentRef, finding: OpenFinding, selection: MemberSelection
) -> tuple[int, ...]:
    """Return the subjects of the rows of a finding that a selection has; none if its control is confined.

    Raise QueryTimeout.
    """
    return tuple(_load_selected(district, assessment, finding, selection).subjects.tolist())


def get_chosen_page(
    *, district: District, assessment: AssessmentRef, finding: OpenFinding, subjects: Sequence[int]
) -> EvidencePage:
    """Return these open members of a finding, with the columns its control shows first.

    Raise QueryTimeout.
    """
    if is_confined(finding.control.id):
        return CONFINED_PAGE
    if finding.subject_kind == PLACE:
        return list_policy_rows(district=district, assessment=assessment, policy=finding.control.id, subjects=subjects)
    return _add_dates(district, assessment, finding, subjects, has_more=False, all_columns=False)


def iter_finding_pages(
    *, district: District, assessment: AssessmentRef, finding: OpenFinding, selection: MemberSelection | None = None
) -> Iterator[EvidencePage]:
    """Yield all open members of a finding with every column, in pages that can be written to a file.

    A `selection` limits them. Wait while other queries run; raise QueryTimeout if the wait is in vain.
    """
    if is_confined(finding.control.id):
        yield CONFINED_PAGE
        return
    members = _load_selected(district, assessment, finding, selection)
    if finding.subject_kind == PLACE:
        yield retry_on_timeout(lambda: _build_place_page(district, assessment, finding, members, after=-1, limit=None))
        return
    for batch in batched(members.subjects.tolist(), CSV_PAGE):
        yield retry_on_timeout(
            lambda batch=batch: _add_dates(district, assessment, finding, batch, has_more=False, all_columns=True)  # type: ignore[misc]
        )


def build_subject_page(
    *,
    district: District,
    assessment: AssessmentRef,
    control: Control,
    kind: str,
    subjects: Sequence[int],
    after: int | None = None,
    all_columns: bool = False,
) -> EvidencePage:
    """Return subjects in the given order with the columns a control shows; missing ones have empty cells.

    For a subject that is not a row of the queried table (a directory), return the rows behind it. Raise QueryTimeout.
    """
    is_behind = kind not in TABLE_OF
    if is_behind:
        subjects, kind = _find_rows_behind(district, assessment, control, kind, subjects), KIND_OF[_get_table(control)]
    table = TABLE_OF[kind]
    available = list_shown_columns(control, table=table)
    columns = available if all_columns else list_first_columns(control, table=table)
    if control.asks in FOLDED_TABLES:
        rows_by_subject = _load_worst_rows(district, assessment, control, columns=columns, subjects=subjects)
    else:
        rows_by_subject = _load_subject_rows(district, assessment, table=table, columns=columns, subjects=subjects)
    empty_row: tuple[Any, ...] = ("" if table in STUDENT_COLUMN else NO_PERSON,) + (None,) * len(columns)
    subject_row_pairs = [(subject, row) for subject in subjects for row in rows_by_subject.get(subject, [empty_row])]
    return EvidencePage(
        titles=tuple(get_column_title(column, table=table) for column in columns),
        rows=tuple(
            EvidenceRow(
                public=format_public_id(kind, subject),
                subject=subject,
                kind=kind,
                cells=tuple(
                    format_evidence_cell(column, value) for column, value in zip(columns, row[1:], strict=True)
                ),
                student=row[0] in _MAY_BE_STUDENT,
            )
            for subject, row in subject_row_pairs
        ),
        after=after,
        students=len({subject for subject, row in subject_row_pairs if row[0] == "student"}),
        private=tuple(_get_privacy(table, column) is Privacy.STUDENT for column in columns),
        more=len(available) - len(columns),
        behind=is_behind,
    )


def _get_privacy(table: str, column: str) -> Privacy | None:
    """Return the privacy class of an evidence column; None for columns that only related rows have."""
    return next((definition.privacy for definition in TABLES[table].columns if definition.name == column), None)


def _load_selected(
    district: District, assessment: AssessmentRef, finding: OpenFinding, selection: MemberSelection | None
) -> SubjectPage:
    """Return the open members of a finding that a selection has, and of one with closed rows those too."""
    if selection and selection.has_closed and not is_confined(finding.control.id):
        ids = np.fromiter(selection.subjects, dtype=np.int64, count=len(selection.subjects))
        if finding.subject_kind not in TABLE_OF:
            return sort_by_position(np.full(len(ids), -1), ids)
        rows = open_snapshot_rows(district=district, assessment=assessment, table=TABLE_OF[finding.subject_kind])
        return sort_by_position(rows.find_positions(ids.tolist()), ids)
    members = load_finding_members(district=district, assessment=assessment, finding_id=finding.id)
    return selection.select(members) if selection else members


def _build_place_page(
    district: District,
    assessment: AssessmentRef,
    finding: OpenFinding,
    members: SubjectPage,
    *,
    after: int,
    limit: int | None,
) -> EvidencePage:
    subjects = members.subjects.tolist()
    page = list_policy_rows(
        district=district, assessment=assessment, policy=finding.control.id, subjects=subjects, after=after, limit=limit
    )
    days = load_member_dates(district=district, assessment=assessment, finding_id=finding.id, subjects=subjects)
    dated = ((row, days.get(row.subject, (None, None))) for row in page.rows)
    return replace(page, rows=tuple(replace(row, since=since, not_seen_since=unseen) for row, (since, unseen) in dated))


def _get_table(control: Control) -> str:
    """Return the table that a control queries; accounts for a control that is not shipped any more."""
    return control.asks or "accounts"


def _add_dates(
    district: District,
    assessment: AssessmentRef,
    finding: OpenFinding,
    subjects: Sequence[int],
    *,
    has_more: bool,
    all_columns: bool,
) -> EvidencePage:
    """Return the rows of members with their dates; rows behind a member have that member's dates."""
    control, kind = finding.control, finding.subject_kind
    days = load_member_dates(district=district, assessment=assessment, finding_id=finding.id, subjects=subjects)
    first_days = next(iter(days.values()), (None, None))
    page = build_subject_page(
        district=district, assessment=assessment, control=control, kind=kind, subjects=subjects, all_columns=all_columns
    )
    rows = ((row, days.get(row.subject, (None, None)) if not page.behind else first_days) for row in page.rows)
    dated = tuple(replace(row, since=since, not_seen_since=unseen) for row, (since, unseen) in rows)
    return replace(page, rows=dated, after=subjects[-1] if has_more else None)


def _load_subject_rows(
    district: District, assessment: AssessmentRef, *, table: str, columns: Sequence[str], subjects: Sequence[int]
) -> Mapping[int, list[tuple[Any, ...]]]:
    """Return the row of each subject: the kind of its owner (student, staff …), then the columns."""
    if not subjects:
        return {}
    rows = open_snapshot_rows(district=district, assessment=assessment, table=table)
    located = [
        (subject, position)
        for subject, position in zip(subjects, rows.find_positions(subjects).tolist(), strict=True)
        if position >= 0
    ]
    cells_by_row = rows.read_cells(
        [position for _, position in located], (*([STUDENT_COLUMN[table]] if table in STUDENT_COLUMN else []), *columns)
    )
    owner = () if table in STUDENT_COLUMN else (NO_PERSON,)
    return {subject: [(*owner, *cells)] for (subject, _), cells in zip(located, cells_by_row, strict=True)}


def _load_worst_rows(
    district: District, assessment: AssessmentRef, control: Control, *, columns: Sequence[str], subjects: Sequence[int]
) -> Mapping[int, list[tuple[Any, ...]]]:
    """Return for each subject the owner of its device, the device columns, and the columns of each deciding row.

    Without any deciding row, the device columns alone.
    """
    if not subjects:
        return {}
    row_columns = [name for name in columns if name not in DEVICE_COLUMNS]
    worst = select_worst_rows(
        rows=open_snapshot_device_index(district=district, assessment=assessment, table=control.asks),
        control=control,
        today=assessment.today,
        columns=row_columns,
        subjects=subjects,
    )
    device_columns = [DEVICE_COLUMNS[name] for name in columns if name in DEVICE_COLUMNS]
    devices = _load_subject_rows(district, assessment, table="devices", columns=device_columns, subjects=subjects)
    empty_rows: list[tuple[Any, ...]] = [(None,) * len(row_columns)]
    return {
        subject: [(*device, *row) for row in worst.get(subject, empty_rows)] for subject, (device,) in devices.items()
    }


def _find_rows_behind(
    district: District, assessment: AssessmentRef, control: Control, kind: str, subjects: Sequence[int]
) -> tuple[int, ...]:
    """Return the rows of the queried table behind subjects that are not its rows, in table order.

    Empty if the control names none.
    """
    row_ids = list_rows_behind(
        district=district, assessment=assessment, control=control.id, kind=kind, subjects=subjects
    )
    rows = open_snapshot_rows(district=district, assessment=assessment, table=_get_table(control))
    return sort_by_position(rows.find_positions(row_ids), np.asarray(row_ids, dtype=np.int64)).slice_after(
        after=-1, limit=None
    )[0]
