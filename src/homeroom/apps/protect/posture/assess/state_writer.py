"""Write the state files of an assessment for pages before it is published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from homeroom.apps.platform.districts.arrow_rows import read_arrow
from homeroom.apps.protect.posture.catalog.controls import PLACE
from homeroom.apps.protect.posture.models import Finding, Member
from homeroom.apps.protect.posture.rows.subject_states import TABLE_OF
from homeroom.domain.platform.district import District
from homeroom.domain.protect.control_states import State
from homeroom.engines.protect.posture.control_sql import FOLDED_TABLES
from homeroom.engines.protect.posture.evaluation import ABSENT, STATE_CODES, CodeArray, ControlStates, SubjectIds
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.device_index import open_device_index
from homeroom.evidence.page_cache.row_store import RowStore, open_row_store
from homeroom.evidence.page_cache.state_files import OpenMembers, StateFiles, get_state_files, sort_members

RowStores = Mapping[str, RowStore]
"""The rows of the assessed snapshot by kind of subject."""
_MEMBER_SCHEMA = pa.schema([("finding_id", pa.int64()), ("subject", pa.int64())])
_FAIL = STATE_CODES.index(State.FAIL)


def write_state_files(
    *, district: District, store: EvidenceStore, number: int, derived: str, sheets: Mapping[str, ControlStates]
) -> OpenMembers:
    """Write the state files of assessment `number` over a snapshot, and return the open members.

    Its members must be written already, and the assessment must not be published yet.
    """
    files = get_state_files(store, number=number, derived=derived)
    files.remove()  # a killed run's
    tables = {kind: open_row_store(store, derived=derived, table=table) for kind, table in TABLE_OF.items()}
    for table in FOLDED_TABLES:
        open_device_index(store, derived=derived, table=table)
    members = _build_members(district, tables)
    files.write_members(members)
    for kind in dict.fromkeys(sheet.kind for sheet in sheets.values() if sheet.kind != PLACE):
        sheets_of_kind = {name: sheet for name, sheet in sheets.items() if sheet.kind == kind}
        if kind in tables:
            files.write_row_states(kind, _iter_row_codes(tables[kind], sheets_of_kind, members))
        else:
            _write_subject_states(files, kind, sheets_of_kind)
    return members


def _build_members(district: District, tables: RowStores) -> OpenMembers:
    """Return the open members of every finding with the position of each among the rows of its kind."""
    table = Member._meta.db_table
    query = f"SELECT finding_id, subject FROM {table} WHERE district_id = %s AND closed IS NULL"
    members = read_arrow(query, [district.pk], schema=_MEMBER_SCHEMA)
    findings, subjects = members["finding_id"].to_numpy(), members["subject"].to_numpy()
    positions = np.full(len(members), -1, dtype=np.int64)
    controls: dict[str, list[int]] = {}
    ids_by_kind: dict[str, list[int]] = {}
    open_ids = set(np.unique(findings).tolist())
    every_finding = Finding.objects.of(district).order_by("pk").values_list("pk", "control", "subject_kind")
    for number, control, kind in every_finding:
        if number in open_ids:
            controls.setdefault(control, []).append(number)
            ids_by_kind.setdefault(kind, []).append(number)
    for kind, rows in tables.items():
        is_kind = np.isin(findings, ids_by_kind.get(kind, []))
        positions[is_kind] = rows.find_positions(subjects[is_kind])
    return sort_members(findings=findings, places=positions, subjects=subjects, findings_by_control=controls)


def _iter_row_codes(
    table: RowStore, sheets: Mapping[str, ControlStates], members: OpenMembers
) -> Iterator[tuple[str, CodeArray]]:
    """Yield each control with its state codes, by row position; an open member always fails."""
    ids = table.ids[table.by_id]
    for name, sheet in sheets.items():
        codes: CodeArray = np.full(len(ids), ABSENT, dtype=np.uint8)
        codes[table.by_id] = sheet.select_codes(ids)
        codes[members.select_row_positions(name)] = _FAIL
        yield name, codes


def _write_subject_states(files: StateFiles, kind: str, sheets: Mapping[str, ControlStates]) -> None:
    """Write the state codes and the rows behind each subject, for subjects that are not rows (directories)."""
    ids: SubjectIds = np.unique(np.concatenate([sheet.ids for sheet in sheets.values()]))
    files.write_subject_states(
        kind,
        ids=ids,
        codes={name: sheet.select_codes(ids) for name, sheet in sheets.items()},
        rows_behind={
            name: [list(sheet.rows.get(subject, ())) for subject in ids.tolist()] for name, sheet in sheets.items()
        },
    )
