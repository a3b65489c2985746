"""EPSS's scores.

Source of the names: FIRST's daily file: a remark with the model's version and the day of the scores, then cve, epss and
percentile; its API has a `date` in each row and names no model.
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.rows.field_table import DATE, Field, RawRows, ValueFormat, concat_rejects, read_fields, require_key
from homeroom.ingest.values import parsers

REMARK = "#"
CVE = ValueFormat(
    parse=lambda column: parsers.strip_text(column).str.to_uppercase().str.extract(r"^(CVE-\d{4}-\d{4,19})$"),
    fits="not a CVE id; CVE-2026-12345 fits",
)


def _convert_to_millionths(column: pl.Expr) -> pl.Expr:
    """Convert a share from 0 to 1 to parts per million; null for other text."""
    share = parsers.strip_text(column).cast(pl.Float64, strict=False)
    return pl.when(share.is_between(0, 1)).then((share * 1_000_000).round().cast(pl.Int64))


SHARE = ValueFormat(parse=_convert_to_millionths, kind=pl.Int64(), fits="not a share; 0 to 1 fits")
SCORES = (
    Field(to="cve", headings=("cve",), form=CVE),
    Field(to="probability_ppm", headings=("epss",), form=SHARE),
    Field(to="percentile_ppm", headings=("percentile",), form=SHARE),
    Field(to="scored_on", headings=("date",), form=DATE),
)


def read_scores(frame: pl.DataFrame) -> Reading:
    """Read scores into `epss_scores`, with the model and the day that the file's remark names."""
    raw = RawRows(frame.drop(REMARK, strict=False))
    read, value_rejects = read_fields(raw, table=SCORES)
    valid_rows, key_rejects = require_key(read, key="cve", field="cve")
    return Reading(
        tables={"epss_scores": _add_model_and_day(valid_rows, _get_remark(frame))},
        rejects=concat_rejects([value_rejects, key_rejects]),
        usage=raw.usage,
    )


def _get_remark(frame: pl.DataFrame) -> str:
    return str(frame[REMARK][0]) if REMARK in frame.columns and frame.height else ""


def _add_model_and_day(scores: pl.DataFrame, remark: str) -> pl.DataFrame:
    metadata = dict(part.split(":", 1) for part in remark.lstrip("#").split(",") if ":" in part)
    day = pl.lit(metadata.get("score_date", "")[:10]).str.to_date("%Y-%m-%d", strict=False)
    return scores.with_columns(
        pl.lit(metadata.get("model_version"), dtype=pl.String).alias("model"), pl.col("scored_on").fill_null(day)
    )
