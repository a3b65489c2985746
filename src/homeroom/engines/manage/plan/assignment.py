"""Assignment of people and quiet times to the items of a plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from homeroom.domain.manage.planning import MaintenanceWindow, PersonCapacity
from homeroom.engines.manage.plan.plan import PlanItem, TeamCapacity


def assign_people(items: Sequence[PlanItem], seats: Iterable[PersonCapacity]) -> list[PlanItem]:
    """Assign each item to the person that the team named, else to the one with most minutes left.

    Minutes that do not fit go to the next person.
    """
    remaining = {seat.person: seat.minutes for seat in seats}
    result = []
    for item in items:
        shares = []
        minutes = item.minutes
        requested = item.job.assigned
        while minutes > 0 and any(remaining.values()):
            person = (
                requested
                if remaining.get(requested)
                else max(sorted(remaining), key=lambda candidate: remaining[candidate])
            )
            part = min(minutes, remaining[person])
            remaining[person] -= part
            minutes -= part
            shares.append((person, part))
        result.append(replace(item, shares=tuple(shares)))
    return result


def schedule_quiet_times(items: Iterable[PlanItem], capacity: TeamCapacity) -> tuple[PlanItem, ...]:
    """Assign quiet times, in order, to the items that must not disturb class; several people may share a time."""
    if capacity.windows is None:
        return tuple(items)
    remaining = {
        (role, window): window.minutes * len(capacity.get_seats(role))
        for role in sorted({seat.role for seat in capacity.seats})
        for window in capacity.windows
    }
    return tuple(_assign_windows(item, capacity, remaining) if item.job.quiet else item for item in items)


def _assign_windows(
    item: PlanItem, capacity: TeamCapacity, remaining: dict[tuple[str, MaintenanceWindow], int]
) -> PlanItem:
    """Return the item with its times: one that holds it completely if there is one, else one after the other."""
    role = capacity.get_role(item.job)
    open_windows = [key for key, minutes in remaining.items() if key[0] == role and minutes > 0]
    full_window = next((key for key in open_windows if remaining[key] >= item.minutes), None)
    minutes, windows = item.minutes, []
    for key in [full_window] if full_window else open_windows:
        part = min(minutes, remaining[key])
        remaining[key] -= part
        minutes -= part
        windows.append(key[1])
        if not minutes:
            break
    return replace(item, windows=tuple(windows))
