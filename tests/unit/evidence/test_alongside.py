"""Two snapshots read side by side tell what a join of them tells, whatever came, went or moved."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.evidence import differences
from homeroom.evidence.alongside import apart
from homeroom.evidence.manifests import Partition
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.snapshots import Snapshot
from homeroom.evidence.tables import TABLES

TABLE = TABLES["role_records"]
WEIGHED = list(TABLE.names)
_ROWS = st.dictionaries(
    st.tuples(st.sampled_from("abcdefgh"), st.sampled_from(["student", None])),
    st.sampled_from(["active", "tobedeleted", None]),
    max_size=14,
)


def snapshot(path: Path, rows: dict[tuple[str, str | None], str | None], *, without: tuple[str, ...] = ()) -> Path:
    made = [{"person_key": person, "role": role, "status": status} for (person, role), status in rows.items()]
    schema = pa.schema([field for field in arrow_schema(TABLE) if field.name not in without])
    pq.write_table(pa.Table.from_pylist(made, schema=schema), path)
    return path


@settings(max_examples=120, deadline=None)
@given(_ROWS, _ROWS, st.integers(0, 9))
def test_what_differs_is_what_a_join_says(tmp_path_factory: Any, old: Any, new: Any, seed: int) -> None:
    folder = tmp_path_factory.mktemp("apart")
    kept = {**{key: value for key, value in old.items() if key not in list(old)[seed : seed + 2]}, **new}
    if seed % 2:
        kept = dict(random.Random(seed).sample(list(kept.items()), len(kept)))
    older, newer = snapshot(folder / "old.parquet", old), snapshot(folder / "new.parquet", kept)
    found = apart(older, newer, table=TABLE, weighed=WEIGHED, together=3, adrift=100)
    left, right = (Snapshot(base=path) for path in (older, newer))
    wanted = differences._joined(folder, left, right, table=TABLE, weighed=WEIGHED)
    assert found is not None
    assert (found.come, found.gone.height, found.changed) == (wanted.added, wanted.removed, wanted.changed)
    lost = {(row["person_key"], row["role"]) for row in found.gone.to_dicts()}
    assert lost == old.keys() - kept.keys()


def test_rows_in_another_order_are_left_to_a_join(tmp_path: Path) -> None:
    rows: dict[tuple[str, str | None], str | None] = {(f"p{number:03}", "student"): None for number in range(200)}
    older = snapshot(tmp_path / "old.parquet", rows)
    newer = snapshot(tmp_path / "new.parquet", dict(reversed(rows.items())))
    assert apart(older, newer, table=TABLE, weighed=WEIGHED, together=10, adrift=20) is None
    parts = [Partition(blob=path.stem, rows=200) for path in (older, newer)]
    told = differences.compare(tmp_path, *parts, table=TABLE)
    assert (told.before, told.added, told.removed, told.changed) == (200, 0, 0, 0)


@pytest.mark.parametrize("status", [None, "active"])
def test_a_column_that_an_older_version_lacked_was_null(tmp_path: Path, status: str | None) -> None:
    key: tuple[str, str | None] = ("a", "student")
    older = snapshot(tmp_path / "old.parquet", {key: "active"}, without=("status",))
    newer = snapshot(tmp_path / "new.parquet", {key: status})
    found = apart(older, newer, table=TABLE, weighed=WEIGHED)
    assert found is not None
    assert found.changed == (status is not None)
    left, right = (Snapshot(base=path) for path in (older, newer))
    assert differences._joined(tmp_path, left, right, table=TABLE, weighed=WEIGHED).changed == found.changed
