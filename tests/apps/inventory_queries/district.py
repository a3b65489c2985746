"""A small invented inventory, written straight into the projection's tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from homeroom.apps.inventory.models import Account, Device, LedgerMerge, Person, Projection, SearchTerm
from homeroom.domain.ids import public_id

MORNING = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)


def published(district: Any, generation: int = 2) -> Projection:
    """The projection of a district at a generation; its snapshot's name is new, so that its lists are laid out anew."""
    before = Projection.objects.filter(district=district).values_list("derived", flat=True).first() or ""
    shown = {"generation": generation, "derived": uuid4().hex, "derived_before": before, "as_of": MORNING}
    return Projection.objects.update_or_create(district=district, defaults=shown)[0]


def device(district: Any, subject: int, **values: Any) -> Device:
    """One device, in the generation that stands."""
    given = {
        "serial": f"SN{subject:05}",
        "kind": "chromebook",
        "platform": "chromeos",
        "status": "active",
        "school": "Lincoln Elementary",
        "org_unit": "/Students/Lincoln",
        "last_seen": MORNING - timedelta(hours=subject),
        "sources": "google snipeit",
        "sort": f"sn{subject:05}",
    }
    row = Device.objects.create(**_interval(district, "device", subject) | given | values)
    SearchTerm.objects.create(
        district=district,
        kind="device",
        term=row.serial.lower(),
        subject=subject,
        opened=1,
        closed=values.get("closed"),
    )
    return row


def person(district: Any, subject: int, **values: Any) -> Person:
    """One pupil, in the generation that stands."""
    given = {
        "name": f"Pupil {subject}",
        "sort": f"pupil {subject:05}",
        "email": f"pupil{subject}@maple.example",
        "kind": "student",
        "here": True,
        "left": False,
        "school": "Lincoln Elementary",
        "grade": "05",
        "grade_band": "3-5",
        "sources": "google oneroster",
    }
    row = Person.objects.create(**_interval(district, "person", subject) | given | values)
    SearchTerm.objects.create(
        district=district, kind="person", term=row.name.lower(), subject=subject, opened=1, closed=None
    )
    return row


def account(district: Any, subject: int, **values: Any) -> Account:
    """One account of a pupil, in the generation that stands."""
    given = {
        "directory": "google",
        "email": f"account{subject}@maple.example",
        "name": f"Account {subject}",
        "sort": f"account {subject:05}",
        "kind": "student",
        "role": "student",
        "school": "Lincoln Elementary",
        "grade_band": "3-5",
        "org_unit": "/Students/Lincoln",
        "enabled": True,
        "administrator": False,
        "left": False,
        "sources": "google",
    }
    return Account.objects.create(**_interval(district, "account", subject) | given | values)


def merged(district: Any, kind: str, subject: int, into: int) -> None:
    """A subject that turned out to be another."""
    LedgerMerge.objects.create(district=district, kind=kind, subject=subject, into=into, opened=1)


def _interval(district: Any, kind: str, subject: int) -> dict[str, Any]:
    return {"district": district, "subject": subject, "public": public_id(kind, subject), "opened": 1}
