"""Lessons that a teacher opens on the board, and the classes that had them. No student is named."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.platform.people_sign_in.queries import MyPerson
from homeroom.apps.teach.courses.class_lessons import ClassLessonForm, list_own_lessons, remove_class_tick, tick_class
from homeroom.apps.teach.courses.course_pages import build_course_page
from homeroom.domain.platform.district import District
from homeroom.domain.teach.courses.course import Teaching
from homeroom.domain.teach.courses.course_forms import CourseRefused
from homeroom.web.shared.offline_pages import keep_offline
from homeroom.web.teach.my.access import MyRequest, my_view
from homeroom.web.teach.my.courses import build_picture_address, get_course_or_404, get_staff_member


@my_view(methods=("GET", "POST"))
def show_class_course(request: HttpRequest, *, district: District, person: MyPerson, course_id: str) -> HttpResponse:
    """Show the lessons of a course for a class, and which classes had them; posting ticks a class."""
    own, course = cast("MyRequest", request), get_course_or_404(course_id, taught=Teaching.CLASS)
    member, wrong = get_staff_member(district, person), ""
    if request.method == "POST":
        form = ClassLessonForm(
            course=course,
            lesson=request.POST.get("lesson", ""),
            class_name=request.POST.get("class_name", ""),
            language=own.language,
        )
        try:
            tick_class(district=district, person=member, form=form, actor=own.visit.actor, at=own.visit.now)
        except CourseRefused:
            wrong = gettext("Choose a lesson, and type the class in up to 80 characters, such as Period 3.")
        else:
            messages.success(request, gettext("Noted. The class had the lesson."), extra_tags="good")
            return redirect("my-class-course", course_id=course.id)
    taught = list_own_lessons(district=district, person=member, course=course.id)
    all_taught = list_own_lessons(district=district, person=member)
    page = build_course_page(
        course, language=own.language, get_picture_address=lambda name: build_picture_address(course, name)
    )
    titles = {lesson.id: lesson.title for lesson in page.lessons}
    context = {
        "course": page,
        "taught": [{"lesson": titles.get(item.lesson, item.lesson), "item": item} for item in taught],
        "classes": sorted({item.class_name for item in all_taught}),
        "wrong": wrong,
        "class_name": request.POST.get("class_name", ""),
        "chosen": request.POST.get("lesson", request.GET.get("lesson", "")),
    }
    return render(request, "my/class_course.html", context, status=422 if wrong else 200)


@my_view()
def show_board(request: HttpRequest, *, course_id: str, lesson: str) -> HttpResponse:
    """Show a lesson in large type, with its questions, for a board."""
    own, course = cast("MyRequest", request), get_course_or_404(course_id, taught=Teaching.CLASS)
    page = build_course_page(
        course, language=own.language, get_picture_address=lambda name: build_picture_address(course, name)
    )
    shown = next((item for item in page.lessons if item.id == lesson), None)
    if shown is None:
        raise Http404
    return keep_offline(render(request, "my/board.html", {"course": page, "lesson": shown}), title=shown.title)


@my_view(methods=("POST",))
def remove_tick(
    request: HttpRequest, *, district: District, person: MyPerson, course_id: str, number: int
) -> HttpResponse:
    """Remove a tick of the teacher's own."""
    visit = cast("MyRequest", request).visit
    member = get_staff_member(district, person)
    remove_class_tick(district=district, person=member, number=number, actor=visit.actor, at=visit.now)
    return redirect("my-class-course", course_id=course_id)


urlpatterns = [
    path("my/lessons/<str:course_id>", show_class_course, name="my-class-course"),
    path("my/lessons/<str:course_id>/board/<str:lesson>", show_board, name="my-board"),
    path("my/lessons/<str:course_id>/ticks/<int:number>/remove", remove_tick, name="my-class-tick-remove"),
]
