"""Models of the work on findings: the state of a finding and of its rows, and the acts that led to it."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped

ENTIRE_FINDING = -1
"""The subject of the work on a finding as such; ids of subjects are not negative."""


class FindingWork(Scoped):
    """The state of the work on a finding, or on one of its rows (`subject`), for pages, the plan and fix files alike.

    `state` is open, in progress, done or snoozed. `assessment` was current when the state was set; a newer one proves
    or disproves that the work is done.
    """

    control = models.CharField(max_length=80)
    group = models.CharField(max_length=120, blank=True)
    subject = models.BigIntegerField(default=ENTIRE_FINDING)
    state = models.CharField(max_length=12)
    person = models.CharField(max_length=150, blank=True)
    until = models.DateField(null=True)
    assessment = models.BigIntegerField()
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "control", "group", "subject"], name="one_work_a_row"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["district", "person", "state"], name="finding_work_person"),
            models.Index(fields=["district", "state", "changed_at"], name="finding_work_state"),
        ]


class FindingWorkEntry(Scoped):
    """One act of the work on a finding, or on `rows` of its rows: assigned, noted, started, done, snoozed, reopened.

    `origin` is the page, the plan or a fix file. `subjects` are the rows, empty for the finding as such; `open_then` is
    how many the act covers, and `minutes` how long work took that is done, if somebody entered it.
    """

    control = models.CharField(max_length=80)
    group = models.CharField(max_length=120, blank=True)
    act = models.CharField(max_length=12)
    origin = models.CharField(max_length=12)
    subjects = models.JSONField(default=list)
    open_then = models.PositiveIntegerField(default=0)
    assessment = models.BigIntegerField()
    person = models.CharField(max_length=150, blank=True)
    until = models.DateField(null=True)
    note = models.TextField(blank=True)
    minutes = models.PositiveIntegerField(null=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [
            models.Index(fields=["district", "control", "group", "made_at"], name="finding_work_history"),
            models.Index(fields=["district", "made_at"], name="finding_work_made"),
        ]
