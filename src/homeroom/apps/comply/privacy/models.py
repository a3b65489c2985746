"""Models of people's rights: requests of parents and eligible students, with their steps and files."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class PrivacyRequest(Scoped):
    """A right that a parent or eligible student uses: access, amendment, opt-out or destruction.

    `student` is the public id of the child; `student_text` is how the letter names a child whom no list has.
    `step` is the last step that was taken, `choices` are the kinds of an opt-out, `received_on` starts the clocks of
    laws.
    """

    public = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    student = models.CharField(max_length=40, blank=True)
    student_text = models.CharField(max_length=200, blank=True)
    requester = models.CharField(max_length=200)
    relation = models.CharField(max_length=20)
    contact = models.CharField(max_length=300, blank=True)
    text = models.TextField(blank=True)
    choices = models.JSONField(default=list)
    received_on = models.DateField()
    step = models.CharField(max_length=20)
    outcome = models.CharField(max_length=20, blank=True)
    answered_on = models.DateField(null=True)
    closed_on = models.DateField(null=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "public"], name="one_privacy_request_an_id")
        ]
        indexes: ClassVar = [
            models.Index(fields=["district", "closed_on", "received_on"], name="privacy_request_open"),
            models.Index(fields=["district", "student"], name="privacy_request_student"),
        ]


class RequestEntry(Scoped):
    """A step of a request, or a note: `at` is when it was written down, `detail` has plain values of the step."""

    request = models.ForeignKey(PrivacyRequest, on_delete=models.CASCADE, related_name="entries")
    step = models.CharField(max_length=20)
    at = models.DateTimeField()
    text = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    written_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "request", "at"], name="privacy_request_entry_time")]


class RequestFile(Scoped):
    """A file of a request: the letter, a proof or the answer. Its content is stored under its hash."""

    request = models.ForeignKey(PrivacyRequest, on_delete=models.CASCADE, related_name="files")
    purpose = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveBigIntegerField()
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [models.Index(fields=["district", "request"], name="privacy_request_files")]


class OptOut(Scoped):
    """A student's opt-out of one kind: directory or media. `source` is a request's id or a file's name.

    `subject` is the student's internal number, by which an erasure finds the row. It counts from the day it was
    recorded until `ended_on`, if somebody ended it.
    """

    student = models.CharField(max_length=40)
    subject = models.BigIntegerField(default=0)
    kind = models.CharField(max_length=20)
    since = models.DateField()
    source = models.CharField(max_length=200, blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    ended_on = models.DateField(null=True)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district", "student", "kind"],
                condition=models.Q(ended_on=None),
                name="one_current_opt_out_a_kind",
            )
        ]


class Disclosure(Scoped):
    """An entry of the log of disclosures (34 CFR 99.32): one student's data, given to somebody for a reason.

    It is retained as long as the student's record: an erasure finds it by `subject`, the student's internal number. An
    entry that was wrong is withdrawn with a reason, never deleted.
    """

    student = models.CharField(max_length=40)
    subject = models.BigIntegerField(default=0)
    recipient = models.CharField(max_length=200)
    purpose = models.CharField(max_length=400)
    basis = models.CharField(max_length=40)
    elements = models.JSONField(default=list)
    disclosed_on = models.DateField()
    source = models.CharField(max_length=200, blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=150, blank=True)
    withdrawn_because = models.CharField(max_length=400, blank=True)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [
            models.Index(fields=["district", "student", "disclosed_on"], name="disclosure_student"),
            models.Index(fields=["district", "-disclosed_on", "-id"], name="disclosure_newest"),
        ]
