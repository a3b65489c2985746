"""The audit trail: one entry for every change and for each opened record of a student, chained by hashes."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Entry(Scoped):
    """One action of a user.

    `actor` is empty where Homeroom itself did it (a worker, the command line). `number` counts the entries of the
    district from 1; `salt` holds the salts of the commitments, `removed` the commitments of erased values by field.
    """

    at = models.DateTimeField()
    actor = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30, blank=True)
    subject = models.CharField(max_length=80, blank=True)
    detail = models.JSONField(default=dict)
    number = models.PositiveBigIntegerField(default=0)
    salt = models.CharField(max_length=96, blank=True)
    removed = models.JSONField(default=dict)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64, blank=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [
            models.Index(fields=["district", "-at"], name="audit_newest"),
            models.Index(fields=["district", "action", "subject"], name="audit_subjects"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "number"], name="one_audit_entry_a_number"),
        ]


class Head(Scoped):
    """The end of a district's chain; whoever adds an entry locks this row first, so that the chain never forks.

    `mac` is the keyed hash of all other fields.
    """

    chain = models.CharField(max_length=32)
    number = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64)
    mac = models.CharField(max_length=64)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district"], name="one_audit_head_a_district"),
        ]


class ManifestRecord(Scoped):
    """The SHA-256 of a manifest of evidence as Homeroom wrote it: `digest`, empty before it was written.

    `name` is its path in the district's folder. `announced` is the digest that it is about to get, or `removal`; empty
    if nothing is under way. `mac` is the keyed hash of all other fields.
    """

    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, blank=True)
    announced = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "name"], name="one_record_a_manifest"),
        ]


class AnnouncedEntry(Scoped):
    """An entry of a change to a file that is about to be made: added to the chain once the file is changed.

    `path` is the file's in the data folder; `before` and `after` are its SHA-256, empty where it is not there, and
    `after` is `written` where its content is not known before. `mac` is the keyed hash of all other fields.
    """

    area = models.CharField(max_length=20)
    at = models.DateTimeField()
    actor = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=60)
    subject_kind = models.CharField(max_length=30, blank=True)
    subject = models.CharField(max_length=80, blank=True)
    detail = models.JSONField(default=dict)
    path = models.CharField(max_length=300)
    before = models.CharField(max_length=64, blank=True)
    after = models.CharField(max_length=64, blank=True)
    mac = models.CharField(max_length=64)
