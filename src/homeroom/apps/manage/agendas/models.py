"""Models of personal calendar feeds."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class PersonalFeed(Scoped):
    """A calendar of a person's work behind a secret address, by user name.

    Only the hash of the secret is stored. `with_deadlines` adds the deadlines of the district. `ended_at` is when it
    was revoked. `entries` are the events as they were read last, with the sequence number of each, and `changed_at`
    when they changed.
    """

    person = models.CharField(max_length=150)
    token_hash = models.CharField(max_length=64)
    with_deadlines = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    entries = models.JSONField(default=list)
    changed_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "token_hash"], name="one_personal_feed_a_token"),
            models.UniqueConstraint(
                fields=["district", "person"],
                condition=models.Q(ended_at=None),
                name="one_personal_feed_a_person",
            ),
        ]
