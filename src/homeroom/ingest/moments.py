"""Days and times as exports write them: whole columns, parsed by one attempt after another.

Each attempt sees only the texts that the one before left over. Where a column repeats itself, each text is looked at once.
How many values were read in which form is told to who asks for it: a column should have one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date as Day  # noqa: N812

import polars as pl
import pyarrow as pa

BLANKS = " \t\r\n\u00a0\u200b\ufeff"
_OPEN_END = Day(9000, 1, 1)  # payroll systems write 12/31/9999 for "no end"
_EARLIEST = Day(1900, 1, 1)
_MANY = 1000  # rows from which it pays to look whether a column repeats itself
_UTC = pl.Datetime("us", "UTC")
ISO, _US, _SHORT, _SLASHED, _LONG = "2026-05-01", "5/1/2026", "5/1/26", "2026/5/1", "May 1, 2026"
_SECONDS = "1777593600"

Made = Callable[[pl.Series], pl.Series]
Told = Callable[[str, Mapping[str, int]], None]
"""Is told a column's name and how many of its values were read in each form."""


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One form, named by an example of it, and what reads it. Where only the time of day differs, the form is the same."""

    like: str
    made: Made


def days_of(texts: pl.Series, told: Told | None = None) -> pl.Series:
    """The days; see `fields.date`."""
    return _parsed(texts, _DAYS, pl.Date(), told)


def times_of(texts: pl.Series, told: Told | None = None) -> pl.Series:
    """The times; see `fields.time`."""
    found = _all_in_utc(texts)
    if found is None:
        return _parsed(texts, _TIMES, _UTC, told)
    if told and (count := len(found) - found.null_count()):
        told(texts.name, {ISO: count})
    return found


def by_word(series: pl.Series, made: Made, kind: pl.DataType) -> pl.Series:
    """What `made` makes of a column of text, of its distinct texts alone where it repeats itself."""
    if _repeats(series):
        words = series.drop_nulls().unique()
        return series.replace_strict(words, made(words), default=None, return_dtype=kind)
    return made(series)


def _repeats(series: pl.Series) -> bool:
    return len(series) > _MANY and series.head(_MANY).n_unique() * 4 < _MANY


def _all_in_utc(series: pl.Series) -> pl.Series | None:
    """The times of a column in which every text is one of RFC 3339 that ends in Z, in a sixth of the time; None for any other."""
    if series.dtype != pl.String or not (series.str.ends_with("Z") & (series.str.slice(16, 1) == ":")).all():
        return None
    try:
        texts = series.to_arrow(compat_level=pl.CompatLevel.oldest())
        found = pl.Series(series.name, pl.from_arrow(texts.cast(pa.timestamp("us", "UTC"))))
    except pa.ArrowInvalid:
        return None
    return found if found.is_null().all() or (found.dt.year() >= 1900).all() else None


def _parsed(series: pl.Series, attempts: tuple[Attempt, ...], kind: pl.DataType, told: Told | None) -> pl.Series:
    """What the attempts make of the texts, one after another. Where a column repeats itself each text is looked at once."""
    if series.dtype == pl.Null or series.null_count() == len(series):
        return pl.Series(series.name, [None] * len(series), dtype=kind)
    took: list[pl.Series] = []

    def tried(texts: pl.Series) -> pl.Series:
        found, by = _tried(texts, attempts)
        took.extend((texts, by))
        return found

    found = by_word(series, tried, kind)
    if told and (forms := _forms(series, *took, found=found, attempts=attempts)):
        told(series.name, forms)
    return found


def _forms(
    series: pl.Series, texts: pl.Series, by: pl.Series, *, found: pl.Series, attempts: tuple[Attempt, ...]
) -> Counter[str]:
    """How many of the values were found in each form, given the number of the attempt that took each of the texts."""
    numbers = by.drop_nulls().unique()
    if len(numbers) == 1:
        return Counter({attempts[numbers[0]].like: len(found) - found.null_count()})
    each = by if len(by) == len(series) else series.replace_strict(texts, by, default=None, return_dtype=pl.UInt8)
    forms: Counter[str] = Counter()
    for number, count in each.drop_nulls().value_counts().iter_rows():
        forms[attempts[number].like] += count
    return forms


def _tried(series: pl.Series, attempts: tuple[Attempt, ...]) -> tuple[pl.Series, pl.Series]:
    """The values, and the number of the attempt that made each of them."""
    wanted = series.str.strip_chars(BLANKS)
    done = attempts[0].made(wanted)
    by = pl.Series([0], dtype=pl.UInt8).new_from_index(0, len(done)).set(done.is_null(), None)
    for number, attempt in enumerate(attempts[1:], start=1):
        left = (done.is_null() & wanted.is_not_null()).arg_true()
        if not len(left):
            break
        found = attempt.made(wanted.gather(left))
        done = done.scatter(left, found)
        by = by.scatter(left.filter(found.is_not_null()), number)
    return done.alias(series.name), by


def _days_as(like: str, form: str, *, pattern: str = "") -> Attempt:
    """An attempt at one form, on the part of the text that `pattern` takes."""

    def made(wanted: pl.Series) -> pl.Series:
        part = wanted.str.extract(pattern) if pattern else wanted
        found = part.str.to_date(form, strict=False)
        return found.set((found < _EARLIEST) | (found > _OPEN_END), None)

    return Attempt(like=like, made=made)


def _day_of_epoch(wanted: pl.Series) -> pl.Series:
    return _epoch(wanted).dt.date()


_ISO_DAYS: tuple[Attempt, ...] = (
    _days_as(ISO, "%Y-%m-%d"),
    _days_as(ISO, "%Y-%m-%d", pattern=r"^(\d{4}-\d{1,2}-\d{1,2})(?:[T ].*)?$"),
)
_OTHER_DAYS: tuple[Attempt, ...] = (
    _days_as(_US, "%m/%d/%Y", pattern=r"^(\d{1,2}/\d{1,2}/\d{4})(?:[T ].*)?$"),
    _days_as("31/1/2026", "%d/%m/%Y", pattern=r"^(\d{1,2}/\d{1,2}/\d{4})(?:[T ].*)?$"),
    _days_as(_SHORT, "%m/%d/%y", pattern=r"^(\d{1,2}/\d{1,2}/\d{2})(?:[T ].*)?$"),
    _days_as("5-1-2026", "%m-%d-%Y", pattern=r"^(\d{1,2}-\d{1,2}-\d{4})(?:[T ].*)?$"),
    _days_as(_SLASHED, "%Y/%m/%d", pattern=r"^(\d{4}/\d{1,2}/\d{1,2})(?:[T ].*)?$"),
    _days_as("20260501", "%Y%m%d", pattern=r"^(\d{8})$"),
    _days_as("1-May-2026", "%d-%b-%Y", pattern=r"^(\d{1,2}-[A-Za-z]{3}-\d{4})(?:[T ].*)?$"),
    _days_as("1 May 2026", "%d %b %Y", pattern=r"^(\d{1,2} [A-Za-z]{3} \d{4})$"),
    _days_as(_LONG, "%b %d, %Y", pattern=r"^([A-Za-z]{3} \d{1,2}, \d{4})"),
    _days_as(_LONG, "%B %d, %Y", pattern=r"^([A-Za-z]{3,9} \d{1,2}, \d{4})"),
)
# Nothing else is nine digits or more: a whole column of them need not be tried in ten other forms first.
_DAYS = (*_ISO_DAYS, Attempt(like=_SECONDS, made=_day_of_epoch), *_OTHER_DAYS)


def _at(like: str, form: str, *, pattern: str = "") -> Attempt:
    def made(wanted: pl.Series) -> pl.Series:
        part = wanted.str.extract(pattern) if pattern else wanted
        found = part.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
        return found.set(found.dt.year() < 1900, None)

    return Attempt(like=like, made=made)


def _epoch(wanted: pl.Series) -> pl.Series:
    digits = wanted.str.extract(r"^(\d{9,14})(?:\.0)?$").cast(pl.Int64, strict=False)
    milliseconds = digits.set(digits < 100_000_000_000, None)
    seconds = digits.set(digits >= 100_000_000_000, None) * 1000
    both = milliseconds.fill_null(seconds)
    return both.cast(pl.Datetime("ms")).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _midnight(day: Attempt) -> Attempt:
    def made(wanted: pl.Series) -> pl.Series:
        return day.made(wanted).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")

    return Attempt(like=day.like, made=made)


_TIMES: tuple[Attempt, ...] = (
    _at(
        ISO, "%Y-%m-%dT%H:%M:%S%.f%#z", pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))$"
    ),
    _at(
        ISO, "%Y-%m-%d %H:%M:%S%.f%#z", pattern=r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))$"
    ),
    _at(ISO, "%Y-%m-%dT%H:%M:%S%.f", pattern=r"^(\d{4}-\d\d-\d\d[T]\d\d:\d\d:\d\d(?:\.\d{1,9})?)$"),
    _at(ISO, "%Y-%m-%d %H:%M:%S%.f", pattern=r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: UTC)?$"),
    _at(_US, "%m/%d/%Y %I:%M:%S %p", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AaPp][Mm])$"),
    _at(_US, "%m/%d/%Y %I:%M %p", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d [AaPp][Mm])$"),
    _at(_US, "%m/%d/%Y %H:%M:%S", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d)$"),
    _at(_US, "%m/%d/%Y %H:%M", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d)$"),
    _at(_SHORT, "%m/%d/%y %I:%M %p", pattern=r"^(\d{1,2}/\d{1,2}/\d{2} \d{1,2}:\d\d [AaPp][Mm])$"),
    _at(_SHORT, "%m/%d/%y %H:%M", pattern=r"^(\d{1,2}/\d{1,2}/\d{2} \d{1,2}:\d\d)$"),
    _at(_LONG, "%b %d, %Y %I:%M %p", pattern=r"^([A-Za-z]{3} \d{1,2}, \d{4} \d{1,2}:\d\d [AaPp][Mm])$"),
    _at(_LONG, "%B %d, %Y %I:%M %p", pattern=r"^([A-Za-z]{3,9} \d{1,2}, \d{4} \d{1,2}:\d\d [AaPp][Mm])$"),
    _at(_SLASHED, "%Y/%m/%d %H:%M:%S", pattern=r"^(\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d\d:\d\d)$"),
    Attempt(like=_SECONDS, made=_epoch),
    *map(_midnight, (*_ISO_DAYS, *_OTHER_DAYS)),
)
