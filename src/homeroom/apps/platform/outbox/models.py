"""The model of records received from phones: the key of each, so that none is applied twice."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class OutboxReceipt(Scoped):
    """A record that was applied. `key` was made on the phone; `kind` and `subject` are what the record was about.

    `answer` is what the phone got, and gets again if it sends the record again.
    """

    key = models.CharField(max_length=36)
    kind = models.CharField(max_length=20)
    subject = models.CharField(max_length=120)
    actor = models.CharField(max_length=150)
    received_at = models.DateTimeField()
    answer = models.JSONField(default=dict)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "key"], name="outbox_key_once")]
