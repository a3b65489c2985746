"""Campaigns of gophish as its API returns them, and its CSV export of events.

Source: github.com/gophish/gophish, models/campaign.go and models/result.go (0.12.1): a campaign has `results` and
`timeline`; `details` is JSON in text, with the posted form in `payload` and the visitor in `browser`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from homeroom.domain.teach.awareness.drill_events import DrillEventKind
from homeroom.ingest.drills.drill_events import (
    DrillFile,
    UnfitEvent,
    parse_address,
    parse_moment,
    parse_person,
    parse_text,
    require_moment,
)

MESSAGES = {
    "email sent": DrillEventKind.SENT,
    "error sending email": DrillEventKind.BOUNCED,
    "email opened": DrillEventKind.OPENED,
    "clicked link": DrillEventKind.CLICKED,
    "submitted data": DrillEventKind.POSTED,
    "email reported": DrillEventKind.REPORTED,
}
CAMPAIGN_MESSAGES = ("campaign created", "campaign complete", "campaign completed")
"""Messages about the campaign itself, which no person caused."""
OWN_FIELDS = ("rid", "__original_url")
"""Fields of a payload that the tool adds; all others were typed."""
MESSAGE_FITS = ", ".join(MESSAGES)
_MAX_VISITOR_TEXT = 1024


def is_campaign(value: object) -> bool:
    """Check whether a JSON value is a campaign."""
    return (
        isinstance(value, Mapping)
        and isinstance(value.get("results"), list)
        and isinstance(value.get("timeline"), list)
    )


def read_campaign(campaign: Mapping[str, Any], file: DrillFile) -> None:
    """Add the events of a campaign to those of the file; `row` is the place in the timeline."""
    name = parse_text(campaign.get("name")) or str(campaign.get("id") or file.file)
    recipients = _read_recipients(campaign["results"], file)
    sent: set[str] = set()
    for row, entry in enumerate(campaign["timeline"], start=1):
        for person, event in _try_entry(entry, row=row, drill=name, file=file, recipients=recipients):
            if event is DrillEventKind.SENT:
                sent.add(person)
    for person, sent_at in recipients.items():
        if person not in sent and sent_at is not None:
            file.add(row=0, drill=name, person=person, event=DrillEventKind.SENT, at=sent_at)


def read_event_rows(rows: Iterable[tuple[int, Mapping[str, Any]]], file: DrillFile) -> None:
    """Add the events of the CSV export or of a timeline, given with their places from 1."""
    for row, cells in rows:
        drill = parse_text(cells.get("campaign_id")) or file.file
        list(_try_entry(cells, row=row, drill=drill, file=file, recipients=None))


def _read_recipients(results: list[Any], file: DrillFile) -> dict[str, datetime | None]:
    """Return when the mail of each recipient was sent; a recipient who is listed twice counts once."""
    recipients: dict[str, datetime | None] = {}
    for place, result in enumerate(results, start=1):
        try:
            if not isinstance(result, Mapping):
                raise UnfitEvent("results", "is no recipient", "an object with email, status and send_date")
            person = parse_person(result.get("email"), field_name="results.email")
            sent_at = parse_moment(result.get("send_date"), field_name="results.send_date")
        except UnfitEvent as error:
            file.reject(place, error)
            continue
        if person in recipients:
            file.reject(place, UnfitEvent("results.email", "is listed before", "each recipient once"))
        else:
            recipients[person] = sent_at if parse_text(result.get("status")) not in ("Scheduled", "Error") else None
    return recipients


def _try_entry(
    entry: Any, *, row: int, drill: str, file: DrillFile, recipients: Mapping[str, object] | None
) -> Iterator[tuple[str, DrillEventKind]]:
    """Add the event of an entry and yield its person and kind; add a problem where it does not fit."""
    try:
        if not isinstance(entry, Mapping):
            raise UnfitEvent("timeline", "is no event", "an object with email, time, message and details")
        message = (parse_text(entry.get("message")) or "").lower()
        if message in CAMPAIGN_MESSAGES:
            return
        if message not in MESSAGES:
            raise UnfitEvent("message", "is no event that is known", MESSAGE_FITS)
        person = parse_person(entry.get("email"), field_name="email")
        if recipients is not None and person not in recipients:
            raise UnfitEvent("email", "is no recipient of the campaign", "an address of its results")
        event = MESSAGES[message]
        at = require_moment(entry.get("time"), field_name="time")
        address, agent, has_typed = _read_details(entry.get("details"))
    except UnfitEvent as error:
        file.reject(row, error)
        return
    file.typed += has_typed
    file.add(row=row, drill=drill, person=person, event=event, at=at, ip=address, agent=agent)
    yield person, event


def strip_details(details: object) -> tuple[dict[str, Any] | None, bool]:
    """Return the details of an entry with the visitor alone, and whether a form was typed into.

    Of details that cannot be read nothing is left but a mark that cannot be read either, so that the entry is rejected
    later.
    """
    try:
        browser, has_typed = _split_details(details)
    except UnfitEvent:
        return {"browser": ""}, False
    visitor = {name: parse_text(browser.get(name)) for name in ("address", "user-agent")}
    named = {name: text[:_MAX_VISITOR_TEXT] for name, text in visitor.items() if text}
    return ({"browser": named} if named else None), has_typed


def _read_details(details: object) -> tuple[str | None, str | None, bool]:
    """Return the visitor's address and user agent, and whether a form was typed into; its values are dropped here."""
    browser, has_typed = _split_details(details)
    address = parse_address(browser.get("address"), field_name="details.browser.address")
    return address, parse_text(browser.get("user-agent")), has_typed


def _split_details(details: object) -> tuple[Mapping[str, Any], bool]:
    """Return the visitor of an entry's details, and whether a form was typed into. Raise UnfitEvent."""
    if isinstance(details, str) and details:
        try:
            details = msgspec.json.decode(details)
        except (msgspec.DecodeError, RecursionError):
            raise UnfitEvent("details", "is no JSON", "JSON with payload and browser") from None
    if details is None or details == "":
        return {}, False
    if not isinstance(details, Mapping):
        raise UnfitEvent("details", "is no object", "JSON with payload and browser")
    browser, payload = details.get("browser"), details.get("payload")
    if not isinstance(browser, Mapping | None) or not isinstance(payload, Mapping | None):
        raise UnfitEvent("details", "has a browser or payload that is no object", "JSON with payload and browser")
    has_typed = any(name not in OWN_FIELDS and any(_list_values(value)) for name, value in (payload or {}).items())
    return browser or {}, has_typed


def _list_values(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
