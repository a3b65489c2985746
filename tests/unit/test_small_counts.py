"""Test that small counts stay hidden, together with the counts from which they could be derived."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from homeroom.domain.small_counts import MIN_COUNT, select_hidden_cells

TABLES = st.integers(2, 5).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 40), min_size=width, max_size=width), min_size=2, max_size=6)
)


def test_large_counts_and_zeros_are_shown() -> None:
    assert select_hidden_cells([[12, 0], [30, 10]]) == frozenset()


def test_a_small_count_takes_three_others_with_it_since_rows_and_columns_have_totals() -> None:
    hidden = select_hidden_cells([[40, 3], [25, 12], [60, 50]])
    assert hidden == {(0, 1), (0, 0), (1, 1), (1, 0)}


@given(TABLES)
def test_every_small_count_is_hidden_and_none_stands_alone_in_its_line(table: list[list[int]]) -> None:
    hidden = select_hidden_cells(table)
    height, width = len(table), len(table[0])
    small = {(r, c) for r, c in product(range(height), range(width)) if 0 < table[r][c] < MIN_COUNT}
    assert small <= hidden
    assert all(sum((r, c) in hidden for c in range(width)) != 1 for r in range(height))
    assert all(sum((r, c) in hidden for r in range(height)) != 1 for c in range(width))
    assert not hidden or small


@given(TABLES)
def test_no_sum_under_ten_can_be_subtracted_from_a_total_of_ten_and_more(table: list[list[int]]) -> None:
    hidden = select_hidden_cells(table)
    height, width = len(table), len(table[0])
    lines = [[(r, c) for c in range(width)] for r in range(height)] + [
        [(r, c) for r in range(height)] for c in range(width)
    ]
    for line in lines:
        hidden_sum = sum(table[r][c] for r, c in line if (r, c) in hidden)
        total = sum(table[r][c] for r, c in line)
        assert hidden_sum == 0 or hidden_sum >= MIN_COUNT or total < MIN_COUNT
