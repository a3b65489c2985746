"""The teacher whom the demo prints has something to do, and signs in once with the printed code."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.teach.courses.commands import assign_course
from homeroom.cli.options import CommandContext
from homeroom.cli.teach.awareness.demo_teacher import DemoTeacher, provide_demo_teacher
from homeroom.domain.teach.courses.course_forms import AssignmentForm
from tests.asked_district import AskedDistrict, build_address, copy_asked_district, prepare_asked_district

pytestmark = pytest.mark.django_db
COURSE = "report-suspicious-mail"


@pytest.fixture(scope="module")
def prepared(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[AskedDistrict, Path]]:
    yield from prepare_asked_district(django_db_blocker, tmp_path_factory.mktemp("asked"))


@pytest.fixture
def place(db: None, prepared: tuple[AskedDistrict, Path], tmp_path: Path, settings: Any) -> AskedDistrict:
    settings.DATA = tmp_path
    place = copy_asked_district(*prepared, tmp_path)
    settings.NOW = place.at
    return place


def choose(place: AskedDistrict) -> DemoTeacher | None:
    return provide_demo_teacher(
        CommandContext(district=place.district, store=place.store, today=place.today, at=place.at)
    )


def assign(place: AskedDistrict, school: str) -> None:
    form = AssignmentForm(subject=COURSE, school=school, due_on=place.today.isoformat())
    assign_course(district=place.district, form=form, today=place.today, actor="director", at=place.at)


def test_the_teacher_with_fewest_asks_signs_in_to_an_ask_and_a_course(place: AskedDistrict) -> None:
    assign(place, "")
    teacher = choose(place)
    assert teacher is not None
    assert (teacher.name, teacher.email) == ("Mary Ann Okafor", build_address("e2"))
    assert teacher.page == f"/d/{place.district.slug}/my"
    client = Client()
    answer = client.post(f"{teacher.page}/sign-in/code", {"address": teacher.email, "code": teacher.code})
    assert answer["Location"] == teacher.page
    page = client.get(teacher.page, follow=True).content.decode()
    assert "What we ask of you" in page
    assert f"/my/courses/{COURSE}" in page
    assert client.get("/today", follow=True).status_code in (403, 404)
    again = Client().post(f"{teacher.page}/sign-in/code", {"address": teacher.email, "code": teacher.code})
    assert again.status_code == 404
    (entry,) = Entry.objects.of(place.district).filter(action="print sign-in codes")
    assert teacher.code not in str(entry.detail)


def test_a_teacher_without_a_course_is_not_chosen(place: AskedDistrict) -> None:
    assert choose(place) is None
    assign(place, "Lincoln Elementary")
    teacher = choose(place)
    assert teacher is not None
    assert teacher.email == build_address("e1"), "the teacher of the other school has fewer asks and no course"
