"""Read the rows of one snapshot: a single Parquet file, or a base file with its removed rows and an overlay.

Only this module knows the second form; all others get the SQL of a partition's rows here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from homeroom.evidence.files.blobs import get_blob_path
from homeroom.evidence.files.manifests import Partition

MAX_FOOTERS = 4096
"""Files whose ranges of keys are remembered."""


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The files of one snapshot.

    `removed` holds the hashes of rows of `base` that are no longer current, by their positions (`_file`, `_line`);
    `overlay` holds rows in addition to the base.
    """

    base: Path
    removed: Path | None = None
    overlay: Path | None = None

    @property
    def is_single_file(self) -> bool:
        """True if a single file holds all of its rows and nothing else."""
        return self.removed is None and self.overlay is None

    @property
    def rows_sql(self) -> str:
        """SQL that reads its rows, for use after FROM."""
        if self.is_single_file:
            return scan_parquet_sql(self.base)
        base_sql = f"SELECT b.* FROM {scan_parquet_sql(self.base)} b"
        if self.removed is not None:
            base_sql += f" ANTI JOIN {scan_parquet_sql(self.removed)} g ON b._file = g._file AND b._line = g._line"
        overlay_sql = f" UNION ALL BY NAME SELECT * FROM {scan_parquet_sql(self.overlay)}" if self.overlay else ""
        return f"({base_sql}{overlay_sql})"


def build_snapshot(folder: Path, partition: Partition) -> Snapshot:
    """Return the snapshot of a partition whose blobs are in that folder."""
    removed, overlay = (
        get_blob_path(folder, name) if name else None for name in (partition.removed_rows, partition.overlay)
    )
    return Snapshot(base=get_blob_path(folder, partition.blob), removed=removed, overlay=overlay)


def scan_parquet_sql(*paths: Path) -> str:
    """Return the SQL that reads one Parquet file, or several with similar columns."""
    quoted = ", ".join("'" + path.as_posix().replace("'", "''") + "'" for path in paths)
    return f"read_parquet({quoted})" if len(paths) == 1 else f"read_parquet([{quoted}], union_by_name=true)"


def select_keys_sql(snapshots: Sequence[Snapshot], *, key: Sequence[str]) -> str:
    """Return the SQL of the keys of several snapshots; all single files are read in one scan."""
    names = ", ".join(f'"{name}"' for name in key)
    single_files = [snapshot.base for snapshot in snapshots if snapshot.is_single_file]
    sources = [
        *([scan_parquet_sql(*single_files)] if single_files else []),
        *(snapshot.rows_sql for snapshot in snapshots if not snapshot.is_single_file),
    ]
    return " UNION ALL ".join(f"SELECT {names} FROM {source}" for source in sources)


def share_keys(first: Snapshot, second: Snapshot, *, key: Sequence[str]) -> bool:
    """Return False if no row of one can have the key of a row of the other, by the footers of their files.

    The calendars of sixty schools are sixty files with the same days, and each names another school.
    """
    return not any(
        _are_apart(left, right)
        for name in key
        for left, right in [(_find_range(first, name), _find_range(second, name))]
    )


def _are_apart(first: tuple[Any, Any] | None, second: tuple[Any, Any] | None) -> bool:
    return first is not None and second is not None and (first[1] < second[0] or second[1] < first[0])


def _find_range(snapshot: Snapshot, column: str) -> tuple[Any, Any] | None:
    """Return the least and the greatest value of a column; None if that is unknown or a value is missing."""
    ranges = [_read_range(path, column) for path in (snapshot.base, snapshot.overlay) if path is not None]
    certain = [item for item in ranges if item is not None]
    if len(certain) < len(ranges):
        return None
    return min(low for low, _ in certain), max(high for _, high in certain)


@lru_cache(maxsize=MAX_FOOTERS)
def _read_range(path: Path, column: str) -> tuple[Any, Any] | None:
    """Read the least and the greatest value of a column of a file, which never changes, from its footer.

    Those of a damaged file are unknown; the check of files names it.
    """
    try:
        footer = pq.read_metadata(path)
    except (OSError, pa.ArrowInvalid):
        return None
    if column not in footer.schema.names:
        return None
    number = footer.schema.names.index(column)
    groups = [footer.row_group(index).column(number).statistics for index in range(footer.num_row_groups)]
    if not groups or any(item is None or not item.has_min_max or item.null_count != 0 for item in groups):
        return None
    return min(item.min for item in groups), max(item.max for item in groups)
