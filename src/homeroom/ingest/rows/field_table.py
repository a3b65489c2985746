"""From raw rows to canonical rows by a declared table of fields, and the rejects that result.

A reader declares *what* goes where as a tuple of `Field`; this module does the rest: it finds the column under any of
its headings, parses it, and reports each value that was present but could not be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_
from typing import Protocol

import polars as pl

from homeroom.ingest.contract.column_usage import ColumnUsage
from homeroom.ingest.contract.masking import build_mask
from homeroom.ingest.contract.reject_frames import REJECT_SCHEMA
from homeroom.ingest.values import parsers
from homeroom.ingest.values.datetimes import REPEAT_SAMPLE, FormatReporter

SSN = r"^\s*\d{3}-\d{2}-\d{4}\s*$"
LINE = "_line"
REPEATED_ID = "the id stands in an earlier row already"
"""Reason to reject a row whose id an earlier row has: the row is lost, and the record is not."""
_NOT_HEADING = re.compile(r"[^0-9a-z]+")


def normalize_heading(heading: str) -> str:
    """Return a heading without case, blanks and punctuation.

    `Asset Tag`, `asset_tag` and `AssetTag` are the same.
    """
    return _NOT_HEADING.sub("", heading.lower())


@dataclass(frozen=True, kw_only=True)
class ValueFormat:
    """How a text becomes a value, its type, and the message if it does not (empty: it always does).

    `silent` are words, in lower case, that are understood and have no value. `repeats` is true if the column of a long
    file often has few values, so that it pays to parse each of them once.
    """

    parse: Callable[[pl.Expr], pl.Expr]
    kind: pl.DataType = field(default_factory=pl.String)
    fits: str = ""
    silent: tuple[str, ...] = ()
    repeats: bool = False

    def build_expression(self, column: pl.Expr, *, usage: ColumnUsage) -> pl.Expr:
        """Build the expression that parses a column; what it learns about the column goes into `usage`."""
        return self.parse(column)


class DateParser(Protocol):
    """A parser of days or times that reports the formats in which they are written."""

    def __call__(self, column: pl.Expr, report: FormatReporter | None = None) -> pl.Expr:
        """Return the expression that parses the column."""
        ...


@dataclass(frozen=True, kw_only=True)
class DateFormat(ValueFormat):
    """The format of days or times that a file may write in several ways, which are counted."""

    parse: DateParser

    def build_expression(self, column: pl.Expr, *, usage: ColumnUsage) -> pl.Expr:
        """Build the expression that parses a column and counts the formats of its values in `usage`."""
        return self.parse(column, report=usage.count_formats)


PLAIN = ValueFormat(parse=parsers.strip_text)
TEXT = ValueFormat(parse=parsers.normalize_text, repeats=True)
LOWER = ValueFormat(parse=parsers.lower_text)
EMAIL = ValueFormat(parse=parsers.parse_email, fits="not an e-mail address; name@school.org fits")
TRUTH = ValueFormat(
    parse=parsers.parse_boolean, kind=pl.Boolean(), fits="not true or false; true, false, yes, no, 1 and 0 fit"
)
DATE = DateFormat(parse=parsers.parse_date, kind=pl.Date(), fits="not a date; 2026-05-01 and 5/1/2026 fit")
TIME = DateFormat(parse=parsers.parse_time, kind=pl.Datetime("us", "UTC"), fits="not a time; 2026-05-01T13:00:00Z fits")
MONEY = ValueFormat(
    parse=parsers.parse_money, kind=pl.Int64(), fits="not an amount of money; 1234.50 and $1,234.50 fit"
)
MAC = ValueFormat(parse=parsers.parse_mac, fits="not a network address; twelve hex digits fit")
ORG_UNIT = ValueFormat(parse=parsers.normalize_org_unit)


def build_word_format(mapping: Mapping[str, str | bool | None], *, noun: str) -> ValueFormat:
    """Build a format that knows only these words, in lower case; the message lists at most eight of them."""
    examples = ", ".join(list(mapping)[:8])
    kind: pl.DataType = pl.Boolean() if any(isinstance(value, bool) for value in mapping.values()) else pl.String()
    return ValueFormat(
        parse=lambda column: parsers.map_words(column, words=mapping),
        kind=kind,
        fits=f"not a known {noun}; {examples} fit",
        silent=tuple(word for word, value in mapping.items() if value is None),
    )


@dataclass(frozen=True, kw_only=True)
class Field:
    """One canonical column: its possible headings, best first, and its format.

    If several of the headings are in a file, the first that has a value in a row wins in that row.
    """

    to: str
    headings: tuple[str, ...]
    form: ValueFormat = PLAIN


@dataclass(frozen=True)
class RawRows:
    """Rows of a file as text, with their columns findable by normalized heading.

    `usage` records the columns that are requested and the formats of their days; rows that are derived from others of
    the same file get the usage of those.
    """

    frame: pl.DataFrame
    usage: ColumnUsage = field(default_factory=ColumnUsage)

    def find_columns(self, *headings: str) -> list[str]:
        """Return the file's own column names under these headings, in the order of the headings."""
        normalized = map(normalize_heading, headings)
        names = list(
            dict.fromkeys(
                self._columns_by_heading[heading] for heading in normalized if heading in self._columns_by_heading
            )
        )
        self.usage.record_found(names)
        return names

    @cached_property
    def _columns_by_heading(self) -> dict[str, str]:
        columns: dict[str, str] = {}
        for name in self.frame.columns:
            columns.setdefault(normalize_heading(name), name)
        return columns

    def match_columns(self, pattern: str) -> list[str]:
        """Return the file's own column names that match the regular expression completely, in any case."""
        names = [name for name in self.frame.columns if re.fullmatch(pattern, name, re.IGNORECASE)]
        self.usage.record_found(names)
        return names

    def select_value(self, *headings: str) -> pl.Expr:
        """Return the first value in a row under any of these headings; nulls if the file has none of them."""
        names = self.find_columns(*headings)
        if not names:
            return pl.lit(None, dtype=pl.String)
        return pl.col(names[0]) if len(names) == 1 else pl.coalesce(parsers.strip_text(pl.col(name)) for name in names)

    def count_values(self, names: Iterable[str]) -> dict[str, int]:
        """Count the values of each of these columns, for columns that hold any."""
        counts = {name: len(self.frame) - self.frame[name].null_count() for name in names}
        return {name: count for name, count in counts.items() if count}


def read_fields(raw: RawRows, *, table: Sequence[Field]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the canonical columns of `table` with `_line`, and the rejects for values that could not be read.

    Lazily, so that common subexpressions (blanks stripped, lower case) are computed once.
    """
    parsed = raw.frame.lazy().select(*(_parse_field(raw, item=item) for item in table), pl.col(LINE)).collect()
    return parsed, find_unreadable(raw, parsed=parsed, table=table)


def _parse_field(raw: RawRows, *, item: Field) -> pl.Expr:
    columns = raw.find_columns(*item.headings)
    if not columns and item.headings:
        raw.usage.record_missing(item.headings[0])
    if not columns:
        return pl.lit(None, dtype=item.form.kind).alias(item.to)
    column = raw.select_value(*columns)
    if item.form.repeats and raw.frame.height > REPEAT_SAMPLE:
        return parsers.parse_distinct(column, item.form.parse, kind=item.form.kind).alias(item.to)
    return item.form.build_expression(column, usage=raw.usage).alias(item.to)


def find_unreadable(raw: RawRows, *, parsed: pl.DataFrame, table: Sequence[Field]) -> pl.DataFrame:
    """Return rejects, rows not lost, for each value that is present, is no null word, and was parsed to null."""
    checked_fields = [item for item in table if item.form.fits and raw.find_columns(*item.headings)]
    field_rejects = [build_field_rejects(raw, item=item, nulls=parsed[item.to].is_null()) for item in checked_fields]
    return concat_rejects(field_rejects)


def build_field_rejects(raw: RawRows, *, item: Field, nulls: pl.Series) -> pl.DataFrame:
    """Build the rejects of one field, given which of its parsed values are null."""
    columns = raw.find_columns(*item.headings)
    is_unparsed = nulls & reduce(or_, (raw.frame[name].is_not_null() for name in columns))
    if not is_unparsed.any():
        return pl.DataFrame(schema=REJECT_SCHEMA)
    candidates = raw.frame.select(LINE, *columns).filter(is_unparsed)
    candidates = candidates.select(
        pl.col(LINE), parsers.strip_text(RawRows(candidates).select_value(*columns)).alias("value")
    )
    is_null = parsers.is_null_word(pl.col("value")) | parsers.lower_text(pl.col("value")).is_in(list(item.form.silent))
    bad = candidates.filter(pl.col("value").is_not_null() & ~is_null)
    return build_rejects(
        bad, field=raw.find_columns(*item.headings)[0], value="value", reason=item.form.fits, row_lost=False
    )


def build_rejects(frame: pl.DataFrame, *, field: str, value: str = "", reason: str, row_lost: bool) -> pl.DataFrame:
    """Build REJECT_SCHEMA rows, one a row of `frame`, with `_line` and the masked text of the column `value`."""
    masked_value = build_mask(pl.col(value)) if value else pl.lit(None, dtype=pl.String)
    return frame.select(
        pl.col(LINE).cast(pl.Int64).alias("line"),
        pl.lit(field).alias("field"),
        masked_value.alias("value"),
        pl.lit(reason).alias("reason"),
        pl.lit(row_lost).alias("row_lost"),
    )


def concat_rejects(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Concatenate rejects in the order of their lines."""
    filled = [frame for frame in frames if len(frame)]
    return pl.concat(filled).sort("line", maintain_order=True) if filled else pl.DataFrame(schema=REJECT_SCHEMA)


def require_key(frame: pl.DataFrame, *, key: str = "key", field: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return the rows with a key of their own, and rejects for those without a key or with a repeated one.

    The rejected rows are lost. `field` is the file's name of the key. Only repeats inside this frame are detected: code
    that combines several chunks looks for repeats among them.
    """
    missing = frame.filter(pl.col(key).is_null())
    present = frame if not len(missing) else frame.filter(pl.col(key).is_not_null())
    is_first = present[key].is_first_distinct()
    rejected_rows = [
        build_rejects(missing, field=field, reason="no id, so the row cannot be told from others", row_lost=True)
    ]
    if is_first.all():
        return present, concat_rejects(rejected_rows)
    repeated = present.filter(~is_first)
    rejected_rows.append(build_rejects(repeated, field=field, value=key, reason=REPEATED_ID, row_lost=True))
    return present.filter(is_first), concat_rejects(rejected_rows)


def deduplicate_by_key(frame: pl.DataFrame, *, key: str = "key") -> pl.DataFrame:
    """Merge rows of one key: the first value of each column, and the union of each list.

    For several rows a record.
    """
    if frame[key].is_first_distinct().all():
        return frame
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    singles = [name for name in frame.columns if name not in lists and name != key]
    grouped = frame.group_by(key, maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first() for name in singles),
        *(pl.col(name).drop_nulls().list.explode(keep_nulls=False, empty_as_null=False) for name in lists),
    )
    return grouped.with_columns(parsers.normalize_list(pl.col(name)) for name in lists).select(frame.columns)


def remove_ssns(frame: pl.DataFrame, *, column: str) -> tuple[pl.DataFrame, int]:
    """Return the frame with values that look like a Social Security number made null, and how many there were."""
    is_ssn = frame[column].str.contains(SSN)
    count = int(is_ssn.sum())
    if not count:
        return frame, 0
    return frame.with_columns(pl.when(~is_ssn.fill_null(False)).then(pl.col(column)).alias(column)), count
