"""Everything that a load rejected, as a file to work through: file, line, field, the masked value, reason, and what was lost."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl

from homeroom.apps.sources.reports import Reject
from homeroom.domain.spreadsheets import harmless
from homeroom.evidence.manifests import Load
from homeroom.evidence.store import Store

COLUMNS = ("file", "line", "field", "value", "reason", "lost")
_MARK = "\ufeff"  # so that spreadsheets read the file as UTF-8


def rejects_of(*, store: Store, load_id: str) -> tuple[Reject, ...]:
    """Every reject of a load that stands, waits or was undone, in the order of its files' lines. Raises NoSuchLoad."""
    return first_rejects(store, store.load(load_id), limit=None)


def first_rejects(store: Store, load: Load | None, *, limit: int | None) -> tuple[Reject, ...]:
    """The first rejects of a load, all where `limit` is None; none where they are kept no more."""
    path = _kept(store, load)
    if path is None:
        return ()
    return tuple(Reject(**row) for row in pl.read_parquet(path, n_rows=limit).to_dicts())


def count_of(store: Store, load: Load | None) -> int:
    """How many rejects a load has."""
    path = _kept(store, load)
    return 0 if path is None else int(pl.scan_parquet(path).select(pl.len()).collect().item())


def _kept(store: Store, load: Load | None) -> Path | None:
    """The file of a load's rejects; None where it has none, or they are kept no more."""
    path = store.blob(load.rejects) if load is not None and load.rejects else None
    return path if path is not None and path.exists() else None


def as_csv(rejects: tuple[Reject, ...]) -> bytes:
    """The rejects as CSV in UTF-8. Cells that a spreadsheet would run begin with an apostrophe."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in rejects:
        cells = (one.file, one.line, one.field, one.value, one.reason, "row" if one.row_lost else "value")
        writer.writerow([harmless("" if cell is None else str(cell)) for cell in cells])
    return (_MARK + text.getvalue()).encode()
