"""Serialization of canonical values in a bundle: ids, words with their extensions, lists, days.

Members are in the order of the specification.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from homeroom.evidence.tables import Table
from homeroom.ingest.oneroster.spec import VERSIONS

VERSION = "1.2"
GONE = "tobedeleted"
_LEVELS = 40
_NOT_IN_AN_ID = r"[,\r\n\t]"
_COLUMNS = {member.name: [column.name for column in member.columns] for member in VERSIONS[VERSION]}


def sanitize_ids(rows: pl.DataFrame, table: Table) -> pl.DataFrame:
    """Return the rows with every id in a form that is valid in a list: no commas and no line ends; one row a key."""
    ids = [name for name in table.names if name in ("key", "org_key") or name.endswith("_key")]
    lists = [name for name in table.names if name.endswith("_keys")]
    clean = rows.with_columns(
        *(pl.col(name).str.replace_all(_NOT_IN_AN_ID, "_") for name in ids),
        *(pl.col(name).list.eval(pl.element().str.replace_all(_NOT_IN_AN_ID, "_")) for name in lists),
    )
    return clean.unique("key", keep="first", maintain_order=True) if "key" in table.names else clean


def is_known(values: pl.Expr, ids: pl.Series) -> pl.Expr:
    """Check whether a value is one of the ids; false for null."""
    return values.is_in(ids.implode()).fill_null(False)


def map_to_vocabulary(words: pl.Expr, vocabulary: Sequence[str], *, default: str) -> pl.Expr:
    """Return a word of the vocabulary in its own spelling, or another one with the prefix of an extension."""
    vocabulary_word = words.str.to_lowercase().replace_strict(
        {word.lower(): word for word in vocabulary}, default=None, return_dtype=pl.String
    )
    extension_word = pl.when(words.str.starts_with("ext:")).then(words).otherwise(pl.concat_str(pl.lit("ext:"), words))
    return pl.coalesce(vocabulary_word, extension_word, pl.lit(default))


def join_with_commas(name: str) -> pl.Expr:
    """Join a list of texts with commas."""
    return pl.col(name).list.eval(pl.element().str.replace_all(",", " ")).list.join(",")


def format_day(name: str) -> pl.Expr:
    """Format a day as YYYY-MM-DD."""
    return pl.col(name).dt.strftime("%Y-%m-%d")


def remove_cycles(rows: pl.DataFrame, *, parent: str) -> pl.DataFrame:
    """Remove parents that do not exist, and parents that lead back to the row itself."""
    is_valid_parent = is_known(pl.col(parent), rows["key"]) & (pl.col(parent) != pl.col("key"))
    valid_parents = rows.with_columns(pl.when(is_valid_parent).then(pl.col(parent)).alias(parent))
    above = valid_parents.select("key", pl.col(parent).alias("above"))
    climbing = above.rename({"above": "at"}).drop_nulls("at")
    for _ in range(_LEVELS):
        if not climbing.height:
            return valid_parents
        next_level = climbing.join(above, left_on="at", right_on="key").select("key", pl.col("above").alias("at"))
        climbing = next_level.drop_nulls("at")
    cyclic_keys = climbing["key"].implode()
    return valid_parents.with_columns(pl.when(~pl.col("key").is_in(cyclic_keys)).then(pl.col(parent)).alias(parent))


def select_member_columns(member: str, rows: pl.DataFrame, *, extra_columns: Sequence[str] = ()) -> pl.DataFrame:
    """Return every column of the member in the order of the specification.

    Text is on one line, and blank if there is no value.
    """
    columns = [
        pl.col(name).cast(pl.String).str.replace_all(r"[\r\n\t]+", " ").str.strip_chars()
        if name in rows.columns
        else pl.lit(None, dtype=pl.String).alias(name)
        for name in _COLUMNS[member]
    ]
    return rows.select(*columns, *extra_columns)
