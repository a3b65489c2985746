"""The report of required training: who had to, who did, when and by which law; and its figures for the board."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from homeroom.apps.comply.reports.csv_export import render_csv_files
from homeroom.apps.comply.reports.html import render_html
from homeroom.apps.comply.reports.queries import build_report
from homeroom.apps.comply.reports.report import DistrictReport
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.teach.courses.class_lessons import ClassLessonForm, tick_class
from homeroom.apps.teach.courses.commands import assign_course
from homeroom.apps.teach.courses.models import Completion
from homeroom.apps.teach.courses.policies import PolicyForm, SignatureForm, add_policy_version, find_policy, sign_policy
from homeroom.apps.teach.courses.staff import list_staff
from homeroom.domain.teach.courses.course_forms import AssignmentForm
from homeroom.domain.teach.courses.scoring import compute_course_version
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.library.teach.courses.course_files import load_courses
from tests.apps.teach.awareness.drill_district import (
    build_events,
    get_email,
    load_events,
    load_staff,
    load_tables,
    open_store,
    resolve_on,
)
from tests.shared_states import share_state

TODAY, AT = date(2026, 11, 28), datetime(2026, 11, 28, 18, tzinfo=UTC)
BY: dict[str, Any] = {"actor": "director", "at": AT}
COURSES = {course.id: course for course in load_courses()}
pytestmark = pytest.mark.django_db


@pytest.fixture
def district(tmp_path: Path, settings: Any) -> District:
    """Return a district whose staff is resolved."""
    settings.DATA = tmp_path

    def build_staff() -> District:
        district, store = create_district(slug="maple", name="Maple Valley"), open_store(tmp_path)
        load_staff(store)
        resolve_on(district, store, TODAY)
        return district

    return share_state(("staff of reports",), tmp_path, build_staff)


@pytest.fixture
def store(district: District, tmp_path: Path) -> EvidenceStore:
    return open_store(tmp_path)


def build_row(number: int, course: str = "Safe at school", **cells: Any) -> dict[str, Any]:
    """Return a row of a training list, done on time in October unless its cells say else."""
    row = {
        "email": get_email(number),
        "course": course,
        "kind": "training",
        "assigned_on": date(2026, 9, 1),
        "due_on": date(2026, 10, 31),
        "done_on": date(2026, 10, 5),
        "score": 80,
        "status_word": "Complete",
    }
    return {**row, **cells}


def load_training(store: EvidenceStore, rows: Iterable[dict[str, Any]], connector: str = "vector") -> None:
    overrides = {"due_on": pl.Date, "done_on": pl.Date, "kind": pl.String}
    load_tables(store, connector, {"training_records": pl.DataFrame(list(rows), schema_overrides=overrides)})


def build(district: District, store: EvidenceStore, name: str = "training") -> DistrictReport:
    """Assess what was loaded since the staff was resolved, and build a report of it."""
    assess(district=district, store=store, today=TODAY, at=AT)
    return build_report(district=district, name=name, today=TODAY)


def get_rows(report: DistrictReport, section: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for entry in report.sections if entry.name == section for row in entry.rows]


def get_numbers(report: DistrictReport) -> dict[str, str]:
    return {figure.label: figure.number for figure in report.figures}


def test_a_list_counts_who_had_to_who_did_and_when(district: District, store: EvidenceStore) -> None:
    load_training(
        store,
        [
            build_row(0),
            build_row(1, done_on=date(2026, 10, 31)),
            build_row(2, done_on=date(2026, 11, 1)),
            build_row(3, done_on=None),
            build_row(4, done_on=None, due_on=TODAY),
            build_row(5, due_on=None),
        ],
    )
    report = build(district, store)
    assert get_rows(report, "required") == [("Safe at school", "Vector", "none named", 6, 4, 2, 1, 1, 28)]
    assert get_numbers(report) == {
        "Required training done on time, within a year": "2 of 5 · 1 unknown",
        "Required training that is overdue": "1 of 6 · 0 unknown",
    }
    states = {row[0]: row[6] for row in get_rows(report, "people")}
    assert states == {
        "Given0 Family0": "on time",
        "Given1 Family1": "on time",
        "Given2 Family2": "late",
        "Given3 Family3": "overdue",
        "Given4 Family4": "open",
        "Given5 Family5": "done, no due day",
    }
    assert get_rows(report, "overdue") == [("Given3 Family3", "School 1", "Safe at school", date(2026, 10, 31), 28)]
    assert get_rows(report, "schools") == [("School 0", 3, 3, 2, 1, 0), ("School 1", 3, 3, 2, 1, 1)]


def test_what_was_done_a_year_ago_is_left_out_and_what_is_not_done_never_is(
    district: District, store: EvidenceStore
) -> None:
    old = {"assigned_on": date(2025, 9, 1), "due_on": date(2025, 10, 31)}
    load_training(
        store,
        [
            build_row(0, **old, done_on=date(2025, 10, 5)),
            build_row(1, **old, done_on=None),
            build_row(2, assigned_on=None, due_on=None, done_on=date(2025, 10, 5)),
            build_row(3, assigned_on=date(2025, 9, 1), due_on=TODAY - timedelta(365), done_on=date(2025, 10, 5)),
        ],
    )
    people = [row[0] for row in get_rows(build(district, store), "people")]
    assert people == ["Given1 Family1", "Given3 Family3"]


def test_rows_of_nobody_on_the_staff_are_counted_and_two_addresses_are_one_person(
    district: District, store: EvidenceStore
) -> None:
    load_training(store, [build_row(0), build_row(0), build_row(1, email="nobody@maple.example")])
    load_training(store, [build_row(0, done_on=None)], connector="knowbe4")
    report = build(district, store)
    assert [row[0] for row in get_rows(report, "people")] == ["Given0 Family0"]
    assert get_numbers(report)["Rows of nobody on the staff today, not counted here"] == "1"


def test_a_tool_that_only_says_past_due_is_believed(district: District, store: EvidenceStore) -> None:
    load_training(store, [build_row(0, due_on=None, done_on=None, status_word="Past due")], connector="knowbe4")
    (row,) = get_rows(build(district, store), "overdue")
    assert row == ("Given0 Family0", "School 0", "Safe at school", None, None)


@pytest.mark.parametrize("kind", ["phishing", None])
def test_no_result_of_a_drill_is_in_any_form_of_the_report(
    district: District, store: EvidenceStore, kind: str | None
) -> None:
    drill = {"kind": kind, "due_on": None}
    load_training(
        store,
        [
            build_row(0, "Parcel drill", **drill, done_on=None, status_word="Clicked the link", score=13),
            build_row(1, "Parcel drill", **drill, status_word="No action", score=13),
            build_row(2),
        ],
    )
    report = build(district, store)
    text = render_html(report).decode() + b"".join(render_csv_files(report).values()).decode()
    assert "Parcel" not in text
    assert "Family0" not in text
    assert "Family2" in text
    assert "80%" not in text, "the score of a list is an individual value"


def test_a_course_of_homeroom_has_its_score_version_and_law(district: District, store: EvidenceStore) -> None:
    form = AssignmentForm(subject="lost-device", law="us-ny-stt-103f", due_on="2026-12-12")
    assign_course(district=district, form=form, today=TODAY, **BY)
    course, person = COURSES["lost-device"], list_staff(district=district)[0]
    version = compute_course_version(course)
    Completion.objects.create(
        district_id=district.pk, subject=person.id, email=person.email, course=course.id, version=version,
        language="en", score=90, completed_on=TODAY, completed_at=AT,
    )  # fmt: skip
    report = build(district, store)
    law = "Cybersecurity awareness training (State Tech. Law 103-f)"
    assert get_rows(report, "required") == [("Lost or stolen device", "Homeroom", law, 12, 1, 1, 0, 0, None)]
    (done,) = (row for row in get_rows(report, "people") if row[5])
    assert done[5:] == (TODAY, "on time", f"90%, version {version}", law, "Homeroom")
    proofs = {row[1]: row[4] for row in get_rows(report, "laws")}
    assert proofs["State Tech. Law 103-f(2)"] == "Lost or stolen device: 1 of 12 did it"
    (figure,) = (entry for entry in report.figures if entry.label.startswith("Required training done"))
    assert [source.name for source in figure.sources] == ["Homeroom"]


def test_a_signed_policy_names_the_version_that_was_signed(district: District, store: EvidenceStore) -> None:
    form = PolicyForm(title="Acceptable use", title_es="", text="Lock your screen.", text_es="")
    public = add_policy_version(district=district, form=form, **BY)
    assign_course(district=district, form=AssignmentForm(subject=public), today=TODAY, **BY)
    person, policy = list_staff(district=district)[0], find_policy(district=district, public=public)
    assert policy is not None
    signature = SignatureForm(policy=public, sha256=policy.sha256, typed_name=person.name, language="en")
    sign_policy(district=district, person=person, form=signature, actor=person.email, at=AT)
    (done,) = (row for row in get_rows(build(district, store), "people") if row[5])
    assert (done[2], done[6], done[7]) == ("Acceptable use", "done, no due day", "version 1")


def test_lessons_of_classes_prove_a_law_without_a_student(district: District, store: EvidenceStore) -> None:
    course, teacher = COURSES["digital-citizenship-6-8"], list_staff(district=district)[0]
    for lesson in course.lessons[:2]:
        form = ClassLessonForm(course=course, lesson=lesson.id, class_name="Period 3", language="en")
        tick_class(district=district, person=teacher, form=form, actor=teacher.email, at=AT)
    report = build(district, store)
    assert {row[:4] for row in get_rows(report, "lessons")} == {
        ("School 0", "Period 3", "Given0 Family0", "Digital citizenship, grades 6-8")
    }
    assert len(get_rows(report, "lessons")) == 2
    assert get_numbers(report)["Classes that had a lesson"] == "1"
    proofs = {row[2]: row[4] for row in get_rows(report, "laws")}
    assert proofs["Minors are taught appropriate online behavior"] == "1 class had a lesson"


def test_the_board_has_the_latest_drill_with_its_interval_and_first_report(
    district: District, store: EvidenceStore
) -> None:
    load_events(store, build_events("41", reports=range(9)), at=AT)
    later = datetime(2026, 11, 3, 14, tzinfo=UTC)
    load_events(store, build_events("42", clicks=[1], reports=[2, 3, 4], sent=later), at=AT)
    load_training(store, [build_row(0), build_row(1, done_on=None)])
    resolve_on(district, store, TODAY)
    report = build(district, store, "board")
    share = "25% (95% interval: 9% to 53%); the first after 122 minutes"
    drill = f"Staff who reported the latest drill, of Nov 3, 2026: {share}"
    numbers = get_numbers(report)
    assert numbers[drill] == "3 of 12 · 0 unknown"
    assert numbers["Required training done on time, within a year"] == "1 of 2 · 0 unknown"
    assert sum("drill" in label for label in numbers) == 1, "two drills are never beside each other"
    (figure,) = (entry for entry in report.figures if entry.label == drill)
    assert [source.name for source in figure.sources] == ["gophish"]


def test_the_board_has_neither_figure_without_a_drill_and_a_training(district: District, store: EvidenceStore) -> None:
    load_events(store, build_events("41", people=range(9), reports=range(9)), at=AT)
    resolve_on(district, store, TODAY)
    labels = get_numbers(build(district, store, "board"))
    assert not [label for label in labels if "drill" in label or "training" in label], "nine people are too few"
