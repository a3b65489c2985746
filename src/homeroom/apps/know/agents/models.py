"""Enroll secrets, enrolled agents, and their latest answers.

Secrets and keys are stored only as hashes.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class EnrollSecret(Scoped):
    """A secret that an agent needs once to enroll.

    `ended_at` is when it was withdrawn: agents that enrolled with it stay. It lets in `max_hosts` new computers in all
    and `max_per_hour` an hour by itself, and until `open_until` as many as a person expects; others wait.
    """

    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True)
    max_hosts = models.PositiveIntegerField(default=200)
    max_per_hour = models.PositiveIntegerField(default=20)
    open_until = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "hash"], name="one_enroll_secret"),
        ]


class Agent(Scoped):
    """One computer that reports.

    `identifier` is its own (the hardware's UUID unless somebody chose another), `platform` is in osquery's words.
    `key_hash` is the hash of the key that it signs with, empty where it must enroll again. `is_key_used` is true once
    it came with that key: from then on only the key or a person lets it enroll again. `ask_all` requests all answers at
    its next visit.
    """

    identifier = models.CharField(max_length=200)
    key_hash = models.CharField(max_length=64, blank=True)
    is_key_used = models.BooleanField(default=False)
    secret = models.ForeignKey(EnrollSecret, on_delete=models.SET_NULL, null=True, related_name="agents")
    platform = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=200, blank=True)
    version = models.CharField(max_length=40, blank=True)
    enrolled_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    ask_all = models.BooleanField(default=False)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "identifier"], name="one_agent_an_identifier"),
        ]
        indexes: ClassVar = [models.Index(fields=["district", "key_hash"], name="agent_key")]


class WaitingAgent(Scoped):
    """One computer that waits for a person to let it in, or that a person keeps out (`is_denied`).

    `is_known` is true of one that enrolled before and showed another key. `key_hash` is of the key that it gets once it
    is let in, empty where it is kept out; `tries` counts how often it asked, `address` is where from the last time.
    """

    identifier = models.CharField(max_length=200)
    key_hash = models.CharField(max_length=64, blank=True)
    secret = models.ForeignKey(EnrollSecret, on_delete=models.CASCADE, null=True, related_name="waiting")
    platform = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=200, blank=True)
    version = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=45, blank=True)
    asked_at = models.DateTimeField()
    tries = models.PositiveIntegerField(default=1)
    is_known = models.BooleanField(default=False)
    is_denied = models.BooleanField(default=False)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "identifier"], name="one_waiting_agent_an_identifier"),
        ]
        indexes: ClassVar = [models.Index(fields=["district", "key_hash"], name="waiting_agent_key")]


class Answer(Scoped):
    """The rows of one question as an agent answered last, as compressed JSON."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="answers")
    question = models.CharField(max_length=40)
    at = models.DateTimeField()
    rows = models.BinaryField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "agent", "question"], name="one_answer_a_question"),
        ]


class Intake(Scoped):
    """When a district's answers were last loaded as evidence."""

    at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district"], name="one_intake_a_district"),
        ]
