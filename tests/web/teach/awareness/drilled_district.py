"""A district whose people took part in drills: a staff list and a training list, resolved and assessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.posture.commands import assess
from homeroom.evidence.loads.store import EvidenceStore
from tests.assessed_district import publish_load

TODAY = date(2026, 1, 15)
AT = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)
SCHOOL = "Cedar Middle"
CAUGHT, HELPED, ONCE, NEVER = "Ruth Castellan", "Ming Ondaatje", "Jorge Valdez", "Priya Berisha"
"""Who missed two drills and had no help, who had help since, who missed one, who missed none."""
MISSES = {CAUGHT: 2, HELPED: 2, ONCE: 1, NEVER: 0}
OTHER_MISSES = {CAUGHT: 0, HELPED: 2, ONCE: 1, NEVER: 2}
"""The same numbers, with two people exchanged."""


def build_email(name: str) -> str:
    """Return the address of a person."""
    return f"{name.replace(' ', '.').lower()}@maple.test"


def publish_drilled_evidence(store: EvidenceStore, *, misses: Mapping[str, int] = MISSES) -> None:
    """Publish a staff list, and a training list with two phishing drills and the training of who had help."""
    people, roles, training = [], [], []
    for number, (name, missed) in enumerate(misses.items(), 1):
        first_name, last_name = name.split()
        people.append(
            {
                "key": f"e{number}",
                "status": "active",
                "given_name": first_name,
                "family_name": last_name,
                "email": build_email(name),
                "identifier": f"10{number}",
                "title": "Teacher",
                "org_name": SCHOOL,
            }
        )
        roles.append(
            {"person_key": f"e{number}", "role": "teacher", "org_name": SCHOOL, "primary": True, "status": "active"}
        )
        training += [_build_drill(name, n, missed=n < missed) for n in range(2)]
    training.append(
        {
            "email": build_email(HELPED),
            "course": "Spot a phish",
            "kind": "training",
            "assigned_on": date(2025, 12, 1),
            "done_on": date(2026, 1, 9),
            "status_word": "Completed",
        }
    )
    publish_load(store, "hr", "hr.staff", "person_records", people, at=AT)
    publish_load(store, "hr", "hr.roles", "role_records", roles, at=AT)
    publish_load(store, "mapped", "mapped.training", "training_records", training, at=AT)


def _build_drill(name: str, number: int, *, missed: bool) -> dict[str, Any]:
    day = date(2025, 10 + number, 6)
    return {
        "email": build_email(name),
        "course": f"Parcel notice {number + 1}",
        "kind": "phishing",
        "assigned_on": day,
        "done_on": day if missed else None,
        "status_word": "Clicked" if missed else "Passed",
    }


def assess_drilled_district(district: District, store: EvidenceStore) -> None:
    """Resolve and assess what is loaded."""
    resolve(district=district, store=store, today=TODAY, at=AT)
    assess(district=district, store=store, today=TODAY, at=AT)
