"""Small counts of people in a table with totals: which cells must stay hidden so that nobody can be picked out.

A count under ten is hidden (primary). Where a row or a column with a published total has one hidden cell, its value
would follow by subtraction, so another is hidden with it (complementary). Two hidden cells follow as a sum: where that is
under ten, a further one goes, until what can be subtracted is a count of ten and more. Source of the rule: National Center
for Education Statistics, SLDS Technical Brief 3 (NCES 2011-603), which hides counts under ten and what reveals them.
"""

from __future__ import annotations

from collections.abc import Sequence

FEW = 10


def hidden_cells(table: Sequence[Sequence[int]], *, few: int = FEW) -> frozenset[tuple[int, int]]:
    """The (row, column) of every cell to hide. `table` has rows of equal length; all totals count as published.

    Zero is shown: nobody is in it. A line whose whole total is under `few` cannot be helped by hiding: its total must not be
    published either. Ends because each round hides a further cell.
    """
    hidden = {(r, c) for r, row in enumerate(table) for c, count in enumerate(row) if 0 < count < few}
    while True:
        more = _exposed(table, hidden, few)
        if not more:
            return frozenset(hidden)
        hidden |= more


def _exposed(table: Sequence[Sequence[int]], hidden: set[tuple[int, int]], few: int) -> set[tuple[int, int]]:
    """A cell to hide beside those of the first line whose hidden cells, or their small sum, can be told; empty for none."""
    for line in _lines(table):
        gone = [cell for cell in line if cell in hidden]
        open_cells = [cell for cell in line if cell not in hidden]
        small = 0 < sum(table[r][c] for r, c in gone) < few and any(table[r][c] for r, c in open_cells)
        if open_cells and (len(gone) == 1 or small):
            # The smallest count tells the least when it goes; a zero only where nothing else is left.
            return {min(open_cells, key=lambda cell: (table[cell[0]][cell[1]] == 0, table[cell[0]][cell[1]], cell))}
    return set()


def _lines(table: Sequence[Sequence[int]]) -> list[list[tuple[int, int]]]:
    rows = [[(r, c) for c in range(len(row))] for r, row in enumerate(table)]
    columns = [list(line) for line in zip(*rows, strict=True)] if rows else []
    return [*rows, *columns]
