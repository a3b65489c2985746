"""Mails that people hand on: to a colleague who looks, or to the technician who opens many in a sitting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

from homeroom.sample.drills.behavior import build_event, draw_reading
from homeroom.sample.drills.events import Drill, DrillBrowser, DrillEvent, Recipient


def forward_to_technician(random: Random, drill: Drill, *, count: int, browser: DrillBrowser, address: str) -> None:
    """Let people forward the mail, and the technician open each forwarded one on a sitting of the same or next day.

    The technician clicks one to three times a mail, five seconds to two minutes apart, and types nothing.
    """
    day = drill.launched.date() + timedelta(days=random.randint(0, 1))
    at = max(
        datetime(day.year, day.month, day.day, 21, tzinfo=UTC) + timedelta(minutes=random.uniform(0, 60)),
        drill.launched + timedelta(hours=3),
    )
    readers = [person for person, seen in _list_readers(drill) if seen < at]
    for person in random.sample(readers, min(count, len(readers))):
        at += timedelta(seconds=5 + random.expovariate(1 / 45))
        opened = DrillEvent(
            person=person.email, kind="opened", at=at, address=address, browser=browser, origin="other",
            story="forwarded to the technician",
        )  # fmt: skip
        if random.random() < 0.6:
            drill.events.append(opened)
        for _ in range(random.choice((1, 1, 2, 3))):
            at += timedelta(seconds=random.uniform(2, 9))
            drill.events.append(_click(opened, at, script=random.random() > 0.1))


def forward_to_colleagues(random: Random, drill: Drill, people: Sequence[Recipient], *, count: int) -> None:
    """Let people forward the mail to a colleague, who opens it and clicks once at work."""
    for person, seen in random.sample(_list_readers(drill), count):
        colleague = random.choice([other for other in people if other is not person])
        at = seen + timedelta(minutes=random.uniform(10, 200))
        opened = build_event(colleague, "opened", at, "work")
        opened = replace(opened, person=person.email, origin="other", story="forwarded to a colleague")
        drill.events.append(opened)
        drill.events.append(_click(opened, opened.shift_by(draw_reading(random, colleague)), script=True))


def _list_readers(drill: Drill) -> list[tuple[Recipient, datetime]]:
    """Return the people who did something with the mail, each with the first time."""
    first: dict[str, datetime] = {}
    for event in drill.events:
        if event.origin == "own" and event.kind in {"opened", "clicked", "reported"}:
            first[event.person] = min(event.at, first.get(event.person, event.at))
    return [(person, first[person.email]) for person in drill.people if person.email in first]


def _click(opened: DrillEvent, at: datetime, *, script: bool) -> DrillEvent:
    return replace(opened, kind="clicked", at=at, link="main", method="GET", script=script)
