"""The rows that decide for a device under a control over software, services or flaws: which program, port or flaw it is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from homeroom.domain.controls import Control
from homeroom.domain.matching import TODAY, evaluate, fields_in, parse
from homeroom.domain.states import State
from homeroom.engines.posture.judgement import CODES
from homeroom.engines.posture.questions import WORST_FIRST
from homeroom.evidence.by_device import DEVICE, OnDevices
from homeroom.evidence.patterns import fields_of
from homeroom.evidence.tables import TABLES

PASSING = 3
"""How many rows that pass are shown of one subject: a server has hundreds of them."""
_PASS, _OTHER = (WORST_FIRST.index(CODES.index(state)) for state in (State.PASS, State.NOT_APPLICABLE))
_Cells = tuple[Any, ...]


def decided(
    *, rows: OnDevices, control: Control, today: date, columns: Sequence[str], subjects: Sequence[int]
) -> dict[int, list[_Cells]]:
    """For each subject that has any its deciding rows of the asked table: their `columns`, in the order of these.

    Every row that fails or cannot be told; of those that pass, the first PASSING of a subject; none that does not apply.
    """
    rank, tested = _ranking(control, today)
    key = tuple(name for name in TABLES[control.asks].key if name != DEVICE)
    named, told = 1 + len(tested), 1 + len(tested) + len(key)
    standing: dict[int, list[tuple[int, _Cells, _Cells]]] = {}
    for row in rows.of(subjects, (*tested, *key, *columns)):
        standing.setdefault(row[0], []).append((rank(row[1:named]), row[named:told], row[told:]))
    found = {subject: _deciding(every) for subject, every in standing.items()}
    return {subject: sorted(some, key=_nulls_last) for subject, some in found.items() if some}


def _deciding(every: Sequence[tuple[int, _Cells, _Cells]]) -> list[_Cells]:
    """What is told of the rows of the least rank."""
    least = min(rank for rank, _, _ in every)
    if least >= _OTHER:
        return []
    same = [(named, told) for rank, named, told in every if rank == least]
    if least == _PASS:
        same = sorted(same, key=lambda one: _nulls_last(one[0]))[:PASSING]
    return [told for _, told in same]


def _ranking(control: Control, today: date) -> tuple[Callable[[_Cells], int], tuple[str, ...]]:
    """How a row ranks by the values of the columns that the control tests, and these columns. The same values are judged once."""
    fields = fields_of(TABLES[control.asks])
    applies, requires = (parse(pattern, fields=fields) for pattern in (control.applies_to, control.requires))
    tested = tuple(sorted((fields_in(applies) | fields_in(requires)) - {TODAY}))
    known: dict[_Cells, int] = {}

    def state(row: dict[str, Any]) -> State:
        here = evaluate(applies, row, today=today)
        if here is not True:
            return State.CANNOT_TELL if here is None else State.NOT_APPLICABLE
        met = evaluate(requires, row, today=today)
        return State.CANNOT_TELL if met is None else State.PASS if met else State.FAIL

    def rank(values: _Cells) -> int:
        same = tuple([tuple(one) if isinstance(one, list) else one for one in values])
        found = known.get(same)
        if found is None:
            found = known[same] = WORST_FIRST.index(CODES.index(state(dict(zip(tested, values, strict=True)))))
        return found

    return rank, tested


def _nulls_last(cells: Iterable[Any]) -> tuple[tuple[bool, Any], ...]:
    """What rows are sorted by."""
    return tuple((value is None, 0 if value is None else value) for value in cells)
