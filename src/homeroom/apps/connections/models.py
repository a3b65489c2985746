"""Connections to consoles and their syncs. What was loaded stands in the evidence, and no secret stands here in the open."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.districts.scoping import Scoped

OPEN = ("waiting", "running", "paused")


class Connection(Scoped):
    """One console of the district. `name` is the source instance of all that it brings.

    `plain` are settings that anybody of the district may see, `sealed` the secret ones, encrypted. `off` are feeds that are not
    read. Every `every_hours` hours it is asked, never where 0, at the times that `quiet` names. `marks` say by feed where the
    next walk goes on, `stands` by stream which load the marks go with and what it covers. `whole_at` is when everything was
    last asked for.
    """

    name = models.SlugField(max_length=60)
    client = models.CharField(max_length=60)
    plain = models.JSONField(default=dict)
    sealed = models.TextField(blank=True)
    off = models.JSONField(default=list)
    every_hours = models.PositiveIntegerField(default=24)
    quiet = models.CharField(max_length=12, default="night")
    marks = models.JSONField(default=dict)
    stands = models.JSONField(default=dict)
    whole_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "name"], name="connection_once_a_name"),
        ]


class Sync(Scoped):
    """One sync: waiting, running, paused, done, partly, failed or stopped; with progress and the result in plain values.

    `marks` are those that it began with. `beat_at` is its last sign of life, `resume_at` when a paused one goes on, `pauses` how
    often it paused. `stop` is true once somebody asked for its end.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)
    whole = models.BooleanField(default=False)
    marks = models.JSONField(default=dict)
    state = models.CharField(max_length=12, default="waiting")
    step = models.CharField(max_length=200, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    beat_at = models.DateTimeField()
    resume_at = models.DateTimeField(null=True)
    pauses = models.PositiveIntegerField(default=0)
    stop = models.BooleanField(default=False)
    result = models.JSONField(default=dict)
    finished_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["connection", "-made_at"], name="syncs_newest")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["connection"], condition=models.Q(state__in=OPEN), name="one_open_sync_a_connection"
            ),
        ]
