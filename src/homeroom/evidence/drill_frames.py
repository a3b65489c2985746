"""The frame of events of drills, which readers of exports build and the judging of drills takes."""

from __future__ import annotations

import polars as pl

DRILL_FRAME = pl.Schema(
    [
        ("file", pl.Categorical()),
        ("row", pl.Int64()),
        ("drill", pl.Categorical()),
        ("person", pl.Categorical()),
        ("event", pl.Categorical()),
        ("at", pl.Datetime("ns")),
        ("ip", pl.Categorical()),
        ("agent", pl.Categorical()),
        ("link", pl.Categorical()),
        ("method", pl.Categorical()),
        ("script", pl.Boolean()),
        ("first_only", pl.Boolean()),
    ]
)
"""A row for each event. Texts are categories, since each of them is in many rows.

`row` is its place in the file from 1, `at` is UTC, `person` an address in lower case; `link` is main or hidden,
`script` whether the page's script ran. `first_only` is set where a tool has first times alone.
"""
