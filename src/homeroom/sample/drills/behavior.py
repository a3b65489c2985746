"""What people do with a drill's mail: open it when they have a minute, click, type, report, look again."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, Literal

from homeroom.sample.drills.events import Drill, DrillBrowser, DrillEvent, Recipient

_MOUNTAIN: Final = timedelta(hours=6)
"""UTC less local time of the district in the fall."""
_MOMENTS: Final = (
    # from and until in minutes of the local day, share: before the bell, breaks, lunch, after school, evening
    (430, 495, 18), (600, 615, 10), (690, 765, 22), (905, 985, 24), (495, 905, 10), (1080, 1360, 16),
)  # fmt: skip
_AT_ONCE: Final = 0.09
"""Share of people who sit at the mailbox when the mail arrives."""
Place = Literal["work", "home", "phone"]


@dataclass(frozen=True, kw_only=True)
class Habits:
    """How people of a world act on a lure: shares and chances.

    `clicks` is the mean chance that a recipient clicks; `loads` that an open is seen (pictures loaded);
    `reports` the chance of a report; `shared` the chance that the phone's reader clicks on a computer later.
    """

    clicks: float
    opens: float = 0.74
    loads: float = 0.7
    reports: float = 0.12
    posts: float = 0.35
    doubles: float = 0.1
    returns: float = 0.1
    shared: float = 0.07
    at_once: float = _AT_ONCE


def send_drill(random: Random, drill: Drill, *, bounces: float = 0.015, minutes: float = 12.0) -> None:
    """Write the drill's sending into it: each mail within the minutes, delivered seconds later or bounced."""
    for person in drill.people:
        sent = drill.launched + timedelta(seconds=random.uniform(0, minutes * 60))
        drill.events.append(DrillEvent(person=person.email, kind="sent", at=sent))
        after = sent + timedelta(seconds=min(90.0, 0.8 + random.expovariate(1 / 4)))
        if random.random() < bounces:
            drill.events.append(DrillEvent(person=person.email, kind="bounced", at=after))
            continue
        drill.events.append(DrillEvent(person=person.email, kind="delivered", at=after))
        drill.delivered_at[person.email] = after


def simulate_people(random: Random, drill: Drill, habits: Habits) -> None:
    """Let everybody who got the mail act, and write down who missed and who reported."""
    chances = []
    for person in drill.people:
        delivered = drill.delivered_at.get(person.email)
        if delivered is None:
            continue
        chance = min(0.9, habits.clicks * person.gullible)
        chances.append(chance)
        clicks = random.random() < chance
        if clicks or random.random() < (habits.opens - habits.clicks) / (1 - habits.clicks):
            _simulate_person(random, drill, person, delivered, habits, clicks=clicks)
    drill.chance = sum(chances) / max(1, len(chances))


def _simulate_person(
    random: Random, drill: Drill, person: Recipient, delivered: datetime, habits: Habits, *, clicks: bool
) -> None:
    at_once = random.random() < habits.at_once
    at, place = _draw_moment(random, delivered, drill.ends, at_once=at_once)
    opened = build_event(person, "opened", at, place)
    if random.random() < habits.loads:
        drill.events.append(opened)
    for _ in range(int(random.expovariate(1.4))):
        later = at + timedelta(minutes=random.expovariate(1 / 120))
        if later < drill.ends and random.random() < habits.loads:
            drill.events.append(build_event(person, "opened", later, place))
    clicked_at = at + timedelta(seconds=draw_reading(random, person))
    if clicks:
        if place == "phone" and random.random() < habits.shared / 0.3:
            place, clicked_at = "work", at + timedelta(minutes=random.uniform(2, 180))
        story = "at once" if at_once and (clicked_at - delivered).total_seconds() < 10 else ""
        click_as_person(random, drill, person, clicked_at, place, habits, story=story)
    if random.random() < habits.reports * (0.5 if clicks else 1.15):
        reported = clicked_at + timedelta(seconds=8 + random.expovariate(1 / 60))
        drill.events.append(build_event(person, "reported", reported, place))
        drill.reported[person.email] = reported


def click_as_person(
    random: Random, drill: Drill, person: Recipient, at: datetime, place: Place, habits: Habits, *, story: str = ""
) -> None:
    """Write a person's own click with its doubles, its return and what is typed; the person missed the drill."""
    click = replace(
        build_event(person, "clicked", at, place), link="main", method="GET", script=random.random() > 0.02, story=story
    )
    drill.events.append(click)
    drill.missed.add(person.email)
    if random.random() < habits.doubles:
        drill.events.append(replace(click, at=click.shift_by(random.uniform(0.12, 0.7)), story="double click"))
    if random.random() < habits.posts:
        drill.events.append(
            replace(click, kind="posted", at=click.shift_by(6 + random.expovariate(1 / 14)), link=None, method="POST")
        )
    if random.random() < habits.returns:
        drill.events.append(replace(click, at=click.shift_by(4 + random.expovariate(1 / 40)), story="back button"))


def draw_reading(random: Random, person: Recipient) -> float:
    """Draw the seconds from seeing the mail to clicking: median 13 s for most, never under 1.1 s."""
    return max(1.1, person.haste * random.lognormvariate(2.55, 0.75))


def build_event(
    person: Recipient, kind: Literal["opened", "clicked", "reported"], at: datetime, place: Place
) -> DrillEvent:
    """Return an event of the person at that place."""
    address, browser = _locate(person, place)
    return DrillEvent(person=person.email, kind=kind, at=at, address=address, browser=browser)


def _locate(person: Recipient, place: Place) -> tuple[str, DrillBrowser]:
    return {
        "work": (person.work_address, person.work),
        "home": (person.home_address, person.home),
        "phone": (person.phone_address, person.phone),
    }[place]


def _draw_moment(random: Random, delivered: datetime, ends: datetime, *, at_once: bool) -> tuple[datetime, Place]:
    """Draw when the mail is seen, and where: at once at work, else at a moment of the same or a later workday."""
    if at_once:
        return delivered + timedelta(seconds=2.5 + random.expovariate(1 / 14)), "work"
    while True:
        day = (delivered - _MOUNTAIN).date() + timedelta(days=int(random.expovariate(1 / 0.7)))
        start, until, _ = random.choices(_MOMENTS, weights=[share for *_, share in _MOMENTS])[0]
        minute = random.uniform(start, until)
        at = datetime(day.year, day.month, day.day, tzinfo=UTC) + _MOUNTAIN + timedelta(minutes=minute)
        if not delivered < at < ends - timedelta(hours=8):
            continue
        if minute >= 1080 or day.weekday() >= 5:
            return at, "home" if random.random() < 0.45 else "phone"
        return at, "work" if random.random() < 0.8 else "phone"
