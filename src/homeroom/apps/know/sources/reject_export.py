"""Export of a load's rejects as CSV: file, line, field, masked value, reason, what would fit, and what was lost."""

from __future__ import annotations

import re
from pathlib import Path

from homeroom.apps.know.sources.load_report import Reject
from homeroom.domain.spreadsheets import escape_formula, iterate_csv_lines
from homeroom.evidence.files.manifests import Load
from homeroom.evidence.loads.store import EvidenceStore

CSV_COLUMNS = ("file", "line", "field", "value", "reason", "what fits", "lost")
_FITS = re.compile(r"(?P<reason>.+?); (?P<fits>.+?),?(?: would)? fits?", re.DOTALL)
"""The form of a reason with what would fit: `not a date; 2026-05-01 and 5/1/2026 fit`."""
_BOM = "\ufeff"  # so that spreadsheets read the file as UTF-8


def load_rejects(*, store: EvidenceStore, load_id: str) -> tuple[Reject, ...]:
    """Return all rejects of a current, held or undone load, in the order of the files' lines. Raise NoSuchLoad."""
    path = _find_rejects_file(store, store.get_load(load_id))
    return () if path is None else _read_rejects(path, limit=None)


def load_reject_page(*, store: EvidenceStore, load_id: str, offset: int, limit: int) -> tuple[tuple[Reject, ...], int]:
    """Return at most `limit` rejects of a load after `offset` others, and the number of all. Raise NoSuchLoad."""
    return read_first_rejects(store, store.get_load(load_id), limit=limit, offset=offset)


def read_first_rejects(
    store: EvidenceStore, load: Load | None, *, limit: int, offset: int = 0
) -> tuple[tuple[Reject, ...], int]:
    """Return the first rejects of a load and the number of all its rejects; none if they were deleted."""
    path = _find_rejects_file(store, load)
    if path is None:
        return (), 0
    import polars as pl  # here, since pages without rejects do not need it

    total = int(pl.scan_parquet(path).select(pl.len()).collect().item())
    return _read_rejects(path, limit=limit, offset=offset), total


def _read_rejects(path: Path, *, limit: int | None, offset: int = 0) -> tuple[Reject, ...]:
    import polars as pl

    return tuple(Reject(**row) for row in pl.scan_parquet(path).slice(offset, limit).collect().to_dicts())


def _find_rejects_file(store: EvidenceStore, load: Load | None) -> Path | None:
    """Return the file of a load's rejects; None if it has none, or they were deleted."""
    path = store.get_blob_path(load.rejects) if load is not None and load.rejects else None
    return path if path is not None and path.exists() else None


def render_rejects_csv(rejects: tuple[Reject, ...]) -> bytes:
    """Render the rejects as CSV in UTF-8. Cells that a spreadsheet would run begin with an apostrophe."""
    lines = iterate_csv_lines([CSV_COLUMNS, *(_build_cells(reject) for reject in rejects)])
    return (_BOM + "".join(lines)).encode()


def _build_cells(reject: Reject) -> list[str]:
    reason, fits = _split_reason(reject.reason)
    loss = "row" if reject.row_lost else "value"
    cells = (reject.file, reject.line, reject.field, reject.value, reason, fits, loss)
    return [escape_formula("" if cell is None else str(cell)) for cell in cells]


def _split_reason(reason: str) -> tuple[str, str]:
    """Return the reason alone, and what would fit if it is in there."""
    match = _FITS.fullmatch(reason)
    return (match["reason"], match["fits"]) if match else (reason, "")
