"""Finish all open tasks of an incident at once: what was done, what was not needed, and the minutes in total."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction

from homeroom.apps.protect.incidents.models import IncidentTask
from homeroom.apps.protect.incidents.records import IncidentRefused, clean_text, get_active_incident, record_entry
from homeroom.apps.protect.incidents.respond import DONE, MAX_MINUTES, NOT_APPLICABLE, OPEN
from homeroom.domain.platform.district import District


@transaction.atomic
def finish_tasks(
    *,
    district: District,
    public: str,
    actor: str,
    at: datetime,
    minutes: int | None = None,
    not_needed: Collection[int] = (),
    reason: str = "",
) -> int:
    """Record all open tasks as done, those of `not_needed` as not applicable, in one entry; return how many.

    `minutes` is what they took together; each has its share by the minutes that were planned. Raise LookupError for an
    unknown incident, and IncidentRefused.
    """
    incident = get_active_incident(district, public)
    rows = list(IncidentTask.objects.of(district).filter(incident=incident, state=OPEN).order_by("position", "pk"))
    if not rows:
        raise IncidentRefused("task", "no task is open any more")
    done = [row for row in rows if row.pk not in not_needed]
    dropped = [row for row in rows if row.pk in not_needed]
    text = clean_text("reason", reason, required=bool(dropped))
    if minutes is not None and not 0 <= minutes <= MAX_MINUTES:
        raise IncidentRefused("minutes", f"{minutes}; 0 to {MAX_MINUTES} would fit")
    shares = share_minutes(minutes, [row.minutes for row in done]) if minutes is not None else [None] * len(done)
    for row, share in zip(done, shares, strict=True):
        row.state, row.actual = DONE, share
    for row in dropped:
        row.state, row.reason = NOT_APPLICABLE, text
    for row in rows:
        row.changed_by, row.changed_at = actor, at
    IncidentTask.objects.of(district).bulk_update(rows, ["state", "actual", "reason", "changed_by", "changed_at"])
    record_entry(
        incident,
        "task",
        _describe(done, dropped, minutes),
        district=district,
        actor=actor,
        at=at,
        reason=text if dropped else "",
        detail={
            "done": [row.title for row in done],
            "not_applicable": [row.title for row in dropped],
            "minutes": minutes,
        },
    )
    return len(rows)


def share_minutes(total: int, planned: Sequence[int]) -> list[int]:
    """Return each task's share of a total, by the minutes planned for it; the shares add up to the total."""
    weights = [max(1, minutes) for minutes in planned]
    planned_total, reached, shares = sum(weights), 0, list[int]()
    for number in range(len(weights)):
        until = total * sum(weights[: number + 1]) // planned_total
        shares.append(until - reached)
        reached = until
    return shares


def _describe(done: Sequence[IncidentTask], dropped: Sequence[IncidentTask], minutes: int | None) -> str:
    time = f" ({minutes} min in total)" if minutes is not None and done else ""
    parts = ((f"Done{time}", done), ("Does not apply", dropped))
    return " ".join(f"{word}: {'; '.join(row.title.rstrip('.') for row in rows)}." for word, rows in parts if rows)
