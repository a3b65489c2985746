"""Load one day of a log onto an empty store and onto a year of it: the CPU must hardly differ.

`measure_day_on_year` is the loading half of `bench detect_evidence`; run alone: `python -m
bench.detections.year_of_logs [EVENTS_A_DAY] [DAYS]`.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)
LOGS = ("login", "drive", "token", "admin")
EVENTS_A_DAY, DAYS = 1_000, 365
_USERS = 10_000


@dataclass(frozen=True, kw_only=True)
class DayFigures:
    """CPU seconds of loading a day on nothing and on a year, their ratio, and the events of the day."""

    alone: float
    on_year: float
    events: int

    @property
    def ratio(self) -> float:
        """How many times the CPU a day costs on a year."""
        return self.on_year / self.alone


def measure_day_on_year(folder: Path, *, events_a_day: int = EVENTS_A_DAY, days: int = DAYS) -> DayFigures:
    """Return what loading one day costs; the last hour of the day before comes with it once more.

    Django must be set up. The better of two days counts, on both sides.
    """
    from homeroom.evidence.loads.store import EvidenceStore

    year = EvidenceStore(folder / "year", district="maple")
    load_lines(year, _write_lines(folder / "year.jsonl", range(days), events_a_day))
    alone, on_year = [], []
    for day in (days, days + 1):
        file = _write_lines(folder / f"{day}.jsonl", range(day, day + 1), events_a_day, repeated=events_a_day // 24)
        alone.append(load_lines(EvidenceStore(folder / f"alone-{day}", district="maple"), file))
        on_year.append(load_lines(year, file))
    return DayFigures(alone=min(alone), on_year=min(on_year), events=events_a_day)


def load_lines(store: Any, path: Path) -> float:
    """Load a file of a log as evidence and return the CPU seconds that it took."""
    from homeroom.apps.know.sources.commands import load_package
    from homeroom.ingest.detection.detect import detect_packages
    from homeroom.library.know.connectors import load_connectors

    connectors = load_connectors()
    began = time.process_time()
    (package,) = detect_packages([path], connectors=connectors).packages
    result = load_package(package, store=store, at=FIRST_DAY + timedelta(days=500), source=None)
    seconds = time.process_time() - began
    if result.outcome != "new" or result.rejected:
        raise RuntimeError(f"{path.name}: {result.outcome}, {result.problems}")
    return seconds


def _write_lines(path: Path, days: range, events_a_day: int, *, repeated: int = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as stream:
        for event in _iter_activities(range(days.start - 1, days.start), events_a_day, first=events_a_day - repeated):
            stream.write(json.dumps(event) + "\n")
        for event in _iter_activities(days, events_a_day):
            stream.write(json.dumps(event) + "\n")
    return path


def _iter_activities(days: range, events_a_day: int, *, first: int = 0) -> Iterator[dict[str, Any]]:
    for day in days:
        for number in range(first, events_a_day):
            at = FIRST_DAY + timedelta(days=day, seconds=number * 86_400 / events_a_day)
            serial = day * events_a_day + number
            log, user = LOGS[number % len(LOGS)], serial * 7_919 % _USERS
            yield {
                "kind": "admin#reports#activity",
                "id": {
                    "time": at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:23] + "Z",
                    "uniqueQualifier": str(serial * 6_364_136_223_846_793 % 2**61),
                    "applicationName": log,
                    "customerId": "C0maple",
                },
                "actor": {"email": f"user{user}@maple.example", "profileId": str(10**20 + user), "callerType": "USER"},
                "ipAddress": f"203.0.113.{user % 250}",
                "networkInfo": {"regionCode": "US", "ipAsn": [64_500]},
                "events": [
                    {
                        "type": log,
                        "name": f"{log}_event",
                        "parameters": [
                            {"name": "doc_id", "value": f"1x{serial * 48_271 % 2**48:x}"},
                            {"name": "doc_title", "value": f"Unit {serial % 997} notes"},
                            {"name": "visibility", "value": "people_within_domain_with_link"},
                            {"name": "primary_event", "boolValue": number % 3 == 0},
                        ],
                    }
                ],
            }


def run(*, events_a_day: int, days: int) -> DayFigures:
    """Set up Django in a temporary folder and measure."""
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as folder:
        os.environ |= {"HOMEROOM_DATA": f"{folder}/data", "DJANGO_SETTINGS_MODULE": "homeroom.config.settings"}
        import django

        django.setup()
        warm_up(Path(folder))
        return measure_day_on_year(Path(folder), events_a_day=events_a_day, days=days)


def warm_up(folder: Path) -> None:
    """Load a few lines once, so that no import is measured."""
    from homeroom.evidence.loads.store import EvidenceStore

    load_lines(EvidenceStore(folder / "warm", district="maple"), _write_lines(folder / "warm.jsonl", range(1), 50))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("events_a_day", nargs="?", type=int, default=EVENTS_A_DAY)
    parser.add_argument("days", nargs="?", type=int, default=DAYS)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    figures = run(events_a_day=options.events_a_day, days=options.days)
    if options.json:
        print(json.dumps({**asdict(figures), "ratio": round(figures.ratio, 3)}))
    else:
        costs = f"{figures.alone:.3f} s alone, {figures.on_year:.3f} s on {options.days} days"
        print(f"{figures.events:,} events: {costs}, ratio {figures.ratio:.2f}")
