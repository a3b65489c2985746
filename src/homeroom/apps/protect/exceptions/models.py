"""Risk exceptions: what each covers, why, who answers for it, and until when."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class RiskException(Scoped):
    """A risk that a district accepts until a date: of a finding, of vulnerabilities, or of a rule's detections.

    `covers` names the scope's class, whose columns are filled: `control`, `group` and `subject` for a finding;
    `product_key`, `cve`, `scope`, `value` and `device` for vulnerabilities; `rule`, `scope` and `value` for detections.
    `private` marks a reason that could be
    requested under a records law and would help an attacker: users who may not change anything, every export and the
    audit trail get the exception without it.
    """

    covers = models.CharField(max_length=16)
    control = models.CharField(max_length=80, blank=True)
    group = models.CharField(max_length=120, blank=True)
    subject = models.BigIntegerField(null=True)
    product_key = models.CharField(max_length=255, blank=True)
    cve = models.CharField(max_length=80, blank=True)
    scope = models.CharField(max_length=12, blank=True)
    value = models.CharField(max_length=255, blank=True)
    device = models.BigIntegerField(null=True)
    rule = models.CharField(max_length=160, blank=True)
    justification = models.CharField(max_length=20)
    reason = models.TextField()
    owner = models.CharField(max_length=150)
    expires_on = models.DateField()
    made_by = models.CharField(max_length=150)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    private = models.BooleanField(default=False)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [
            models.Index(fields=["district", "covers", "withdrawn_at", "expires_on"], name="exception_ending"),
        ]
