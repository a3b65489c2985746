"""Write a world: the files of its drills, the list of people with their schools, and the truth."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from homeroom.sample.drills.events import Drill, DrillWorld, WrittenFile
from homeroom.sample.drills.formats.drill_log import write_log, write_plain_log
from homeroom.sample.drills.formats.gophish import write_campaign, write_events_csv
from homeroom.sample.drills.formats.graph import write_users
from homeroom.sample.drills.formats.knowbe4 import write_recipients
from homeroom.sample.files.writers import CsvFile

_WRITERS: Final[Mapping[str, tuple[str, Callable[[Path, Drill, int], WrittenFile]]]] = {
    "gophish": ("json", write_campaign),
    "gophish-csv": ("csv", write_events_csv),
    "drill-log": ("jsonl", write_log),
    "plain-log": ("jsonl", write_plain_log),
    "knowbe4": ("json", write_recipients),
    "graph": ("json", write_users),
}


@dataclass(frozen=True, kw_only=True)
class WrittenWorld:
    """A written world: the folder of the drills' files, the list of people, the truth, and what each file shows."""

    name: str
    logs: Path
    people: Path
    truth: Path
    files: Sequence[WrittenFile]


def write_world(world: DrillWorld, folder: Path) -> WrittenWorld:
    """Write the world into the folder; `truth.json` stays out of the folder of the logs."""
    logs = folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    files = []
    for number, (drill, format_name) in enumerate(world.drills, start=1):
        ending, write = _WRITERS[format_name]
        files.append(write(logs / f"{number}-{format_name}.{ending}", drill, number))
    people = folder / "people.csv"
    with CsvFile(people, "email,school") as file:
        file.write_rows([person.email, person.school] for person in world.people)
    truth = folder / "truth.json"
    document = {"world": world.name, "drills": [describe_truth(written) for written in files]}
    truth.write_text(json.dumps(document, indent=1), encoding="utf-8", newline="\n")
    return WrittenWorld(name=world.name, logs=logs, people=people, truth=truth, files=files)


def describe_truth(written: WrittenFile) -> dict[str, Any]:
    """Return what is true of a drill, in the form of truth.json."""
    drill = written.drill
    return {
        "file": written.name,
        "drill": drill.name,
        "people": len(drill.people),
        "delivered": len(drill.delivered_at),
        "chance": round(drill.chance, 6),
        "missed": sorted(drill.missed),
        "reported": sorted(drill.reported),
        "events": [
            {"row": row, "event": event.kind, "whose": event.origin, **({"story": event.story} if event.story else {})}
            for row, event in written.shown
        ],
    }
