"""Days and times as exports write them: whole columns, parsed by one attempt after another.

Each attempt sees only the texts that the one before left over. In a repetitive column, each text is parsed once.
The number of values in each format is reported on request: a column should have one format.
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
REPEAT_SAMPLE = 1000
"""Rows from which it pays to look whether a column repeats itself."""
_UTC = pl.Datetime("us", "UTC")
ISO, _US, _SHORT, _SLASHED, _LONG = "2026-05-01", "5/1/2026", "5/1/26", "2026/5/1", "May 1, 2026"
_SECONDS = "1777593600"

SeriesParser = Callable[[pl.Series], pl.Series]
FormatReporter = Callable[[str, Mapping[str, int]], None]
"""Receives a column's name and how many of its values were read in each format."""


@dataclass(frozen=True, kw_only=True)
class FormatAttempt:
    """One format, named by an example of it, and its parser.

    Formats that differ only by the time of day have the same name.
    """

    example: str
    parse: SeriesParser


def parse_days(texts: pl.Series, report: FormatReporter | None = None) -> pl.Series:
    """Parse the days; see `fields.parse_date`."""
    return _parse_by_attempts(texts, _DAYS, pl.Date(), report)


def parse_times(texts: pl.Series, report: FormatReporter | None = None) -> pl.Series:
    """Parse the times; see `fields.parse_time`."""
    times = _parse_all_utc(texts)
    if times is None:
        return _parse_by_attempts(texts, _TIMES, _UTC, report)
    if report and (count := len(times) - times.null_count()):
        report(texts.name, {ISO: count})
    return times


def map_distinct(series: pl.Series, parse: SeriesParser, kind: pl.DataType) -> pl.Series:
    """Parse a column of text, only its distinct texts if it is repetitive."""
    if _is_repetitive(series):
        distinct = series.drop_nulls().unique()
        return series.replace_strict(distinct, parse(distinct), default=None, return_dtype=kind)
    return parse(series)


def _is_repetitive(series: pl.Series) -> bool:
    return len(series) > REPEAT_SAMPLE and series.head(REPEAT_SAMPLE).n_unique() * 4 < REPEAT_SAMPLE


def _parse_all_utc(series: pl.Series) -> pl.Series | None:
    """Return the times of a column of RFC 3339 texts that all end in Z, in a sixth of the time.

    None for any other column.
    """
    if series.dtype != pl.String or not (series.str.ends_with("Z") & (series.str.slice(16, 1) == ":")).all():
        return None
    try:
        texts = series.to_arrow(compat_level=pl.CompatLevel.oldest())
        times = pl.Series(series.name, pl.from_arrow(texts.cast(pa.timestamp("us", "UTC"))))
    except pa.ArrowInvalid:
        return None
    return times if times.is_null().all() or (times.dt.year() >= 1900).all() else None


def _parse_by_attempts(
    series: pl.Series, attempts: tuple[FormatAttempt, ...], kind: pl.DataType, report: FormatReporter | None
) -> pl.Series:
    """Parse the texts by the attempts, one after another.

    In a repetitive column each text is parsed once.
    """
    if series.dtype == pl.Null or series.null_count() == len(series):
        return pl.Series(series.name, [None] * len(series), dtype=kind)
    texts_and_attempts: list[pl.Series] = []

    def try_all(texts: pl.Series) -> pl.Series:
        values, attempt_numbers = _try_attempts(texts, attempts)
        texts_and_attempts.extend((texts, attempt_numbers))
        return values

    values = map_distinct(series, try_all, kind)
    if report and (counts := _count_formats(series, *texts_and_attempts, values=values, attempts=attempts)):
        report(series.name, counts)
    return values


def _count_formats(
    series: pl.Series,
    texts: pl.Series,
    attempt_numbers: pl.Series,
    *,
    values: pl.Series,
    attempts: tuple[FormatAttempt, ...],
) -> Counter[str]:
    """Count the values read in each format, given the number of the attempt that parsed each of the texts."""
    numbers = attempt_numbers.drop_nulls().unique()
    if len(numbers) == 1:
        return Counter({attempts[numbers[0]].example: len(values) - values.null_count()})
    attempts_by_row = (
        attempt_numbers
        if len(attempt_numbers) == len(series)
        else series.replace_strict(texts, attempt_numbers, default=None, return_dtype=pl.UInt8)
    )
    counts: Counter[str] = Counter()
    for number, count in attempts_by_row.drop_nulls().value_counts().iter_rows():
        counts[attempts[number].example] += count
    return counts


def _try_attempts(series: pl.Series, attempts: tuple[FormatAttempt, ...]) -> tuple[pl.Series, pl.Series]:
    """Return the values, and the number of the attempt that parsed each of them."""
    stripped = series.str.strip_chars(BLANKS)
    done = attempts[0].parse(stripped)
    attempt_numbers = pl.Series([0], dtype=pl.UInt8).new_from_index(0, len(done)).set(done.is_null(), None)
    for number, attempt in enumerate(attempts[1:], start=1):
        remaining = (done.is_null() & stripped.is_not_null()).arg_true()
        if not len(remaining):
            break
        parsed = attempt.parse(stripped.gather(remaining))
        done = done.scatter(remaining, parsed)
        attempt_numbers = attempt_numbers.scatter(remaining.filter(parsed.is_not_null()), number)
    return done.alias(series.name), attempt_numbers


def _build_day_attempt(example: str, date_format: str, *, pattern: str = "") -> FormatAttempt:
    """Build an attempt at one format, on the part of the text that `pattern` matches."""

    def parse(texts: pl.Series) -> pl.Series:
        part = texts.str.extract(pattern) if pattern else texts
        days = part.str.to_date(date_format, strict=False)
        return days.set((days < _EARLIEST) | (days > _OPEN_END), None)

    return FormatAttempt(example=example, parse=parse)


def _parse_epoch_day(texts: pl.Series) -> pl.Series:
    return _parse_epoch(texts).dt.date()


_ISO_DAYS: tuple[FormatAttempt, ...] = (
    _build_day_attempt(ISO, "%Y-%m-%d"),
    _build_day_attempt(ISO, "%Y-%m-%d", pattern=r"^(\d{4}-\d{1,2}-\d{1,2})(?:[T ].*)?$"),
)
_OTHER_DAYS: tuple[FormatAttempt, ...] = (
    _build_day_attempt(_US, "%m/%d/%Y", pattern=r"^(\d{1,2}/\d{1,2}/\d{4})(?:[T ].*)?$"),
    _build_day_attempt("31/1/2026", "%d/%m/%Y", pattern=r"^(\d{1,2}/\d{1,2}/\d{4})(?:[T ].*)?$"),
    _build_day_attempt(_SHORT, "%m/%d/%y", pattern=r"^(\d{1,2}/\d{1,2}/\d{2})(?:[T ].*)?$"),
    _build_day_attempt("5-1-2026", "%m-%d-%Y", pattern=r"^(\d{1,2}-\d{1,2}-\d{4})(?:[T ].*)?$"),
    _build_day_attempt(_SLASHED, "%Y/%m/%d", pattern=r"^(\d{4}/\d{1,2}/\d{1,2})(?:[T ].*)?$"),
    _build_day_attempt("20260501", "%Y%m%d", pattern=r"^(\d{8})$"),
    _build_day_attempt("1-May-2026", "%d-%b-%Y", pattern=r"^(\d{1,2}-[A-Za-z]{3}-\d{4})(?:[T ].*)?$"),
    _build_day_attempt("1 May 2026", "%d %b %Y", pattern=r"^(\d{1,2} [A-Za-z]{3} \d{4})$"),
    _build_day_attempt(_LONG, "%b %d, %Y", pattern=r"^([A-Za-z]{3} \d{1,2}, \d{4})"),
    _build_day_attempt(_LONG, "%B %d, %Y", pattern=r"^([A-Za-z]{3,9} \d{1,2}, \d{4})"),
)
# Nothing else is nine digits or more: a whole column of them need not be tried in ten other formats first.
_DAYS = (*_ISO_DAYS, FormatAttempt(example=_SECONDS, parse=_parse_epoch_day), *_OTHER_DAYS)


def _build_time_attempt(example: str, time_format: str, *, pattern: str = "") -> FormatAttempt:
    def parse(texts: pl.Series) -> pl.Series:
        part = texts.str.extract(pattern) if pattern else texts
        times = part.str.to_datetime(time_format, strict=False, time_unit="us", time_zone="UTC")
        return times.set(times.dt.year() < 1900, None)

    return FormatAttempt(example=example, parse=parse)


def _parse_epoch(texts: pl.Series) -> pl.Series:
    digits = texts.str.extract(r"^(\d{9,14})(?:\.0)?$").cast(pl.Int64, strict=False)
    milliseconds = digits.set(digits < 100_000_000_000, None)
    seconds = digits.set(digits >= 100_000_000_000, None) * 1000
    both = milliseconds.fill_null(seconds)
    return both.cast(pl.Datetime("ms")).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")


def _build_midnight_attempt(day: FormatAttempt) -> FormatAttempt:
    def parse(texts: pl.Series) -> pl.Series:
        return day.parse(texts).cast(pl.Datetime("us")).dt.replace_time_zone("UTC")

    return FormatAttempt(example=day.example, parse=parse)


_TIMES: tuple[FormatAttempt, ...] = (
    _build_time_attempt(
        ISO, "%Y-%m-%dT%H:%M:%S%.f%#z", pattern=r"^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))$"
    ),
    _build_time_attempt(
        ISO, "%Y-%m-%d %H:%M:%S%.f%#z", pattern=r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:?\d\d))$"
    ),
    _build_time_attempt(ISO, "%Y-%m-%dT%H:%M:%S%.f", pattern=r"^(\d{4}-\d\d-\d\d[T]\d\d:\d\d:\d\d(?:\.\d{1,9})?)$"),
    _build_time_attempt(
        ISO, "%Y-%m-%d %H:%M:%S%.f", pattern=r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d{1,9})?)(?: UTC)?$"
    ),
    _build_time_attempt(_US, "%m/%d/%Y %I:%M:%S %p", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d [AaPp][Mm])$"),
    _build_time_attempt(_US, "%m/%d/%Y %I:%M %p", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d [AaPp][Mm])$"),
    _build_time_attempt(_US, "%m/%d/%Y %H:%M:%S", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d:\d\d)$"),
    _build_time_attempt(_US, "%m/%d/%Y %H:%M", pattern=r"^(\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d\d)$"),
    _build_time_attempt(_SHORT, "%m/%d/%y %I:%M %p", pattern=r"^(\d{1,2}/\d{1,2}/\d{2} \d{1,2}:\d\d [AaPp][Mm])$"),
    _build_time_attempt(_SHORT, "%m/%d/%y %H:%M", pattern=r"^(\d{1,2}/\d{1,2}/\d{2} \d{1,2}:\d\d)$"),
    _build_time_attempt(_LONG, "%b %d, %Y %I:%M %p", pattern=r"^([A-Za-z]{3} \d{1,2}, \d{4} \d{1,2}:\d\d [AaPp][Mm])$"),
    _build_time_attempt(
        _LONG, "%B %d, %Y %I:%M %p", pattern=r"^([A-Za-z]{3,9} \d{1,2}, \d{4} \d{1,2}:\d\d [AaPp][Mm])$"
    ),
    _build_time_attempt(_SLASHED, "%Y/%m/%d %H:%M:%S", pattern=r"^(\d{4}/\d{1,2}/\d{1,2} \d{1,2}:\d\d:\d\d)$"),
    FormatAttempt(example=_SECONDS, parse=_parse_epoch),
    *map(_build_midnight_attempt, (*_ISO_DAYS, *_OTHER_DAYS)),
)
