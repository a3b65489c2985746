"""From raw rows to canonical rows by a declared table of fields, and the rejects that this leaves behind.

A reader states *what* goes where as a tuple of `Field`; this module does the rest: it finds the column under any of its
headings, parses it, and reports each value that was there but could not be read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from operator import or_

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.connector import REJECT_SCHEMA
from homeroom.ingest.headings import found_under, missed
from homeroom.ingest.masking import mask

SSN = r"^\s*\d{3}-\d{2}-\d{4}\s*$"
LINE = "_line"
_NOT_HEADING = re.compile(r"[^0-9a-z]+")


def folded(heading: str) -> str:
    """A heading without case, blanks and punctuation, so that `Asset Tag`, `asset_tag` and `AssetTag` are one."""
    return _NOT_HEADING.sub("", heading.lower())


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a text becomes a value, its type, and what to say where it does not (empty: it always does).

    `silent` are words, in lower case, that are understood and have no value.
    """

    parse: Callable[[pl.Expr], pl.Expr]
    kind: pl.DataType = field(default_factory=pl.String)
    fits: str = ""
    silent: tuple[str, ...] = ()


PLAIN = Form(parse=fields.plain)
TEXT = Form(parse=fields.text)
LOWER = Form(parse=fields.lower)
EMAIL = Form(parse=fields.email, fits="not an e-mail address; name@school.org fits")
TRUTH = Form(parse=fields.truth, kind=pl.Boolean(), fits="not true or false; true, false, yes, no, 1 and 0 fit")
DATE = Form(parse=fields.date, kind=pl.Date(), fits="not a date; 2026-05-01 and 5/1/2026 fit")
TIME = Form(parse=fields.time, kind=pl.Datetime("us", "UTC"), fits="not a time; 2026-05-01T13:00:00Z fits")
MONEY = Form(parse=fields.money, kind=pl.Int64(), fits="not an amount of money; 1234.50 and $1,234.50 fit")
MAC = Form(parse=fields.mac, fits="not a network address; twelve hex digits fit")
ORG_UNIT = Form(parse=fields.org_unit)


def words(mapping: Mapping[str, str | bool | None], *, what: str) -> Form:
    """A form that knows only these words, in lower case; the sentence names at most eight of them."""
    shown = ", ".join(list(mapping)[:8])
    kind: pl.DataType = pl.Boolean() if any(isinstance(value, bool) for value in mapping.values()) else pl.String()
    return Form(
        parse=lambda column: fields.word(column, words=mapping),
        kind=kind,
        fits=f"not a known {what}; {shown} fit",
        silent=tuple(word for word, value in mapping.items() if value is None),
    )


@dataclass(frozen=True, kw_only=True)
class Field:
    """One canonical column: the headings it may stand under, best first, and its form.

    Where several of the headings are in a file, the first that has a value in a row wins in that row.
    """

    to: str
    headings: tuple[str, ...]
    form: Form = PLAIN


@dataclass(frozen=True)
class Raw:
    """Raw rows with their columns findable by folded heading."""

    frame: pl.DataFrame

    def named(self, *headings: str) -> list[str]:
        """The file's own column names under these headings, in the order of the headings."""
        wanted = map(folded, headings)
        found = list(dict.fromkeys(self._known[heading] for heading in wanted if heading in self._known))
        found_under(found)
        return found

    @cached_property
    def _known(self) -> dict[str, str]:
        known: dict[str, str] = {}
        for name in self.frame.columns:
            known.setdefault(folded(name), name)
        return known

    def like(self, pattern: str) -> list[str]:
        """The file's own column names that match the regular expression as a whole, in any case."""
        found = [name for name in self.frame.columns if re.fullmatch(pattern, name, re.IGNORECASE)]
        found_under(found)
        return found

    def value(self, *headings: str) -> pl.Expr:
        """The first value in a row under any of these headings; nulls where the file has none of them."""
        names = self.named(*headings)
        if not names:
            return pl.lit(None, dtype=pl.String)
        return pl.col(names[0]) if len(names) == 1 else pl.coalesce(fields.plain(pl.col(name)) for name in names)

    def count(self, names: Iterable[str]) -> dict[str, int]:
        """How many values each of these columns holds, for columns that hold any."""
        counts = {name: len(self.frame) - self.frame[name].null_count() for name in names}
        return {name: count for name, count in counts.items() if count}


def taken(raw: Raw, *, table: Sequence[Field]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The canonical columns of `table` with `_line`, and the rejects for values that could not be read.

    Lazily, since what several of them begin with (blanks cut off, lower case) is then worked out once.
    """
    parsed = raw.frame.lazy().select(*(_parsed(raw, item=item) for item in table), pl.col(LINE)).collect()
    return parsed, unreadable(raw, parsed=parsed, table=table)


def _parsed(raw: Raw, *, item: Field) -> pl.Expr:
    there = raw.named(*item.headings)
    if not there and item.headings:
        missed(item.headings[0])
    value = item.form.parse(raw.value(*there)) if there else pl.lit(None, dtype=item.form.kind)
    return value.alias(item.to)


def unreadable(raw: Raw, *, parsed: pl.DataFrame, table: Sequence[Field]) -> pl.DataFrame:
    """Rejects, rows kept, for each value that is there, does not say that there is nothing, and parsed to null."""
    doubtful = [item for item in table if item.form.fits and raw.named(*item.headings)]
    found = [rejects_of(raw, item=item, nulls=parsed[item.to].is_null()) for item in doubtful]
    return joined(found)


def rejects_of(raw: Raw, *, item: Field, nulls: pl.Series) -> pl.DataFrame:
    """The rejects of one field, given which of its parsed values are null."""
    there = raw.named(*item.headings)
    doubtful = nulls & reduce(or_, (raw.frame[name].is_not_null() for name in there))
    if not doubtful.any():
        return pl.DataFrame(schema=REJECT_SCHEMA)
    left = raw.frame.select(LINE, *there).filter(doubtful)
    left = left.select(pl.col(LINE), fields.plain(Raw(left).value(*there)).alias("value"))
    nothing = fields.says_nothing(pl.col("value")) | fields.lower(pl.col("value")).is_in(list(item.form.silent))
    bad = left.filter(pl.col("value").is_not_null() & ~nothing)
    return rejects(bad, field=raw.named(*item.headings)[0], value="value", reason=item.form.fits, row_lost=False)


def rejects(frame: pl.DataFrame, *, field: str, value: str = "", reason: str, row_lost: bool) -> pl.DataFrame:
    """REJECT_SCHEMA rows, one a row of `frame`, with `_line` and the masked text of the column `value`."""
    masked = mask(pl.col(value)) if value else pl.lit(None, dtype=pl.String)
    return frame.select(
        pl.col(LINE).cast(pl.Int64).alias("line"),
        pl.lit(field).alias("field"),
        masked.alias("value"),
        pl.lit(reason).alias("reason"),
        pl.lit(row_lost).alias("row_lost"),
    )


def joined(found: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Rejects one after the other, in the order of their lines."""
    filled = [frame for frame in found if len(frame)]
    return pl.concat(filled).sort("line", maintain_order=True) if filled else pl.DataFrame(schema=REJECT_SCHEMA)


def keyed(frame: pl.DataFrame, *, key: str = "key", field: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with a key of their own, and rejects, rows lost, for those without a key or with one seen before.

    `field` is the file's name of the key. Only repeats inside this frame are seen here: whoever joins several chunks
    looks for repeats among them.
    """
    missing = frame.filter(pl.col(key).is_null())
    present = frame if not len(missing) else frame.filter(pl.col(key).is_not_null())
    first = present[key].is_first_distinct()
    lost = [rejects(missing, field=field, reason="no id, so the row cannot be told from others", row_lost=True)]
    if first.all():
        return present, joined(lost)
    again = present.filter(~first)
    lost.append(rejects(again, field=field, value=key, reason="the id stands in an earlier row already", row_lost=True))
    return present.filter(first), joined(lost)


def merged(frame: pl.DataFrame, *, key: str = "key") -> pl.DataFrame:
    """One row a key: the first value of each column, and the union of each list. For exports with several rows a record."""
    if frame[key].is_first_distinct().all():
        return frame
    lists = [name for name, kind in frame.schema.items() if isinstance(kind, pl.List)]
    singles = [name for name in frame.columns if name not in lists and name != key]
    grouped = frame.group_by(key, maintain_order=True).agg(
        *(pl.col(name).drop_nulls().first() for name in singles),
        *(pl.col(name).drop_nulls().list.explode(keep_nulls=False, empty_as_null=False) for name in lists),
    )
    return grouped.with_columns(fields.tidy(pl.col(name)) for name in lists).select(frame.columns)


def without_ssn(frame: pl.DataFrame, *, column: str) -> tuple[pl.DataFrame, int]:
    """The frame with values that look like a Social Security number made null, and how many there were."""
    like = frame[column].str.contains(SSN)
    count = int(like.sum())
    if not count:
        return frame, 0
    return frame.with_columns(pl.when(~like.fill_null(False)).then(pl.col(column)).alias(column)), count
