"""State of every subject under every control in one assessment, written to files for pages.

Besides the rows of its snapshot (a `RowStore`) an assessment has a file for each kind of subject, with the
state code of every row under every control, by row position, and a file with the open members of every finding in
position order. So a page of subjects that fail, pass or are unknown runs no query and shows what was counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from homeroom.apps.districts.evidence_store import get_evidence_store
from homeroom.apps.posture.published.queries import AssessmentRef
from homeroom.apps.posture.rows.snapshot import open_snapshot_rows
from homeroom.domain.control_states import State
from homeroom.domain.district import District
from homeroom.engines.posture.control_sql import QUERYABLE_TABLES
from homeroom.engines.posture.evaluation import ABSENT, STATE_CODES, CodeArray, SubjectIds
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.folders import get_assessment_folder
from homeroom.evidence.page_cache.mapped_files import open_mapped_file, read_numbers
from homeroom.evidence.query.executor import QueryTimeout

MEMBERS, ROWS_BEHIND_PREFIX = "members", "behind "
"""Name of the members file, and prefix of the columns with rows behind a subject."""
MAX_MAPPED_FILES = 96
"""Files that a process has mapped at once."""
TABLE_OF: Mapping[str, str] = {table.kind: table.table for table in QUERYABLE_TABLES if not table.is_folded}
"""Kind of subject to the table that has one row for each."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SubjectPage:
    """Subjects in page order with their row positions; subjects that are not rows have position -1 and come last."""

    places: SubjectIds
    subjects: SubjectIds

    def slice_after(self, *, after: int, limit: int | None) -> tuple[tuple[int, ...], bool]:
        """Return at most `limit` subjects after a subject, and whether there are more."""
        begin = int(np.argmax(self.subjects == after)) + 1 if after >= 0 and (self.subjects == after).any() else 0
        end = len(self.subjects) if limit is None else begin + limit
        return tuple(self.subjects[begin:end].tolist()), end < len(self.subjects)

    def filter_by(self, mask: npt.NDArray[np.bool_]) -> SubjectPage:
        """Return the subjects that a Boolean mask selects."""
        return SubjectPage(places=self.places[mask], subjects=self.subjects[mask])


def load_finding_members(*, district: District, assessment: AssessmentRef, finding_id: int) -> SubjectPage:
    """Return the open members of a finding.

    Raise QueryTimeout.
    """
    members = _open_state_file(district, assessment, MEMBERS)
    findings = read_numbers(members, "finding")
    begin, end = np.searchsorted(findings, [finding_id, finding_id + 1])
    return SubjectPage(
        places=read_numbers(members, "place")[begin:end], subjects=read_numbers(members, "subject")[begin:end]
    )


def load_failing_members(*, district: District, assessment: AssessmentRef, control: str) -> SubjectPage:
    """Return the open members of all findings of a control.

    Raise QueryTimeout.
    """
    members = _open_state_file(district, assessment, MEMBERS)
    is_member = np.isin(read_numbers(members, "finding"), _read_findings(members).get(control, []))
    return sort_by_position(read_numbers(members, "place")[is_member], read_numbers(members, "subject")[is_member])


def load_subjects_in_state(
    *, district: District, assessment: AssessmentRef, control: str, kind: str, state: State
) -> SubjectPage:
    """Return the subjects in a state under a control; an open member always fails.

    Raise QueryTimeout.
    """
    if state is State.FAIL:
        return load_failing_members(district=district, assessment=assessment, control=control)
    codes = load_state_codes(district=district, assessment=assessment, control=control, kind=kind)
    positions = np.flatnonzero(codes == STATE_CODES.index(state))
    if kind in TABLE_OF:
        return SubjectPage(
            places=positions,
            subjects=open_snapshot_rows(district=district, assessment=assessment, table=TABLE_OF[kind]).ids[positions],
        )
    return SubjectPage(
        places=np.full(len(positions), -1),
        subjects=read_numbers(_open_state_file(district, assessment, kind), "id")[positions],
    )


def load_state_codes(*, district: District, assessment: AssessmentRef, control: str, kind: str) -> CodeArray:
    """Return the state codes of a control's subjects by row position; 255 if it has none.

    Raise QueryTimeout.
    """
    states = _open_state_file(district, assessment, kind)
    if control not in states.column_names:
        return np.full(len(states), ABSENT, dtype=np.uint8)
    return read_numbers(states, control)


def list_rows_behind(
    *, district: District, assessment: AssessmentRef, control: str, kind: str, subjects: Sequence[int]
) -> tuple[int, ...]:
    """Return the rows of the queried table behind subjects that are not its rows.

    Raise QueryTimeout.
    """
    states = _open_state_file(district, assessment, kind)
    if ROWS_BEHIND_PREFIX + control not in states.column_names:
        return ()
    rows_by_subject = dict(
        zip(read_numbers(states, "id").tolist(), states.column(ROWS_BEHIND_PREFIX + control).to_pylist(), strict=True)
    )
    return tuple(dict.fromkeys(row for subject in subjects for row in rows_by_subject.get(subject) or ()))


def sort_by_position(positions: SubjectIds, subjects: SubjectIds) -> SubjectPage:
    """Sort subjects by row position; subjects that are not rows come last, by number."""
    order = np.lexsort((subjects, positions, positions < 0))
    return SubjectPage(places=positions[order], subjects=subjects[order])


def get_state_file_path(store: EvidenceStore, *, number: int, derived: str, name: str) -> Path:
    """Return the path of an assessment's file: of its members, or of one kind of subject."""
    return get_assessment_folder(store, number=number, derived=derived) / f"{name}.arrow"


_state_tables: SingleFlightCache[pa.Table] = SingleFlightCache(max_entries=MAX_MAPPED_FILES)


def _open_state_file(district: District, assessment: AssessmentRef, name: str) -> pa.Table:
    path = get_state_file_path(
        get_evidence_store(district=district), number=assessment.number, derived=assessment.derived, name=name
    )
    try:
        return open_mapped_file(path, cache=_state_tables, wrap=lambda table: table)
    except FileNotFoundError:  # judged before there were such files: the next judgement writes them
        raise QueryTimeout("the rows of this judgement are not laid out") from None


def _read_findings(members: pa.Table) -> Mapping[str, list[int]]:
    """Return the findings of each control from the file's metadata."""
    findings: Mapping[str, list[int]] = json.loads((members.schema.metadata or {}).get(b"findings", b"{}"))
    return findings
