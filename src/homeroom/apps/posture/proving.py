"""What became of members that were open when somebody said that the work was done: the next judgement proves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Q

from homeroom.apps.posture.models import Member
from homeroom.apps.posture.queries import Judgement


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Of the members of a control that were open in an older judgement: how many closed, and how many still fail.

    `unseen` are open still, but no newer source could look at them.
    """

    closed: int
    failing: int
    unseen: int


def outcomes(*, district: Any, of: Judgement, since: Iterable[tuple[str, int]]) -> Mapping[tuple[str, int], Outcome]:
    """By (control, number of an older judgement), what became of the members that were open in it."""
    asked: dict[int, set[str]] = {}
    for control, number in since:
        asked.setdefault(number, set()).add(control)
    found: dict[tuple[str, int], Outcome] = {}
    for number, controls in sorted(asked.items()):
        then = Member.objects.of(district).filter(Q(closed=None) | Q(closed__gt=number), opened__lte=number)
        still = Q(closed=None) | Q(closed__gt=of.number)
        rows = then.filter(finding__control__in=controls).values("finding__control")
        counted = rows.annotate(
            closed_now=Count("pk", filter=~still),
            failing=Count("pk", filter=still & Q(not_seen_since=None)),
            unseen=Count("pk", filter=still & Q(not_seen_since__isnull=False)),
        ).order_by("finding__control")
        for row in counted:
            found[row["finding__control"], number] = Outcome(
                closed=row["closed_now"], failing=row["failing"], unseen=row["unseen"]
            )
    return found
