"""The steps after new data: the inventory is resolved, then apps check what they name in their configurations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.platform.districts.app_sources import load_functions
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress
from homeroom.evidence.loads.store import EvidenceStore

FollowUp = Callable[[Progress], None]


def list_follow_ups(*, district: District, store: EvidenceStore, clock: Callable[[], datetime]) -> tuple[FollowUp, ...]:
    """Return the steps after a load of lists, each at the time that `clock` returns when it begins."""
    return (
        partial(_resolve, district, store, clock),
        *list_event_follow_ups(district=district, store=store, clock=clock),
        *_list_steps("load_follow_ups", district, store, clock),
    )


def list_event_follow_ups(
    *, district: District, store: EvidenceStore, clock: Callable[[], datetime]
) -> tuple[FollowUp, ...]:
    """Return the steps after a load of nothing but events."""
    return _list_steps("event_follow_ups", district, store, clock)


def _list_steps(
    kind: str, district: District, store: EvidenceStore, clock: Callable[[], datetime]
) -> tuple[FollowUp, ...]:
    return tuple(partial(_run, step, district, store, clock) for step in load_functions(kind).values())


def _run(
    step: Callable[..., None],
    district: District,
    store: EvidenceStore,
    clock: Callable[[], datetime],
    progress: Progress,
) -> None:
    step(district=district, store=store, at=clock(), progress=progress)


def _resolve(district: District, store: EvidenceStore, clock: Callable[[], datetime], progress: Progress) -> None:
    at = clock()
    today = at.astimezone(ZoneInfo(district.timezone)).date()
    resolve(district=district, store=store, today=today, at=at, progress=progress)
