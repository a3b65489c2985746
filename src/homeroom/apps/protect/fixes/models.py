"""Models of fix files and rows: who prepared and reviewed them, each change, and its outcome.

Queries ignore a fix file while its `state` is empty: its rows are being written, or a killed run left it behind.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class FixFile(Scoped):
    """One action for rows of one finding, based on the assessed snapshot `derived`.

    `state` is prepared, reviewed, handed out or proved. `left` counts the members that are not in it by reason. A file
    that contains an incident names it in `incident`, and no finding.
    """

    public = models.CharField(max_length=20)
    finding = models.CharField(max_length=20, blank=True)
    control = models.CharField(max_length=80, blank=True)
    incident = models.CharField(max_length=40, blank=True)
    group = models.CharField(max_length=120, blank=True)
    action = models.CharField(max_length=80)
    target = models.TextField(blank=True)
    state = models.CharField(max_length=12, blank=True)
    derived = models.CharField(max_length=64, blank=True)
    left = models.JSONField(default=dict)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    reviewed_by = models.CharField(max_length=150, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    handed_by = models.CharField(max_length=150, blank=True)
    handed_at = models.DateTimeField(null=True)
    proved_at = models.DateTimeField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "public"], name="one_fix_file_an_id")]
        indexes: ClassVar = [
            models.Index(fields=["district", "finding"], name="fix_finding"),
            models.Index(fields=["district", "state"], name="fix_state"),
        ]


class FixRow(Scoped):
    """One change. `instance` and `key` name the record that verifies it, or are empty if there is none yet.

    `to` and `back` are values in the tool's terms; without `back` there is no undo. `flags` are for the reviewer,
    separated by commas. `outcome` is empty until a load after the release shows it: worked, or did not.
    """

    fix = models.ForeignKey(FixFile, on_delete=models.CASCADE, related_name="rows")
    place = models.IntegerField()
    subject = models.BigIntegerField()
    instance = models.CharField(max_length=80, blank=True)
    key = models.CharField(max_length=255, blank=True)
    handle = models.TextField()
    to = models.TextField()
    back = models.TextField(null=True)
    cells = models.JSONField(default=dict)
    flags = models.CharField(max_length=80, blank=True)
    dropped = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, blank=True)
    checked_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [
            models.Index(fields=["district", "fix", "place"], name="fix_row_place"),
            models.Index(fields=["district", "fix", "outcome"], name="fix_row_outcome"),
        ]
