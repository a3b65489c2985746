"""Models of the coach: who it is, who asked for help, and with whom the coach talked."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Coach(Scoped):
    """The member of the team whom a director named, and who alone sees what other people did in drills."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    named_by = models.CharField(max_length=150)
    named_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district"], name="one_coach_a_district")]


class HelpRequest(Scoped):
    """A person who asked the coach for help; `person` is the number in the identity ledger."""

    person = models.BigIntegerField()
    asked_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "person"], name="help_request_person")]


class HelpTalk(Scoped):
    """A talk of the coach with a person; `person` is the number in the identity ledger."""

    person = models.BigIntegerField()
    talked_on = models.DateField()
    recorded_by = models.CharField(max_length=150)
    recorded_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "person"], name="help_talk_person")]
