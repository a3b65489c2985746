"""Each district is verified once a night; what is wrong is on Today, in the doctor and in the metrics."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from homeroom.apps.audit.appending import lock_head
from homeroom.apps.audit.commands import record_audit_entry
from homeroom.apps.audit.daily_signing import SigningClock
from homeroom.apps.audit.models import Entry
from homeroom.apps.districts.commands import create_district
from homeroom.apps.monitoring.measures import FolderSizes, measure_installation
from homeroom.apps.sources.nightly_verification import VerificationClock, read_verification, verify_and_record
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.django_db(databases="__all__")
NOON = datetime(2026, 1, 15, 18, tzinfo=UTC)
NIGHT = datetime(2026, 1, 16, 8, 30, tzinfo=UTC)


@pytest.fixture
def cast(tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    created = create_cast()
    record_audit_entry(district=created.district, at=NOON, actor="technician", action="open person", subject="p-1")
    return created


def test_a_district_is_verified_once_a_night_and_soon_if_it_never_was(cast: Cast) -> None:
    clock = VerificationClock()
    assert clock.apply(at=NOON) == 2
    assert clock.apply(at=NOON + timedelta(hours=1)) == 0
    assert clock.apply(at=NIGHT) == 0, "it is not so long ago"
    assert clock.apply(at=NIGHT + timedelta(days=1)) == 2
    assert VerificationClock().apply(at=NIGHT + timedelta(days=1, hours=1)) == 0, "a worker that began again"
    result = read_verification(district=cast.district)
    assert result is not None
    assert (result.problems, result.at) == (0, NIGHT + timedelta(days=1))


@pytest.mark.parametrize("is_locked", [False, True])
def test_a_district_without_an_entry_is_no_problem_after_both_clocks(
    tmp_path: Path, settings: Any, *, is_locked: bool
) -> None:
    settings.DATA = tmp_path
    district = create_district(slug="maple", name="Maple Valley")
    with transaction.atomic():
        if is_locked:  # as an erasure does
            lock_head(district)
    assert SigningClock().apply(at=NOON) == 0
    assert VerificationClock().apply(at=NOON) == 1
    result = read_verification(district=district)
    assert result is not None
    assert result.first == ()
    record_audit_entry(district=district, at=NOON, actor="technician", action="open person", subject="p-1")
    assert SigningClock().apply(at=NOON) == 1


def test_what_is_wrong_is_measured_until_a_verification_finds_nothing(cast: Cast, tmp_path: Path) -> None:
    Entry.objects.of(cast.district).update(actor="somebody else")
    VerificationClock().apply(at=NOON)
    measures = {
        item.name: item.values
        for item in measure_installation(tmp_path, at=NOON + timedelta(hours=2), sizes=FolderSizes())
    }
    labels = (cast.district.slug,)
    assert measures["homeroom_verification_problems"][labels] == 1
    assert measures["homeroom_verification_age_seconds"][labels] == 7_200
    Entry.objects.of(cast.district).update(actor="technician")
    assert verify_and_record(district=cast.district, at=NOON).is_sound
    result = read_verification(district=cast.district)
    assert result is not None
    assert result.problems == 0
