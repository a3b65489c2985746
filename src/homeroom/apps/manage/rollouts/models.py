"""Models of rollouts: what is done to which rooms under which rules, the visits planned, and what became of them."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Rollout(Scoped):
    """A rollout. `state` is draft, planned, approved, running, done or stopped; `kind` is swap, hand or action.

    `noun` is what it is about, such as Chromebooks, `noun_es` the same in Spanish, for teachers. `rules` has the
    spec's keys besides the rooms: from, until, team, travel, stock and so on; `each_school` has those of a school that
    apply to all. `figures` are the plan's: objective, bound, relax, offers, seconds, the rooms left out,
    and in `moved` the visits that it moved, as they were.

    `plan_state` is empty, waiting, running, stopping, done, refused or failed; `plan_number` counts the runs, so that
    one that was replaced changes nothing. `plan_request` has the seconds of the run and whether it keeps what began.
    `unplaced` are the numbers of devices, by school, that no source has in a room.

    `has_teacher_links` is whether each room has a link for its teacher; `link_number` is part of each of them, so that
    another number ends those that were given out.
    """

    public = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    state = models.CharField(max_length=10, default="draft")
    kind = models.CharField(max_length=10)
    noun = models.CharField(max_length=80, blank=True)
    noun_es = models.CharField(max_length=80, blank=True)
    action = models.CharField(max_length=80, blank=True)
    finding = models.CharField(max_length=40, blank=True)
    rules = models.JSONField(default=dict)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    figures = models.JSONField(default=dict)
    planned_at = models.DateTimeField(null=True)
    plan_state = models.CharField(max_length=10, blank=True)
    plan_step = models.CharField(max_length=200, blank=True)
    plan_problems = models.JSONField(default=list)
    plan_number = models.PositiveIntegerField(default=0)
    has_teacher_links = models.BooleanField(default=True)
    link_number = models.PositiveIntegerField(default=1)
    plan_request = models.JSONField(default=dict)
    plan_requested_at = models.DateTimeField(null=True)
    unplaced = models.JSONField(default=dict)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "public"], name="one_rollout_an_id")]
        indexes: ClassVar = [models.Index(fields=["district", "-made_at"], name="rollouts_newest")]


class TargetRoom(Scoped):
    """A room of a rollout, with the spec's keys. `room` is the spec's id; `school` the school's name.

    `refused_by_link` has those days of `not_on` that a teacher refused by the room's link.
    `expected` are the minutes that a person gave, where `minutes` were learned from visits.
    """

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="rooms")
    room = models.CharField(max_length=200)
    school = models.CharField(max_length=200)
    name = models.CharField(max_length=120)
    minutes = models.PositiveIntegerField()
    expected = models.PositiveIntegerField(null=True)
    devices = models.PositiveIntegerField(default=0)
    hands = models.PositiveIntegerField(default=1)
    ring = models.CharField(max_length=60, blank=True)
    free = models.JSONField(default=list)
    after = models.DateField(null=True)
    not_on = models.JSONField(default=list)
    refused_by_link = models.JSONField(default=list)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "rollout", "room"], name="a_room_once_a_rollout"),
        ]


class RolloutVisit(Scoped):
    """A planned visit of a room; `starts` and `ends` are minutes after midnight in the district's zone.

    `slot` is when it is for the teacher: free, lunch, before, after, no_school, between or class; `period` is the
    name of that stretch. `outcome` is empty, done, no_entry or left_behind; one that found the door closed stays as
    history, and its room gets another visit. `checks` has what was ticked, `began_at` and `ended_at` when it was.
    `installed` and `taken` are the labels of devices as they were scanned: those that came and those taken away.
    """

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="visits")
    room = models.CharField(max_length=200)
    day = models.DateField()
    starts = models.PositiveIntegerField()
    ends = models.PositiveIntegerField()
    people = models.JSONField(default=list)
    class_minutes = models.PositiveIntegerField(default=0)
    ring = models.CharField(max_length=60, blank=True)
    wave = models.PositiveIntegerField(default=0)
    slot = models.CharField(max_length=10, blank=True)
    period = models.CharField(max_length=120, blank=True)
    locked = models.BooleanField(default=False)
    outcome = models.CharField(max_length=12, blank=True)
    checks = models.JSONField(default=dict)
    left_behind = models.PositiveIntegerField(default=0)
    installed = models.JSONField(default=list)
    taken = models.JSONField(default=list)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)
    recorded_by = models.CharField(max_length=150, blank=True)
    recorded_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "rollout", "day", "starts"], name="rollout_visit_time")]


class WaveApproval(Scoped):
    """Who let a wave go: a ring's visits of the week that begins on Monday `week`, as they were (`digest`)."""

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, related_name="approvals")
    ring = models.CharField(max_length=60, blank=True)
    week = models.DateField()
    digest = models.CharField(max_length=64)
    visits = models.PositiveIntegerField()
    approved_by = models.CharField(max_length=150)
    approved_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "rollout", "week"], name="wave_approval_week")]


class VisitFeed(Scoped):
    """A calendar of visits behind a secret address: those of a person, or in a school.

    `kind` is person or school, `name` which one; without `rollout` it has the visits of all rollouts. Only the hash of
    the secret is stored. `ended_at` is when it was revoked. `entries` are the events as they were read last, with the
    sequence number of each, and `changed_at` when they changed.
    """

    rollout = models.ForeignKey(Rollout, on_delete=models.CASCADE, null=True, related_name="feeds")
    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=200)
    token_hash = models.CharField(max_length=64)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    entries = models.JSONField(default=list)
    changed_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "token_hash"], name="one_feed_a_token")]
