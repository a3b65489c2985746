"""Classes and the lessons that they had, for the office: the proof that students were taught."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path

from homeroom.apps.teach.courses.class_lessons import TaughtLesson, list_class_lessons
from homeroom.apps.teach.courses.course_pages import list_class_courses
from homeroom.domain.platform.district import District
from homeroom.domain.spreadsheets import escape_formula
from homeroom.library.teach.courses.lesson_pages import find_lesson_title
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file
from homeroom.web.shared.downloads import record_download

AREA_PAGE_OF = "courses"
HEADINGS = ("School", "Class", "Teacher", "Course", "Lesson", "Taught on")


@district_view(permission="awareness.read")
def show_class_lessons(request: HttpRequest, *, district: District) -> HttpResponse:
    """Show the classes with the lessons that they had."""
    lines = _iterate_rows(list_class_lessons(district=district))
    rows = [(*line[:-1], date.fromisoformat(line[-1])) for line in lines]
    classes = {(row[0], row[1], row[2]) for row in rows}
    return render(request, "awareness/class_lessons.html", {"rows": rows, "classes": len(classes)})


@district_view(permission="awareness.read")
def download_class_lessons(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """Download the classes with the lessons that they had."""
    rows = [HEADINGS, *_iterate_rows(list_class_lessons(district=district))]
    file = write_csv_file([escape_formula(text) for text in row] for row in rows)
    record_download(request, "export class lessons")
    return FileResponse(file, as_attachment=True, filename="class-lessons.csv", content_type="text/csv; charset=utf-8")


def _iterate_rows(lessons: Iterable[TaughtLesson]) -> Iterator[tuple[str, ...]]:
    courses = {course.id: course for course in list_class_courses()}
    titles = {
        (course.id, lesson.id): find_lesson_title(lesson.text.en) or lesson.id
        for course in courses.values()
        for lesson in course.lessons
    }
    for item in lessons:
        course = courses.get(item.course)
        title = course.title.en if course else item.course
        lesson = titles.get((item.course, item.lesson), item.lesson)
        yield item.school, item.class_name, item.teacher, title, lesson, item.taught_on.isoformat()


urlpatterns = [
    path("awareness/courses/lessons", show_class_lessons, name="awareness-class-lessons"),
    path("awareness/courses/lessons/csv", download_class_lessons, name="awareness-class-lessons-csv"),
]
