"""Evaluate every control over every subject: one query per table, then counting in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from homeroom.domain.protect.control_states import State
from homeroom.domain.protect.controls import Control, Grouping
from homeroom.domain.protect.suppressions import Suppression
from homeroom.engines.protect.posture.control_sql import SUPPRESSED, TableQuery, build_queries
from homeroom.engines.protect.posture.evaluation import (
    MEMBERS,
    STATE_CODES,
    CodeArray,
    ControlCounts,
    ControlStates,
    Evaluation,
    SubjectIds,
)
from homeroom.evidence.query.suppression_sql import find_suppressed_vulnerabilities

ACCEPTED = pa.schema(
    [("control", pa.string()), ("group", pa.string()), ("subject", pa.int64()), ("expires_on", pa.date32())]
)
"""Accepted risks: a finding (control and group), or one subject under a control, through `expires_on`."""
_FAIL, _CANNOT_TELL, _NOT_APPLICABLE, _EXCEPTED = (
    STATE_CODES.index(state) for state in (State.FAIL, State.CANNOT_TELL, State.NOT_APPLICABLE, State.EXCEPTED)
)
_IS_MEMBER = np.isin(np.arange(len(STATE_CODES)), (_FAIL, _CANNOT_TELL, _EXCEPTED))
"""Whether a subject in a state is a member of a finding, by state code."""
_STATE_NAMES = pa.array([str(state) for state in STATE_CODES], pa.string())


@dataclass(frozen=True, kw_only=True, eq=False)
class _FindingGroups:
    """The group of each subject's finding, as the position of its name in `names`.

    Position 0 is the control's own finding.
    """

    names: pa.Array
    positions: npt.NDArray[np.int32]

    def select(self, mask: npt.NDArray[np.bool_]) -> _FindingGroups:
        """Return the groups of the subjects in the mask."""
        return _FindingGroups(names=self.names, positions=self.positions[mask])


_NO_NAMES = pa.array([""], pa.string())


def evaluate_controls(
    session: duckdb.DuckDBPyConnection,
    *,
    controls: Sequence[Control],
    today: date,
    accepted: pa.Table | None = None,
    suppressions: Sequence[Suppression] = (),
) -> Evaluation:
    """Evaluate every control over the session's derived tables, on that day; `accepted` is a table of ACCEPTED.

    A device that fails only by vulnerabilities that `suppressions` suppress there is excepted too.

    Raises matching.Misfit if a pattern does not fit its table, and ValueError if a control's SQL returns a subject
    twice or an unknown state.
    """
    acceptances = _group_acceptances(accepted, today)
    counts: dict[str, ControlCounts] = {}
    control_states: dict[str, ControlStates] = {}
    members: list[pa.Table] = [MEMBERS.empty_table()]
    has_suppressed = _register_suppressed(session, suppressions)
    for query in build_queries(session, controls=controls, today=today, has_suppressed=has_suppressed):
        for control, states, groups in _evaluate(session, query):
            _apply_acceptances(states, groups, acceptances.get(control.id, []))
            control_states[control.id] = states
            counts[control.id] = _count_states(states.codes)
            members.append(_build_members(control, states, groups))
    if has_suppressed:
        session.unregister(SUPPRESSED)
    order = {control.id: None for control in controls}
    return Evaluation(
        today=today,
        counts={name: counts[name] for name in order},
        control_states={name: control_states[name] for name in order},
        members=pa.concat_tables(members),
    )


def _register_suppressed(session: duckdb.DuckDBPyConnection, suppressions: Sequence[Suppression]) -> bool:
    """Register the table SUPPRESSED in the session if any reported vulnerability is suppressed.

    Returns whether it is.
    """
    suppressed = find_suppressed_vulnerabilities(session, suppressions=suppressions) if suppressions else None
    if suppressed is None or not suppressed.num_rows:
        return False
    session.register(SUPPRESSED, suppressed)
    return True


def _evaluate(
    session: duckdb.DuckDBPyConnection, query: TableQuery
) -> Iterator[tuple[Control, ControlStates, _FindingGroups]]:
    table = session.execute(query.text).to_arrow_table().combine_chunks()
    ids: SubjectIds = _read_numbers(table.column("id"), np.int64)
    order = None if bool(np.all(ids[1:] > ids[:-1])) else np.argsort(ids, kind="stable")
    ids = ids if order is None else ids[order]
    reported = _read_reported(table, order) if query.is_folded else None
    if len(ids) and not bool(np.all(ids[1:] > ids[:-1])):
        raise ValueError(f"a subject stands twice under one of {', '.join(item.id for item in query.controls)}")
    rows = _read_rows(table) if query.has_rows else {}
    for index, control in enumerate(query.controls):
        codes: CodeArray = _read_numbers(table.column(f"c{index}"), np.uint8)
        codes = codes.copy() if order is None else codes[order]
        group_names = table.column(f"g{index}") if query.has_groups[index] else None
        groups = _assign_groups(control, codes, group_names, order)
        if reported is None:
            yield control, ControlStates(kind=query.kind, ids=ids, codes=codes, rows=rows), groups
        else:
            yield control, _build_folded_states(query, ids, codes, reported), groups.select(reported)


def _build_folded_states(
    query: TableQuery, ids: SubjectIds, codes: CodeArray, reported: npt.NDArray[np.bool_]
) -> ControlStates:
    return ControlStates(
        kind=query.kind, ids=ids[reported], codes=codes[reported], rows={}, is_folded=True, unreported=ids[~reported]
    )


def _read_reported(table: pa.Table, order: Any) -> npt.NDArray[np.bool_]:
    reported: npt.NDArray[np.bool_] = np.asarray(table.column("heard").to_numpy(zero_copy_only=False), dtype=bool)
    return reported if order is None else reported[order]


def _read_numbers(column: pa.ChunkedArray, dtype: Any) -> npt.NDArray[Any]:
    return np.asarray(column.to_numpy(), dtype=dtype)


def _read_rows(table: pa.Table) -> dict[int, tuple[int, ...]]:
    return {
        subject: tuple(sorted(rows or ()))
        for subject, rows in zip(table.column("id").to_pylist(), table.column("rows").to_pylist(), strict=True)
    }


def _assign_groups(
    control: Control, codes: CodeArray, group_names: pa.ChunkedArray | None, order: Any
) -> _FindingGroups:
    """Return the group of each subject's finding: empty text for the control's own finding."""
    positions = np.zeros(len(codes), dtype=np.int32)
    failing = codes == _FAIL
    if group_names is None or not np.any(failing):
        return _FindingGroups(names=_NO_NAMES, positions=positions)
    encoded = pc.fill_null(group_names.cast(pa.string()), "").combine_chunks().dictionary_encode()
    group_positions = np.asarray(encoded.indices.to_numpy(), dtype=np.int32) + 1
    group_positions = group_positions if order is None else group_positions[order]
    grouped = (
        failing
        if control.groups is None
        else failing & _find_group_findings(control.groups, encoded.dictionary, group_positions, codes)
    )
    positions[grouped] = group_positions[grouped]
    return _FindingGroups(names=pa.concat_arrays([_NO_NAMES, encoded.dictionary]), positions=positions)


def _find_group_findings(
    grouping: Grouping, names: pa.Array, group_positions: npt.NDArray[np.int32], codes: CodeArray
) -> npt.NDArray[np.bool_]:
    """Return which subjects are in a group where enough members fail to be one finding; an empty name is no group."""
    group_count = len(names) + 1
    sizes = np.bincount(group_positions[codes != _NOT_APPLICABLE], minlength=group_count)
    failing = np.bincount(group_positions[codes == _FAIL], minlength=group_count)
    is_group_finding = (failing >= grouping.at_least) & (failing >= grouping.at_share * sizes)
    is_group_finding[1:] &= np.asarray(pc.not_equal(names, "").to_numpy(zero_copy_only=False), dtype=bool)
    members: npt.NDArray[np.bool_] = is_group_finding[group_positions]
    return members


def _group_acceptances(accepted: pa.Table | None, today: date) -> dict[str, list[tuple[str, int | None]]]:
    acceptances: dict[str, list[tuple[str, int | None]]] = {}
    for row in accepted.to_pylist() if accepted is not None else []:
        if row["expires_on"] >= today:
            acceptances.setdefault(row["control"], []).append((row["group"] or "", row["subject"]))
    return acceptances


def _apply_acceptances(
    states: ControlStates, groups: _FindingGroups, acceptances: Sequence[tuple[str, int | None]]
) -> None:
    if not acceptances:
        return
    subjects = [subject for _, subject in acceptances if subject is not None]
    findings = pa.array([group for group, subject in acceptances if subject is None], pa.string())
    accepted = np.asarray(pc.is_in(groups.names, findings).to_numpy(zero_copy_only=False), dtype=bool)
    excepted = (states.codes == _FAIL) & (np.isin(states.ids, subjects) | accepted[groups.positions])
    states.codes[excepted] = _EXCEPTED


def _count_states(codes: CodeArray) -> ControlCounts:
    passing, failing, cannot_tell, not_applicable, excepted = np.bincount(codes, minlength=len(STATE_CODES)).tolist()
    return ControlCounts(
        passing=passing,
        failing=failing,
        cannot_tell=cannot_tell,
        not_applicable=not_applicable,
        excepted=excepted,
    )


def _build_members(control: Control, states: ControlStates, groups: _FindingGroups) -> pa.Table:
    is_member = _IS_MEMBER[states.codes]
    ids, codes = states.ids[is_member], states.codes[is_member]
    rows = (
        [list(states.rows[int(subject)]) for subject in ids]
        if states.rows
        else pa.nulls(len(ids), pa.list_(pa.int64()))
    )
    columns = [
        pa.repeat(pa.scalar(control.id, pa.string()), len(ids)),
        groups.names.take(pa.array(groups.positions[is_member])),
        pa.repeat(pa.scalar(states.kind, pa.string()), len(ids)),
        pa.array(ids, pa.int64()),
        _STATE_NAMES.take(pa.array(codes)),
        pa.array(rows, pa.list_(pa.int64())) if states.rows else rows,
    ]
    return pa.Table.from_arrays(columns, schema=MEMBERS)
