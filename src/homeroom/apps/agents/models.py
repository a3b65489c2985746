"""Enroll secrets, enrolled agents, and their latest answers.

Secrets and keys are stored only as hashes.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.districts.scoping import Scoped


class EnrolSecret(Scoped):
    """A secret that an agent needs once to enroll.

    `ended_at` is when it was withdrawn: agents that enrolled with it stay.
    """

    hash = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "hash"], name="one_enrol_secret"),
        ]


class Agent(Scoped):
    """One computer that reports.

    `identifier` is its own (the hardware's UUID unless somebody chose another), `platform` is in osquery's words.
    `key_hash` is the hash of the key that it signs with, empty where it must enroll again. `ask_all` requests all
    answers at its next visit.
    """

    identifier = models.CharField(max_length=200)
    key_hash = models.CharField(max_length=64, blank=True)
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
