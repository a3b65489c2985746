"""Models of the team's hours and of its planned and finished work: each act is a row of its own, as history."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class TeamHours(Scoped):
    """The minutes a week that one person gives to planned work, by user name."""

    person = models.CharField(max_length=150)
    minutes = models.PositiveIntegerField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "person"], name="hours_once_a_person"),
        ]


class Work(Scoped):
    """One act on one item (a control's id) of one week: planned, done, deferred, reassigned, noted, reopened.

    `week` is its Monday. `subjects` and `open_then` are how many the act covers and how many were open in `assessment`,
    the assessment current at the time; `estimated` are the minutes of the plan and `basis` those of content, before
    learning.
    """

    item = models.CharField(max_length=80)
    week = models.DateField()
    act = models.CharField(max_length=12)
    person = models.CharField(max_length=150, blank=True)
    subjects = models.PositiveIntegerField(default=0)
    open_then = models.PositiveIntegerField(default=0)
    assessment = models.BigIntegerField(default=0)
    estimated = models.PositiveIntegerField(default=0)
    basis = models.PositiveIntegerField(default=0)
    actual = models.PositiveIntegerField(null=True)
    until = models.DateField(null=True)
    note = models.TextField(blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "week"], name="work_week")]
