"""Courses for the office: assigning, counts, who has not finished, policies, class lessons and packages."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from homeroom.apps.teach.courses.class_lessons import ClassLessonForm, tick_class
from homeroom.apps.teach.courses.commands import assign_course
from homeroom.apps.teach.courses.models import Assignment, PolicyVersion
from homeroom.apps.teach.courses.staff import list_staff
from homeroom.domain.teach.courses.course_forms import AssignmentForm
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.library.teach.courses.course_files import load_courses
from tests.assessed_district import TODAY
from tests.cast import Cast

ClientFactory = Callable[[str], Client]
AT = datetime(2026, 1, 15, 14, tzinfo=UTC)
PAGE = "/awareness/courses"
POLICY = {"title": "Acceptable use", "title_es": "", "text": "Use it well.", "text_es": ""}
pytestmark = pytest.mark.usefixtures("people", "morning")


def assign(cast: Cast, **values: str) -> str:
    form = AssignmentForm(subject="lost-device", due_on="2026-02-01", **values)
    return assign_course(district=cast.district, form=form, today=TODAY, actor="director", at=AT)


def test_the_director_assigns_a_course_and_sees_who_has_not_finished(
    as_: ClientFactory, cast: Cast, people: EvidenceStore
) -> None:
    client = as_("director")
    assert b"Nothing is assigned" in client.get(PAGE).content
    answer = client.post(f"{PAGE}/assign", {"subject": "lost-device", "role": "director", "due_on": "2026-02-01"})
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "Dana Whitfield" in page
    assert "Ines Calloway" not in page
    assert b"Lost or stolen device" in client.get(PAGE).content


def test_a_field_that_does_not_fit_is_shown_and_nothing_is_assigned(as_: ClientFactory, cast: Cast) -> None:
    answer = as_("director").post(f"{PAGE}/assign", {"subject": "lost-device", "due_on": "2020-01-01"})
    assert answer.status_code == 422
    assert b'href="#due_on"' in answer.content
    assert not Assignment.objects.of(cast.district).exists()


def test_the_csv_has_an_address_for_each_person_and_no_formula(as_: ClientFactory, cast: Cast) -> None:
    public = assign(cast, role="teacher")
    answer = as_("technician").get(f"{PAGE}/assignments/{public}/csv")
    rows = list(csv.DictReader(io.StringIO(b"".join(answer).decode())))
    names = {row["Name"]: row["Address"] for row in rows}
    assert names["Ines Calloway"].endswith("/my/courses/lost-device")
    assert "Mina Ferro" not in names, "a student"
    sheet = as_("technician").get(f"{PAGE}/assignments/{public}/sheet").content
    assert b"Ines Calloway" in sheet


def test_an_ended_assignment_is_no_page(as_: ClientFactory, cast: Cast) -> None:
    public, client = assign(cast), as_("director")
    assert client.post(f"{PAGE}/assignments/{public}/end").status_code == 302
    assert client.get(f"{PAGE}/assignments/{public}").status_code == 404
    assert client.post(f"{PAGE}/assignments/{public}/end").status_code == 404


def test_a_changed_policy_is_a_new_version(as_: ClientFactory, cast: Cast) -> None:
    client = as_("director")
    address = client.post(f"{PAGE}/policies/new", POLICY)["Location"]
    assert client.post(address, POLICY).status_code == 302
    assert client.post(address, POLICY | {"text": "Use it better."}).status_code == 302
    numbers = PolicyVersion.objects.of(cast.district).order_by("number").values_list("number", flat=True)
    assert list(numbers) == [1, 2]
    assert client.post(address, POLICY | {"text": " "}).status_code == 422
    assert b"Use it better." in as_("auditor").get(address).content


def test_the_list_of_classes_is_the_proof_and_goes_out_as_csv(as_: ClientFactory, cast: Cast) -> None:
    course = next(item for item in load_courses() if item.id == "digital-citizenship-6-8")
    teacher = next(person for person in list_staff(district=cast.district) if person.name == "Ines Calloway")
    form = ClassLessonForm(course=course, lesson=course.lessons[0].id, class_name="=Period 3", language="en")
    tick_class(district=cast.district, person=teacher, form=form, actor="teacher", at=AT)
    client = as_("auditor")
    assert "=Period 3" in client.get(f"{PAGE}/lessons").content.decode()
    rows = list(csv.DictReader(io.StringIO(b"".join(client.get(f"{PAGE}/lessons/csv")).decode())))
    assert [(row["Class"], row["Teacher"], row["Taught on"]) for row in rows] == [
        ("'=Period 3", "Ines Calloway", "2026-01-15")
    ]


def test_a_course_goes_out_as_a_package(as_: ClientFactory) -> None:
    answer = as_("auditor").get(f"{PAGE}/scorm/lost-device")
    assert answer["Content-Type"] == "application/zip"
    assert answer.content.startswith(b"PK")
    assert as_("auditor").get(f"{PAGE}/scorm/no-such-course").status_code == 404


def test_who_only_reads_assigns_nothing(as_: ClientFactory, cast: Cast) -> None:
    client = as_("auditor")
    for page in ("assign", "collect", "policies/new"):
        assert client.post(f"{PAGE}/{page}", {"subject": "lost-device"}).status_code == 403
    assert b"<form" not in client.get(PAGE).content.partition(b"<main")[2].partition(b"</main>")[0]
    assert not Assignment.objects.of(cast.district).exists()


def test_the_stranger_sees_no_assignment_of_another_district(as_: ClientFactory, cast: Cast) -> None:
    public, client = assign(cast), as_("stranger")
    for page in ("", "/csv", "/sheet"):
        assert client.get(f"{PAGE}/assignments/{public}{page}").status_code == 404
    assert client.post(f"{PAGE}/assignments/{public}/end").status_code == 404
