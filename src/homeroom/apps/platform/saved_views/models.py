"""Models of saved views."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class SavedView(Scoped):
    """A named query of an inventory list, with its columns.

    `kind` is the list's. `query` are the pairs of name and value of its address, `columns` the names of its columns.
    A view that is not shared is its owner's alone.
    """

    kind = models.CharField(max_length=10)
    name = models.CharField(max_length=80)
    query = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    owner = models.CharField(max_length=150)
    shared = models.BooleanField(default=False)
    saved_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "owner", "kind", "name"], name="saved_view_name"),
        ]
