"""Models of API tokens."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class ApiToken(Scoped):
    """A token of a user in a district; of its secret only a hash is stored.

    `public` is the part by which it is recognized. `permissions` are names of the table.
    `ended_by` is the user name of who revoked it, empty for the command line.
    """

    public = models.CharField(max_length=20, unique=True)
    hash = models.CharField(max_length=64)
    name = models.CharField(max_length=80)
    user = models.ForeignKey("districts.User", on_delete=models.CASCADE, related_name="+")
    permissions = models.JSONField(default=list)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150, blank=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    used_from = models.CharField(max_length=45, blank=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)
    ended_because = models.CharField(max_length=20, blank=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [
            models.Index(fields=["user", "ended_at"], name="token_of_user"),
            models.Index(fields=["expires_at"], name="token_expires"),
        ]
