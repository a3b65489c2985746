"""What programs do with a drill's mail: scan it, take its bait, open_in_sandbox it, fetch its pictures, look again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final, Literal

from homeroom.sample.drills.events import Drill, DrillBrowser, DrillEvent
from homeroom.sample.drills.vendors import (
    BAIT_TAKERS,
    BARRACUDA,
    EC2,
    EXCHANGE,
    FILTER_LOOKS,
    GOOGLE_IMAGE_PROXY,
    GOOGLE_IMAGES,
    HOMES,
    OLD_CHROMES,
    SAFE_LINKS,
    WORK_BROWSERS,
    ZSCALER,
    draw_address,
    draw_pool,
)

_MOUNTAIN: Final = timedelta(hours=6)


def look_at(
    person: str, at: datetime, address: str, browser: DrillBrowser, *, link: Literal["main", "hidden"] = "main",
    method: str = "GET", script: bool = False, story: str = "",
) -> DrillEvent:  # fmt: skip
    """Return a machine's click."""
    return DrillEvent(
        person=person, kind="clicked", at=at, address=address, browser=browser, link=link,
        method=method, script=script, origin="machine", story=story,
    )  # fmt: skip


def fetch_picture(person: str, at: datetime, address: str, browser: DrillBrowser) -> DrillEvent:
    """Return a machine's open."""
    return DrillEvent(person=person, kind="opened", at=at, address=address, browser=browser, origin="machine")


def scan_at_delivery(random: Random, drill: Drill, *, share: float = 0.92) -> None:
    """Let Safe Links look at the links of most mails around delivery, one in fifty through a line of a home."""
    browsers = random.sample(OLD_CHROMES, 3)
    exchange, safe_links = _draw_pools(random)
    for person, delivered in drill.delivered_at.items():
        if random.random() >= share:
            continue
        address = random.choice(exchange if random.random() < 0.75 else safe_links)
        at, browser, story = delivered + timedelta(seconds=random.uniform(0.2, 25)), random.choice(browsers), ""
        if random.random() < 0.02:
            address, story = draw_address(random, HOMES), "address like a home's"
        if random.random() < 0.85 or story:
            drill.events.append(fetch_picture(person, at, address, browser))
        for _ in range(random.choice((1, 1, 2, 2, 3))):
            at += timedelta(seconds=random.uniform(0.03, 0.6))
            drill.events.append(look_at(person, at, address, browser, story=story))


def scan_at_click(random: Random, drill: Drill, *, share: float = 0.9) -> None:
    """Let Safe Links look when a person clicks: just before the browser is let through, or a moment after."""
    exchange, safe_links = _draw_pools(random)
    for event in _list_own_clicks(drill):
        if random.random() < share:
            at = event.shift_by(random.choice((-1, 1)) * random.uniform(0.15, 1.6))
            address = random.choice(exchange if random.random() < 0.4 else safe_links)
            drill.events.append(look_at(event.person, at, address, random.choice(OLD_CHROMES[:3])))


def scan_at_night(random: Random, drill: Drill, *, share: float = 0.25) -> None:
    """Let Safe Links look again at a quarter of the mails between one and four of a later night."""
    _, safe_links = _draw_pools(random)
    for person, delivered in drill.delivered_at.items():
        if random.random() >= share:
            continue
        day = (delivered - _MOUNTAIN).date() + timedelta(days=random.randint(1, 3))
        at = datetime(day.year, day.month, day.day, 1, tzinfo=UTC) + _MOUNTAIN + timedelta(hours=random.uniform(0, 3))
        address, browser = random.choice(safe_links), random.choice(OLD_CHROMES)
        if random.random() < 0.5:
            drill.events.append(fetch_picture(person, at, address, browser))
        drill.events.append(look_at(person, at + timedelta(seconds=random.uniform(0.1, 2)), address, browser))


def fetch_by_proxy(random: Random, drill: Drill) -> None:
    """Let Google's proxy fetch the picture in place of each open in Gmail, and once at delivery for one in five."""
    readers = {person.email for person in drill.people if person.reads_in_gmail}
    for index, event in enumerate(drill.events):
        if event.kind == "opened" and event.person in readers:
            address = draw_address(random, GOOGLE_IMAGES)
            drill.events[index] = replace(event, address=address, browser=GOOGLE_IMAGE_PROXY, origin="machine")
    for person, delivered in drill.delivered_at.items():
        if person in readers and random.random() < 0.2:
            at = delivered + timedelta(seconds=random.uniform(0.5, 40))
            drill.events.append(fetch_picture(person, at, draw_address(random, GOOGLE_IMAGES), GOOGLE_IMAGE_PROXY))


def take_bait(random: Random, drill: Drill, *, share: float = 0.95) -> None:
    """Let a gateway ask for the head of each link, then fetch the hidden link, the picture and the rest.

    One mail in thirty it looks at without the bait; one in eight it looks at again hours later.
    """
    addresses = [draw_address(random, BARRACUDA) for _ in range(5)]
    for person, delivered in drill.delivered_at.items():
        if random.random() >= share:
            continue
        rounds = [delivered + timedelta(seconds=random.uniform(0.3, 50))]
        if random.random() < 0.125:
            rounds.append(delivered + timedelta(hours=random.uniform(1, 6)))
        for at in rounds:
            address, browser = random.choice(addresses), random.choice(BAIT_TAKERS)
            steps: list[tuple[Literal["main", "hidden"], str]] = [
                ("main", "HEAD"),
                ("hidden", "HEAD"),
                ("hidden", "GET"),
                ("main", "GET"),
            ]
            if random.random() < 1 / 30:
                steps = [("main", "GET")]
            moment = at
            for link, method in steps:
                moment += timedelta(seconds=random.uniform(0.04, 0.9))
                drill.events.append(look_at(person, moment, address, browser, link=link, method=method))
            moment += timedelta(seconds=random.uniform(0.04, 0.9))
            drill.events.append(fetch_picture(person, moment, address, browser))


def open_in_sandbox(random: Random, drill: Drill, *, share: float = 0.6) -> None:
    """Let a sandbox open mails in a current browser, each from a cloud address of its own, some twice.

    One in forty goes out through a line of a home; one in fifty types what it invents.
    """
    browsers = [browser for browser, _ in WORK_BROWSERS[:2]]
    for person, delivered in drill.delivered_at.items():
        if random.random() >= share:
            continue
        for repeat in range(random.choice((1, 1, 2))):
            at = delivered + timedelta(seconds=random.uniform(15, 360) + repeat * random.uniform(60, 900))
            address, story = draw_address(random, EC2), ""
            if random.random() < 0.025:
                address, story = draw_address(random, HOMES), "address like a home's"
            _open_once(random, drill, person, at, address, random.choice(browsers), story)


def _open_once(
    random: Random, drill: Drill, person: str, at: datetime, address: str, browser: DrillBrowser, story: str
) -> None:
    if random.random() < 0.96:
        drill.events.append(fetch_picture(person, at, address, browser))
    runs_script = random.random() < 0.5
    links: list[Literal["main", "hidden"]] = ["main", "hidden"] if random.random() < 0.85 else ["main"]
    random.shuffle(links)
    for link in links:
        at += timedelta(seconds=random.uniform(0.02, 0.85))
        drill.events.append(look_at(person, at, address, browser, link=link, script=runs_script, story=story))
    if random.random() < 0.02:
        click = look_at(person, at + timedelta(seconds=random.uniform(0.3, 2)), address, browser, script=runs_script)
        drill.events.append(replace(click, kind="posted", link=None, method="POST", story="typed by a program"))


def look_after_people(random: Random, drill: Drill, exits: Sequence[str], *, share: float = 0.65) -> None:
    """Let a cloud web filter look again right after a person's click through it, mostly from another address.

    One look in fifty repeats the person's address and browser.
    """
    scanners = [draw_address(random, ZSCALER) for _ in range(3)]
    for event in _list_own_clicks(drill):
        if event.address not in exits or random.random() >= share:
            continue
        at = event.shift_by(0.25 + random.expovariate(1 / 4))
        address = random.choice(scanners) if random.random() < 0.75 else random.choice(list(exits))
        look = look_at(event.person, at, address, random.choice(FILTER_LOOKS))
        if random.random() < 0.02:
            look = replace(look, address=event.address, browser=event.browser, story="look in a person's name")
        drill.events.append(look)


def look_after_reports(random: Random, drill: Drill, *, share: float = 0.7) -> None:
    """Let the report button's program open the mail and its links after a report."""
    _, safe_links = _draw_pools(random)
    for event in [event for event in drill.events if event.kind == "reported"]:
        if random.random() >= share:
            continue
        address, browser = random.choice(safe_links), random.choice(OLD_CHROMES[:3])
        at = event.shift_by(1.5 + random.expovariate(1 / 30))
        if random.random() < 0.7:
            drill.events.append(fetch_picture(event.person, at, address, browser))
        for _ in range(random.choice((1, 1, 2))):
            at += timedelta(seconds=random.uniform(0.1, 1.5))
            drill.events.append(look_at(event.person, at, address, browser))


def _draw_pools(random: Random) -> tuple[list[str], list[str]]:
    """Draw the addresses of Exchange Online Protection and of Safe Links that serve this customer today."""
    return draw_pool(random, EXCHANGE, count=12, prefix=24), draw_pool(random, SAFE_LINKS, count=20, prefix=24)


def _list_own_clicks(drill: Drill) -> list[DrillEvent]:
    return [event for event in drill.events if event.kind == "clicked" and event.origin == "own"]
