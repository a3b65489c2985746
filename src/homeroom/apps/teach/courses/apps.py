"""The courses area."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    """App configuration of the courses area; its label is `courses`."""

    name = "homeroom.apps.teach.courses"
    label = "courses"
    clocks = ("homeroom.apps.teach.courses.training_records.queue_nightly_training",)
    course_sources = ("homeroom.apps.teach.courses.required_courses.AssignedCourses",)
