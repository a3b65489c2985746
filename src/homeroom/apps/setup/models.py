"""What a district has said of itself so far. What it decides stands in the evidence, as the district's facts."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.districts.scoping import Scoped


class Setup(Scoped):
    """One a district: the systems that it has (ids of guides), its facts, and the steps that somebody has answered."""

    systems = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    answered = models.JSONField(default=list)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district"], name="one_setup_a_district")]
