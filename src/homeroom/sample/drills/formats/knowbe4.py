"""KnowBe4: the recipients of a phishing test, with the first time of each kind only.

Form after https://developer.knowbe4.com/ (recipients of a phishing security test).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from homeroom.sample.drills.events import SCORED, Drill, DrillEvent, WrittenFile
from homeroom.sample.drills.formats.times import format_milliseconds


def write_recipients(path: Path, drill: Drill, number: int) -> WrittenFile:
    """Write the recipients; a row is the place of a recipient, from 1. Address and browser are of the first click."""
    firsts: dict[str, dict[str, DrillEvent]] = {}
    for event in drill.events:
        if event.method != "HEAD" and event.link != "hidden":
            firsts.setdefault(event.person, {}).setdefault(event.kind, event)
    shown: list[tuple[int, DrillEvent]] = []
    records = []
    for row, person in enumerate(drill.people, start=1):
        first = firsts.get(person.email, {})
        records.append(_build_record(number, row, person.email, first))
        shown += [(row, first[kind]) for kind in SCORED if kind in first]
    path.write_text(json.dumps(records, indent=1), encoding="utf-8", newline="\n")
    return WrittenFile(name=path.name, drill=drill, shown=shown)


def _build_record(number: int, row: int, email: str, first: dict[str, DrillEvent]) -> dict[str, Any]:
    seen = first.get("clicked") or first.get("opened")
    browser = seen.browser if seen else None
    times = {
        name: format_milliseconds(first[kind].at) if kind in first else None
        for name, kind in (
            ("scheduled_at", "sent"), ("delivered_at", "delivered"), ("opened_at", "opened"), ("clicked_at", "clicked"),
            ("replied_at", "replied"), ("data_entered_at", "posted"), ("reported_at", "reported"),
            ("bounced_at", "bounced"),
        )
    }  # fmt: skip
    name, _, last = email.partition("@")[0].partition(".")
    user = {"id": 264_000 + row, "first_name": name.title(), "last_name": last.title(), "email": email}
    return {
        "recipient_id": 3_077_000 + row, "pst_id": 14_240 + number, "user": user, **times,
        "attachment_opened_at": None, "macro_enabled_at": None, "vulnerable-plugins_at": None, "exploited_at": None,
        "ip": seen.address if seen else None, "ip_location": None, "browser": browser.name if browser else None,
        "browser_version": browser.version if browser else None, "os": browser.system if browser else None,
    }  # fmt: skip
