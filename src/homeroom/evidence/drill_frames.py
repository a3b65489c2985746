"""The frame of events of drills, which readers of exports build and the judging of drills takes."""

from __future__ import annotations

from datetime import timedelta

import polars as pl

from homeroom.domain.teach.awareness.drill_events import DrillEventKind

LATEST_END = timedelta(days=30)
"""A drill ends with its last event, at most this long after its last mail: scanners look at old mail for months."""
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


def compute_drill_ends(events: pl.DataFrame) -> pl.DataFrame:
    """Return the day (UTC) on which each drill ended, by instance and drill, as `ended_on`.

    `events` have instance, drill, event and at. Without a mail that was sent or delivered, the last event decides.
    """
    mails = [DrillEventKind.SENT.value, DrillEventKind.DELIVERED.value]
    sent_at = pl.col("at").filter(pl.col("event").cast(pl.String).is_in(mails)).max()
    ends = events.group_by("instance", "drill").agg(last=pl.col("at").max(), sent=sent_at)
    names = pl.col("instance", "drill").cast(pl.String)
    return ends.select(names, ended_on=pl.min_horizontal("last", pl.col("sent") + LATEST_END).dt.date())
