"""Two snapshots of one canonical table read side by side: most rows of today's export lie where they lay yesterday.

Both are read a group of rows at a time. Where the keys of two groups are the same ones in the same order, the rows are
compared place by place; where they are not, what has no partner yet waits for the next groups. So a few rows that came or
went cost a few rows of memory. Where the order is another one altogether, nothing is told, and a join has to decide.
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

from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.tables import Table

TOGETHER = 65_536
"""Rows that are compared at a time."""
ADRIFT = 4 * TOGETHER
"""Rows without a partner from which on the order is called another one."""
_HASH, _OTHER = "_hash", "_hash_other"


@dataclass(frozen=True, kw_only=True)
class Apart:
    """How many rows of one key differ; the keys (the table's key columns) that the newer snapshot lacks; how many it adds."""

    changed: int
    gone: pl.DataFrame
    come: int


def apart(
    older: Path, newer: Path, *, table: Table, weighed: Sequence[str], together: int = TOGETHER, adrift: int = ADRIFT
) -> Apart | None:
    """How two snapshots differ in the columns `weighed`; None where their rows are in no common order."""
    changed = 0
    names = tuple(dict.fromkeys((*table.key, *weighed)))
    waiting = _hashed(_frame_without_rows(table, names), table.key)
    gone, come = waiting, waiting
    groups = (_groups(path, table=table, names=names, together=together) for path in (older, newer))
    for old, new in zip_longest(*groups):
        if old is not None and new is not None and not _differ(old, new, table.key).any():
            changed += int(_differ(old, new, weighed).sum())
            continue
        left, right = (_hashed(one, table.key) if one is not None else waiting for one in (old, new))
        gone, come, more = _paired(pl.concat([gone, left]), pl.concat([come, right]), key=table.key)
        changed += more
        if max(gone.height, come.height) > adrift:
            return None
    return Apart(changed=changed, gone=gone.drop(_HASH), come=come.height)


def _groups(path: Path, *, table: Table, names: Sequence[str], together: int) -> Iterator[pl.DataFrame]:
    """The columns of a snapshot, so many rows at a time; those that an older version did not have are null."""
    file, empty = pq.ParquetFile(path), _frame_without_rows(table, names)
    there = set(file.schema_arrow.names)
    for batch in file.iter_batches(batch_size=together, columns=[name for name in names if name in there]):
        found = pl.DataFrame(pl.from_arrow(batch))
        lacking = [pl.lit(None, dtype=empty.schema[name]).alias(name) for name in names if name not in there]
        yield found.with_columns(lacking).select(names)


def _frame_without_rows(table: Table, names: Sequence[str]) -> pl.DataFrame:
    return pl.DataFrame(pl.from_arrow(arrow_schema(table).empty_table())).select(names)


def _differ(old: pl.DataFrame, new: pl.DataFrame, names: Sequence[str]) -> pl.Series:
    """Whether the rows at one place differ in one of these columns; frames of two heights do at every place."""
    if old.height != new.height:
        return pl.Series([True])
    return reduce(
        or_, (old[name].ne_missing(new[name]) for name in names), pl.Series([False]).new_from_index(0, old.height)
    )


def _hashed(frame: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    return frame.select(*key).with_columns(frame.hash_rows().alias(_HASH))


def _paired(gone: pl.DataFrame, come: pl.DataFrame, *, key: Sequence[str]) -> tuple[pl.DataFrame, pl.DataFrame, int]:
    """What has no partner on either side, and how many pairs differ."""
    both = gone.join(come.rename({_HASH: _OTHER}), on=list(key), how="full", nulls_equal=True, coalesce=True)
    left = both.filter(pl.col(_OTHER).is_null()).drop(_OTHER)
    right = both.filter(pl.col(_HASH).is_null()).drop(_HASH).rename({_OTHER: _HASH})
    return left, right, int((both[_HASH] != both[_OTHER]).sum())
