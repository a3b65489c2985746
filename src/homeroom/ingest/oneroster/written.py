"""How canonical values are written in a bundle: ids, words with their extensions, lists, days; and members in their order."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from homeroom.evidence.tables import Table
from homeroom.ingest.oneroster.members import VERSIONS

VERSION = "1.2"
GONE = "tobedeleted"
_LEVELS = 40
_NOT_IN_AN_ID = r"[,\r\n\t]"
_COLUMNS = {member.name: [column.name for column in member.columns] for member in VERSIONS[VERSION]}


def identified(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """The rows with every id in a form that may stand in a list: no commas and no line ends; one row a key."""
    ids = [name for name in table.names if name in ("key", "org_key") or name.endswith("_key")]
    lists = [name for name in table.names if name.endswith("_keys")]
    clean = rows.with_columns(
        *(pl.col(name).str.replace_all(_NOT_IN_AN_ID, "_") for name in ids),
        *(pl.col(name).list.eval(pl.element().str.replace_all(_NOT_IN_AN_ID, "_")) for name in lists),
    )
    return clean.unique("key", keep="first", maintain_order=True) if "key" in table.names else clean


def known(values: pl.Expr, ids: pl.Series) -> pl.Expr:
    """Whether a value is one of the ids; false for null."""
    return values.is_in(ids.implode()).fill_null(False)


def extended(words: pl.Expr, vocabulary: Sequence[str], *, default: str) -> pl.Expr:
    """A word of the vocabulary in its own spelling, or another one with the mark of an extension."""
    spelled = words.str.to_lowercase().replace_strict(
        {word.lower(): word for word in vocabulary}, default=None, return_dtype=pl.String
    )
    marked = pl.when(words.str.starts_with("ext:")).then(words).otherwise(pl.concat_str(pl.lit("ext:"), words))
    return pl.coalesce(spelled, marked, pl.lit(default))


def comma(name: str) -> pl.Expr:
    """A list of texts, parted by commas."""
    return pl.col(name).list.eval(pl.element().str.replace_all(",", " ")).list.join(",")


def day(name: str) -> pl.Expr:
    """A day as YYYY-MM-DD."""
    return pl.col(name).dt.strftime("%Y-%m-%d")


def without_circles(rows: pl.DataFrame, *, parent: str) -> pl.DataFrame:
    """The rows with no parent that is not there, or that leads back to the row itself."""
    here = known(pl.col(parent), rows["key"]) & (pl.col(parent) != pl.col("key"))
    sound = rows.with_columns(pl.when(here).then(pl.col(parent)).alias(parent))
    above = sound.select("key", pl.col(parent).alias("above"))
    climbing = above.rename({"above": "at"}).drop_nulls("at")
    for _ in range(_LEVELS):
        if not climbing.height:
            return sound
        up = climbing.join(above, left_on="at", right_on="key").select("key", pl.col("above").alias("at"))
        climbing = up.drop_nulls("at")
    circling = climbing["key"].implode()
    return sound.with_columns(pl.when(~pl.col("key").is_in(circling)).then(pl.col(parent)).alias(parent))


def only(member: str, rows: pl.DataFrame, *, more: Sequence[str] = ()) -> pl.DataFrame:
    """Every column of the member in the order of the specification, text on one line, blank where there is no value."""
    columns = [
        pl.col(name).cast(pl.String).str.replace_all(r"[\r\n\t]+", " ").str.strip_chars()
        if name in rows.columns
        else pl.lit(None, dtype=pl.String).alias(name)
        for name in _COLUMNS[member]
    ]
    return rows.select(*columns, *more)
