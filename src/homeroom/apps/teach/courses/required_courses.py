"""Courses that assignments require: no trial may withhold them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from homeroom.apps.teach.courses.progress import load_assignments
from homeroom.domain.platform.district import District


class AssignedCourses:
    """Courses that are assigned to people, other than by a trial."""

    def list_required_courses(self, *, district: District, today: date) -> Mapping[str, str]:
        """Return by id of a course why it is required, as words after "it is required: ". Raise QueryTimeout."""
        views = load_assignments(district=district, today=today)
        return {view.course: "it is assigned on the page Courses" for view in views if view.course and not view.trial}
