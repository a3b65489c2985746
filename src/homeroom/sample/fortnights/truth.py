"""Truth of a fortnight: each intrusion with its stages, each look-alike, and the keys of their events.

`events` have source, log, key and time, as evidence keys them; an activity with two events has two keys.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.log_book import LogBook, LogEntry
from homeroom.sample.fortnights.story import Story, StoryStage


def write_truth(
    path: Path,
    district: FortnightDistrict,
    book: LogBook,
    *,
    intrusions: Sequence[Story],
    look_alikes: Sequence[Story],
) -> None:
    """Write the document."""
    document = {
        "homeroom": "truth",
        "seed": district.seed,
        "district": district.name,
        "domain": district.domain,
        "timezone": district.region.zone,
        "from": _format_time(district.calendar.start),
        "until": _format_time(district.calendar.end),
        "own_addresses": list(district.own_addresses),
        "records": book.count_records(),
        "intrusions": [_describe_story(story) for story in intrusions],
        "look_alikes": [_describe_story(story) for story in look_alikes],
    }
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")


def _describe_story(story: Story) -> dict[str, Any]:
    times = [entry.time for entry in story.entries]
    return {
        "kind": story.kind,
        "actors": story.actors,
        "victims": story.victims,
        "hosts": story.hosts,
        "apps": story.apps,
        "files": story.files,
        "addresses": sorted(set(story.addresses)),
        "first": _format_time(min(times)),
        "last": _format_time(max(times)),
        "stages": [_describe_stage(stage) for stage in story.stages],
    }


def _describe_stage(stage: StoryStage) -> dict[str, Any]:
    times = [entry.time for entry in stage.entries]
    events = [event for entry in stage.entries for event in _list_events(entry)]
    return {
        "name": stage.name,
        "first": _format_time(min(times)),
        "last": _format_time(max(times)),
        "events": events,
    }


def _list_events(entry: LogEntry) -> Iterable[dict[str, str]]:
    for key in entry.keys:
        yield {"source": entry.log[0], "log": entry.log[1], "key": key, "time": _format_time(entry.time)}


def _format_time(time: Any) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
