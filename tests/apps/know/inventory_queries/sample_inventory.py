"""A small invented inventory, written straight into the projection's tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from homeroom.apps.know.inventory.models import Account, Device, LedgerMerge, Person, Projection
from homeroom.domain.ids import format_public_id
from homeroom.domain.platform.district import District

MORNING = datetime(2026, 1, 15, 11, 10, tzinfo=UTC)


def publish_projection(district: District, generation: int = 2) -> Projection:
    """Publish the projection of a district at a generation, with a new snapshot name so that its lists are rebuilt."""
    previous_snapshot = Projection.objects.filter(district=district).values_list("derived", flat=True).first() or ""
    values = {"generation": generation, "derived": uuid4().hex, "derived_before": previous_snapshot, "as_of": MORNING}
    return Projection.objects.update_or_create(district=district, defaults=values)[0]


def create_device(district: District, subject: int, **values: Any) -> Device:
    """Create a device in the current generation."""
    defaults = {
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
    return Device.objects.create(**_build_interval(district, "device", subject) | defaults | values)


def create_student(district: District, subject: int, **values: Any) -> Person:
    """Create a student in the current generation."""
    defaults = {
        "name": f"Student {subject}",
        "sort": f"student {subject:05}",
        "email": f"student{subject}@maple.example",
        "kind": "student",
        "here": True,
        "left": False,
        "school": "Lincoln Elementary",
        "grade": "05",
        "grade_band": "3-5",
        "sources": "google oneroster",
    }
    return Person.objects.create(**_build_interval(district, "person", subject) | defaults | values)


def create_account(district: District, subject: int, **values: Any) -> Account:
    """Create a student's account in the current generation."""
    defaults = {
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
    return Account.objects.create(**_build_interval(district, "account", subject) | defaults | values)


def merge_subject(district: District, kind: str, subject: int, into: int) -> None:
    """Record that a subject was merged into another."""
    LedgerMerge.objects.create(district=district, kind=kind, subject=subject, into=into, opened=1)


def _build_interval(district: District, kind: str, subject: int) -> dict[str, Any]:
    return {"district": district, "subject": subject, "public": format_public_id(kind, subject), "opened": 1}
