"""The detections of alerts: of one and of many the same, without reading those of all others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.detection.models import StoredDetection
from homeroom.apps.protect.detection.queries import group_detections, list_detections

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def district(db: None) -> District:
    """Return a district with three detections of each of two alerts, the newest first."""
    maple = create_district(slug="maple", name="Maple")
    StoredDetection.objects.bulk_create(
        StoredDetection(
            district_id=maple.pk,
            rule="a-rule",
            event_key=f"{alert}/{minute}",
            at=NOON + timedelta(minutes=minute),
            title="A rule",
            level="high",
            alert=alert,
        )
        for minute in (3, 2, 1)
        for alert in ("alert-1", "alert-2")
    )
    return maple


def test_detections_of_many_alerts_are_those_of_each(district: District) -> None:
    names = ("alert-1", "alert-2", "alert-3")
    grouped = group_detections(district=district, alerts=names)
    assert grouped == {name: list_detections(district=district, alert=name) for name in names[:2]}
    assert [row.at.minute for row in grouped["alert-1"]] == [1, 2, 3]


def test_another_districts_detections_are_not_among_them(district: District) -> None:
    other = create_district(slug="cedar", name="Cedar")
    assert group_detections(district=other, alerts=["alert-1"]) == {}


def test_the_detections_of_an_alert_are_found_by_its_own_index(district: District) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL reads a table of six rows without an index")
    rows = StoredDetection.objects.of(district).filter(alert="alert-1").order_by("at", "rule", "event_key")
    assert "alert_detections" in rows.explain()
