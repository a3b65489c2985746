"""Courses from assigning to evidence: who has to, what was answered, what controls ask."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.comply.erasing.state_eraser import StateEraser
from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.models import District
from homeroom.apps.teach.courses.answers import LessonAnswers, forget_old_answers, record_answers
from homeroom.apps.teach.courses.class_lessons import ClassLessonForm, list_class_lessons, remove_class_tick, tick_class
from homeroom.apps.teach.courses.commands import assign_course, end_assignment
from homeroom.apps.teach.courses.models import Completion, CourseAttempt
from homeroom.apps.teach.courses.policies import PolicyForm, SignatureForm, add_policy_version, find_policy, sign_policy
from homeroom.apps.teach.courses.progress import count_by_school, list_own_assignments, load_assignments
from homeroom.apps.teach.courses.staff import list_staff
from homeroom.apps.teach.courses.training_records import (
    NoTraining,
    list_training_rows,
    load_training_records,
    queue_nightly_training,
)
from homeroom.apps.teach.trials.models import TrainingTrial, TrialMember
from homeroom.domain.teach.courses.course import Course
from homeroom.domain.teach.courses.course_forms import AssignmentForm, CourseRefused
from homeroom.domain.teach.courses.scoring import (
    AnswersRefused,
    CourseScore,
    compute_course_version,
    list_lesson_questions,
)
from homeroom.evidence.erasing.person_terms import PersonTerms, TermMatcher
from homeroom.evidence.query.session import open_session
from homeroom.library.teach.courses.course_files import load_courses
from tests.apps.teach.courses.staff_lists import get_member, load_staff
from tests.shared_states import share_state

AT, TODAY = datetime(2026, 11, 28, 18, tzinfo=UTC), date(2026, 11, 28)
LOST_DEVICE = next(course for course in load_courses() if course.id == "lost-device")
CITIZENSHIP = next(course for course in load_courses() if course.id == "digital-citizenship-6-8")
BY: dict[str, Any] = {"actor": "director", "at": AT}
pytestmark = [pytest.mark.django_db, pytest.mark.differs_by_database("locks and order of homeroom.apps.teach.courses.")]


@pytest.fixture
def district(tmp_path: Path, settings: Any) -> District:
    settings.DATA = tmp_path

    def build() -> District:
        created = create_district(slug="maple", name="Maple Valley")
        load_staff(created, tmp_path, today=TODAY, at=AT)
        return created

    return share_state(("staff of courses",), tmp_path, build)


def assign(district: District, subject: str = "lost-device", **values: str) -> str:
    return assign_course(district=district, form=AssignmentForm(subject=subject, **values), today=TODAY, **BY)


def choose(course: Course, lesson: str, *, right: bool) -> dict[str, int]:
    return {
        question.id: next(n for n, option in enumerate(question.options) if option.right is right)
        for question in list_lesson_questions(course, lesson)
    }


def take(
    district: District, name: str, *, right: bool = True, at: datetime = AT, course: Course = LOST_DEVICE
) -> CourseScore | None:
    score = None
    for lesson in course.lessons:
        record = LessonAnswers(
            course=course,
            lesson=lesson.id,
            language="en",
            answers=choose(course, lesson.id, right=right),
            answered_at=at,
        )
        score = record_answers(district=district, person=get_member(district, name), record=record, actor="rvance")
    return score


def list_actions(district: District) -> list[str]:
    return [entry.action for entry in list_audit_entries(district=district).lines]


def test_staff_have_their_school_title_and_first_day(district: District) -> None:
    people = [(person.name, person.school, person.began_on) for person in list_staff(district=district)]
    assert people == [
        ("Rowan Vance", "Cedar Middle", date(2019, 8, 1)),
        ("Avery Lindqvist", "Oak Elementary", date(2020, 8, 1)),
        ("Ada Okoro", "Oak Elementary", date(2026, 11, 16)),
    ]


@pytest.mark.parametrize(
    ("form", "names"),
    [
        ({}, ["Rowan Vance", "Avery Lindqvist", "Ada Okoro"]),
        ({"school": "oak elementary"}, ["Avery Lindqvist", "Ada Okoro"]),
        ({"role": "secretary"}, ["Avery Lindqvist"]),
        ({"new_days": "30"}, ["Ada Okoro"]),
        ({"new_days": "12"}, []),
        ({"school": "Cedar Middle", "new_days": "30"}, []),
    ],
)
def test_an_assignment_is_for_those_whom_its_fields_fit(
    district: District, form: dict[str, str], names: list[str]
) -> None:
    assign(district, **form)
    (view,) = load_assignments(district=district, today=TODAY)
    assert [item.person.name for item in view.people] == names


def test_new_staff_are_due_so_many_days_after_their_first_day(district: District) -> None:
    assign(district, new_days="30")
    (view,) = load_assignments(district=district, today=TODAY)
    assert [(item.assigned_on, item.due_on) for item in view.people] == [(TODAY, date(2026, 12, 16))]


@pytest.mark.parametrize(
    ("field", "form"),
    [
        ("subject", {"subject": "no-such-course"}),
        ("subject", {"subject": "digital-citizenship-6-8"}),
        ("due_on", {"due_on": "2026-11-27"}),
        ("due_on", {"due_on": "soon"}),
        ("new_days", {"new_days": "²"}),
        ("control", {"control": "no-such-control"}),
        ("law", {"law": "us-none"}),
        ("trial", {"trial": "no-such-trial"}),
        ("control", {"control": "staff-trained"}),
    ],
)
def test_an_assignment_that_cannot_be_is_refused_by_its_field(
    district: District, field: str, form: dict[str, str]
) -> None:
    with pytest.raises(CourseRefused) as refused:
        assign(district, **({"subject": "lost-device"} | form))
    assert refused.value.field == field
    assert load_assignments(district=district, today=TODAY) == ()


def test_only_who_is_trained_in_a_trial_that_runs_gets_its_course(district: District) -> None:
    trained, held_out = (get_member(district, name) for name in ("Vance", "Okoro"))
    trial = TrainingTrial.objects.create(
        district_id=district.pk,
        public="trial-1",
        state="started",
        question="Does it help?",
        unit="person",
        strata="school",
        percent=20,
        drills=1,
        ends_on=TODAY + timedelta(days=90),
        made_at=AT,
    )
    for person, arm in ((trained, "trained"), (held_out, "held_out")):
        TrialMember.objects.create(district_id=district.pk, trial=trial, person=person.id, arm=arm)
    assign(district, trial="trial-1")
    (view,) = load_assignments(district=district, today=TODAY)
    assert [item.person.name for item in view.people] == ["Rowan Vance"]
    TrainingTrial.objects.of(district).update(state="ended")
    with pytest.raises(CourseRefused):
        assign(district, trial="trial-1")


def test_enough_right_answers_complete_a_course_once(district: District) -> None:
    assign(district, due_on="2026-12-10")
    assert take(district, "Vance", right=False) == CourseScore(right=0, asked=4, percent=0, passed=False)
    assert take(district, "Vance") == CourseScore(right=4, asked=4, percent=100, passed=True)
    completion = Completion.objects.of(district).get()
    assert (completion.version, completion.score) == (compute_course_version(LOST_DEVICE), 100)
    assert completion.completed_on == TODAY
    (view,) = load_assignments(district=district, today=TODAY)
    assert [(item.person.name, item.state.value) for item in view.people] == [
        ("Rowan Vance", "done"),
        ("Avery Lindqvist", "open"),
        ("Ada Okoro", "open"),
    ]
    later = load_assignments(district=district, today=date(2026, 12, 11))
    assert [(row.school, row.people, row.done, row.overdue) for row in count_by_school(later)] == [
        ("Cedar Middle", 1, 1, 0),
        ("Oak Elementary", 2, 0, 2),
    ]
    assert list_actions(district).count("complete course") == 1


def test_the_first_answers_to_a_lesson_count_until_the_attempt_is_finished(district: District) -> None:
    first, person = LOST_DEVICE.lessons[0].id, get_member(district, "Vance")
    for right in (False, True):
        record = LessonAnswers(
            course=LOST_DEVICE,
            lesson=first,
            language="es",
            answers=choose(LOST_DEVICE, first, right=right),
            answered_at=AT,
        )
        assert record_answers(district=district, person=person, record=record, actor="rvance") is None
    assert CourseAttempt.objects.of(district).get().answers == choose(LOST_DEVICE, first, right=False)


@pytest.mark.parametrize(("lesson", "answers"), [("first-hour", {}), ("first-hour", {"when-report": 9}), ("x", {})])
def test_answers_that_do_not_belong_to_the_questions_are_refused(
    district: District, lesson: str, answers: dict[str, int]
) -> None:
    record = LessonAnswers(course=LOST_DEVICE, lesson=lesson, language="en", answers=answers, answered_at=AT)
    with pytest.raises(AnswersRefused):
        record_answers(district=district, person=get_member(district, "Vance"), record=record, actor="rvance")
    assert not CourseAttempt.objects.of(district).exists()


def test_answers_go_after_a_year_and_the_completion_stays(district: District) -> None:
    take(district, "Vance")
    assert forget_old_answers(district=district, at=AT + timedelta(days=364)) == 0
    assert forget_old_answers(district=district, at=AT + timedelta(days=366)) == 1
    assert Completion.objects.of(district).count() == 1


def test_a_policy_is_signed_by_its_version_and_again_when_it_changes(district: District) -> None:
    form = PolicyForm(title="Acceptable use", title_es="", text="Use it well.\r\n", text_es="")
    public = add_policy_version(district=district, form=form, **BY)
    assert add_policy_version(district=district, form=form, public=public, **BY) == public
    view = find_policy(district=district, public=public)
    assert view is not None
    assert (view.number, view.text) == (1, "Use it well.")
    assign(district, subject=public)
    signature = SignatureForm(policy=public, sha256=view.sha256, typed_name=" rowan  VANCE ", language="en")
    person = get_member(district, "Vance")
    assert sign_policy(district=district, person=person, form=signature, actor="rvance", at=AT)
    assert not sign_policy(district=district, person=person, form=signature, actor="rvance", at=AT)
    (own,) = list_own_assignments(district=district, person=person, today=TODAY)
    assert own.people[0].done_on == TODAY
    changed = PolicyForm(title="Acceptable use", title_es="", text="Use it better.", text_es="")
    add_policy_version(district=district, form=changed, public=public, **BY)
    with pytest.raises(CourseRefused, match="changed"):
        sign_policy(district=district, person=person, form=signature, actor="rvance", at=AT)
    assign(district, subject=public)
    states = [
        view.people[0].state.value for view in list_own_assignments(district=district, person=person, today=TODAY)
    ]
    assert sorted(states) == ["done", "open"], "the new version is not signed"


def test_another_name_is_no_signature(district: District) -> None:
    form = PolicyForm(title="Acceptable use", title_es="", text="Use it well.", text_es="")
    public = add_policy_version(district=district, form=form, **BY)
    view = find_policy(district=district, public=public)
    assert view is not None
    signature = SignatureForm(policy=public, sha256=view.sha256, typed_name="Ada Okoro", language="en")
    with pytest.raises(CourseRefused) as refused:
        sign_policy(district=district, person=get_member(district, "Vance"), form=signature, actor="x", at=AT)
    assert refused.value.field == "typed_name"


def test_a_class_has_a_lesson_once_and_only_its_teacher_takes_it_back(district: District) -> None:
    lesson = CITIZENSHIP.lessons[0].id
    form = ClassLessonForm(course=CITIZENSHIP, lesson=lesson, class_name=" Period 3 ", language="en")
    teacher, other = get_member(district, "Vance"), get_member(district, "Okoro")
    assert tick_class(district=district, person=teacher, form=form, actor="rvance", at=AT)
    assert not tick_class(district=district, person=teacher, form=form, actor="rvance", at=AT)
    (taught,) = list_class_lessons(district=district)
    assert (taught.school, taught.teacher, taught.class_name, taught.lesson) == (
        "Cedar Middle",
        "Rowan Vance",
        "Period 3",
        lesson,
    )
    assert not remove_class_tick(district=district, person=other, number=taught.id, actor="aokoro", at=AT)
    assert remove_class_tick(district=district, person=teacher, number=taught.id, actor="rvance", at=AT)
    assert list_class_lessons(district=district) == ()


def test_completions_become_training_records_that_controls_ask(district: District) -> None:
    assign(district, due_on="2026-12-10")
    take(district, "Vance")
    store = get_evidence_store(district=district)
    report = load_training_records(district=district, store=store, today=TODAY, actor="director", at=AT)
    assert [result.load.instance for result in report.loaded if result.load] == ["homeroom"]
    resolve(district=district, store=store, today=TODAY, at=AT + timedelta(minutes=1))
    derived = store.get_latest_derived()
    assert derived is not None
    with open_session(store.pin_snapshot(derived=derived.id)) as session:
        rows = session.execute(
            "SELECT email, training_listed, trained_on, training_overdue FROM people ORDER BY email"
        ).fetchall()
    assert rows == [
        ("alindqvist@maple.example", True, None, 0),
        ("aokoro@maple.example", True, None, 0),
        ("rvance@maple.example", True, TODAY, 0),
    ]


def test_what_nobody_assigned_counts_too_and_each_row_comes_once(district: District) -> None:
    take(district, "Vance", at=AT - timedelta(days=3))
    assign(district)
    assign(district, due_on="2026-12-10")
    take(district, "Vance")
    rows = [row for row in list_training_rows(district=district, today=TODAY) if row["email"].startswith("rvance")]
    assert [(row["assigned_on"], row.get("due_on"), row["done_on"]) for row in rows] == [
        ("2026-11-25", None, "2026-11-25"),
        ("2026-11-28", "2026-12-10", "2026-11-28"),
    ]


def test_the_course_of_technicians_is_named_as_theirs(district: District) -> None:
    take(district, "Vance", course=next(course for course in load_courses() if course.id == "restore-drill-first-hour"))
    (row,) = list_training_rows(district=district, today=TODAY)
    assert row["course"] == "Restore drill and the first hour (for technicians)"


def test_an_ended_assignment_asks_nobody_and_keeps_what_was_done(district: District) -> None:
    public = assign(district)
    take(district, "Vance")
    end_assignment(district=district, public=public, **BY)
    with pytest.raises(LookupError):
        end_assignment(district=district, public=public, **BY)
    assert load_assignments(district=district, today=TODAY) == ()
    assert [row["email"] for row in list_training_rows(district=district, today=TODAY)] == ["rvance@maple.example"]


@pytest.mark.django_db(databases="__all__")
def test_the_worker_loads_the_list_at_night_and_only_if_it_changed(district: District) -> None:
    night = datetime(2026, 11, 29, 8, tzinfo=UTC)
    assert queue_nightly_training(at=night) == 0, "nothing was assigned"
    assign(district)
    assert queue_nightly_training(at=night + timedelta(hours=10)) == 0, "by day"
    assert queue_nightly_training(at=night) == 1
    assert queue_nightly_training(at=night + timedelta(days=1)) == 0, "nothing changed"
    take(district, "Vance", at=night)
    assert queue_nightly_training(at=night + timedelta(days=2)) == 1
    assert LoadJob.objects.of(district).count() == 2


def test_without_anything_assigned_there_is_nothing_to_load(district: District) -> None:
    store = get_evidence_store(district=district)
    with pytest.raises(NoTraining):
        load_training_records(district=district, store=store, today=TODAY, actor="", at=AT)


def test_the_next_district_sees_none_of_it(district: District, tmp_path: Path) -> None:
    assign(district)
    take(district, "Vance")
    other = create_district(slug="next-door", name="Next Door")
    assert load_assignments(district=other, today=TODAY) == ()
    assert list_training_rows(district=other, today=TODAY) == []
    assert list_class_lessons(district=other) == ()


@pytest.mark.django_db(databases="__all__")
def test_erasing_a_person_takes_answers_and_signatures_and_leaves_nobody_in_the_rest(district: District) -> None:
    person = get_member(district, "Vance")
    take(district, "Vance")
    form = ClassLessonForm(course=CITIZENSHIP, lesson=CITIZENSHIP.lessons[0].id, class_name="Period 3", language="en")
    tick_class(district=district, person=person, form=form, actor="rvance", at=AT)
    terms = PersonTerms(
        subjects=frozenset({person.id}),
        ids=frozenset({person.email}),
        names=frozenset({"rowan vance"}),
        spellings=frozenset({"Rowan Vance"}),
    )
    StateEraser(district, TermMatcher(terms)).erase()
    assert not CourseAttempt.objects.of(district).exists()
    completion = Completion.objects.of(district).get()
    assert completion.subject is None
    assert person.email not in completion.email
    (taught,) = list_class_lessons(district=district)
    assert (taught.teacher, taught.class_name) == ("", "Period 3")
    assert list_training_rows(district=district, today=TODAY) == []
