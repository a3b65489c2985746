"""Models of incidents: their alerts and events as copies, what people did, wrote and attached, and whom to call."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Incident(Scoped):
    """An incident that a person opened or made by hand. `state` is open, contained, closed or merged.

    `moments` has the time of each moment that somebody recorded, in UTC. `merged_into` is the id of the incident that
    took its alerts. `declared_as` is the word that a person used for it, on the advice of `counsel`; Homeroom has none.
    """

    public = models.CharField(max_length=40)
    title = models.TextField()
    severity = models.CharField(max_length=8)
    state = models.CharField(max_length=12)
    playbook = models.CharField(max_length=80, blank=True)
    owner = models.CharField(max_length=150, blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    by_hand = models.BooleanField(default=False)
    moments = models.JSONField(default=dict)
    merged_into = models.CharField(max_length=40, blank=True)
    declared_as = models.CharField(max_length=200, blank=True)
    declared_by = models.CharField(max_length=150, blank=True)
    declared_at = models.DateTimeField(null=True)
    counsel = models.CharField(max_length=200, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "public"], name="one_incident_an_id")]
        indexes: ClassVar = [models.Index(fields=["district", "state", "-made_at"], name="incident_newest")]


class HeldAlert(Scoped):
    """A copy of an alert in an incident. `details` has entities, why, means, first step and the times of its lag."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="alerts")
    alert = models.CharField(max_length=40)
    title = models.TextField()
    severity = models.CharField(max_length=8)
    playbook = models.CharField(max_length=80, blank=True)
    fired_at = models.DateTimeField()
    first_seen = models.DateTimeField()
    last_seen = models.DateTimeField()
    details = models.JSONField(default=dict)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "alert"], name="one_incident_an_alert")]
        indexes: ClassVar = [models.Index(fields=["district", "incident", "fired_at"], name="held_alert_time")]


class HeldEvent(Scoped):
    """A copy of an event that an alert of an incident names. `row` is evidence's row; empty where it had none."""

    alert = models.ForeignKey(HeldAlert, on_delete=models.CASCADE, related_name="held_events")
    source = models.CharField(max_length=40)
    log = models.CharField(max_length=120)
    key = models.CharField(max_length=400)
    at = models.DateTimeField()
    what = models.TextField()
    fires = models.BooleanField(default=True)
    row = models.JSONField(default=dict)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "alert", "at"], name="held_event_time")]


class IncidentEntry(Scoped):
    """Something that a person did or wrote: `at` is when it happened, `written_at` when it was written down.

    `kind` is opened, note, decision, task, moment, file, merged, split, details, declared, closed or reopened.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="entries")
    kind = models.CharField(max_length=12)
    at = models.DateTimeField()
    text = models.TextField()
    reason = models.TextField(blank=True)
    written_by = models.CharField(max_length=150, blank=True)
    written_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "incident", "at"], name="incident_entry_time")]


class IncidentTask(Scoped):
    """A task of an incident. `phase` is first_hour or after. `state` is open, done or not_applicable.

    `minutes` are the playbook's, `actual` those that it took.
    """

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="tasks")
    position = models.PositiveIntegerField()
    phase = models.CharField(max_length=12)
    title = models.TextField()
    role = models.CharField(max_length=20, blank=True)
    owner = models.CharField(max_length=150, blank=True)
    minutes = models.PositiveIntegerField(default=0)
    actual = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=14, default="open")
    reason = models.TextField(blank=True)
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "incident", "position"], name="incident_task_order")]


class IncidentFile(Scoped):
    """A file of an incident. Its content is stored under its hash, readable by its owner only."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    note = models.TextField(blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "incident"], name="incident_file")]


class Contact(Scoped):
    """Whom to call in an incident. `kind` is one of domain/protect/incidents/contacts."""

    kind = models.CharField(max_length=20)
    name = models.CharField(max_length=200, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    email = models.CharField(max_length=200, blank=True)
    reference = models.CharField(max_length=200, blank=True)
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "kind"], name="one_contact_a_kind")]


class SheetPrint(Scoped):
    """When somebody printed the first-hour sheet."""

    printed_by = models.CharField(max_length=150, blank=True)
    printed_at = models.DateTimeField()


class IncidentLegalFacts(Scoped):
    """What laws ask of an incident: `moments`, a day or a time in UTC by name, and `facts` by name.

    `vendor` and `product` name where it happened, empty if it was not at a vendor.
    """

    incident = models.OneToOneField(Incident, on_delete=models.CASCADE, related_name="legal_facts")
    moments = models.JSONField(default=dict)
    facts = models.JSONField(default=dict)
    vendor = models.TextField(blank=True, default="")
    product = models.TextField(blank=True, default="")
    changed_by = models.CharField(max_length=150, blank=True)
    changed_at = models.DateTimeField()
