"""Who does each item, and in which quiet times."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from homeroom.domain.work import Seat, Window
from homeroom.engines.plan.plan import Capacity, Item


def handed_out(items: Sequence[Item], seats: Iterable[Seat]) -> list[Item]:
    """Each item given to the person whom the team named, else to who has most minutes left; what does not fit goes on."""
    left = {seat.person: seat.minutes for seat in seats}
    given = []
    for item in items:
        shares = []
        minutes = item.minutes
        named = item.job.assigned
        while minutes > 0 and any(left.values()):
            person = named if left.get(named) else max(sorted(left), key=lambda one: left[one])
            part = min(minutes, left[person])
            left[person] -= part
            minutes -= part
            shares.append((person, part))
        given.append(replace(item, shares=tuple(shares)))
    return given


def scheduled(items: Iterable[Item], capacity: Capacity) -> tuple[Item, ...]:
    """The items that must not disturb class put into quiet times, in order; several people share a time."""
    if capacity.windows is None:
        return tuple(items)
    left = {
        (role, window): window.minutes * len(capacity.people(role))
        for role in sorted({seat.role for seat in capacity.seats})
        for window in capacity.windows
    }
    return tuple(_placed(item, capacity, left) if item.job.quiet else item for item in items)


def _placed(item: Item, capacity: Capacity, left: dict[tuple[str, Window], int]) -> Item:
    """The item with its times: one that holds it whole where there is any, else one after the other."""
    role = capacity.pool_of(item.job)
    open_now = [key for key, minutes in left.items() if key[0] == role and minutes > 0]
    whole = next((key for key in open_now if left[key] >= item.minutes), None)
    minutes, windows = item.minutes, []
    for key in [whole] if whole else open_now:
        part = min(minutes, left[key])
        left[key] -= part
        minutes -= part
        windows.append(key[1])
        if not minutes:
            break
    return replace(item, windows=tuple(windows))
