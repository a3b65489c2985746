"""Queries for requests: those that are open, and those that are closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from homeroom.apps.privacy.models import PrivacyRequest
from homeroom.domain.district import District

MAX_CLOSED = 200
"""Closed requests that a list shows."""


@dataclass(frozen=True, kw_only=True)
class RequestLine:
    """A line of the list of requests; `closed_on` is None for an open one."""

    id: str
    kind: str
    student: str
    requester: str
    received_on: date
    step: str
    closed_on: date | None


def list_requests(*, district: District, closed: bool = False) -> tuple[RequestLine, ...]:
    """Return the open requests, the earliest first, or the closed ones, the newest first."""
    rows = PrivacyRequest.objects.of(district)
    shown = (
        rows.exclude(closed_on=None).order_by("-closed_on", "-id")[:MAX_CLOSED]
        if closed
        else rows.filter(closed_on=None).order_by("received_on", "id")
    )
    return tuple(
        RequestLine(
            id=row.public,
            kind=row.kind,
            student=row.student or row.student_text,
            requester=row.requester,
            received_on=row.received_on,
            step=row.step,
            closed_on=row.closed_on,
        )
        for row in shown
    )
