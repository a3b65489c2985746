"""The model of facts that somebody entered by hand: they count before those of the district's file."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class EnteredFact(Scoped):
    """A fact of the district that a person entered, by its name in content/laws/facts.yaml."""

    name = models.CharField(max_length=80)
    value = models.JSONField()
    entered_by = models.CharField(max_length=150, blank=True)
    entered_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "name"], name="entered_fact_once")]
