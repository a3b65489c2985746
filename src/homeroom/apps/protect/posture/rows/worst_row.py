"""Select the rows that decide a device's state under a control over software, services or vulnerabilities."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from homeroom.domain.matching import TODAY, evaluate_pattern, list_fields, parse_pattern
from homeroom.domain.protect.control_states import State
from homeroom.domain.protect.controls import Control
from homeroom.engines.protect.posture.control_sql import WORST_FIRST
from homeroom.engines.protect.posture.evaluation import STATE_CODES
from homeroom.evidence.page_cache.device_index import DEVICE, DeviceIndex
from homeroom.evidence.query.pattern_sql import list_pattern_fields
from homeroom.evidence.tables import TABLES

MAX_PASSING_ROWS = 3
"""How many passing rows are shown of one subject: a server has hundreds of them."""
_PASS_RANK, _NOT_APPLICABLE_RANK = (
    WORST_FIRST.index(STATE_CODES.index(state)) for state in (State.PASS, State.NOT_APPLICABLE)
)
_Cells = tuple[Any, ...]


def select_worst_rows(
    *, rows: DeviceIndex, control: Control, today: date, columns: Sequence[str], subjects: Sequence[int]
) -> dict[int, list[_Cells]]:
    """Return the deciding rows of the queried table for each subject that has any: the cells of `columns`.

    Every row that fails or is unknown; of rows that pass, the first MAX_PASSING_ROWS of a subject; no row that does not
    apply.
    """
    rank, tested = _build_rank(control, today)
    key = tuple(name for name in TABLES[control.asks].key if name != DEVICE)
    key_from, columns_from = 1 + len(tested), 1 + len(tested) + len(key)
    ranked: dict[int, list[tuple[int, _Cells, _Cells]]] = {}
    for row in rows.find_rows(subjects, (*tested, *key, *columns)):
        ranked.setdefault(row[0], []).append((rank(row[1:key_from]), row[key_from:columns_from], row[columns_from:]))
    worst = {subject: _select_worst(ranked_rows) for subject, ranked_rows in ranked.items()}
    return {subject: sorted(cells, key=_sort_key_nulls_last) for subject, cells in worst.items() if cells}


def _select_worst(ranked_rows: Sequence[tuple[int, _Cells, _Cells]]) -> list[_Cells]:
    """Return the cells of the rows with the lowest rank."""
    best_rank = min(rank for rank, _, _ in ranked_rows)
    if best_rank >= _NOT_APPLICABLE_RANK:
        return []
    same = [(row_key, cells) for rank, row_key, cells in ranked_rows if rank == best_rank]
    if best_rank == _PASS_RANK:
        same = sorted(same, key=lambda pair: _sort_key_nulls_last(pair[0]))[:MAX_PASSING_ROWS]
    return [cells for _, cells in same]


def _build_rank(control: Control, today: date) -> tuple[Callable[[_Cells], int], tuple[str, ...]]:
    """Build a function that ranks a row by the columns the control tests, and return it with these columns.

    The same values are evaluated once.
    """
    fields = list_pattern_fields(TABLES[control.asks])
    applies, requires = (parse_pattern(pattern, fields=fields) for pattern in (control.applies_to, control.requires))
    tested = tuple(sorted((list_fields(applies) | list_fields(requires)) - {TODAY}))
    ranks: dict[_Cells, int] = {}

    def evaluate_row(row: dict[str, Any]) -> State:
        is_applicable = evaluate_pattern(applies, row, today=today)
        if is_applicable is not True:
            return State.CANNOT_TELL if is_applicable is None else State.NOT_APPLICABLE
        met = evaluate_pattern(requires, row, today=today)
        return State.CANNOT_TELL if met is None else State.PASS if met else State.FAIL

    def rank_values(values: _Cells) -> int:
        cache_key = tuple([tuple(value) if isinstance(value, list) else value for value in values])
        cached_rank = ranks.get(cache_key)
        if cached_rank is None:
            cached_rank = ranks[cache_key] = WORST_FIRST.index(
                STATE_CODES.index(evaluate_row(dict(zip(tested, values, strict=True))))
            )
        return cached_rank

    return rank_values, tested


def _sort_key_nulls_last(cells: Iterable[Any]) -> tuple[tuple[bool, Any], ...]:
    """Return a sort key that puts nulls last."""
    return tuple((value is None, 0 if value is None else value) for value in cells)
