"""Required Training: who had to, who did, when and by which law, for an auditor; no result of a drill is in it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.report import (
    DistrictReport,
    FigureSource,
    ReportColumn,
    ReportFigure,
    ReportKind,
    ReportSection,
)
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.comply.reports.training import (
    YEAR,
    RequiredTraining,
    TrainingState,
    TrainingSummary,
    build_training_figures,
    load_training,
)
from homeroom.apps.comply.reports.training_laws import (
    TrainingLaws,
    count_classes,
    list_training_duties,
    load_training_laws,
)
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.apps.teach.courses.class_lessons import TaughtLesson, find_last_tick, list_class_lessons
from homeroom.domain.ids import format_public_id
from homeroom.evidence.tables import Privacy
from homeroom.library.teach.courses.lesson_pages import find_lesson_title

STATE_LABELS = {
    TrainingState.ON_TIME: gettext_lazy("on time"),
    TrainingState.LATE: gettext_lazy("late"),
    TrainingState.DONE: gettext_lazy("done, no due day"),
    TrainingState.OVERDUE: gettext_lazy("overdue"),
    TrainingState.OPEN: gettext_lazy("open"),
}


def build_report(data: ReportData) -> DistrictReport:
    """Report required training by course, law, school and person, what is overdue, and the lessons of classes."""
    summary = load_training(data)
    laws = load_training_laws(data, summary=summary)
    first = data.assessment.today - YEAR
    lessons = [lesson for lesson in list_class_lessons(district=data.district) if lesson.taught_on >= first]
    return data.create_report(
        name=KIND.name,
        title=str(KIND.title),
        lead=_(
            "What staff had to take or sign within a year, who did, when, and by which law; and the lessons that "
            "classes had. What is not done is listed however old it is."
        ),
        figures=(*build_training_figures(summary), *_build_figures(data, summary, lessons)),
        sections=(
            _build_subject_section(summary, laws),
            _build_duty_section(data, summary, laws, lessons),
            _build_school_section(summary),
            _build_overdue_section(summary),
            _build_lesson_section(lessons, laws),
            _build_person_section(summary, laws),
        ),
        notes=_build_notes(summary),
    )


def _build_figures(data: ReportData, summary: TrainingSummary, lessons: Sequence[TaughtLesson]) -> list[ReportFigure]:
    figures = []
    if summary.items:
        overdue, required = summary.counts.count(TrainingState.OVERDUE), summary.counts.required
        label = _("Required training that is overdue")
        figures.append(ReportFigure(label=label, part=overdue, total=required, sources=summary.sources))
    if summary.strangers:
        label = _("Rows of nobody on the staff today, not counted here")
        figures.append(ReportFigure(label=label, part=summary.strangers, sources=summary.sources))
    ticked_at = find_last_tick(district=data.district)
    if lessons and ticked_at is not None:
        sources = (FigureSource(name=product_word("homeroom"), loaded_at=ticked_at),)
        figures.append(ReportFigure(label=_("Classes that had a lesson"), part=count_classes(lessons), sources=sources))
    return figures


def _build_notes(summary: TrainingSummary) -> tuple[str, ...]:
    return (
        _("Results of phishing drills are not in this report, and no training of a trial, which is extra."),
        _("Lists of other tools name no law; what they prove of one is in the table of laws."),
        *(() if summary.items else (_("No training is assigned here, and no list of it is loaded."),)),
    )


def _build_subject_section(summary: TrainingSummary, laws: TrainingLaws) -> ReportSection:
    rows = []
    for subject, items in summary.group_by_subject().items():
        counts = summary.count(items)
        rows.append(
            (
                _("%(title)s (policy)") % {"title": subject.title} if subject.is_policy else subject.title,
                product_word(subject.connector),
                "; ".join(laws.describe_laws(subject)) or _("none named"),
                counts.required,
                counts.done,
                counts.count(TrainingState.ON_TIME),
                counts.count(TrainingState.LATE),
                counts.count(TrainingState.OVERDUE),
                _find_longest(summary, items),
            )
        )
    titles = (_("Training or policy"), _("Recorded in"), _("By which law"))
    numbers = (_("Had to"), _("Did"), _("On time"), _("Late"), _("Overdue"), _("Most days overdue"))
    return ReportSection(
        name="required",
        title=_("What was required"),
        columns=(*_build_columns(titles), *_build_columns(numbers, number=True)),
        rows=rows,
    )


def _build_duty_section(
    data: ReportData, summary: TrainingSummary, laws: TrainingLaws, lessons: Sequence[TaughtLesson]
) -> ReportSection:
    rows = [
        (
            entry.law.title,
            entry.duty.citation,
            entry.duty.title,
            entry.duty.to,
            "; ".join(entry.proofs) or _("nothing here shows it"),
        )
        for entry in list_training_duties(data, laws, summary=summary, lessons=lessons)
    ]
    titles = (_("Law"), _("Citation"), _("What it asks for"), _("For whom"), _("What shows it"))
    return ReportSection(
        name="laws",
        title=_("By law"),
        columns=_build_columns(titles),
        rows=rows,
        note=_("Laws that apply to this district, or may, by the facts that it entered."),
    )


def _build_school_section(summary: TrainingSummary) -> ReportSection:
    rows = []
    for school, items in summary.group_by_school().items():
        counts = summary.count(items)
        rows.append(
            (
                school or _("no school"),
                len({item.person for item in items}),
                counts.required,
                counts.done,
                counts.count(TrainingState.ON_TIME),
                counts.count(TrainingState.OVERDUE),
            )
        )
    numbers = (_("People"), _("Had to"), _("Did"), _("On time"), _("Overdue"))
    return ReportSection(
        name="schools",
        title=_("By school"),
        columns=(ReportColumn(title=_("School")), *_build_columns(numbers, number=True)),
        rows=rows,
        note=_("Besides people, each training of a person counts once."),
    )


def _build_overdue_section(summary: TrainingSummary) -> ReportSection:
    overdue = summary.list_overdue()
    rows = [
        (item.name, item.school, item.subject.title, item.due_on, _count_days_overdue(summary, item))
        for item in overdue
    ]
    columns = (
        ReportColumn(title=_("Name"), privacy=Privacy.STAFF),
        *_build_columns((_("School"), _("Training or policy"), _("Due"))),
        ReportColumn(title=_("Days overdue"), number=True),
    )
    return ReportSection(
        name="overdue",
        title=_("What is overdue"),
        columns=columns,
        rows=rows,
        opens=[format_public_id("person", item.person) for item in overdue],
        note=_("Longest first. Tools without a date are last."),
    )


def _build_lesson_section(lessons: Iterable[TaughtLesson], laws: TrainingLaws) -> ReportSection:
    courses = laws.courses
    rows = []
    for lesson in lessons:
        course = courses.get(lesson.course)
        texts = {entry.id: entry.text.en for entry in course.lessons} if course else {}
        rows.append(
            (
                lesson.school,
                lesson.class_name,
                lesson.teacher,
                course.title.en if course else lesson.course,
                find_lesson_title(texts.get(lesson.lesson, "")) or lesson.lesson,
                lesson.taught_on,
                "; ".join(laws.describe_course_laws(lesson.course)),
            )
        )
    titles = (_("School"), _("Class"))
    after = (_("Course"), _("Lesson"), _("Taught on"), _("By which law"))
    columns = (*_build_columns(titles), ReportColumn(title=_("Teacher"), privacy=Privacy.STAFF), *_build_columns(after))
    return ReportSection(
        name="lessons",
        title=_("Lessons that classes had"),
        columns=columns,
        rows=rows,
        note=_("No student is named: a class counts as its teacher calls it."),
    )


def _build_person_section(summary: TrainingSummary, laws: TrainingLaws) -> ReportSection:
    law_texts = {subject: "; ".join(laws.describe_laws(subject)) for subject in summary.group_by_subject()}
    items = sorted(summary.items, key=lambda item: (item.school.casefold(), item.name.casefold(), item.person))
    rows = [
        (
            item.name,
            item.school,
            item.subject.title,
            item.assigned_on,
            item.due_on,
            item.done_on,
            str(STATE_LABELS[item.find_state(summary.today)]),
            _describe_result(item),
            law_texts[item.subject],
            product_word(item.subject.connector),
        )
        for item in items
    ]
    titles = (
        _("School"), _("Training or policy"), _("Assigned"), _("Due"), _("Done"), _("State"),
        _("Score and version"), _("By which law"), _("Recorded in"),
    )  # fmt: skip
    return ReportSection(
        name="people",
        title=_("Who had to, and who did"),
        columns=(ReportColumn(title=_("Name"), privacy=Privacy.STAFF), *_build_columns(titles)),
        rows=rows,
        opens=[format_public_id("person", item.person) for item in items],
        note=_("Scores are those of Homeroom's own courses."),
        starts_page=True,
    )


def _describe_result(item: RequiredTraining) -> str:
    version = _("version %(version)s") % {"version": item.version} if item.version else ""
    return ", ".join(filter(None, (f"{item.score}%" if item.score is not None else "", version)))


def _find_longest(summary: TrainingSummary, items: Iterable[RequiredTraining]) -> int | None:
    """Return for how many days the oldest of the overdue trainings is; None if there is none, or its day is unknown."""
    days = [_count_days_overdue(summary, item) for item in items]
    return max((count for count in days if count is not None), default=None)


def _count_days_overdue(summary: TrainingSummary, item: RequiredTraining) -> int | None:
    is_overdue = item.find_state(summary.today) is TrainingState.OVERDUE
    return (summary.today - item.due_on).days if is_overdue and item.due_on else None


def _build_columns(titles: Iterable[str], *, number: bool = False) -> tuple[ReportColumn, ...]:
    return tuple(ReportColumn(title=title, number=number) for title in titles)


KIND = ReportKind(
    name="training",
    title=gettext_lazy("Required Training"),
    about=gettext_lazy("Proof for an auditor: who had to take or sign what, who did, when, and by which law."),
    build=build_report,
)
