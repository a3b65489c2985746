"""GAM's `formatjson`: a CSV of the id and one column JSON, spread into the columns that plain GAM output would have."""

from __future__ import annotations

import polars as pl

from homeroom.ingest.documents import flattened
from homeroom.ingest.jsonvalues import parsed
from homeroom.ingest.limits import STANDARD
from homeroom.ingest.problems import refused
from homeroom.ingest.rows import Raw, joined, rejects

_CELLS = 12_000_000
"""Of one frame: what a district's widest exports need many times over, and what still fits into memory."""


def spread(frame: pl.DataFrame) -> tuple[Raw, pl.DataFrame]:
    """The frame with the fields of its column JSON as columns, named as `homeroom.ingest.documents` names them.

    A frame without such a column comes back as it is. A text that is not a strict JSON object loses its row. Raises
    Refused where the objects together have so many different names that no table could hold them.
    """
    found = Raw(frame).named("JSON")
    if not found:
        return Raw(frame), joined([])
    rows = [_row(text) for text in frame[found[0]].to_list()]
    whole = pl.Series([row is not None for row in rows], dtype=pl.Boolean)
    flat = [row for row in rows if row is not None]
    names = dict.fromkeys(name for row in flat for name in row)
    if len(names) * len(flat) > _CELLS:
        raise refused("", f"{len(names):,} different names in the column JSON", field=found[0], fits="a plainer export")
    spread_out = pl.DataFrame({name: pl.Series([row.get(name) for row in flat], dtype=pl.String) for name in names})
    beside = frame.filter(whole).drop(found[0], *(name for name in names if name in frame.columns))
    reason = "not a JSON object as RFC 8259 has it; GAM's formatjson writes one"
    lost = rejects(frame.filter(~whole), field=found[0], reason=reason, row_lost=True)
    return Raw(beside.hstack(spread_out) if names else beside), lost


def _row(text: str | None) -> dict[str, str] | None:
    try:
        found = parsed(text or "")
        return flattened(found, limits=STANDARD) if isinstance(found, dict) else None
    except ValueError:
        return None
