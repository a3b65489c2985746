"""Models of permissions: what a director granted to a role beside the table."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Grant(Scoped):
    """A permission that the director granted to a role in the district; deleted when it is revoked."""

    role = models.CharField(max_length=20)
    permission = models.CharField(max_length=60)
    granted_by = models.CharField(max_length=150, blank=True)
    granted_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "role", "permission"], name="granted_once"),
        ]
