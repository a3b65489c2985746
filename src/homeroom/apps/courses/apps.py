"""The courses area."""

from django.apps import AppConfig


class CoursesConfig(AppConfig):
    """App configuration of the courses area; its label is `courses`."""

    name = "homeroom.apps.courses"
    label = "courses"
    clocks = ("homeroom.apps.courses.training_records.queue_nightly_training",)
    course_sources = ("homeroom.apps.courses.required_courses.AssignedCourses",)
