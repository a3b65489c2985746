"""Studies that are stored for a district."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from homeroom.apps.manage.effects.models import StoredStudy
from homeroom.apps.manage.effects.stored_studies import (
    PAGE,
    UploadTooLarge,
    find_stored_study,
    list_stored_studies,
    remove_study,
    store_panel,
)
from homeroom.apps.manage.effects.study_course import build_course
from homeroom.apps.platform.audit.models import Entry
from homeroom.domain.manage.estimates.studies import Study, WeekValue
from homeroom.ingest.contract.errors import FileRefused
from tests.cast import create_cast

pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("studies of a file are stored together or not")]
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
MONDAY = date(2025, 9, 1)
HEAD = "study,school,week,started,value\n"


def write_study(name: str) -> str:
    weeks = (MONDAY + timedelta(weeks=number) for number in range(4))
    return "".join(f"{name},School {school},{week},,{school}\n" for week in weeks for school in range(3))


def test_studies_of_a_file_are_stored_in_its_order_and_listed_by_the_page() -> None:
    district = create_cast().district
    text = HEAD + "".join(write_study(name) for name in ("A", "B"))
    numbers = store_panel(district=district, file="../a.csv", content=text.encode(), at=AT, actor="director")
    studies, has_more = list_stored_studies(district=district)
    assert [study.number for study in studies] == numbers[::-1]
    assert not has_more
    first = find_stored_study(district=district, number=numbers[0])
    assert first is not None
    assert (first.name, first.file, first.verdict) == ("A", "a.csv", "cannot tell")
    assert [week.waiting_schools for week in first.course] == [3, 3, 3, 3]
    assert first.starts == (("School 0", None), ("School 1", None), ("School 2", None))
    row = StoredStudy.objects.of(district).get(pk=numbers[0])
    for _ in range(PAGE):
        row.pk = None
        row.save(force_insert=True)
    assert list_stored_studies(district=district)[1]
    remove_study(district=district, number=numbers[0], at=AT, actor="director")
    assert find_stored_study(district=district, number=numbers[0]) is None
    with pytest.raises(LookupError):
        remove_study(district=district, number=numbers[0], at=AT, actor="director")
    assert Entry.objects.of(district).filter(action="remove study").count() == 1


def test_a_file_that_does_not_fit_stores_nothing() -> None:
    district = create_cast().district
    shared = {"district": district, "file": "a.csv", "at": AT, "actor": "director"}
    with pytest.raises(FileRefused):
        store_panel(content=f"{HEAD}A,School 0,someday,,1\n".encode(), **shared)
    with pytest.raises(UploadTooLarge):
        store_panel(content=b" " * 5_000_001, **shared)
    assert not StoredStudy.objects.of(district).exists()


def test_a_week_of_the_course_has_the_mean_of_schools_that_started_and_of_those_that_did_not() -> None:
    weeks = (
        WeekValue(school="Elm", week=MONDAY, value=2.0),
        WeekValue(school="Fir", week=MONDAY, value=4.0),
        WeekValue(school="Oak", week=MONDAY, value=None),
        WeekValue(school="Elm", week=MONDAY + timedelta(weeks=1), value=1.0),
        WeekValue(school="Fir", week=MONDAY + timedelta(weeks=1), value=6.0),
    )
    starts = {"Elm": MONDAY + timedelta(weeks=1), "Fir": None, "Oak": None}
    before, after = build_course(Study(name="A", weeks=weeks, starts=starts))
    assert (before.started, before.started_schools, before.waiting, before.waiting_schools) == (None, 0, 3.0, 2)
    assert (after.started, after.started_schools, after.waiting, after.waiting_schools) == (1.0, 1, 6.0, 1)


def test_a_mean_of_too_few_schools_is_left_out_of_the_course() -> None:
    weeks = (
        WeekValue(school=school, week=MONDAY, value=value) for school, value in (("A", 1.0), ("B", 3.0), ("C", 9.0))
    )
    study = Study(name="use", weeks=tuple(weeks), starts={"A": None, "B": None, "C": MONDAY})
    (week,) = build_course(study, least_schools=2)
    assert (week.waiting, week.waiting_schools) == (2.0, 2)
    assert (week.started, week.started_schools) == (None, 1)
    assert build_course(study)[0].started == 9.0
