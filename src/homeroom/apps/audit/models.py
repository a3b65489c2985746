"""The audit trail: one entry for every change and for each opened record of a student."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.districts.scoping import Scoped


class Entry(Scoped):
    """One action of a user.

    `actor` is empty where Homeroom itself did it (a worker, the command line).
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30, blank=True)
    subject = models.CharField(max_length=80, blank=True)
    detail = models.JSONField(default=dict)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "-at"], name="audit_newest")]
