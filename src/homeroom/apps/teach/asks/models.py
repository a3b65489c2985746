"""Models of what people answer to asks: that they did it, or that they cannot. The asks themselves are not stored."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class AskClaim(Scoped):
    """The newest time at which a person (by ledger id) reported to have done what a control asks."""

    person = models.BigIntegerField()
    control = models.CharField(max_length=80)
    claimed_at = models.DateTimeField()
    claimed_by = models.CharField(max_length=150)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "person", "control"], name="one_claim_an_ask"),
        ]


class AskExemption(Scoped):
    """A person's request not to do what a control asks, with the reason, and how the team decided.

    `answer` is what the team writes to the person. An exemption that is granted is an acceptance of the finding for the
    person's subjects until a day, which has a reason of its own.
    """

    public = models.CharField(max_length=40)
    person = models.BigIntegerField()
    control = models.CharField(max_length=80)
    reason = models.TextField()
    state = models.CharField(max_length=20)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=150)
    answer = models.TextField(blank=True)
    until = models.DateField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "public"], name="one_ask_exemption_an_id")]
        indexes: ClassVar = [
            models.Index(fields=["district", "state", "requested_at"], name="ask_exemption_state"),
            models.Index(fields=["district", "person", "control"], name="ask_exemption_person"),
        ]
