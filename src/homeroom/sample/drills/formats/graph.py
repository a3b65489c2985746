"""Microsoft's attack simulation: the users of a simulation, as Graph returns them.

Form after https://learn.microsoft.com/graph/api/resources/usersimulationdetails; names of events after
https://learn.microsoft.com/defender-office-365/attack-simulation-training-simulations.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from homeroom.sample.drills.events import SCORED, Drill, DrillEvent, WrittenFile
from homeroom.sample.drills.formats.times import format_nanoseconds

_NAMES: Final = {
    "delivered": "SuccessfullyDeliveredEmail",
    "opened": "MessageRead",
    "clicked": "EmailLinkClicked",
    "posted": "CredSupplied",
}


def write_users(path: Path, drill: Drill, _number: int) -> WrittenFile:
    """Write the users; a row is the place of a user, from 1, whose events are in order of time."""
    events: dict[str, list[DrillEvent]] = {person.email: [] for person in drill.people}
    for event in drill.events:
        if event.kind in _NAMES and event.method != "HEAD" and event.link != "hidden":
            events[event.person].append(event)
    shown: list[tuple[int, DrillEvent]] = []
    users = []
    for row, person in enumerate(drill.people, start=1):
        own = events[person.email]
        users.append(_build_user(row, person.email, own, drill))
        shown += [(row, event) for event in own if event.kind in SCORED]
    context = "https://graph.microsoft.com/v1.0/$metadata#Collection(microsoft.graph.userSimulationDetails)"
    document = {"@odata.context": context, "@odata.count": len(users), "value": users}
    path.write_text(json.dumps(document, indent=1), encoding="utf-8", newline="\n")
    return WrittenFile(name=path.name, drill=drill, shown=shown)


def _build_user(row: int, email: str, events: list[DrillEvent], drill: Drill) -> dict[str, Any]:
    compromised = [event for event in events if event.kind == "posted"]
    reported = drill.reported.get(email)
    return {
        "isCompromised": bool(compromised),
        "compromisedDateTime": format_nanoseconds(compromised[0].at) if compromised else None,
        "reportedPhishDateTime": format_nanoseconds(reported) if reported else None,
        "assignedTrainingsCount": 0,
        "completedTrainingsCount": 0,
        "inProgressTrainingsCount": 0,
        "simulationUser": {
            "userId": f"00000000-0000-4000-8000-{row:012d}",
            "displayName": email.partition("@")[0].replace(".", " ").title(),
            "email": email,
        },
        "simulationEvents": [_build_event(event) for event in events],
        "trainingEvents": [],
    }


def _build_event(event: DrillEvent) -> dict[str, Any]:
    browser = event.browser
    return {
        "eventName": _NAMES[event.kind],
        "eventDateTime": format_nanoseconds(event.at),
        "ipAddress": event.address,
        "osPlatformDeviceDetails": browser.system if browser else None,
        "browser": f"{browser.name} {browser.version}".strip() if browser else None,
    }
