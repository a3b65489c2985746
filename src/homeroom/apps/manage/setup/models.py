"""Model of a district's setup answers. The facts that take effect are in the evidence store."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Setup(Scoped):
    """One per district: the systems that it has (ids of guides), its facts, and the answered steps.

    `ticks` are the ids of the export steps that are done, and `uploads` the newest job of files, both by system.
    """

    systems = models.JSONField(default=list)
    facts = models.JSONField(default=dict)
    answered = models.JSONField(default=list)
    ticks = models.JSONField(default=dict)
    uploads = models.JSONField(default=dict)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district"], name="one_setup_a_district")]
