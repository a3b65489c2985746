"""When a ChromeOS device stops getting updates, without the extended-support opt-in and with it.

Google's definitions (Admin SDK Directory API v1, schema ChromeOsDevice):

- autoUpdateThrough: the time after which the device stops receiving updates or support.
- autoUpdateExpiration: the same, older; "please use autoUpdateThrough instead". The Admin console writes its month.
- extendedSupportEligible: whether the device *requires* the opt-in to be updated to its end.
- extendedSupportStart: the date when extended support begins, which is the date when updates end without the opt-in.
- extendedSupportEnabled: whether the opt-in was taken.

Devices of 2021 and later need no opt-in and have one date; for a subset of older ones updates do not go on past the
start of extended support unless an administrator opts in (support.google.com/chrome/a/answer/14328032).
"""

from __future__ import annotations

import polars as pl

from homeroom.ingest.values import parsers
from homeroom.ingest.values.datetimes import FormatReporter


def add_update_dates(devices: pl.DataFrame) -> pl.DataFrame:
    """Add `expires_on` and `extended_expires_on`.

    They derive from `_expiration`, `_through`, `_extended_start` and the opt-in columns.

    1. A device that needs no opt-in: `expires_on` is autoUpdateThrough, else autoUpdateExpiration; no extended date.
    2. A device that does: `expires_on` is extendedSupportStart, else the earlier of the two dates; the extended date is
       the later of the two where that is after `expires_on`, else null, because then it is unknown.
    3. Where the export does not state whether an opt-in is needed, a start of extended support means that it is.
    """
    needs_opt_in = pl.coalesce(
        pl.when(pl.col("extended_enabled")).then(True), "extended_eligible", pl.col("_extended_start").is_not_null()
    )
    earlier, later = pl.min_horizontal("_expiration", "_through"), pl.max_horizontal("_expiration", "_through")
    end_without_opt_in = (
        pl.when(needs_opt_in)
        .then(pl.coalesce("_extended_start", earlier))
        .otherwise(pl.coalesce("_through", "_expiration"))
    )
    with_expiry = devices.with_columns(end_without_opt_in.alias("expires_on"))
    return with_expiry.with_columns(
        pl.when(needs_opt_in & (later > pl.col("expires_on"))).then(later).alias("extended_expires_on")
    )


def parse_expiration(column: pl.Expr, report: FormatReporter | None = None) -> pl.Expr:
    """Parse a day, or a month such as 2029-06 as its last day: a device is updated until the month ends."""
    month = parsers.strip_text(column).str.extract(r"^(\d{4}-\d\d)$") + "-01"
    return pl.coalesce(parsers.parse_date(column, report), month.str.to_date("%Y-%m-%d", strict=False).dt.month_end())
