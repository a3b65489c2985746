"""Models of courses: assignments, answers, completions, policies with signatures, and lessons taught to classes.

`subject` is a person's number in the identity ledger. No student is in any of them.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from homeroom.apps.platform.districts.scoping import Scoped


class Policy(Scoped):
    """A policy that staff sign; its texts are in its versions."""

    public = models.CharField(max_length=40)
    title = models.CharField(max_length=200)
    title_es = models.CharField(max_length=200, blank=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "public"], name="one_policy_an_id")]


class PolicyVersion(Scoped):
    """A version of a policy, from 1: its texts as CommonMark, and the SHA-256 of both."""

    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()
    text_es = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "policy", "number"], name="one_policy_version_a_number")
        ]


class Assignment(Scoped):
    """A course, or a version of a policy, that staff have to complete; what is empty does not restrict for whom it is.

    With `is_fixed`, it is for the people of AssignedPerson alone: those who failed `control`, or the `arm` of `trial`,
    on that day. `law` is the id of the law that asks for it, empty for none.
    """

    public = models.CharField(max_length=40)
    course = models.CharField(max_length=80, blank=True)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, null=True)
    policy_version = models.PositiveIntegerField(null=True)
    role = models.CharField(max_length=80, blank=True)
    school = models.CharField(max_length=200, blank=True)
    new_days = models.PositiveIntegerField(null=True)
    control = models.CharField(max_length=80, blank=True)
    trial = models.CharField(max_length=80, blank=True)
    arm = models.CharField(max_length=20, blank=True)
    is_fixed = models.BooleanField(default=False)
    law = models.CharField(max_length=80, blank=True)
    assigned_on = models.DateField()
    due_on = models.DateField(null=True)
    made_by = models.CharField(max_length=150, blank=True)
    made_at = models.DateTimeField()
    ended_by = models.CharField(max_length=150, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district", "public"], name="one_assignment_an_id")]


class AssignedPerson(Scoped):
    """A person of a fixed assignment."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="people")
    subject = models.BigIntegerField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["district", "assignment", "subject"], name="a_person_once_an_assignment")
        ]


class CourseAttempt(Scoped):
    """A person's way through a course: answers as option numbers from 0 by question, the first one for each."""

    subject = models.BigIntegerField()
    course = models.CharField(max_length=80)
    version = models.CharField(max_length=12)
    language = models.CharField(max_length=2)
    answers = models.JSONField(default=dict)
    began_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    percent = models.PositiveIntegerField(null=True)
    is_passed = models.BooleanField(default=False)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district", "subject", "course", "version"],
                condition=models.Q(finished_at=None),
                name="an_open_attempt_a_course",
            )
        ]
        indexes: ClassVar = [models.Index(fields=["district", "subject", "course"], name="course_attempt_person")]


class Completion(Scoped):
    """A course that somebody completed; `subject` is null once the person was erased."""

    subject = models.BigIntegerField(null=True)
    email = models.CharField(max_length=250, blank=True)
    course = models.CharField(max_length=80)
    version = models.CharField(max_length=12)
    language = models.CharField(max_length=2)
    score = models.PositiveIntegerField()
    completed_on = models.DateField()
    completed_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        indexes: ClassVar = [
            models.Index(fields=["district", "course", "completed_on"], name="completion_course"),
            models.Index(fields=["district", "subject"], name="completion_person"),
        ]


class Signature(Scoped):
    """A version of a policy that somebody signed by typing their full name; `sha256` is of its texts."""

    subject = models.BigIntegerField()
    email = models.CharField(max_length=250, blank=True)
    policy = models.ForeignKey(Policy, on_delete=models.CASCADE, related_name="signatures")
    version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    typed_name = models.CharField(max_length=200)
    language = models.CharField(max_length=2)
    signed_on = models.DateField()
    signed_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district", "policy", "version", "subject"], name="a_policy_version_signed_once"
            )
        ]


class ClassLesson(Scoped):
    """A lesson that a teacher taught to a class on a day; `subject` is the teacher, null once erased."""

    subject = models.BigIntegerField(null=True)
    school = models.CharField(max_length=200, blank=True)
    course = models.CharField(max_length=80)
    lesson = models.CharField(max_length=80)
    version = models.CharField(max_length=12)
    language = models.CharField(max_length=2)
    class_name = models.CharField(max_length=80)
    taught_on = models.DateField()
    made_at = models.DateTimeField()

    class Meta(Scoped.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["district", "subject", "course", "lesson", "class_name"], name="a_lesson_once_a_class"
            )
        ]


class TrainingIntake(Scoped):
    """When the training records of a district were last compared or made evidence, and the SHA-256 of that list."""

    at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)

    class Meta(Scoped.Meta):
        constraints: ClassVar = [models.UniqueConstraint(fields=["district"], name="one_training_intake_a_district")]
