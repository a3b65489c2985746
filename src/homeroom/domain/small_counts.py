"""Small counts of people in a table with totals: which cells must be hidden so that nobody can be identified.

A count under ten is hidden (primary). If a row or a column with a published total has one hidden cell, its value would
follow by subtraction, so another is hidden with it (complementary). Two hidden cells follow as a sum: if that is under
ten, a further one is hidden, until what can be subtracted is a count of ten and more. Source of the rule: National
Center for Education Statistics, SLDS Technical Brief 3 (NCES 2011-603), which hides counts under ten and what reveals
them.
"""

from __future__ import annotations

from collections.abc import Sequence

MIN_COUNT = 10


def select_hidden_cells(table: Sequence[Sequence[int]], *, min_count: int = MIN_COUNT) -> frozenset[tuple[int, int]]:
    """Return the (row, column) of every cell to hide.

    `table` has rows of equal length; all totals count as published. Zero is shown: nobody is in it. A line with a total
    under `min_count` cannot be helped by hiding: its total must not be published either. Ends because each round hides
    a further cell.
    """
    hidden = {(r, c) for r, row in enumerate(table) for c, count in enumerate(row) if 0 < count < min_count}
    while True:
        exposed = _find_exposed_cell(table, hidden, min_count)
        if not exposed:
            return frozenset(hidden)
        hidden |= exposed


def _find_exposed_cell(
    table: Sequence[Sequence[int]], hidden: set[tuple[int, int]], min_count: int
) -> set[tuple[int, int]]:
    """Return a further cell to hide in the first line whose hidden cells, or their small sum, can be derived.

    Empty if there is none.
    """
    for line in _list_lines(table):
        hidden_in_line = [cell for cell in line if cell in hidden]
        open_cells = [cell for cell in line if cell not in hidden]
        is_small_sum = 0 < sum(table[r][c] for r, c in hidden_in_line) < min_count and any(
            table[r][c] for r, c in open_cells
        )
        if open_cells and (len(hidden_in_line) == 1 or is_small_sum):
            # Hiding the smallest count loses the least information; a zero only if nothing else is left.
            return {min(open_cells, key=lambda cell: (table[cell[0]][cell[1]] == 0, table[cell[0]][cell[1]], cell))}
    return set()


def _list_lines(table: Sequence[Sequence[int]]) -> list[list[tuple[int, int]]]:
    rows = [[(r, c) for c in range(len(row))] for r, row in enumerate(table)]
    columns = [list(line) for line in zip(*rows, strict=True)] if rows else []
    return [*rows, *columns]
