"""Days and times as exports write them: whole columns, parsed by one attempt after another.

Each attempt sees only the texts that the one before left over. Where a column repeats itself, each text is looked at once.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date as Day  # noqa: N812

import polars as pl
import pyarrow as pa

BLANKS = " \t\r\n\u00a0\u200b\ufeff"
_OPEN_END = Day(9000, 1, 1)  # payroll systems write 12/31/9999 for "no end"
_EARLIEST = Day(1900, 1, 1)
_MANY = 1000  # rows from which it pays to look whether a column repeats itself
_UTC = pl.Datetime("us", "UTC")

Attempt = Callable[[pl.Series], pl.Series]


def days_of(texts: pl.Series) -> pl.Series:
    """The days; see `fields.date`."""
    return _parsed(texts, _DAYS, pl.Date())


def times_of(texts: pl.Series) -> pl.Series:
    """The times; see `fields.time`."""
    found = _all_in_utc(texts)
    return _parsed(texts, _TIMES, _UTC) if found is None else found


def by_word(series: pl.Series, made: Attempt, kind: pl.DataType) -> pl.Series:
    """What `made` makes of a column of text, of its distinct texts alone where it repeats itself."""
    if len(series) > _MANY and series.head(_MANY).n_unique() * 4 < _MANY:
        words = series.drop_nulls().unique()
        return series.replace_strict(words, made(words), default=None, return_dtype=kind)
    return made(series)


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


def _parsed(series: pl.Series, attempts: tuple[Attempt, ...], kind: pl.DataType) -> pl.Series:
    """What the attempts make of the texts, one after another. Where a column repeats itself each text is looked at once."""
    if series.dtype == pl.Null or series.null_count() == len(series):
        return pl.Series(series.name, [None] * len(series), dtype=kind)
    return by_word(series, lambda texts: _tried(texts, attempts), kind)


def _tried(series: pl.Series, attempts: tuple[Attempt, ...]) -> pl.Series:
    wanted = series.str.strip_chars(BLANKS)
    done = attempts[0](wanted)
    for attempt in attempts[1:]:
        left = (done.is_null() & wanted.is_not_null()).arg_true()
        if not len(left):
            break
        done = done.scatter(left, attempt(wanted.gather(left)))
    return done.alias(series.name)


def _days_as(form: str, *, pattern: str = "") -> Attempt:
    """An attempt at one form, on the part of the text that `pattern` takes."""

    def attempt(wanted: pl.Series) -> pl.Series:
        part = wanted.str.extract(pattern) if pattern else wanted
        found = part.str.to_date(form, strict=False)
        return found.set((found < _EARLIEST) | (found > _OPEN_END), None)

    return attempt


def _day_of_epoch(wanted: pl.Series) -> pl.Series:
    return _epoch(wanted).dt.date()


_ISO_DAYS: tuple[Attempt, ...] = (
    _days_as("%Y-%m-%d"),
    _days_as("%Y-%m-%d", pattern=r"^(\d{4}-\d{1,2}-\d{1,2})(?:[T ].*)?$"),
)
_OTHER_DAYS: tuple[Attempt, ...] = (
    _days_as("%m/%d/%Y", pattern=r"^(\d{1,2}/\d{1,2}/\d{4})(?:[T ].*)?$"),
    _days_as("%d/%m/%Y", pattern=r"^(\d{1,2}/\d{1,2}/\d{4})(?:[T ].*)?$"),
    _days_as("%m/%d/%y", pattern=r"^(\d{1,2}/\d{1,2}/\d{2})(?:[T ].*)?$"),
    _days_as("%m-%d-%Y", pattern=r"^(\d{1,2}-\d{1,2}-\d{4})(?:[T ].*)?$"),
    _days_as("%Y/%m/%d", pattern=r"^(\d{4}/\d{1,2}/\d{1,2})(?:[T ].*)?$"),
    _days_as("%Y%m%d", pattern=r"^(\d{8})$"),
    _days_as("%d-%b-%Y", pattern=r"^(\d{1,2}-[A-Za-z]{3}-\d{4})(?:[T ].*)?$"),
    _days_as("%d %b %Y", pattern=r"^(\d{1,2} [A-Za-z]{3} \d{4})$"),
    _days_as("%b %d, %Y", pattern=r"^([A-Za-z]{3} \d{1,2}, \d{4})"),
    _days_as("%B %d, %Y", pattern=r"^([A-Za-z]{3,9} \d{1,2}, \d{4})"),
)
# Nothing else is nine digits or more: a whole column of them need not be tried in ten other forms first.
_DAYS = (*_ISO_DAYS, _day_of_epoch, *_OTHER_DAYS)


def _at(form: str, *, pattern: str = "") -> Attempt:
    def attempt(wanted: pl.Series) -> pl.Series:
        part = wanted.str.extract(pattern) if pattern else wanted
        found = part.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
        return found.set(found.dt.year() < 1900, None)

    return attempt


def _epoch(wanted: pl.Series) -> pl.Series:
    digits = wanted.str.extract(r"^(\d{9,14})(?:\.0)?$").cast(pl.Int64, strict=False)
    milliseconds = digits.set(digits < 100_000_000_000, None)
    seconds = digits.set(digits >= 100_000_000_000, None) * 1000
    both = milliseconds.fill_null(seconds)
    return both.cast(pl.Datetime("ms")).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _midnight(wanted: pl.Series) -> pl.Series:
    return _parsed(wanted, (*_ISO_DAYS, *_OTHER_DAYS), pl.Date()).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


_TIMES: tuple[Attempt, ...] = (
    _at("%Y-%m-%dT%H:%M:%S%.f%#z", pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))$"),
    _at("%Y-%m-%d %H:%M:%S%.f%#z", pattern=r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))$"),
    _at("%Y-%m-%dT%H:%M:%S%.f", pattern=r"^(\d{4}-\d\d-\d\d[T]\d\d:\d\d:\d\d(?:\.\d{1,9})?)$"),
    _at("%Y-%m-%d %H:%M:%S%.f", pattern=r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: UTC)?$"),
    _at("%m/%d/%Y %I:%M:%S %p", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AaPp][Mm])$"),
    _at("%m/%d/%Y %I:%M %p", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d [AaPp][Mm])$"),
    _at("%m/%d/%Y %H:%M:%S", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d)$"),
    _at("%m/%d/%Y %H:%M", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d)$"),
    _at("%m/%d/%y %I:%M %p", pattern=r"^(\d{1,2}/\d{1,2}/\d{2} \d{1,2}:\d\d [AaPp][Mm])$"),
    _at("%m/%d/%y %H:%M", pattern=r"^(\d{1,2}/\d{1,2}/\d{2} \d{1,2}:\d\d)$"),
    _at("%b %d, %Y %I:%M %p", pattern=r"^([A-Za-z]{3} \d{1,2}, \d{4} \d{1,2}:\d\d [AaPp][Mm])$"),
    _at("%B %d, %Y %I:%M %p", pattern=r"^([A-Za-z]{3,9} \d{1,2}, \d{4} \d{1,2}:\d\d [AaPp][Mm])$"),
    _at("%Y/%m/%d %H:%M:%S", pattern=r"^(\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d\d:\d\d)$"),
    _epoch,
    _midnight,
)
