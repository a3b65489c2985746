"""The model of studies that pages store."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class StoredStudy(Scoped):
    """A study of a start with its effect. `control` is empty for a study from a file, and `file` is that file's name.

    `effect` is the document of the effect, `course` the means of each week, `starts` the schools with their day.
    """

    name = models.CharField(max_length=200)
    control = models.CharField(max_length=200, blank=True)
    file = models.CharField(max_length=200, blank=True)
    effect = models.JSONField(default=dict)
    course = models.JSONField(default=list)
    starts = models.JSONField(default=list)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "made_at"], name="effects_study_time")]
