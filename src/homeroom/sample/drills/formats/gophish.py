"""gophish: a campaign with its timeline, and the CSV of its events.

Form after gophish's API (https://docs.getgophish.com/api-documentation/campaigns); `details` is JSON in text.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from homeroom.sample.drills.events import SCORED, Drill, DrillEvent, WrittenFile
from homeroom.sample.drills.formats.times import NEVER, format_nanoseconds
from homeroom.sample.files.writers import CsvFile

_MESSAGES: Final = {
    "sent": "Email Sent",
    "bounced": "Error Sending Email",
    "opened": "Email Opened",
    "clicked": "Clicked Link",
    "posted": "Submitted Data",
    "reported": "Email Reported",
}
_ORDER: Final = ("sent", "opened", "clicked", "posted")


def write_campaign(path: Path, drill: Drill, number: int) -> WrittenFile:
    """Write the campaign; an event's row is its place in the timeline, from 1."""
    events = _list_logged(drill)
    timeline = [_build_entry(number, "", drill.launched, "Campaign Created", "")]
    timeline += [
        _build_entry(number, event.person, event.at, _MESSAGES[event.kind], _format_details(event)) for event in events
    ]
    document = {
        "id": number,
        "name": drill.name,
        "created_date": format_nanoseconds(drill.launched),
        "launch_date": format_nanoseconds(drill.launched),
        "send_by_date": NEVER,
        "completed_date": format_nanoseconds(drill.ends) if number % 2 else NEVER,
        "status": "Completed" if number % 2 else "In progress",
        "template": {"name": drill.lure},
        "results": _build_results(drill, events),
        "timeline": timeline,
        "url": "https://drill.example",
    }
    path.write_text(json.dumps(document, indent=1), encoding="utf-8", newline="\n")
    return WrittenFile(name=path.name, drill=drill, shown=_list_shown(events, first=2))


def write_events_csv(path: Path, drill: Drill, number: int) -> WrittenFile:
    """Write the events as the console exports them; an event's row is its record, from 1, the header not counted."""
    events = _list_logged(drill)
    with CsvFile(path, "campaign_id,email,time,message,details", ends="\n") as file:
        file.write_row([number, "", format_nanoseconds(drill.launched), "Campaign Created", ""])
        for event in events:
            time = format_nanoseconds(event.at)
            file.write_row([number, event.person, time, _MESSAGES[event.kind], _format_details(event)])
    return WrittenFile(name=path.name, drill=drill, shown=_list_shown(events, first=2))


def _list_logged(drill: Drill) -> list[DrillEvent]:
    """Return what gophish sees: neither deliveries, nor requests for the head, nor hidden links."""
    return [
        event for event in drill.events if event.kind in _MESSAGES and event.method != "HEAD" and event.link != "hidden"
    ]


def _list_shown(events: Sequence[DrillEvent], *, first: int) -> list[tuple[int, DrillEvent]]:
    return [(row, event) for row, event in enumerate(events, start=first) if event.kind in SCORED]


def _build_entry(number: int, email: str, at: Any, message: str, details: str) -> dict[str, Any]:
    return {
        "campaign_id": number, "email": email, "time": format_nanoseconds(at), "message": message, "details": details,
    }  # fmt: skip


def _format_details(event: DrillEvent) -> str:
    if event.kind == "bounced":
        return json.dumps({"error": "550 5.1.1 The email account that you tried to reach does not exist"})
    if event.kind not in SCORED:
        return ""
    payload: dict[str, list[str]] = {"rid": [_build_key(event.person)]}
    if event.kind == "posted":
        payload |= {"username": [event.person], "password": ["Invented-Passphrase-7"]}
    browser = {"address": event.address or "", "user-agent": event.browser.agent if event.browser else ""}
    return json.dumps({"payload": payload, "browser": browser})


def _build_key(email: str) -> str:
    """Return a recipient's key of seven characters."""
    value = sum((index + 1) * ord(letter) ** 3 for index, letter in enumerate(email))
    letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return "".join(letters[value // 62**place % 62] for place in range(7))


def _build_results(drill: Drill, events: Sequence[DrillEvent]) -> list[dict[str, Any]]:
    """Return the recipients, each with the furthest that happened."""
    furthest: dict[str, int] = {}
    for event in events:
        if event.kind in _ORDER:
            furthest[event.person] = max(furthest.get(event.person, 0), _ORDER.index(event.kind))
    results = []
    for person in drill.people:
        first, _, last = person.email.partition("@")[0].partition(".")
        bounced = person.email not in drill.delivered_at
        status = "Error" if bounced else _MESSAGES[_ORDER[furthest.get(person.email, 0)]]
        results.append(
            {
                "id": _build_key(person.email), "email": person.email, "first_name": first.title(),
                "last_name": last.rstrip("0123456789").title(), "position": "", "status": status,
                "reported": person.email in drill.reported,
            }
        )  # fmt: skip
    return results
