"""EPSS's scores.

Source of the names: FIRST's daily file: a remark with the model's version and the day of the scores, then cve, epss and
percentile; its API has a `date` in each row and names no model.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.connector import Reading
from homeroom.ingest.rows import DATE, Field, Form, Raw, joined, keyed, taken

REMARK = "#"
CVE = Form(
    parse=lambda column: fields.plain(column).str.to_uppercase().str.extract(r"^(CVE-\d{4}-\d{4,19})$"),
    fits="not a CVE id; CVE-2026-12345 fits",
)


def _millionths(column: pl.Expr) -> pl.Expr:
    """A share from 0 to 1 in parts per million; null for other text."""
    share = fields.plain(column).cast(pl.Float64, strict=False)
    return pl.when(share.is_between(0, 1)).then((share * 1_000_000).round().cast(pl.Int64))


SHARE = Form(parse=_millionths, kind=pl.Int64(), fits="not a share; 0 to 1 fits")
SCORES = (
    Field(to="cve", headings=("cve",), form=CVE),
    Field(to="probability_ppm", headings=("epss",), form=SHARE),
    Field(to="percentile_ppm", headings=("percentile",), form=SHARE),
    Field(to="scored_on", headings=("date",), form=DATE),
)


def scores(frame: pl.DataFrame) -> Reading:
    """Scores into `epss_scores`, with the model and the day that the file's remark names."""
    read, found = taken(Raw(frame.drop(REMARK, strict=False)), table=SCORES)
    kept, lost = keyed(read, key="cve", field="cve")
    return Reading(tables={"epss_scores": _dated(kept, _remark(frame))}, rejects=joined([found, lost]))


def _remark(frame: pl.DataFrame) -> str:
    return str(frame[REMARK][0]) if REMARK in frame.columns and frame.height else ""


def _dated(kept: pl.DataFrame, remark: str) -> pl.DataFrame:
    said = dict(part.split(":", 1) for part in remark.lstrip("#").split(",") if ":" in part)
    day = pl.lit(said.get("score_date", "")[:10]).str.to_date("%Y-%m-%d", strict=False)
    return kept.with_columns(
        pl.lit(said.get("model_version"), dtype=pl.String).alias("model"), pl.col("scored_on").fill_null(day)
    )
