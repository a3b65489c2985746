"""Models of the names of tools: what people answered about pairs of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class NameAnswer(Scoped):
    """An answer about two names: they are one tool, or they are two.

    A revoked answer remains as a record of who answered what; it no longer counts.
    """

    question = models.CharField(max_length=16)
    first = models.CharField(max_length=400)
    second = models.CharField(max_length=400)
    same = models.BooleanField()
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField()
    revoked_by = models.CharField(max_length=150, blank=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "revoked_at"], name="current_name_answers")]
