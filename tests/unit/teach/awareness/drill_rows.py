"""Events of drills for tests: a day on which a mail goes out at noon UTC, built row by row."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import polars as pl

from homeroom.domain.teach.awareness.machines import KnownMachines
from homeroom.engines.teach.awareness.judging import judge_touches, list_rules
from homeroom.engines.teach.awareness.touches import add_recipients, build_recipients
from homeroom.evidence.drill_frames import DRILL_FRAME

NOON = datetime(2026, 10, 6, 12, tzinfo=UTC).replace(tzinfo=None)
EXIT = "203.0.113.1"
CHROME, EDGE, SAFARI, FIREFOX = ("Chrome/131 Windows", "Edg/131 Windows", "Version/18 iPhone", "Firefox/132 Windows")


class DrillRows:
    """Rows of a drill in the order in which they are added."""

    def __init__(self) -> None:
        self.rows: list[tuple[object, ...]] = []

    def add(
        self, person: str, event: str, seconds: float, ip: str | None = None, agent: str | None = None, **cells: object
    ) -> None:
        """Add an event so many seconds after noon."""
        at = NOON + timedelta(seconds=seconds)
        extra = (cells.get("link"), cells.get("method"), cells.get("script"), bool(cells.get("first_only")))
        self.rows.append(("log.jsonl", len(self.rows) + 1, "Parcel", person, event, at, ip, agent, *extra))

    def send(self, people: Iterable[str]) -> None:
        """Send the mail at noon."""
        for person in people:
            self.add(person, "sent", 0)

    def add_building(self, count: int = 12) -> None:
        """Add people who click over the day behind one address, with several browsers; every third posts."""
        for number in range(count):
            person, agent = f"b{number}", (CHROME, EDGE, SAFARI, FIREFOX)[number % 4]
            start = 900 + 1_700 * number
            self.add(person, "sent", 0)
            self.add(person, "opened", start, EXIT, agent)
            self.add(person, "clicked", start + 9, EXIT, agent)
            if number % 3 == 0:
                self.add(person, "posted", start + 30, EXIT, agent)

    def build_frame(self) -> pl.DataFrame:
        """Return the events with their recipients."""
        return add_recipients(pl.DataFrame(self.rows, schema=DRILL_FRAME, orient="row"))

    def judge(self, machines: KnownMachines | None = None) -> dict[int, tuple[str, list[str]]]:
        """Return whose each open, click and post is and its rules, by row."""
        events = self.build_frame()
        touches = judge_touches(events, build_recipients(events), machines or KnownMachines())
        columns = touches.select("row", pl.col("whose").cast(pl.String), "rules").iter_rows()
        return {row: (origin, list_rules(mask)) for row, origin, mask in columns}
