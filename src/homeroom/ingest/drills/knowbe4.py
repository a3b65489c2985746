"""Recipients of phishing tests as KnowBe4's reporting API returns them: the first time of each kind alone.

Source: developer.knowbe4.com, Reporting API, "Get All Recipients" of a phishing security test.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from homeroom.domain.teach.awareness.drill_events import DrillEventKind
from homeroom.ingest.drills.drill_events import (
    DrillFile,
    UnfitEvent,
    parse_address,
    parse_moment,
    parse_person,
    parse_text,
)

TIMES = {
    "delivered_at": DrillEventKind.DELIVERED,
    "opened_at": DrillEventKind.OPENED,
    "clicked_at": DrillEventKind.CLICKED,
    "data_entered_at": DrillEventKind.POSTED,
    "replied_at": DrillEventKind.REPLIED,
    "reported_at": DrillEventKind.REPORTED,
    "bounced_at": DrillEventKind.BOUNCED,
}
VISITS = (DrillEventKind.CLICKED, DrillEventKind.OPENED, DrillEventKind.POSTED)
"""The first of these that happened is what the address and the browser are of."""


def is_recipient(value: object) -> bool:
    """Check whether a JSON value is a recipient of a test."""
    return isinstance(value, Mapping) and "recipient_id" in value and "pst_id" in value


def read_recipients(recipients: Sequence[Any], file: DrillFile) -> None:
    """Add the events of recipients; `row` is the place of the recipient."""
    read_recipient_rows(enumerate(recipients, start=1), file)


def read_recipient_rows(recipients: Iterable[tuple[int, Any]], file: DrillFile) -> None:
    """Add the events of recipients, given with their places."""
    listed: set[tuple[str, str]] = set()
    for row, recipient in recipients:
        try:
            _add_recipient(recipient, row=row, file=file, listed=listed)
        except UnfitEvent as error:
            file.reject(row, error)


def _add_recipient(recipient: Any, *, row: int, file: DrillFile, listed: set[tuple[str, str]]) -> None:
    if not is_recipient(recipient):
        raise UnfitEvent("recipient_id", "is no recipient", "an object with recipient_id, pst_id and user")
    user = recipient.get("user")
    email = user.get("email") if isinstance(user, Mapping) else recipient.get("user.email")
    person = parse_person(email, field_name="user.email")
    drill = str(recipient["pst_id"])
    times = {kind: parse_moment(recipient.get(name), field_name=name) for name, kind in TIMES.items()}
    address = parse_address(recipient.get("ip"), field_name="ip")
    if (drill, person) in listed:
        raise UnfitEvent("user.email", "is listed before in this test", "each recipient once")
    listed.add((drill, person))
    agent = " ".join(filter(None, (parse_text(recipient.get(name)) for name in ("browser", "browser_version", "os"))))
    seen = next((kind for kind in VISITS if times[kind] is not None), None)
    for kind, at in times.items():
        if at is not None:
            visitor = {"ip": address, "agent": agent or None} if kind is seen else {}
            file.add(row=row, drill=drill, person=person, event=kind, at=at, first_only=True, **visitor)
    if all(at is None for at in times.values()):
        raise UnfitEvent("delivered_at", "is missing, as all other times are", "the time of delivery")
