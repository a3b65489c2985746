"""Times as PowerShell writes them: in the culture of the computer that exports, as ticks of Windows, or for JSON.

- CSV: a .NET culture's short date and long time, `11/20/2026 2:03:11 PM` or `20.11.2026 14:03:11`, without a zone. They
  are the exporting computer's local times and taken as UTC, so an hour is known to within a few hours, a day to within one.
- CSV of raw attributes (lastLogonTimestamp, pwdLastSet, accountExpires): FILETIME, tenths of microseconds since
  1601-01-01 UTC, in which 0 and 9223372036854775807 say never (MS-ADTS 3.1.1.5, MS-DTYP 2.3.3). Scripts that turn the 0
  into a time write the beginning of 1601, or an evening of 1600 west of Greenwich: that is never too.
- JSON: `/Date(1763647391000)/`, milliseconds of Unix, from Windows PowerShell 5.1; ISO 8601 from PowerShell 7.

One computer writes all of its columns in one culture. The month stands first, as in the United States, except where a
value of any time column proves the day first: a first number above 12 and no second number above 12. Dots and dashes
have the day first always. Where nothing proves either, the month is taken to stand first.
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from homeroom.ingest import fields
from homeroom.ingest.rows import Form

UTC_TIME = pl.Datetime("us", "UTC")
NEVER = ("0", "9223372036854775807")
_SLASHED = r"^\s*(\d{1,2})/(\d{1,2})/\d{4}"
_LOCAL = r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})(?:[, ]+(\d{1,2}):(\d{2})(?::(\d{2}))?(?: ?([AaPp])\.? ?[Mm]\.?)?)?$"
_EPOCH = r"^/Date\((-?\d+)(?:[+-]\d{4})?\)/$"
_TICKS = r"^(\d{17,18})$"
_FROM_1601 = 11_644_473_600_000_000
"""Microseconds between the beginnings of Windows' and Unix' times."""
_NARROW = "[\u202f\u00a0]"
"""The blanks before AM and PM, and within p. m., that .NET writes since it takes its cultures from ICU."""
_ZERO = r"^\s*(?:(?:12|31)[/.\-](?:12|31)[/.\-]1600|0?1[/.\-]0?1[/.\-]1601|1600-12-31|1601-01-01|/Date\(-116444)"


def bare_zeros(frame: pl.DataFrame, *, columns: Iterable[str]) -> pl.DataFrame:
    """The frame with 0 in these columns where a script wrote it as the beginning of 1601."""
    return frame.with_columns(
        pl.when(pl.col(name).str.contains(_ZERO)).then(pl.lit("0")).otherwise(pl.col(name)).alias(name)
        for name in columns
    )


def day_first(columns: Iterable[pl.Series]) -> bool:
    """Whether the dates with strokes in these columns have the day first, by their values."""
    first, second = 0, 0
    for column in columns:
        first = max(first, _most(column, 1))
        second = max(second, _most(column, 2))
    return first > 12 >= second


def moment(*, day_first: bool) -> Form:
    """The form of a time in any of the ways above."""
    return Form(
        parse=lambda column: _moment(column, day_first=day_first),
        kind=UTC_TIME,
        fits="not a time; 11/20/2026 2:03:11 PM, 20.11.2026 14:03:11 and 2026-11-20T14:03:11 fit",
        silent=NEVER,
    )


def _most(column: pl.Series, part: int) -> int:
    most = column.str.extract(_SLASHED, part).cast(pl.Int64, strict=False).max()
    return most if isinstance(most, int) else 0


def _moment(column: pl.Expr, *, day_first: bool) -> pl.Expr:
    text = fields.plain(column).str.replace_all(_NARROW, " ")
    told = pl.coalesce(_local(text, day_first=day_first), _epoch(text), _ticks(text))
    rest = pl.when(~text.str.contains(_LOCAL) & ~text.str.contains(_TICKS)).then(text)
    return pl.coalesce(told, fields.time(rest))


def _local(text: pl.Expr, *, day_first: bool) -> pl.Expr:
    one, two = text.str.extract(_LOCAL, 1), text.str.extract(_LOCAL, 2)
    turned = text.str.contains(r"^\d{1,2}[.\-]") | pl.lit(day_first)
    month = pl.when(turned).then(two).otherwise(one).str.zfill(2)
    day = pl.when(turned).then(one).otherwise(two).str.zfill(2)
    hour = text.str.extract(_LOCAL, 4).cast(pl.Int64, strict=False).fill_null(0)
    half = text.str.extract(_LOCAL, 7).str.to_lowercase()
    whole = pl.when(half.is_null()).then(hour).otherwise(hour % 12 + pl.when(half == "p").then(12).otherwise(0))
    minute, second = (text.str.extract(_LOCAL, part).fill_null("00") for part in (5, 6))
    written = pl.format("{}-{}-{} {}:{}:{}", text.str.extract(_LOCAL, 3), month, day, whole, minute, second)
    return written.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us", time_zone="UTC")


def _epoch(text: pl.Expr) -> pl.Expr:
    return _since_1970(text.str.extract(_EPOCH).cast(pl.Int64, strict=False) * 1000)


def _ticks(text: pl.Expr) -> pl.Expr:
    return _since_1970(text.str.extract(_TICKS).cast(pl.Int64, strict=False) // 10 - _FROM_1601)


def _since_1970(microseconds: pl.Expr) -> pl.Expr:
    found = microseconds.cast(pl.Datetime("us")).dt.replace_time_zone("UTC")
    return pl.when(found.dt.year() >= 1900).then(found)
