"""Times as PowerShell writes them: in the culture of the exporting computer, as Windows ticks, or for JSON.

- CSV: a .NET culture's short date and long time, `11/20/2026 2:03:11 PM` or `20.11.2026 14:03:11`, without a zone. They
  are the exporting computer's local times and taken as UTC, so an hour is known to within a few hours, a day to within
  one.
- CSV of raw attributes (lastLogonTimestamp, pwdLastSet, accountExpires): FILETIME, tenths of microseconds since
  1601-01-01 UTC, in which 0 and 9223372036854775807 mean never (MS-ADTS 3.1.1.5, MS-DTYP 2.3.3). Scripts that turn the
  0 into a time write the beginning of 1601, or an evening of 1600 west of Greenwich: that means never, too.
- JSON: `/Date(1763647391000)/`, milliseconds of Unix, from Windows PowerShell 5.1; ISO 8601 from PowerShell 7.

One computer writes all of its columns in one culture. The month comes first, as in the United States, except where a
value of any time column proves that the day does: a first number above 12 and no second number above 12. Dates with
dots or dashes always begin with the day. Where nothing proves either, the month is assumed to come first.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

import polars as pl

from homeroom.ingest.rows.field_table import DateFormat
from homeroom.ingest.values import parsers
from homeroom.ingest.values.datetimes import FormatReporter

UTC_TIME = pl.Datetime("us", "UTC")
NEVER = ("0", "9223372036854775807")
_SLASHED = r"^\s*(\d{1,2})/(\d{1,2})/\d{4}"
_LOCAL = r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:[, ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.? ?[Mm]\.?)?)?$"
_EPOCH = r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$"
_TICKS = r"^(\d{17,18})$"
_FROM_1601 = 11_644_473_600_000_000
"""Microseconds between the beginnings of Windows' and Unix' times."""
_NARROW = "[\u202f\u00a0]"
"""The spaces before AM and PM, and within p. m., that .NET writes since it takes its cultures from ICU."""
_ZERO = r"^\s*(?:(?:12|31)[/.\-](?:12|31)[/.\-]1600|0?1[/.\-]0?1[/.\-]1601|1600-12-31|1601-01-01|/Date\(-116444)"


def restore_zeros(frame: pl.DataFrame, *, columns: Iterable[str]) -> pl.DataFrame:
    """Return the frame with 0 in these columns where a script wrote it as the beginning of 1601."""
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(_ZERO)).then(pl.lit("0")).otherwise(pl.col(name)).alias(name)
        for name in columns
    )


def is_day_first(columns: Iterable[pl.Series]) -> bool:
    """Check whether the dates with slashes in these columns begin with the day, judging by their values."""
    first, second = 0, 0
    for column in columns:
        first = max(first, _get_max_part(column, 1))
        second = max(second, _get_max_part(column, 2))
    return first > 12 >= second


def build_time_format(*, day_first: bool) -> DateFormat:
    """Build the value format that parses a time written in any of these ways."""
    return DateFormat(
        parse=partial(_parse_time, day_first=day_first),
        kind=UTC_TIME,
        fits="not a time; 11/20/2026 2:03:11 PM, 20.11.2026 14:03:11 and 2026-11-20T14:03:11 fit",
        silent=NEVER,
    )


def _get_max_part(column: pl.Series, part: int) -> int:
    largest = column.str.extract(_SLASHED, part).cast(pl.Int64, strict=False).max()
    return largest if isinstance(largest, int) else 0


def _parse_time(column: pl.Expr, report: FormatReporter | None = None, *, day_first: bool) -> pl.Expr:
    text = parsers.strip_text(column).str.replace_all(_NARROW, " ")
    parsed = pl.coalesce(_parse_local_time(text, day_first=day_first), _parse_epoch(text), _parse_ticks(text))
    rest = pl.when(~text.str.contains(_LOCAL) & ~text.str.contains(_TICKS)).then(text)
    return pl.coalesce(parsed, parsers.parse_time(rest, report))


def _parse_local_time(text: pl.Expr, *, day_first: bool) -> pl.Expr:
    first_number, second_number = text.str.extract(_LOCAL, 1), text.str.extract(_LOCAL, 2)
    starts_with_day = text.str.contains(r"^\d{1,2}[.\-]") | pl.lit(day_first)
    month = pl.when(starts_with_day).then(second_number).otherwise(first_number).str.zfill(2)
    day = pl.when(starts_with_day).then(first_number).otherwise(second_number).str.zfill(2)
    hour = text.str.extract(_LOCAL, 4).cast(pl.Int64, strict=False).fill_null(0)
    am_pm = text.str.extract(_LOCAL, 7).str.to_lowercase()
    hour_24 = pl.when(am_pm.is_null()).then(hour).otherwise(hour % 12 + pl.when(am_pm == "p").then(12).otherwise(0))
    minute, second = (text.str.extract(_LOCAL, part).fill_null("00") for part in (5, 6))
    iso_text = pl.format("{}-{}-{} {}:{}:{}", text.str.extract(_LOCAL, 3), month, day, hour_24, minute, second)
    return iso_text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us", time_zone="UTC")


def _parse_epoch(text: pl.Expr) -> pl.Expr:
    return _convert_microseconds(text.str.extract(_EPOCH).cast(pl.Int64, strict=False) * 1000)


def _parse_ticks(text: pl.Expr) -> pl.Expr:
    return _convert_microseconds(text.str.extract(_TICKS).cast(pl.Int64, strict=False) // 10 - _FROM_1601)


def _convert_microseconds(microseconds: pl.Expr) -> pl.Expr:
    timestamp = microseconds.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.when(timestamp.dt.year() >= 1900).then(timestamp)
