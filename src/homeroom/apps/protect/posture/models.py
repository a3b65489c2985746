"""Assessments: the result of every control, the open findings and their members.

Members are intervals over assessments: a member is open in assessment A where `opened <= A` and `closed` is null or
greater than A. An assessment writes under its own number, which nobody reads, until
`PublishedAssessment.assessment` publishes it.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class PublishedAssessment(models.Model):
    """The number of the district's published assessment."""

    district = models.OneToOneField("districts.District", on_delete=models.CASCADE, related_name="standing")
    assessment = models.BigIntegerField(default=0)


class Assessment(Scoped):
    """One assessment of the district, on one day, over one derived snapshot."""

    number = models.BigIntegerField()
    at = models.DateTimeField()
    today = models.DateField()
    derived = models.CharField(max_length=64)
    controls = models.CharField(max_length=64)
    as_of = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "number"], name="assessment_number"),
        ]


class ControlResult(Scoped):
    """Counts of one control in one assessment.

    `population` is passing + failing + cannot_tell + excepted.
    """

    assessment = models.BigIntegerField()
    control = models.CharField(max_length=80)
    severity = models.CharField(max_length=10)
    population = models.BigIntegerField()
    passing = models.BigIntegerField()
    failing = models.BigIntegerField()
    cannot_tell = models.BigIntegerField()
    excepted = models.BigIntegerField()
    not_applicable = models.BigIntegerField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "assessment", "control"], name="one_result_a_control"),
        ]


class SchoolResult(Scoped):
    """Counts of one control for one school's subjects in the published assessment.

    The school is empty where it is not known.
    """

    assessment = models.BigIntegerField()
    school = models.CharField(max_length=200, blank=True)
    control = models.CharField(max_length=80)
    passing = models.BigIntegerField()
    failing = models.BigIntegerField()
    cannot_tell = models.BigIntegerField()
    excepted = models.BigIntegerField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district", "assessment", "school", "control"], name="one_result_a_school_and_control"
            ),
        ]


class ControlWeek(Scoped):
    """Counts of one control by school in the last assessment of a week, which begins on `week`, a Monday.

    `schools` is {school: [passing, failing]}, as of the time of the assessment. Retained for two years, so that it can
    be estimated what a start changed.
    """

    week = models.DateField()
    control = models.CharField(max_length=80)
    schools = models.JSONField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "control", "week"], name="one_row_a_control_and_week"),
        ]


class Finding(Scoped):
    """A failing control: one finding per district and control, or per group (a cart) if the control groups."""

    public = models.CharField(max_length=20)
    control = models.CharField(max_length=80)
    group = models.CharField(max_length=120, blank=True)
    subject_kind = models.CharField(max_length=10)
    first_opened = models.BigIntegerField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "control", "group"], name="one_finding_a_group"),
        ]
        indexes: ClassVar = [models.Index(fields=["district", "public"], name="finding_public")]


class FindingResult(Scoped):
    """Counts of one finding with open members in the published assessment.

    `since` is when its oldest member opened. `stale` counts members not seen for over a week, `not_seen` those not seen
    for less. `people` counts the people that the members belong to: several accounts of one person count once, and what
    belongs to nobody counts as itself.
    """

    assessment = models.BigIntegerField()
    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    members = models.BigIntegerField()
    not_seen = models.BigIntegerField()
    stale = models.BigIntegerField()
    since = models.DateField()
    people = models.BigIntegerField(default=0)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "assessment", "finding"], name="one_result_a_finding"),
        ]


class Member(Scoped):
    """One subject of one finding, from one assessment to another.

    `not_seen_since` is set while no source sees it.
    """

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="+")
    subject = models.BigIntegerField()
    since = models.DateField()
    opened = models.BigIntegerField()
    closed = models.BigIntegerField(null=True)
    why = models.CharField(max_length=20, blank=True)
    not_seen_since = models.DateField(null=True)
    snapshot = models.CharField(max_length=64)

    class Meta(Scoped.Meta):
        indexes: ClassVar = [
            models.Index(fields=["district", "finding", "closed", "subject"], name="member_open"),
            models.Index(fields=["district", "subject"], name="member_subject"),
            models.Index(fields=["district", "closed"], name="member_closed"),
            models.Index(fields=["district", "opened"], name="member_opened"),
        ]


class SettingResult(Scoped):
    """State of a policy over a tenant's settings from a day on, under the K-12 profile; written on changes."""

    policy = models.CharField(max_length=80)
    tenant = models.CharField(max_length=120, blank=True)
    day = models.DateField()
    state = models.CharField(max_length=16)
    passing = models.IntegerField()
    failing = models.IntegerField()
    cannot_tell = models.IntegerField()
    excepted = models.IntegerField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "policy", "tenant", "day"], name="one_setting_result_a_day"),
        ]
