"""Models of how people sign in to their own pages: the district's provider, and codes that work once."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class SignInProvider(Scoped):
    """The registration of Homeroom at the district's Google or Microsoft.

    `pinned` are the hosted domains or the tenant whose people may sign in; `sealed` is the encrypted client secret.
    """

    provider = models.CharField(max_length=20)
    client_id = models.CharField(max_length=255)
    sealed = models.TextField()
    pinned = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "provider"], name="one_registration_a_provider"),
        ]


class SignInCode(Scoped):
    """A code that lets one person sign in once: only a keyed hash of it, bound to the district and the address."""

    digest = models.CharField(max_length=64)
    address = models.CharField(max_length=255)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "expires_at"], name="code_expires")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "digest"], name="code_once"),
        ]
