"""Compare two equally ordered snapshots of one canonical table, group by group.

Most rows of today's export are at the same position as yesterday. Both files are read a group of rows at a time. Where
two groups have the same keys in the same order, their rows are compared by position; otherwise the rows without a
partner wait for the next groups. A few rows that came or went therefore cost a few rows of memory. Where the order
differs altogether, there is no result, and a join has to decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import zip_longest
from operator import or_
from pathlib import Path

import polars as pl
import pyarrow.parquet as pq

from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables import Table

ROWS_PER_GROUP = 65_536
"""Rows that are compared at a time."""
MAX_UNMATCHED_ROWS = 4 * ROWS_PER_GROUP
"""Rows without a partner beyond which the two orders count as different."""
_HASH, _OTHER = "_hash", "_hash_other"


@dataclass(frozen=True, kw_only=True)
class OrderedDiff:
    """Differences between two snapshots of the same row order.

    `changed` counts the rows of one key that differ, `removed_keys` has the keys (the table's key columns) that the
    newer snapshot lacks, and `added` counts those that it adds.
    """

    changed: int
    removed_keys: pl.DataFrame
    added: int


def diff_ordered(
    older: Path,
    newer: Path,
    *,
    table: Table,
    compared_columns: Sequence[str],
    group_size: int = ROWS_PER_GROUP,
    max_unmatched: int = MAX_UNMATCHED_ROWS,
) -> OrderedDiff | None:
    """Compare two snapshots in the given columns; return None if their rows are in no common order."""
    changed = 0
    names = tuple(dict.fromkeys((*table.key, *compared_columns)))
    no_rows = _hash_keys(_build_empty_frame(table, names), table.key)
    removed, added = no_rows, no_rows
    groups = (_read_groups(path, table=table, names=names, group_size=group_size) for path in (older, newer))
    for old, new in zip_longest(*groups):
        if old is not None and new is not None and not _compare_rows(old, new, table.key).any():
            changed += int(_compare_rows(old, new, compared_columns).sum())
            continue
        left, right = (_hash_keys(group, table.key) if group is not None else no_rows for group in (old, new))
        removed, added, changed_pairs = _match_pairs(
            pl.concat([removed, left]), pl.concat([added, right]), key=table.key
        )
        changed += changed_pairs
        if max(removed.height, added.height) > max_unmatched:
            return None
    return OrderedDiff(changed=changed, removed_keys=removed.drop(_HASH), added=added.height)


def _read_groups(path: Path, *, table: Table, names: Sequence[str], group_size: int) -> Iterator[pl.DataFrame]:
    """Yield the columns of a snapshot, a group of rows at a time; columns that an older version lacks are null."""
    file, empty = pq.ParquetFile(path), _build_empty_frame(table, names)
    present = set(file.schema_arrow.names)
    for batch in file.iter_batches(batch_size=group_size, columns=[name for name in names if name in present]):
        frame = pl.DataFrame(pl.from_arrow(batch))
        missing_columns = [pl.lit(None, dtype=empty.schema[name]).alias(name) for name in names if name not in present]
        yield frame.with_columns(missing_columns).select(names)


def _build_empty_frame(table: Table, names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(build_arrow_schema(table).empty_table())).select(names)


def _compare_rows(old: pl.DataFrame, new: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """Return which rows at the same position differ in one of the columns; True if the heights differ."""
    if old.height != new.height:
        return pl.Series([True])
    return reduce(
        or_, (old[name].ne_missing(new[name]) for name in names), pl.Series([False]).new_from_index(0, old.height)
    )


def _hash_keys(frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    return frame.select(*key).with_columns(frame.hash_rows().alias(_HASH))


def _match_pairs(
    removed: pl.DataFrame, added: pl.DataFrame, *, key: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """Return the rows without a partner on either side, and how many pairs differ."""
    joined = removed.join(added.rename({_HASH: _OTHER}), on=list(key), how="full", nulls_equal=True, coalesce=True)
    left = joined.filter(pl.col(_OTHER).is_null()).drop(_OTHER)
    right = joined.filter(pl.col(_HASH).is_null()).drop(_HASH).rename({_OTHER: _HASH})
    return left, right, int((joined[_HASH] != joined[_OTHER]).sum())
