"""Test that the ordered diff of two snapshots equals the diff by join for added, removed and moved rows."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.evidence.diff import snapshot_diff
from homeroom.evidence.diff.ordered_diff import diff_ordered
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.files.manifests import Partition
from homeroom.evidence.files.snapshots import Snapshot
from homeroom.evidence.tables import TABLES
from tests.amounts import choose_amount

TABLE = TABLES["role_records"]
COMPARED_COLUMNS = list(TABLE.names)
_ROWS = st.dictionaries(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["student", None])),
    st.sampled_from(["active", "tobedeleted", None]),
    max_size=14,
)


def write_snapshot(
    path: Path, rows: dict[tuple[str, str | None], str | None], *, without: tuple[str, ...] = ()
) -> Path:
    records = [{"person_key": person, "role": role, "status": status} for (person, role), status in rows.items()]
    schema = pa.schema([field for field in build_arrow_schema(TABLE) if field.name not in without])
    pq.write_table(pa.Table.from_pylist(records, schema=schema), path)
    return path


@settings(max_examples=choose_amount(brief=40, thorough=240), deadline=None)
@given(_ROWS, _ROWS, st.integers(0, 9))
def test_what_differs_is_what_a_join_says(tmp_path_factory: Any, old: Any, new: Any, seed: int) -> None:
    folder = tmp_path_factory.mktemp("apart")
    new_rows = {**{key: value for key, value in old.items() if key not in list(old)[seed : seed + 2]}, **new}
    if seed % 2:
        new_rows = dict(random.Random(seed).sample(list(new_rows.items()), len(new_rows)))
    older, newer = write_snapshot(folder / "old.parquet", old), write_snapshot(folder / "new.parquet", new_rows)
    diff = diff_ordered(older, newer, table=TABLE, compared_columns=COMPARED_COLUMNS, group_size=3, max_unmatched=100)
    left, right = (Snapshot(base=path) for path in (older, newer))
    expected = snapshot_diff._compare_by_join(folder, left, right, table=TABLE, compared_columns=COMPARED_COLUMNS)
    assert diff is not None
    assert (diff.added, diff.removed_keys.height, diff.changed) == (expected.added, expected.removed, expected.changed)
    removed_keys = {(row["person_key"], row["role"]) for row in diff.removed_keys.to_dicts()}
    assert removed_keys == old.keys() - new_rows.keys()


def test_rows_in_another_order_are_left_to_a_join(tmp_path: Path) -> None:
    rows: dict[tuple[str, str | None], str | None] = {(f"p{number:03}", "student"): None for number in range(200)}
    older = write_snapshot(tmp_path / "old.parquet", rows)
    newer = write_snapshot(tmp_path / "new.parquet", dict(reversed(rows.items())))
    assert (
        diff_ordered(older, newer, table=TABLE, compared_columns=COMPARED_COLUMNS, group_size=10, max_unmatched=20)
        is None
    )
    parts = [Partition(blob=path.stem, rows=200) for path in (older, newer)]
    difference = snapshot_diff.compare_snapshots(tmp_path, *parts, table=TABLE)
    assert (difference.before, difference.added, difference.removed, difference.changed) == (200, 0, 0, 0)


@pytest.mark.parametrize("status", [None, "active"])
def test_a_column_that_an_older_version_lacked_was_null(tmp_path: Path, status: str | None) -> None:
    key: tuple[str, str | None] = ("a", "student")
    older = write_snapshot(tmp_path / "old.parquet", {key: "active"}, without=("status",))
    newer = write_snapshot(tmp_path / "new.parquet", {key: status})
    diff = diff_ordered(older, newer, table=TABLE, compared_columns=COMPARED_COLUMNS)
    assert diff is not None
    assert diff.changed == (status is not None)
    left, right = (Snapshot(base=path) for path in (older, newer))
    assert (
        snapshot_diff._compare_by_join(tmp_path, left, right, table=TABLE, compared_columns=COMPARED_COLUMNS).changed
        == diff.changed
    )
