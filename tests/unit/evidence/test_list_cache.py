"""Test the list cache: codes, orders and words of a list by position, written once for each layout."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.list_cache import ListLayout, build_list_table, get_list_path, open_list_cache

LAYOUT = ListLayout(
    kind="device",
    filters=(("school", False), ("holder", True), ("sources", False), ("sources", False)),
    sorts=(("name", "sort"), ("last_seen", "seen")),
)
ROWS = pl.DataFrame(
    {
        "subject": [7, 3, 5],
        "sort": ["b", "c", "a"],
        "seen": ["2026-01-02", None, "2026-01-01"],
        "school": ["Oak", "", "Elm"],
        "holder": [11, None, 13],
        "sources": ["google snipeit", "google", "jamf"],
    }
)


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path, district="maple-valley")


def test_rows_are_in_the_order_of_names_and_other_orders_are_positions_in_it(store: EvidenceStore) -> None:
    cached = open_list_cache(store, layout=LAYOUT, derived="a", build_table=lambda: build_list_table(LAYOUT, ROWS))
    assert cached.subjects.tolist() == [5, 7, 3]
    assert cached.find_positions([3, 4, 5]).tolist() == [2, 0]
    assert {name: order.tolist() for name, order in cached.orders.items()} == {"last_seen": [0, 1, 2]}
    assert cached.numbers["holder"].tolist() == [13, 11, -1]
    assert [cached.words["school"][code] for code in cached.codes["school"]] == ["Elm", "Oak", ""]
    assert cached.list_choices("school") == ("Elm", "Oak")
    assert cached.list_tokens("sources") == ("google", "jamf", "snipeit")


def test_a_layout_that_changed_has_a_file_of_its_own(store: EvidenceStore) -> None:
    open_list_cache(store, layout=LAYOUT, derived="a", build_table=lambda: build_list_table(LAYOUT, ROWS))
    open_list_cache(store, layout=LAYOUT, derived="a", build_table=pytest.fail)
    changed = replace(LAYOUT, filters=LAYOUT.filters[:1])
    assert get_list_path(store, layout=changed, derived="a") != get_list_path(store, layout=LAYOUT, derived="a")
    assert changed.columns == ("subject", "sort", "seen", "school")
