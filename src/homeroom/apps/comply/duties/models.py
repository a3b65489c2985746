"""Models of duties: whose each is, what was done in a case, and which state of the laws somebody has seen."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class DutyOwner(Scoped):
    """The user who sees to a duty, named as law:duty."""

    duty = models.CharField(max_length=170)
    owner = models.CharField(max_length=150)
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "duty"], name="one_owner_a_duty")]


class DutyRecord(Scoped):
    """A duty that was done in a case, on a day, as a person recorded it. A withdrawn record stays."""

    duty = models.CharField(max_length=170)
    case = models.CharField(max_length=80)
    done_on = models.DateField()
    note = models.TextField(blank=True)
    minutes = models.PositiveIntegerField(null=True)
    recorded_by = models.CharField(max_length=150, blank=True)
    recorded_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "case", "duty"], name="duty_record")]


class SeenLaws(Scoped):
    """The duties as somebody has seen them last: by law:duty, what counts of each in words."""

    duties = models.JSONField(default=dict)
    seen_by = models.CharField(max_length=150, blank=True)
    seen_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district"], name="laws_seen_once")]
