"""Queries over requests to use a tool: lists by state, what is approved, and one with its entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from homeroom.apps.manage.tool_requests.commands import ASKED
from homeroom.apps.manage.tool_requests.models import ToolRequest, ToolRequestEntry
from homeroom.domain.manage.tools.requests import APPROVED, SOON, RequestState, find_state
from homeroom.domain.platform.district import District

MAX_LISTED = 300
"""Decided requests that a list shows, the newest first."""


@dataclass(frozen=True, kw_only=True)
class ToolRequestLine:
    """A line of a list of requests; `until` is the last day of an approval, also of one that has expired."""

    id: str
    name: str
    tool: str
    requester: str
    class_name: str
    grades: str
    schools: tuple[str, ...]
    reason: str
    needed_by: date | None
    state: RequestState
    conditions: str
    decision_reason: str
    until: date | None
    decided_by: str
    decided_at: datetime | None
    made_by: str
    made_at: datetime

    def is_late(self, today: date) -> bool:
        """Check whether it is open past the day by which it is needed."""
        return self.state is RequestState.OPEN and self.needed_by is not None and self.needed_by < today

    def ends_soon(self, today: date) -> bool:
        """Check whether an approval ends within 60 days."""
        return self.state in APPROVED and self.until is not None and self.until <= today + SOON


@dataclass(frozen=True, kw_only=True)
class ToolRequestStep:
    """What somebody did about a request, with the check of the tool as it was then."""

    act: str
    at: datetime
    text: str
    conditions: str
    until: date | None
    document: Mapping[str, Any] | None
    written_by: str


@dataclass(frozen=True, kw_only=True)
class RequestReminders:
    """How many requests are open, how many of these are late, and how many approvals end soon."""

    open: int
    late: int
    ending: int


@dataclass(frozen=True, kw_only=True)
class ToolRequestView:
    """One request with what was done, and other requests for the same tool, the newest first."""

    line: ToolRequestLine
    does: tuple[str, ...]
    steps: tuple[ToolRequestStep, ...]
    others: tuple[ToolRequestLine, ...]

    @property
    def asked(self) -> Mapping[str, Any] | None:
        """The check of the day on which it was asked."""
        return next((step.document for step in self.steps if step.act == ASKED), None)

    @property
    def decided(self) -> Mapping[str, Any] | None:
        """The check of the newest decision; None if it was not decided."""
        return next((step.document for step in reversed(self.steps) if step.act != ASKED and step.document), None)


def list_open_requests(*, district: District, today: date) -> tuple[ToolRequestLine, ...]:
    """List the open requests: those that are needed first, then those without a day, the oldest first."""
    rows = ToolRequest.objects.of(district).filter(state=RequestState.OPEN)
    ordered = rows.order_by(F("needed_by").asc(nulls_last=True), "made_at", "id")
    return tuple(_build_line(row, today) for row in ordered)


def list_decided_requests(*, district: District, today: date) -> tuple[ToolRequestLine, ...]:
    """List the requests that are not open, the newest decision first."""
    rows = ToolRequest.objects.of(district).exclude(state=RequestState.OPEN)
    return tuple(
        _build_line(row, today) for row in rows.order_by(Coalesce("decided_at", "made_at").desc(), "-id")[:MAX_LISTED]
    )


def list_approved_tools(*, district: District, today: date) -> tuple[ToolRequestLine, ...]:
    """List what is approved, also what has expired since, by the name of the tool."""
    rows = ToolRequest.objects.of(district).filter(state__in=APPROVED)
    return tuple(sorted((_build_line(row, today) for row in rows), key=lambda line: (line.name.casefold(), line.id)))


def get_request_reminders(*, district: District, today: date) -> RequestReminders:
    """Return what Today asks about requests, by one query."""
    is_open = Q(state=RequestState.OPEN)
    counts = ToolRequest.objects.of(district).aggregate(
        open=Count("id", filter=is_open),
        late=Count("id", filter=is_open & Q(needed_by__lt=today)),
        ending=Count("id", filter=Q(state__in=APPROVED, until__gte=today, until__lte=today + SOON)),
    )
    return RequestReminders(**counts)


def count_requests(*, district: District) -> Mapping[str, int]:
    """Count the requests by their stored state."""
    rows = ToolRequest.objects.of(district).values_list("state").annotate(many=Count("id"))
    return dict(rows)


def find_request(*, district: District, public: str, today: date) -> ToolRequestView | None:
    """Return one request, or None if the district has no such request."""
    row = ToolRequest.objects.of(district).filter(public=public).first()
    if row is None:
        return None
    entries = ToolRequestEntry.objects.of(district).filter(request=row).order_by("id")
    return ToolRequestView(
        line=_build_line(row, today),
        does=tuple(row.does),
        steps=tuple(
            ToolRequestStep(
                act=entry.act,
                at=entry.at,
                text=entry.text,
                conditions=entry.conditions,
                until=entry.until,
                document=entry.document,
                written_by=entry.written_by,
            )
            for entry in entries
        ),
        others=list_requests_for(district=district, tool=row.tool, name=row.name, besides=public, today=today),
    )


def list_requests_for(
    *, district: District, tool: str, name: str, besides: str = "", today: date
) -> tuple[ToolRequestLine, ...]:
    """List the requests for one tool, by its id or else by its name, the newest first."""
    rows = ToolRequest.objects.of(district)
    rows = rows.filter(tool=tool) if tool else rows.filter(name__iexact=name)
    return tuple(_build_line(row, today) for row in rows.exclude(public=besides).order_by("-made_at", "-id")[:20])


def _build_line(row: ToolRequest, today: date) -> ToolRequestLine:
    return ToolRequestLine(
        id=row.public,
        name=row.name,
        tool=row.tool,
        requester=row.requester,
        class_name=row.class_name,
        grades=row.grades,
        schools=tuple(row.schools),
        reason=row.reason,
        needed_by=row.needed_by,
        state=find_state(row.state, until=row.until, today=today),
        conditions=row.conditions,
        decision_reason=row.decision_reason,
        until=row.until,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        made_by=row.made_by,
        made_at=row.made_at,
    )
