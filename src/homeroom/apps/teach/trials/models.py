"""Models of trials of training and of the people whom the lot gave an arm."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class TrainingTrial(Scoped):
    """A trial: its plan, which is frozen once it started, the seed of its lot, and its result.

    `outlook` is what could be seen, as it was computed at the start; `result` is stored once, at the end, so that
    neither retention nor erasure changes it.
    """

    public = models.CharField(max_length=40)
    state = models.CharField(max_length=20)
    question = models.CharField(max_length=200)
    courses = models.JSONField(default=list)
    schools = models.JSONField(default=list)
    title = models.CharField(max_length=200, blank=True)
    unit = models.CharField(max_length=20)
    strata = models.CharField(max_length=20)
    percent = models.PositiveSmallIntegerField()
    drills = models.PositiveSmallIntegerField()
    ends_on = models.DateField()
    seed = models.CharField(max_length=64)
    outlook = models.JSONField(null=True)
    result = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    started_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "public"], name="one_trial_an_id")]
        indexes: ClassVar = [models.Index(fields=["district", "state", "ends_on"], name="trial_state_end")]


class TrialMember(Scoped):
    """A person in a trial. `unit` is the school if schools are drawn, else empty; `score` is that of the lot.

    The number of an erased person is emptied; the score keeps their place in the lot, so that it can be drawn again.
    """

    trial = models.ForeignKey(TrainingTrial, on_delete=models.CASCADE, related_name="members")
    person = models.BigIntegerField(null=True)
    unit = models.CharField(max_length=200, blank=True)
    stratum = models.CharField(max_length=200, blank=True)
    arm = models.CharField(max_length=20)
    score = models.CharField(max_length=64)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "trial", "arm"], name="trial_member_arm")]
