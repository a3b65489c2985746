"""The frame of events of drills, which readers of exports build and the judging of drills takes."""

from __future__ import annotations

from datetime import datetime

import polars as pl

DRILL_FRAME = pl.Schema(
    [
        ("file", pl.String()),
        ("row", pl.Int64()),
        ("drill", pl.String()),
        ("person", pl.String()),
        ("event", pl.String()),
        ("at", pl.Datetime("ns")),
        ("ip", pl.String()),
        ("agent", pl.String()),
        ("link", pl.String()),
        ("method", pl.String()),
        ("script", pl.Boolean()),
        ("first_only", pl.Boolean()),
    ]
)
"""A row for each event.

`row` is its place in the file from 1, `at` is UTC, `person` an address in lower case; `link` is main or hidden,
`script` whether the page's script ran. `first_only` is set where a tool has first times alone.
"""

type DrillRow = tuple[
    str, int, str, str, str, datetime, str | None, str | None, str | None, str | None, bool | None, bool
]
