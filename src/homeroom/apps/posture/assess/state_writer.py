"""Write the state files of an assessment for pages before it is published; `state_files` reads them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pyarrow as pa

from homeroom.apps.posture.catalog.controls import PLACE
from homeroom.apps.posture.models import Member
from homeroom.apps.posture.rows.state_files import MEMBERS, ROWS_BEHIND_PREFIX, TABLE_OF, get_state_file_path
from homeroom.domain.control_states import State
from homeroom.domain.district import District
from homeroom.engines.posture.control_sql import FOLDED_TABLES
from homeroom.engines.posture.evaluation import ABSENT, STATE_CODES, CodeArray, ControlStates, SubjectIds
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.device_index import open_device_index
from homeroom.evidence.page_cache.folders import get_assessment_folder
from homeroom.evidence.page_cache.mapped_files import read_numbers, write_arrow_file
from homeroom.evidence.page_cache.row_store import RowStore, open_row_store

RowStores = Mapping[str, RowStore]
"""The rows of the assessed snapshot by kind of subject."""
_FAIL = STATE_CODES.index(State.FAIL)


def write_state_files(
    *, district: District, store: EvidenceStore, number: int, derived: str, sheets: Mapping[str, ControlStates]
) -> None:
    """Write the state files of assessment `number` over a snapshot.

    Its members must be written already, and the assessment must not be published yet.
    """
    shutil.rmtree(get_assessment_folder(store, number=number, derived=derived), ignore_errors=True)  # a killed run's
    tables = {kind: open_row_store(store, derived=derived, table=table) for kind, table in TABLE_OF.items()}
    for table in FOLDED_TABLES:
        open_device_index(store, derived=derived, table=table)
    members, controls = _build_members(district, tables)
    write_arrow_file(get_state_file_path(store, number=number, derived=derived, name=MEMBERS), members)
    for kind in dict.fromkeys(sheet.kind for sheet in sheets.values() if sheet.kind != PLACE):
        sheets_of_kind = {name: sheet for name, sheet in sheets.items() if sheet.kind == kind}
        failing = {name: _select_positions(members, controls.get(name, [])) for name in sheets_of_kind}
        columns = (
            _iter_row_codes(tables[kind], sheets_of_kind, failing)
            if kind in tables
            else _iter_subject_codes(sheets_of_kind)
        )
        write_arrow_file(get_state_file_path(store, number=number, derived=derived, name=kind), pa.table(dict(columns)))


def has_state_files(*, store: EvidenceStore, number: int, derived: str) -> bool:
    """Check whether an assessment has its state files."""
    return get_state_file_path(store, number=number, derived=derived, name=MEMBERS).exists()


def _build_members(district: District, tables: RowStores) -> tuple[pa.Table, dict[str, list[int]]]:
    """Return (finding, place, subject) of every open member in page order, and the findings of each control."""
    open_now = Member.objects.of(district).filter(closed=None)
    values = open_now.values_list("finding_id", "subject", "finding__control", "finding__subject_kind")
    members = list(values.iterator(chunk_size=10_000))
    findings = np.fromiter((member[0] for member in members), dtype=np.int64, count=len(members))
    subjects = np.fromiter((member[1] for member in members), dtype=np.int64, count=len(members))
    kinds = np.array([member[3] for member in members], dtype=object)
    positions = np.full(len(members), -1, dtype=np.int64)
    for kind, table in tables.items():
        positions[kinds == kind] = table.find_positions(subjects[kinds == kind])
    order = np.lexsort((subjects, positions, positions < 0, findings))
    controls: dict[str, list[int]] = {}
    for finding, control in sorted({(member[0], member[2]) for member in members}):
        controls.setdefault(control, []).append(finding)
    member_table = pa.table({"finding": findings[order], "place": positions[order], "subject": subjects[order]})
    return member_table.replace_schema_metadata({"findings": json.dumps(controls)}), controls


def _select_positions(members: pa.Table, findings: Sequence[int]) -> SubjectIds:
    """Return the row positions of the open members of findings; members without a row are left out."""
    positions = read_numbers(members, "place")[np.isin(read_numbers(members, "finding"), findings)]
    valid_positions: SubjectIds = positions[positions >= 0]
    return valid_positions


def _iter_row_codes(
    table: RowStore, sheets: Mapping[str, ControlStates], failing: Mapping[str, SubjectIds]
) -> Iterator[tuple[str, pa.Array]]:
    """Yield a column of state codes for each control, by row position."""
    ids = table.ids[table.by_id]
    for name, sheet in sheets.items():
        codes: CodeArray = np.full(len(ids), ABSENT, dtype=np.uint8)
        codes[table.by_id] = sheet.select_codes(ids)
        codes[failing[name]] = _FAIL
        yield name, pa.array(codes)


def _iter_subject_codes(sheets: Mapping[str, ControlStates]) -> Iterator[tuple[str, pa.Array]]:
    """Yield the state codes and the rows behind each subject, for subjects that are not rows (directories)."""
    ids: SubjectIds = np.unique(np.concatenate([sheet.ids for sheet in sheets.values()]))
    yield "id", pa.array(ids)
    for name, sheet in sheets.items():
        yield name, pa.array(sheet.select_codes(ids))
        rows_behind = [list(sheet.rows.get(subject, ())) for subject in ids.tolist()]
        yield ROWS_BEHIND_PREFIX + name, pa.array(rows_behind, pa.list_(pa.int64()))
