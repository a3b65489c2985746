"""The eight worlds of simulated drills, each built from a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

from homeroom.sample.drills import forwards, machines, near_misses
from homeroom.sample.drills.behavior import Habits, send_drill, simulate_people
from homeroom.sample.drills.events import Drill, DrillWorld, Recipient
from homeroom.sample.drills.noise import add_noise
from homeroom.sample.drills.people import invent_people, list_schools
from homeroom.sample.drills.vendors import (
    AZURE,
    BARRACUDA,
    EC2,
    ZSCALER,
    build_edge,
    build_firefox,
    draw_address,
)

_LURES: Final = (
    ("Package at the front office", 0.14), ("Updated salary schedule", 0.27), ("Password expires today", 0.06),
    ("Shared document", 0.19), ("Fire drill roster", 0.1), ("Gift card from the principal", 0.03),
    ("Parking permit renewal", 0.08), ("Voice message", 0.12), ("Benefits enrollment closes", 0.22),
)  # fmt: skip
_DAYS: Final = (
    datetime(2026, 9, 24, tzinfo=UTC),
    datetime(2026, 10, 6, tzinfo=UTC),
    datetime(2026, 10, 21, tzinfo=UTC),
)
_SCHOOL_EXITS: Final = ("203.0.113.10", "203.0.113.11", "198.51.100.20", "198.51.100.21", "192.0.2.30", "192.0.2.31")
MachineWork = Callable[[Random, Drill], None]


def build_world(name: str, *, seed: int, scale: float = 1.0) -> DrillWorld:
    """Build the world of that name; `scale` multiplies the number of people. Raise KeyError if there is none."""
    random = Random(f"{name} {seed}")  # noqa: S311
    return _BUILDERS[name](random, scale)


def list_worlds() -> tuple[str, ...]:
    """Return the names of the worlds."""
    return tuple(_BUILDERS)


def _build(
    random: Random, name: str, people: Sequence[Recipient], formats: Sequence[str], run_machines: MachineWork, *,
    facts: Mapping[str, str] | None = None, **habits: float,
) -> DrillWorld:  # fmt: skip
    """Send a drill of each format, let people act, then the machines, and add noise."""
    drills: list[tuple[Drill, str]] = []
    for number, (format_name, (lure, rate)) in enumerate(
        zip(formats, random.sample(_LURES, len(formats)), strict=True), start=1
    ):
        launched = _DAYS[(number - 1) % len(_DAYS)] + timedelta(hours=random.uniform(14.2, 19.5), days=7 * (number > 3))
        drill = Drill(
            name=f"{lure} {launched:%Y-%m}", lure=lure, launched=launched, ends=launched + timedelta(days=8),
            people=random.sample(people, random.randint(int(len(people) * 0.7), len(people))),
        )  # fmt: skip
        send_drill(random, drill)
        simulate_people(random, drill, Habits(clicks=rate, **habits))
        near_misses.click_fast(random, drill)
        run_machines(random, drill)
        add_noise(random, drill)
        drills.append((drill, format_name))
    return DrillWorld(name=name, schools=list_schools(), people=people, drills=drills, facts=facts or {})


def _count(random: Random, scale: float, low: int = 330, high: int = 900) -> int:
    return max(40, int(random.randint(low, high) * scale))


def _build_safe_links(random: Random, scale: float) -> DrillWorld:
    people = invent_people(random, _count(random, scale), exits=_SCHOOL_EXITS[:2])
    desktops = [draw_address(random, AZURE) for _ in range(2)]

    def run_machines(random: Random, drill: Drill) -> None:
        near_misses.click_from_cloud(random, drill, desktops)
        machines.scan_at_delivery(random, drill)
        machines.scan_at_click(random, drill)
        machines.scan_at_night(random, drill)

    return _build(random, "safe-links", people, ("gophish", "gophish-csv", "drill-log"), run_machines)


def _build_image_proxy(random: Random, scale: float) -> DrillWorld:
    people = invent_people(random, _count(random, scale), exits=_SCHOOL_EXITS[:3], exits_of_schools=True, gmail=0.85)
    return _build(random, "image-proxy", people, ("gophish", "gophish", "plain-log"), machines.fetch_by_proxy)


def _build_bait(random: Random, scale: float) -> DrillWorld:
    people = invent_people(random, _count(random, scale), exits=_SCHOOL_EXITS[:2])
    remote = [draw_address(random, BARRACUDA)]

    def run_machines(random: Random, drill: Drill) -> None:
        near_misses.click_from_cloud(random, drill, remote)
        near_misses.follow_hidden_link(random, drill)
        machines.take_bait(random, drill)

    return _build(random, "bait-taken", people, ("drill-log", "drill-log", "drill-log"), run_machines)


def _build_sandbox(random: Random, scale: float) -> DrillWorld:
    people = invent_people(random, _count(random, scale), exits=_SCHOOL_EXITS[:1])
    desktops = [draw_address(random, EC2) for _ in range(2)]

    def run_machines(random: Random, drill: Drill) -> None:
        near_misses.click_from_cloud(random, drill, desktops)
        machines.open_in_sandbox(random, drill)

    return _build(random, "sandbox", people, ("drill-log", "drill-log", "gophish"), run_machines)


def _build_web_filter(random: Random, scale: float) -> DrillWorld:
    exits = [draw_address(random, ZSCALER) for _ in range(5)]
    people = invent_people(random, _count(random, scale, low=500), exits=exits)

    def run_machines(random: Random, drill: Drill) -> None:
        machines.look_after_people(random, drill, exits)

    return _build(random, "web-filter", people, ("gophish", "drill-log", "gophish"), run_machines)


def _build_people_only(random: Random, scale: float) -> DrillWorld:
    people = invent_people(random, _count(random, scale, low=450), exits=_SCHOOL_EXITS[: random.randint(1, 2)])

    def run_machines(random: Random, drill: Drill) -> None:
        near_misses.click_fast(random, drill, count=4)

    return _build(
        random, "people-only", people, ("gophish", "drill-log", "gophish-csv", "graph"), run_machines,
        doubles=0.14, returns=0.14, shared=0.12, at_once=0.13,
    )  # fmt: skip


def _build_reports(random: Random, scale: float) -> DrillWorld:
    people = invent_people(random, _count(random, scale), exits=_SCHOOL_EXITS[:2])
    linux = build_firefox("156", system="X11; Linux x86_64", name="Linux")
    browsers = iter([linux, build_firefox("140"), build_edge("154")])

    def run_machines(random: Random, drill: Drill) -> None:
        machines.look_after_reports(random, drill)
        forwards.forward_to_technician(
            random, drill, count=random.randint(12, 24), browser=next(browsers), address=_SCHOOL_EXITS[0]
        )
        forwards.forward_to_colleagues(random, drill, people, count=2)

    return _build(
        random, "reports-and-forwards", people, ("drill-log", "gophish", "plain-log"), run_machines, reports=0.3
    )


def _build_first_times(random: Random, scale: float) -> DrillWorld:
    people = invent_people(random, _count(random, scale), exits=_SCHOOL_EXITS[:2])

    def run_machines(random: Random, drill: Drill) -> None:
        """Scan one mail in twenty: those of a department that still has its own gateway."""
        machines.scan_at_delivery(random, drill, share=0.05)

    return _build(random, "first-times-only", people, ("knowbe4", "knowbe4", "knowbe4"), run_machines)


_BUILDERS: Final[Mapping[str, Callable[[Random, float], DrillWorld]]] = {
    "safe-links": _build_safe_links,
    "image-proxy": _build_image_proxy,
    "bait-taken": _build_bait,
    "sandbox": _build_sandbox,
    "web-filter": _build_web_filter,
    "people-only": _build_people_only,
    "reports-and-forwards": _build_reports,
    "first-times-only": _build_first_times,
}
