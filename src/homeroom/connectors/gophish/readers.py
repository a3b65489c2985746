"""gophish's timelines into drill events.

Source: github.com/gophish/gophish, models/campaign.go (0.12.1): an entry of the timeline has campaign_id, email, time,
message and details, which is JSON in text with the posted form in `payload` and the visitor in `browser`. What somebody
typed into a form is dropped here, and counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from homeroom.ingest.contract.connector import ADDED, Reading
from homeroom.ingest.drills.drill_events import DrillFile, parse_text
from homeroom.ingest.drills.drill_history import parse_first_day
from homeroom.ingest.drills.drill_readings import DrillNames, build_drill_reading
from homeroom.ingest.drills.gophish import read_event_rows

CAMPAIGN, HAS_TYPED = "campaign", "typed"
"""What the sync puts beside an entry: its campaign, and that a form was typed into."""
COLUMNS = ("campaign_id", "email", "time", "message", "details")
DELETED = "[Deleted]"
"""The name that gophish shows for a template that is no longer there."""


def read_timeline(entries: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read entries of timelines into `drill_events`; campaigns that a sync lists among them have no event."""
    file = DrillFile(file="")
    rows = [(row, entry) for row, entry in enumerate(entries, start=first) if "message" in entry or "email" in entry]
    read_event_rows(rows, file)
    file.typed += sum(entry.get(HAS_TYPED) is True for _, entry in rows)
    campaigns = {row: _get_campaign(entry) for row, entry in rows}
    names = {id(campaign): _describe_campaign(campaign) for campaign in campaigns.values()}
    entries_by_row = dict(rows)

    def describe(row: int, _drill: str) -> DrillNames:
        described = names[id(campaigns[row])]
        own_id = parse_text(entries_by_row[row].get("campaign_id"))
        if described.drill or own_id is None:
            return described
        return DrillNames(drill=own_id, name=described.name, lure=described.lure, sent_on=described.sent_on)

    return build_drill_reading(file, describe=describe)


def read_events(frame: pl.DataFrame) -> Reading:
    """Read the CSV export of a campaign's events into `drill_events`; it lacks the campaign's name."""
    file = DrillFile(file="")
    read_event_rows(zip(frame["_line"], frame.select(COLUMNS).iter_rows(named=True), strict=True), file)
    return build_drill_reading(file, describe=lambda _row, drill: DrillNames(drill=drill))


def _get_campaign(entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the campaign beside an entry: the one that a sync put there, else the values of its file."""
    campaign = entry.get(CAMPAIGN)
    return campaign if isinstance(campaign, Mapping) else entry.get(ADDED, {})


def _describe_campaign(campaign: Mapping[str, Any]) -> DrillNames:
    lure = parse_text(campaign.get("template.name"))
    return DrillNames(
        drill=parse_text(campaign.get("id")) or "",
        name=parse_text(campaign.get("name")),
        lure=None if lure == DELETED else lure,
        sent_on=parse_first_day(campaign.get("launch_date")),
    )
