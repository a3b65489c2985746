"""GAM's `formatjson`: a CSV of the id and one column JSON, spread into the columns of plain GAM output."""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.json_files.flatten_object import flatten_object
from homeroom.ingest.json_files.strict_values import parse_strict
from homeroom.ingest.rows.field_table import RawRows, build_rejects, concat_rejects

_CELLS = 12_000_000
"""The limit of one frame: many times what a district's widest exports need, and what still fits into memory."""


def spread_json_column(frame: pl.DataFrame) -> tuple[RawRows, pl.DataFrame]:
    """Return the frame with the fields of its column JSON as columns, and the rejects.

    Columns are named as `homeroom.ingest.json_files.reader` names them. A frame without such a column comes back
    unchanged. A text that is not a strict JSON object loses its row. Raise FileRefused where the objects together have
    so many different names that no table could hold them.
    """
    raw = RawRows(frame)
    json_headings = raw.find_columns("JSON")
    if not json_headings:
        return raw, concat_rejects([])
    rows = [_flatten_cell(text) for text in frame[json_headings[0]].to_list()]
    is_parsed = pl.Series([row is not None for row in rows], dtype=pl.Boolean)
    flat = [row for row in rows if row is not None]
    names = dict.fromkeys(name for row in flat for name in row)
    if len(names) * len(flat) > _CELLS:
        raise build_refusal(
            "", f"{len(names):,} different names in the column JSON", field=json_headings[0], fits="a plainer export"
        )
    spread_out = pl.DataFrame({name: pl.Series([row.get(name) for row in flat], dtype=pl.String) for name in names})
    plain_columns = frame.filter(is_parsed).drop(json_headings[0], *(name for name in names if name in frame.columns))
    reason = "not a JSON object as RFC 8259 has it; GAM's formatjson writes one"
    cell_rejects = build_rejects(frame.filter(~is_parsed), field=json_headings[0], reason=reason, row_lost=True)
    spread_columns = plain_columns.hstack(spread_out) if names else plain_columns
    return RawRows(spread_columns, usage=raw.usage), cell_rejects


def _flatten_cell(text: str | None) -> dict[str, str] | None:
    try:
        document = parse_strict(text or "")
        return flatten_object(document, limits=STANDARD) if isinstance(document, dict) else None
    except ValueError:
        return None
