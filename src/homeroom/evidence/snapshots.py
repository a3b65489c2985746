"""How the rows of one snapshot are opened: one Parquet file, or what holds of one with the rows that came since.

Nobody else knows of the second form: who asks for the rows of a partition asks here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from homeroom.evidence.blobs import blob_path
from homeroom.evidence.manifests import Partition


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """The files of one snapshot. `gone` holds the marks of rows of `base` that no longer hold, known by their
    places (`_file`, `_line`), `over` rows beside it."""

    base: Path
    gone: Path | None = None
    over: Path | None = None

    @property
    def whole(self) -> bool:
        """Whether one file holds all of its rows and no other."""
        return self.gone is None and self.over is None

    @property
    def rows(self) -> str:
        """The SQL that reads its rows, as it stands after FROM."""
        if self.whole:
            return scan(self.base)
        kept = f"SELECT b.* FROM {scan(self.base)} b"
        if self.gone is not None:
            kept += f" ANTI JOIN {scan(self.gone)} g ON b._file = g._file AND b._line = g._line"
        return f"({kept}{f' UNION ALL BY NAME SELECT * FROM {scan(self.over)}' if self.over else ''})"


def snapshot_of(folder: Path, partition: Partition) -> Snapshot:
    """The snapshot of a partition whose blobs lie in that folder."""
    gone, over = (blob_path(folder, name) if name else None for name in (partition.gone, partition.over))
    return Snapshot(base=blob_path(folder, partition.blob), gone=gone, over=over)


def scan(*paths: Path) -> str:
    """The SQL that reads Parquet files, one or several of like columns."""
    quoted = ", ".join("'" + path.as_posix().replace("'", "''") + "'" for path in paths)
    return f"read_parquet({quoted})" if len(paths) == 1 else f"read_parquet([{quoted}], union_by_name=true)"


def keys_of(snapshots: Sequence[Snapshot], *, key: Sequence[str]) -> str:
    """The SQL of the keys of several snapshots: files that stand whole are read in one go, however many there are."""
    names = ", ".join(f'"{name}"' for name in key)
    whole = [one.base for one in snapshots if one.whole]
    sources = [*([scan(*whole)] if whole else []), *(one.rows for one in snapshots if not one.whole)]
    return " UNION ALL ".join(f"SELECT {names} FROM {source}" for source in sources)
