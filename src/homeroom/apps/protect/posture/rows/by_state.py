"""Subjects in one state under one control, as the published assessment has them."""

from __future__ import annotations

from typing import Any

import numpy as np

from homeroom.apps.protect.posture.catalog.confinement import is_confined
from homeroom.apps.protect.posture.catalog.controls import PLACE, load_all_controls
from homeroom.apps.protect.posture.published.queries import AssessmentRef
from homeroom.apps.protect.posture.rows.evidence_rows import PAGE, build_subject_page
from homeroom.apps.protect.posture.rows.page import CONFINED_PAGE, EvidencePage
from homeroom.apps.protect.posture.rows.policy_rows import list_policy_rows_in_state
from homeroom.apps.protect.posture.rows.snapshot import open_snapshot_rows
from homeroom.apps.protect.posture.rows.subject_states import TABLE_OF, load_state_codes, load_subjects_in_state
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import State
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.control_sql import SUBJECT_KINDS
from homeroom.engines.protect.posture.evaluation import ABSENT, STATE_CODES
from homeroom.evidence.page_cache.row_store import RowStore
from homeroom.evidence.page_cache.state_files import SubjectPage


def get_state_page(
    *,
    district: District,
    assessment: AssessmentRef,
    control: Control,
    state: str,
    after: int = -1,
    all_columns: bool = False,
    school: str | None = None,
) -> EvidencePage | None:
    """Return the next subjects in a state by school and name; None if the control is not shipped any more.

    `school` limits the rows to one school; the empty text selects subjects without a known school. Raise QueryTimeout.
    """
    if control.id not in load_all_controls():
        return None
    if is_confined(control.id):
        return CONFINED_PAGE
    if control.subject == PLACE:
        return list_policy_rows_in_state(
            district=district, assessment=assessment, policy=control.id, state=state, after=after, limit=PAGE
        )
    kind = control.subject or SUBJECT_KINDS[control.asks]
    matches = load_subjects_in_state(
        district=district, assessment=assessment, control=control.id, kind=kind, state=State(state)
    )
    if school is not None and kind in TABLE_OF:
        matches = _filter_by_school(
            matches, open_snapshot_rows(district=district, assessment=assessment, table=TABLE_OF[kind]), school
        )
    subjects, has_more = matches.slice_after(after=after, limit=PAGE)
    return build_subject_page(
        district=district,
        assessment=assessment,
        control=control,
        kind=kind,
        subjects=subjects,
        after=subjects[-1] if has_more else None,
        all_columns=all_columns,
    )


def _filter_by_school(subjects: SubjectPage, rows: RowStore, school: str) -> SubjectPage:
    """Return the subjects of one school; a subject that is no row any more is in none."""
    number = rows.schools.index(school) if school in rows.schools else -1
    is_in_school = np.full(len(subjects.places), not school)
    is_in_school[subjects.places >= 0] = rows.school[subjects.places[subjects.places >= 0]] == number
    return subjects.filter_by(is_in_school)


def count_states_by_column(
    *, district: District, assessment: AssessmentRef, control: str, column: str
) -> dict[Any, dict[str, int]]:
    """Count the subjects of a control in each state, by a column of the table that it queries.

    The counts over all values equal those of `queries.get_control_result`. Empty if the control is not shipped any
    more, is confined, or its subjects are no rows of that table. Raise QueryTimeout.
    """
    definition = load_all_controls().get(control)
    if definition is None or definition.subject:
        return {}
    rows = open_snapshot_rows(district=district, assessment=assessment, table=TABLE_OF[SUBJECT_KINDS[definition.asks]])
    codes = load_state_codes(
        district=district, assessment=assessment, control=control, kind=SUBJECT_KINDS[definition.asks]
    )
    counted: dict[Any, dict[str, int]] = {}
    for value, code in zip(rows.read_column(column), codes.tolist(), strict=True):
        if code != ABSENT:
            state_counts = counted.setdefault(value, {})
            state_counts[str(STATE_CODES[code])] = state_counts.get(str(STATE_CODES[code]), 0) + 1
    return counted
