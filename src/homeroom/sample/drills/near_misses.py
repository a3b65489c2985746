"""People who look like machines: faster than most, in the scanner's cloud, with a reader that follows hidden links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from random import Random

from homeroom.sample.drills.behavior import Habits, build_event, click_as_person
from homeroom.sample.drills.events import Drill, Recipient

_PLAIN = Habits(clicks=0, doubles=0, returns=0)


def click_fast(random: Random, drill: Drill, *, count: int = 2) -> None:
    """Let people at the mailbox open two or three seconds after delivery and click a good second later."""
    for person in _choose(random, drill, count):
        opened = build_event(
            person, "opened", drill.delivered_at[person.email] + timedelta(seconds=random.uniform(1.8, 3.5)), "work"
        )
        drill.events.append(replace(opened, story="faster than most"))
        at = opened.shift_by(random.uniform(1.1, 2.2))
        click_as_person(random, drill, person, at, "work", _PLAIN, story="faster than most")


def click_from_cloud(random: Random, drill: Drill, addresses: Sequence[str]) -> None:
    """Let people click on a desktop in the scanner's cloud, one address each, at a person's pace."""
    for person, address in zip(_choose(random, drill, len(addresses)), addresses, strict=False):
        remote = replace(person, work_address=address)
        opened = build_event(
            remote, "opened", drill.delivered_at[person.email] + timedelta(minutes=random.uniform(4, 300)), "work"
        )
        drill.events.append(replace(opened, story="in the scanner's cloud"))
        at = opened.shift_by(random.uniform(6, 50))
        click_as_person(random, drill, remote, at, "work", replace(_PLAIN, posts=0.7), story="in the scanner's cloud")


def follow_hidden_link(random: Random, drill: Drill) -> None:
    """Let a person with a screen reader follow the hidden link, which it reads aloud, and then the other."""
    for person in _choose(random, drill, 1):
        at = drill.delivered_at[person.email] + timedelta(minutes=random.uniform(20, 240))
        opened = build_event(person, "opened", at, "work")
        drill.events.append(replace(opened, story="screen reader"))
        at = opened.shift_by(random.uniform(20, 60))
        click_as_person(random, drill, person, at, "work", _PLAIN, story="screen reader")
        hidden = replace(drill.events[-1], kind="clicked", at=opened.shift_by(random.uniform(8, 18)), link="hidden")
        drill.events.append(replace(hidden, method="GET"))


def _choose(random: Random, drill: Drill, count: int) -> list[Recipient]:
    """Choose at most a fifth of those who missed the drill, and take back what they did, to do it in another way."""
    missed = [person for person in drill.people if person.email in drill.missed - drill.near_misses]
    chosen = random.sample(missed, min(count, max(1, len(missed) // 5), len(missed)))
    emails = {person.email for person in chosen}
    drill.near_misses |= emails
    drill.missed -= emails
    drill.events = [
        event for event in drill.events if event.person not in emails or event.kind in {"sent", "delivered"}
    ]
    for email in emails:
        drill.reported.pop(email, None)
    return chosen
