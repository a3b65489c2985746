"""Models of calendars: testing windows, freezes and closings that were added by hand."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class CalendarEvent(Scoped):
    """A testing window, a freeze of changes or a closing that somebody added; those of calendars are evidence.

    `kind` is testing or freeze, as in the table calendar_events, or closed. `schools` are names of schools; empty means
    all. `ended_on` is the first day on which it does not count any more; one that was withdrawn never counted.
    """

    kind = models.CharField(max_length=10)
    title = models.CharField(max_length=200)
    first = models.DateField()
    last = models.DateField()
    schools = models.JSONField(default=list)
    added_by = models.CharField(max_length=150)
    added_at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "withdrawn_at"], name="added_calendar_events")]
