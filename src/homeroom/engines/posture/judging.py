"""Judges every subject under every control: one query an asked table, then counting in memory."""

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

from homeroom.domain.controls import Control, Grouping
from homeroom.domain.excepting import Suppression
from homeroom.domain.states import State
from homeroom.engines.posture.judgement import CODES, MEMBERS, Codes, Counts, Ids, Judgement, Sheet
from homeroom.engines.posture.questions import SPARED, Question, questions
from homeroom.evidence.spared import spared_flaws

ACCEPTED = pa.schema(
    [("control", pa.string()), ("group", pa.string()), ("subject", pa.int64()), ("expires_on", pa.date32())]
)
"""What somebody accepted: a finding (control and group), or one subject under a control. It holds through `expires_on`."""
_FAIL, _CANNOT_TELL, _NOT_APPLICABLE, _EXCEPTED = (
    CODES.index(state) for state in (State.FAIL, State.CANNOT_TELL, State.NOT_APPLICABLE, State.EXCEPTED)
)
_LISTED = np.isin(np.arange(len(CODES)), (_FAIL, _CANNOT_TELL, _EXCEPTED))
"""By code, whether a subject in that state is a member."""
_WORDS = pa.array([str(state) for state in CODES], pa.string())


@dataclass(frozen=True, kw_only=True, eq=False)
class _Groups:
    """The group of each subject's finding: the place of its name among `names`, of which the first is that of the control's own finding."""

    names: pa.Array
    places: npt.NDArray[np.int32]

    def of(self, which: npt.NDArray[np.bool_]) -> _Groups:
        """Those of some subjects."""
        return _Groups(names=self.names, places=self.places[which])


_NO_NAMES = pa.array([""], pa.string())


def judge(
    session: duckdb.DuckDBPyConnection,
    *,
    controls: Sequence[Control],
    today: date,
    accepted: pa.Table | None = None,
    suppressions: Sequence[Suppression] = (),
) -> Judgement:
    """Every control over the session's derived tables, on that day; `accepted` is a table of ACCEPTED.

    A device that fails only by flaws which `suppressions` let stand there is excepted too.

    Raises matching.Misfit where a pattern does not fit its table, and ValueError where a control's SQL gives a subject
    twice or a state that is none.
    """
    held = _held(accepted, today)
    counts: dict[str, Counts] = {}
    sheets: dict[str, Sheet] = {}
    members: list[pa.Table] = [MEMBERS.empty_table()]
    spares = _spared(session, suppressions)
    for question in questions(session, controls=controls, today=today, spares=spares):
        for control, sheet, groups in _answers(session, question):
            _except(sheet, groups, held.get(control.id, []))
            sheets[control.id] = sheet
            counts[control.id] = _counted(sheet.codes)
            members.append(_members(control, sheet, groups))
    if spares:
        session.unregister(SPARED)
    order = {control.id: None for control in controls}
    return Judgement(
        today=today,
        counts={name: counts[name] for name in order},
        sheets={name: sheets[name] for name in order},
        members=pa.concat_tables(members),
    )


def _spared(session: duckdb.DuckDBPyConnection, suppressions: Sequence[Suppression]) -> bool:
    """Whether any flaw that a tool reports is let stand: then the session has them as the table SPARED."""
    found = spared_flaws(session, suppressions=suppressions) if suppressions else None
    if found is None or not found.num_rows:
        return False
    session.register(SPARED, found)
    return True


def _answers(session: duckdb.DuckDBPyConnection, question: Question) -> Iterator[tuple[Control, Sheet, _Groups]]:
    table = session.execute(question.text).to_arrow_table().combine_chunks()
    ids: Ids = _numbers(table.column("id"), np.int64)
    order = None if bool(np.all(ids[1:] > ids[:-1])) else np.argsort(ids, kind="stable")
    ids = ids if order is None else ids[order]
    heard = _heard(table, order) if question.folds else None
    if len(ids) and not bool(np.all(ids[1:] > ids[:-1])):
        raise ValueError(f"a subject stands twice under one of {', '.join(one.id for one in question.controls)}")
    rows = _rows(table) if question.rows else {}
    for place, control in enumerate(question.controls):
        codes: Codes = _numbers(table.column(f"c{place}"), np.uint8)
        codes = codes.copy() if order is None else codes[order]
        named = table.column(f"g{place}") if question.grouped[place] else None
        groups = _groups(control, codes, named, order)
        if heard is None:
            yield control, Sheet(kind=question.kind, ids=ids, codes=codes, rows=rows), groups
        else:
            yield control, _folded(question, ids, codes, heard), groups.of(heard)


def _folded(question: Question, ids: Ids, codes: Codes, heard: npt.NDArray[np.bool_]) -> Sheet:
    return Sheet(kind=question.kind, ids=ids[heard], codes=codes[heard], rows={}, folds=True, unheard=ids[~heard])


def _heard(table: pa.Table, order: Any) -> npt.NDArray[np.bool_]:
    heard: npt.NDArray[np.bool_] = np.asarray(table.column("heard").to_numpy(zero_copy_only=False), dtype=bool)
    return heard if order is None else heard[order]


def _numbers(column: pa.ChunkedArray, dtype: Any) -> npt.NDArray[Any]:
    return np.asarray(column.to_numpy(), dtype=dtype)


def _rows(table: pa.Table) -> dict[int, tuple[int, ...]]:
    return {
        subject: tuple(sorted(rows or ()))
        for subject, rows in zip(table.column("id").to_pylist(), table.column("rows").to_pylist(), strict=True)
    }


def _groups(control: Control, codes: Codes, named: pa.ChunkedArray | None, order: Any) -> _Groups:
    """The group of each subject's finding: empty text for the control's own finding."""
    places = np.zeros(len(codes), dtype=np.int32)
    failing = codes == _FAIL
    if named is None or not np.any(failing):
        return _Groups(names=_NO_NAMES, places=places)
    encoded = pc.fill_null(named.cast(pa.string()), "").combine_chunks().dictionary_encode()
    here = np.asarray(encoded.indices.to_numpy(), dtype=np.int32) + 1
    here = here if order is None else here[order]
    wanted = failing if control.groups is None else failing & _whole(control.groups, encoded.dictionary, here, codes)
    places[wanted] = here[wanted]
    return _Groups(names=pa.concat_arrays([_NO_NAMES, encoded.dictionary]), places=places)


def _whole(grouping: Grouping, names: pa.Array, here: npt.NDArray[np.int32], codes: Codes) -> npt.NDArray[np.bool_]:
    """Who is in a group of which enough members fail to be one finding about the group; a name that is empty is none."""
    many = len(names) + 1
    size = np.bincount(here[codes != _NOT_APPLICABLE], minlength=many)
    failing = np.bincount(here[codes == _FAIL], minlength=many)
    whole = (failing >= grouping.at_least) & (failing >= grouping.at_share * size)
    whole[1:] &= np.asarray(pc.not_equal(names, "").to_numpy(zero_copy_only=False), dtype=bool)
    together: npt.NDArray[np.bool_] = whole[here]
    return together


def _held(accepted: pa.Table | None, today: date) -> dict[str, list[tuple[str, int | None]]]:
    held: dict[str, list[tuple[str, int | None]]] = {}
    for row in accepted.to_pylist() if accepted is not None else []:
        if row["expires_on"] >= today:
            held.setdefault(row["control"], []).append((row["group"] or "", row["subject"]))
    return held


def _except(sheet: Sheet, groups: _Groups, held: Sequence[tuple[str, int | None]]) -> None:
    if not held:
        return
    subjects = [subject for _, subject in held if subject is not None]
    findings = pa.array([group for group, subject in held if subject is None], pa.string())
    accepted = np.asarray(pc.is_in(groups.names, findings).to_numpy(zero_copy_only=False), dtype=bool)
    excepted = (sheet.codes == _FAIL) & (np.isin(sheet.ids, subjects) | accepted[groups.places])
    sheet.codes[excepted] = _EXCEPTED


def _counted(codes: Codes) -> Counts:
    passing, failing, cannot_tell, not_applicable, excepted = np.bincount(codes, minlength=len(CODES)).tolist()
    return Counts(
        passing=passing,
        failing=failing,
        cannot_tell=cannot_tell,
        not_applicable=not_applicable,
        excepted=excepted,
    )


def _members(control: Control, sheet: Sheet, groups: _Groups) -> pa.Table:
    listed = _LISTED[sheet.codes]
    ids, codes = sheet.ids[listed], sheet.codes[listed]
    rows = [list(sheet.rows[int(one)]) for one in ids] if sheet.rows else pa.nulls(len(ids), pa.list_(pa.int64()))
    columns = [
        pa.repeat(pa.scalar(control.id, pa.string()), len(ids)),
        groups.names.take(pa.array(groups.places[listed])),
        pa.repeat(pa.scalar(sheet.kind, pa.string()), len(ids)),
        pa.array(ids, pa.int64()),
        _WORDS.take(pa.array(codes)),
        pa.array(rows, pa.list_(pa.int64())) if sheet.rows else rows,
    ]
    return pa.Table.from_arrays(columns, schema=MEMBERS)
