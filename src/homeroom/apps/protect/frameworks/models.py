"""Models of attestations: what data cannot show, answered by a named owner with proof and an expiry date."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Attestation(Scoped):
    """One question about one goal. `answer` is empty until it is answered; each request is a row of its own.

    `private` marks a note that could be requested under a records law and would help an attacker: exports can leave it
    out. `link` leads to the proof, wherever the district stores it.
    """

    framework = models.CharField(max_length=80)
    goal = models.CharField(max_length=80)
    question = models.TextField()
    owner = models.CharField(max_length=150)
    due_on = models.DateField()
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=20, blank=True)
    note = models.TextField(blank=True)
    link = models.CharField(max_length=500, blank=True)
    private = models.BooleanField(default=False)
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True)
    expires_on = models.DateField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "framework", "goal"], name="attested_goal")]


class Proof(Scoped):
    """A file that proves an answer. Its content is stored under its hash, readable by its owner only."""

    attestation = models.ForeignKey(Attestation, on_delete=models.CASCADE, related_name="proofs")
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
