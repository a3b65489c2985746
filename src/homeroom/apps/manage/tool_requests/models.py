"""Models of requests to use a tool, and what became of each."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class ToolRequest(Scoped):
    """A request to use a tool: `tool` is its id where it was known, else empty, and `name` what it was called.

    `requester` is who asks, `made_by` the user who wrote it down. Empty `schools` means all. `until` is the last day of
    an approval; an approval after it has expired, which is not stored.
    """

    public = models.CharField(max_length=40)
    name = models.CharField(max_length=200)
    tool = models.CharField(max_length=250, blank=True)
    does = models.JSONField(default=list)
    requester = models.CharField(max_length=200)
    class_name = models.CharField(max_length=200)
    grades = models.CharField(max_length=200, blank=True)
    schools = models.JSONField(default=list)
    reason = models.TextField()
    needed_by = models.DateField(null=True)
    state = models.CharField(max_length=20)
    decision_reason = models.TextField(blank=True)
    conditions = models.TextField(blank=True)
    until = models.DateField(null=True)
    decided_by = models.CharField(max_length=150, blank=True)
    decided_at = models.DateTimeField(null=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "public"], name="one_tool_request_an_id")]
        indexes: ClassVar = [
            models.Index(fields=["district", "state", "until"], name="tool_request_state"),
            models.Index(fields=["district", "tool"], name="tool_request_tool"),
        ]


class ToolRequestEntry(Scoped):
    """What somebody did about a request: `act` is `asked`, or the state that it got.

    `document` is the check of the tool as it was then; null where nothing was loaded, and where no check is made.
    """

    request = models.ForeignKey(ToolRequest, on_delete=models.CASCADE, related_name="entries")
    act = models.CharField(max_length=20)
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    conditions = models.TextField(blank=True)
    until = models.DateField(null=True)
    document = models.JSONField(null=True)
    written_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "request", "at"], name="tool_request_entry_time")]
