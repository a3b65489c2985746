"""Attack simulations of a Microsoft tenant, in the words of Graph's reference.

Source: Graph v1.0, resources simulation, userSimulationDetails, userSimulationEventInfo and attackSimulationUser, and
the example of List simulationUsers; the names of events are those of Microsoft's page about reports of simulations.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

SIMULATION = frozenset(
    [
        "id",
        "displayName",
        "description",
        "attackType",
        "payloadDeliveryPlatform",
        "attackTechnique",
        "status",
        "createdDateTime",
        "createdBy",
        "lastModifiedDateTime",
        "lastModifiedBy",
        "launchDateTime",
        "completionDateTime",
        "isAutomated",
        "automationId",
        "durationInDays",
    ]
)
USER = frozenset(
    [
        "isCompromised",
        "compromisedDateTime",
        "assignedTrainingsCount",
        "completedTrainingsCount",
        "inProgressTrainingsCount",
        "reportedPhishDateTime",
        "simulationUser",
        "simulationEvents",
        "trainingEvents",
    ]
)
STATES = ("succeeded", "running", "succeeded", "draft", "excluded")
PEOPLE = 25


def build_simulations(began: datetime) -> dict[str, dict[str, Any]]:
    """Return simulations by id: three with a report, a draft, and one that is excluded from reports."""
    return {
        f"s{number}": _build_simulation(number, state, began - timedelta(days=30 * number))
        for number, state in enumerate(STATES)
    }


def build_simulation_users(began: datetime) -> dict[str, list[dict[str, Any]]]:
    """Return the users of each simulation with a report, by its id."""
    return {
        f"s{number}": [build_user(person, began - timedelta(days=30 * number)) for person in range(PEOPLE)]
        for number, state in enumerate(STATES)
        if state in ("succeeded", "running")
    }


def build_user(person: int, began: datetime) -> dict[str, Any]:
    """Return a user: each third clicked, each ninth typed something, each fourth reported."""
    at = began + timedelta(minutes=person)
    events = [_build_event("SuccessfullyDeliveredEmail", at)]
    if person % 2:
        events.append(_build_event("MessageRead", at + timedelta(minutes=5), browser="Edge"))
    if person % 3 == 0:
        events.append(_build_event("EmailLinkClicked", at + timedelta(minutes=6), browser="Edge"))
    if person % 9 == 0:
        events.append(_build_event("CredSupplied", at + timedelta(minutes=7), browser="Edge"))
        events.append(_build_event("TrainingAssignmentMessageDelivered", at + timedelta(days=1)))
    reported = at + timedelta(minutes=9) if person % 4 == 0 else None
    if reported:
        events.append(_build_event("ReportedEmail", reported))
    return {
        "isCompromised": person % 9 == 0,
        "compromisedDateTime": _format_time(at + timedelta(minutes=7)) if person % 9 == 0 else None,
        "assignedTrainingsCount": int(person % 9 == 0),
        "completedTrainingsCount": 0,
        "inProgressTrainingsCount": 0,
        "reportedPhishDateTime": _format_time(reported) if reported else None,
        "simulationUser": {
            "userId": f"99af58b9-{person:04d}",
            "displayName": f"Person {person}",
            "email": f"Person{person}@maple.example",
        },
        "simulationEvents": events,
        "trainingEvents": [],
    }


def _build_event(name: str, at: datetime, *, browser: str = "") -> dict[str, Any]:
    return {
        "eventName": name,
        "eventDateTime": _format_time(at),
        "ipAddress": "198.51.100.7" if browser else "",
        "osPlatformDeviceDetails": "Windows 11" if browser else "",
        "browser": browser,
    }


def _build_simulation(number: int, state: str, at: datetime) -> dict[str, Any]:
    launched = state not in ("draft", "scheduled")
    return {
        "id": f"s{number}",
        "displayName": f"Payroll {number}",
        "description": None,
        "attackType": "social",
        "payloadDeliveryPlatform": "email",
        "attackTechnique": "credentialHarvesting",
        "status": state,
        "createdDateTime": _format_time(at),
        "launchDateTime": _format_time(at) if launched else "0001-01-01T00:00:00Z",
        "completionDateTime": None,
        "isAutomated": False,
        "automationId": None,
        "durationInDays": 7,
    }


def _format_time(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.01Z")
