"""Subjects of the published assessment by state, from the state files that it wrote for pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.catalog.confinement import is_confined
from homeroom.apps.protect.posture.published.queries import AssessmentRef, is_confined_finding
from homeroom.apps.protect.posture.rows.snapshot import open_snapshot_rows
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import State
from homeroom.engines.protect.posture.control_sql import QUERYABLE_TABLES
from homeroom.engines.protect.posture.evaluation import ABSENT, STATE_CODES, CodeArray
from homeroom.evidence.page_cache.state_files import StateFiles, SubjectPage, get_state_files

TABLE_OF: Mapping[str, str] = {table.kind: table.table for table in QUERYABLE_TABLES if not table.is_folded}
"""Kind of subject to the table that has one row for each."""


def load_finding_members(*, district: District, assessment: AssessmentRef, finding_id: int) -> SubjectPage:
    """Return the open members of a finding; none if its control is confined.

    Raise QueryTimeout.
    """
    if is_confined_finding(district=district, finding_id=finding_id):
        return _build_empty_page()
    return _get_state_files(district, assessment).open_members().select_finding(finding_id)


def load_subjects_in_state(
    *, district: District, assessment: AssessmentRef, control: str, kind: str, state: State
) -> SubjectPage:
    """Return the subjects in a state under a control; an open member always fails. None if the control is confined.

    Raise QueryTimeout.
    """
    if is_confined(control):
        return _build_empty_page()
    if state is State.FAIL:
        return _get_state_files(district, assessment).open_members().select_control(control)
    codes = load_state_codes(district=district, assessment=assessment, control=control, kind=kind)
    positions = np.flatnonzero(codes == STATE_CODES.index(state))
    if kind in TABLE_OF:
        return SubjectPage(
            places=positions,
            subjects=open_snapshot_rows(district=district, assessment=assessment, table=TABLE_OF[kind]).ids[positions],
        )
    return SubjectPage(
        places=np.full(len(positions), -1),
        subjects=_get_state_files(district, assessment).open_states(kind).ids[positions],
    )


def load_state_codes(*, district: District, assessment: AssessmentRef, control: str, kind: str) -> CodeArray:
    """Return the state codes of a control's subjects by row position; 255 if it has none, or is confined.

    Raise QueryTimeout.
    """
    states = _get_state_files(district, assessment).open_states(kind)
    codes = None if is_confined(control) else states.find_codes(control)
    return np.full(len(states), ABSENT, dtype=np.uint8) if codes is None else codes


def list_rows_behind(
    *, district: District, assessment: AssessmentRef, control: str, kind: str, subjects: Sequence[int]
) -> tuple[int, ...]:
    """Return the rows of the queried table behind subjects that are not its rows.

    Raise QueryTimeout.
    """
    return _get_state_files(district, assessment).open_states(kind).list_rows_behind(control, subjects)


def _build_empty_page() -> SubjectPage:
    return SubjectPage(places=np.zeros(0, dtype=np.int64), subjects=np.zeros(0, dtype=np.int64))


def _get_state_files(district: District, assessment: AssessmentRef) -> StateFiles:
    store = get_evidence_store(district=district)
    return get_state_files(store, number=assessment.number, derived=assessment.derived)
