"""Models of load jobs for dropped files, and of saved mappings. Loaded rows are in the evidence store."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class LoadJob(Scoped):
    """One drop of files: waiting, running, done, refused or failed; with progress and result in words.

    `approved` publishes even a load that would be held: the user has confirmed the changes in a form.
    """

    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    files = models.JSONField(default=list)
    folder = models.CharField(max_length=500)
    source = models.CharField(max_length=80, blank=True)
    approved = models.BooleanField(default=False)
    state = models.CharField(max_length=20, default="waiting")
    step = models.CharField(max_length=200, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    result = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "-made_at"], name="jobs_newest")]


class SavedMapping(Scoped):
    """The meaning of a list's columns, as the text of a mapping file, by the hash of its headings."""

    fingerprint = models.CharField(max_length=64)
    name = models.CharField(max_length=40)
    table = models.CharField(max_length=40)
    headings = models.JSONField(default=list)
    text = models.TextField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "fingerprint"], name="one_mapping_a_fingerprint"),
        ]
