"""What people do about canaries: choose one, plant it, test it, retire it. Each is in the audit trail, without names.

The trail names a canary by its number alone: it is read by more people, and is exported.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.detection.canaries.naming import belongs_to_somebody
from homeroom.apps.protect.detection.models import CanaryTest, PlantedCanary
from homeroom.domain.platform.district import District
from homeroom.domain.protect.detections.canaries import MAX_LENGTH, CanaryPlace, InvalidCanary, clean_canary_value

TEST_TIME = timedelta(minutes=30)
"""How long a touch counts as the planned one."""
MAX_OPEN = 200
"""So many canaries are more than anybody looks after."""


@transaction.atomic
def add_canary(*, district: District, place: CanaryPlace, title: str, actor: str, at: datetime) -> int:
    """Choose a name for a canary that is to be planted, and return its number. Raise InvalidCanary."""
    title = " ".join(title.split())
    if place.kind == "document":
        if not title or len(title) > MAX_LENGTH or not title.isprintable():
            raise InvalidCanary(f"A title of 1 to {MAX_LENGTH} letters, digits and signs would fit.")
    else:
        title = clean_canary_value(place, title)
    if place.kind == "account" and belongs_to_somebody(district=district, name=title):
        raise InvalidCanary("Somebody has an account of that name; a name that nobody has would fit.")
    rows = PlantedCanary.objects.of(district).filter(retired_at__isnull=True)
    if rows.count() >= MAX_OPEN:
        raise InvalidCanary(f"There are {MAX_OPEN} canaries; retire one that nobody tests.")
    if rows.filter(kind=place.kind, title__iexact=title).exists():
        raise InvalidCanary("There is a canary of that name already.")
    row = PlantedCanary.objects.create(
        district_id=district.pk, place=place, kind=place.kind, title=title, made_by=actor, made_at=at
    )
    _record(district, at, actor, "choose canary", row)
    return row.pk


def plant_canary(*, district: District, number: int, value: str, actor: str, at: datetime) -> None:
    """Note that a canary is planted, and watch it from now on.

    Raise LookupError if there is none that waits, InvalidCanary if the value does not fit or is a canary's already.
    """
    with transaction.atomic():
        row = _get_canary(district, number)
        if row.planted_at is not None:
            raise LookupError(f"canary {number} is planted already")
        row.value = clean_canary_value(CanaryPlace(row.place), value)
        row.value_key = row.value.casefold()
        row.planted_by, row.planted_at = actor, at
        try:
            with transaction.atomic():
                row.save(update_fields=["value", "value_key", "planted_by", "planted_at"])
        except IntegrityError:
            raise InvalidCanary("That is a canary already.") from None
        _record(district, at, actor, "plant canary", row)


@transaction.atomic
def import_canary(
    *, district: District, place: CanaryPlace, value: str, title: str = "", actor: str, at: datetime
) -> int:
    """Put a canary of a loaded file on the page as well, so that it can be tested; return its number."""
    key = value.casefold()
    row = PlantedCanary.objects.of(district).filter(kind=place.kind, value_key=key, retired_at__isnull=True).first()
    if row is not None:
        return row.pk
    row = PlantedCanary.objects.create(
        district_id=district.pk, place=place, kind=place.kind, title=title or value, value=value, value_key=key,
        made_by=actor, made_at=at, planted_by=actor, planted_at=at,
    )  # fmt: skip
    _record(district, at, actor, "import canary", row)
    return row.pk


@transaction.atomic
def start_canary_test(*, district: District, number: int, actor: str, at: datetime) -> None:
    """Begin the time in which a touch is a planned one. Raise LookupError if the canary is not planted."""
    row = _get_canary(district, number)
    if row.planted_at is None:
        raise LookupError(f"canary {number} is not planted")
    CanaryTest.objects.create(
        district_id=district.pk, canary=row, started_by=actor, started_at=at, ends_at=at + TEST_TIME
    )
    _record(district, at, actor, "test canary", row)


@transaction.atomic
def retire_canary(*, district: District, number: int, actor: str, at: datetime) -> None:
    """End the watch over a canary. Raise LookupError if there is none."""
    row = _get_canary(district, number)
    row.retired_by, row.retired_at = actor, at
    row.save(update_fields=["retired_by", "retired_at"])
    _record(district, at, actor, "retire canary", row)


def _get_canary(district: District, number: int) -> PlantedCanary:
    row = PlantedCanary.objects.of(district).filter(pk=number, retired_at__isnull=True).select_for_update().first()
    if row is None:
        raise LookupError(f"there is no canary {number}")
    return row


def _record(district: District, at: datetime, actor: str, action: str, row: PlantedCanary) -> None:
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="canary",
        subject=str(row.pk),
        detail={"place": row.place},
    )
