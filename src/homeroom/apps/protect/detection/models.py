"""Models of judging evidence: how far it came, what it detected, the alerts that people work on, announced work."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class JudgingState(models.Model):
    """How far a district's logs were judged.

    `position` is the newest event load that was. `judged_until` has the time of the newest event by log, `learned` what
    the logs taught, compressed. `announced` is the hash of the expected activities that alerts were folded with.
    """

    district = models.OneToOneField("districts.District", on_delete=models.CASCADE, related_name="+")
    position = models.BigIntegerField(default=0)
    judged_until = models.JSONField(default=dict)
    judged_at = models.DateTimeField(null=True)
    learned = models.BinaryField(default=bytes)
    announced = models.CharField(max_length=32, blank=True)
    other_tools_until = models.DateTimeField(null=True)


class StoredDetection(Scoped):
    """A rule that fired on an event. `alert` is the id of the alert that it is folded into.

    `entities`, `why` and `events` are as in `domain/protect/detections/alerts`. `correlated` marks those of
    correlations, which are judged again when late events arrive. `always` marks canaries and new super administrators.
    `canary` is the value of the canary that was touched, in lower case.
    """

    rule = models.CharField(max_length=160)
    event_key = models.CharField(max_length=400)
    source = models.CharField(max_length=40)
    log = models.CharField(max_length=120)
    at = models.DateTimeField()
    title = models.CharField(max_length=255)
    level = models.CharField(max_length=16)
    stage = models.CharField(max_length=20, blank=True)
    means = models.TextField(blank=True)
    first_step = models.TextField(blank=True)
    playbook = models.CharField(max_length=80, blank=True)
    entities = models.JSONField(default=list)
    why = models.JSONField(default=list)
    events = models.JSONField(default=list)
    events_total = models.IntegerField(default=1)
    correlated = models.BooleanField(default=False)
    always = models.BooleanField(default=False)
    canary = models.CharField(max_length=255, blank=True)
    planned_test = models.TextField(blank=True)
    alert = models.CharField(max_length=40, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "rule", "event_key"], name="one_detection_an_event")
        ]
        indexes: ClassVar = [
            models.Index(fields=["district", "at"], name="detection_time"),
            models.Index(fields=["district", "rule", "at"], name="detection_rule_time"),
            models.Index(fields=["district", "alert", "at"], name="alert_detections"),
            models.Index(fields=["district", "canary", "at"], name="detection_canary", condition=~models.Q(canary="")),
        ]


class MatchBatch(Scoped):
    """Events of one day that a rule matched which correlations refer to, compressed, with the fields that those use."""

    rule = models.CharField(max_length=160)
    day = models.DateField()
    matches = models.BinaryField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "rule", "day"], name="match_batch_day")]


class StoredAlert(Scoped):
    """Detections of one story, and what people did about them.

    `public` is its id; `former` are ids that it had before late events changed its beginning, or that were merged into
    it. `folded_state` is new, expected or suppressed, by its detections; `state` is what people see. `verdict` is real
    or false_alarm. `rank` orders by urgency, 0 first. `details` has entities, why, events and the texts of its rule.
    `touches` are what joins it to others, each a list of kind, name, first and last time; None if none were stored.
    """

    public = models.CharField(max_length=40)
    former = models.JSONField(default=list)
    state = models.CharField(max_length=12)
    folded_state = models.CharField(max_length=12)
    severity = models.CharField(max_length=8)
    rank = models.SmallIntegerField()
    title = models.TextField()
    rules = models.JSONField(default=list)
    stages = models.JSONField(default=list)
    first_seen = models.DateTimeField()
    fired_at = models.DateTimeField()
    last_seen = models.DateTimeField()
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    events_total = models.IntegerField()
    details = models.JSONField(default=dict)
    touches = models.JSONField(null=True)
    reason = models.TextField(blank=True)
    incident = models.CharField(max_length=40, blank=True)
    made_at = models.DateTimeField()
    acknowledged_by = models.CharField(max_length=150, blank=True)
    acknowledged_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=150, blank=True)
    closed_at = models.DateTimeField(null=True)
    verdict = models.CharField(max_length=12, blank=True)
    closed_rules = models.JSONField(default=list)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "public"], name="one_alert_an_id")]
        indexes: ClassVar = [
            models.Index(fields=["district", "state", "rank", "-fired_at"], name="alert_queue"),
            models.Index(fields=["district", "ended_at"], name="alert_end"),
            models.Index(fields=["district", "verdict"], name="alert_verdict"),
        ]


class AnnouncedWork(Scoped):
    """Expected activity that somebody announced on the page; that of files is evidence.

    `entry` is a row of evidence's `expected_activities` without its key and reason. `ended_at` is when somebody ended
    it early, `withdrawn_at` when it was taken back, so that what it covered alerts again.
    """

    key = models.CharField(max_length=32)
    entry = models.JSONField(default=dict)
    reason = models.TextField()
    announced_by = models.CharField(max_length=150)
    announced_at = models.DateTimeField()
    ended_by = models.CharField(max_length=150, blank=True)
    ended_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "withdrawn_at"], name="announced_work")]


class PlantedCanary(Scoped):
    """A canary of the page: an account, document or file that nobody has a reason to touch.

    `title` is the name that was chosen, `value` what logs call it: the same for accounts and files, the id of a
    document. It is empty until the canary is planted. `value_key` is `value` in lower case. A touch counts from
    `planted_at` to `retired_at`.
    """

    place = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=255)
    value = models.CharField(max_length=255, blank=True)
    value_key = models.CharField(max_length=255, blank=True)
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    planted_by = models.CharField(max_length=150, blank=True)
    planted_at = models.DateTimeField(null=True)
    retired_by = models.CharField(max_length=150, blank=True)
    retired_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district", "kind", "value_key"],
                condition=models.Q(retired_at__isnull=True) & ~models.Q(value_key=""),
                name="one_canary_a_value",
            )
        ]


class CanaryTest(Scoped):
    """A planned touch of a canary between two times, and the first touch that judging saw in it."""

    canary = models.ForeignKey(PlantedCanary, on_delete=models.CASCADE, related_name="tests")
    started_by = models.CharField(max_length=150)
    started_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    seen_log = models.CharField(max_length=170, blank=True)
    judged_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "started_at"], name="canary_test_start")]
