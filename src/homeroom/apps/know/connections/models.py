"""Models of console connections and syncs. Loads are in the evidence store; secrets are encrypted here."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped

LOGS_MINUTES = 10
OPEN_STATES = ("waiting", "running", "paused")


class Connection(Scoped):
    """One console of the district. `name` is the source instance of all its loads.

    `plain` are settings that any user of the district may see, `sealed` the encrypted secrets. `off` lists feeds that
    are not read. A sync runs every `every_hours` hours (0: never) at the times that `quiet` allows. `marks` holds by
    feed where the next sync continues; another column holds by stream the load that the bookmarks belong to, and its
    scope. `whole_at` is the time of the last full sync. Its logs are read every `logs_minutes` minutes (0: never apart
    from the lists) at any time of day, next at `logs_at`.
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
    logs_minutes = models.PositiveIntegerField(default=LOGS_MINUTES)
    logs_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "name"], name="connection_once_a_name"),
        ]


class Sync(Scoped):
    """One sync: waiting, running, paused, done, partly, failed or stopped; with its progress and result.

    `logs` is true of one that reads only logs. `marks` are the bookmarks it began with. `beat_at` is its last
    heartbeat, `resume_at` when a paused one resumes, `pauses` how often it paused. `stop` is true after a user asked to
    stop it.
    """

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)
    whole = models.BooleanField(default=False)
    logs = models.BooleanField(default=False)
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
                fields=["connection"], condition=models.Q(state__in=OPEN_STATES), name="one_open_sync_a_connection"
            ),
        ]
