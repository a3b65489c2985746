"""The courses of a content folder: courses/<id>/ with course.yaml, lessons in two languages, questions and pictures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.suggestions import suggest_names
from homeroom.domain.teach.courses.course import (
    LANGUAGES,
    BilingualText,
    Course,
    CourseAudience,
    Lesson,
    Teaching,
    get_level_limit,
)
from homeroom.domain.teach.courses.reading_level import ReadingLevel, add_reading_levels, measure_reading_level
from homeroom.library.teach.courses.faults import FaultList, read_yaml
from homeroom.library.teach.courses.lesson_files import PICTURES, LessonText, read_lesson_text
from homeroom.library.teach.courses.question_files import QUESTIONS_FILE, read_questions
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
)

FOLDER = "courses"
COURSE_FILE = "course.yaml"
PATTERNS = (f"*/{COURSE_FILE}", f"*/{QUESTIONS_FILE}", "*/*.md")
MINUTES = (3, 15)
SUBJECTS_FIT = "a list, perhaps empty, of goals, duties, controls or laws"
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the name of the course's folder"),
    ContentField(name="title", type=dict, fits="a title as {en, es}"),
    ContentField(name="audience", type=list, fits=f"a list of {', '.join(CourseAudience)}"),
    ContentField(name="taught", type=str, fits=" or ".join(Teaching)),
    ContentField(name="minutes", type=int, fits=f"a whole number from {MINUTES[0]} to {MINUTES[1]}"),
    ContentField(name="satisfies", type=list, fits=SUBJECTS_FIT, required=False),
    ContentField(name="checked_on", type=date, fits="the day on which a person last read the course, as 2026-11-28"),
    ContentField(name="review_after_days", type=int, fits="days until somebody reads it again, such as 365"),
    ContentField(name="lessons", type=list, fits="a list of ids of lessons, in their order"),
    ContentField(name="pass_percent", type=int, fits="a whole number from 1 to 100, or 0 for a class"),
)


@dataclass(frozen=True, kw_only=True)
class CourseLevel:
    """The reading level of a course's English and of each lesson, with the highest grade that fits."""

    course: str
    level: ReadingLevel
    limit: int
    lessons: Mapping[str, ReadingLevel]


@dataclass(frozen=True, kw_only=True)
class _CourseDraft:
    """What a folder holds: the course if nothing is wrong with it, else its problems, and its level in any case."""

    course: Course | None
    level: CourseLevel
    problems: tuple[ContentProblem, ...]


@cache
def load_courses(directory: Path = BUILTIN_CONTENT) -> tuple[Course, ...]:
    """Load every course, by id; raise ContentRefused with all problems."""
    drafts = [_read_course(folder, directory) for folder in list_course_folders(directory)]
    courses = tuple(draft.course for draft in drafts if draft.course is not None)
    problems = [problem for draft in drafts for problem in draft.problems]
    if problems:
        raise ContentRefused(problems, valid=courses)
    return courses


def measure_courses(directory: Path = BUILTIN_CONTENT) -> tuple[CourseLevel, ...]:
    """Return the reading level of each course, of refused ones too, by id."""
    return tuple(_read_course(folder, directory).level for folder in list_course_folders(directory))


def list_course_folders(directory: Path) -> list[Path]:
    """Return the folders of courses in a content folder, by name."""
    return sorted(path for path in (directory / FOLDER).glob("*") if path.is_dir())


def find_unknown_subjects(
    courses: Iterable[Course], *, names: Iterable[str], refused: Iterable[str] = ()
) -> list[ContentProblem]:
    """Return a problem for each goal, duty, control or law that a course names and that is none, with the nearest.

    A framework or law that is `refused` may have any goal.
    """
    choices, refused_ids = set(names), set(refused)
    return [
        ContentProblem(
            file=f"{FOLDER}/{course.id}/{COURSE_FILE}",
            field="satisfies",
            message=f"{name!r} is no goal, duty, control or law; {_suggest_subjects(name, choices)} would fit",
        )
        for course in courses
        for name in course.satisfies
        if name not in choices and name.partition(":")[0] not in refused_ids
    ]


def _suggest_subjects(name: str, choices: set[str]) -> str:
    """Return the nearest names: those of the same framework or law where it exists; a few examples if none is near."""
    framework = name.partition(":")[0] + ":"
    candidates = sorted(choice for choice in choices if choice.startswith(framework)) or sorted(choices)
    return ", ".join(get_close_matches(name, candidates, n=5) or candidates[:3])


def _read_course(folder: Path, root: Path) -> _CourseDraft:
    raw, faults = read_yaml(folder / COURSE_FILE, root)
    fields = _read_fields(raw, folder.name, faults) if not faults.problems else {}
    names = fields.get("lessons") or _list_lesson_names(folder)
    limit = get_level_limit(fields.get("audience", ()))
    texts = {
        name: {language: read_lesson_text(folder / f"{name}.{language}.md", root) for language in LANGUAGES}
        for name in names
    }
    lessons = [_build_lesson(name, languages) for name, languages in texts.items()]
    questions, question_problems = read_questions(folder / QUESTIONS_FILE, root, lessons=names)
    problems = [
        *faults.problems,
        *(problem for languages in texts.values() for text in languages.values() for problem in text.problems),
        *_find_hard_lessons(lessons, limit, folder, root),
        *question_problems,
        *_find_stray_files(folder, root, names),
    ]
    level = CourseLevel(
        course=folder.name,
        level=add_reading_levels(lesson.level for lesson in lessons),
        limit=limit,
        lessons={lesson.id: lesson.level for lesson in lessons},
    )
    course = None if problems else Course(**{**fields, "lessons": tuple(lessons)}, questions=questions)
    return _CourseDraft(course=course, level=level, problems=tuple(problems))


def _read_fields(raw: Any, folder_name: str, faults: FaultList) -> dict[str, Any]:
    """Return the fields of course.yaml that fit, as the course has them."""
    fitting = faults.check_fields(raw, FIELDS)
    fields = {name: raw[name] for name in fitting}
    if isinstance(raw, dict) and "satisfies" not in raw:
        faults.add("satisfies", f"missing; {SUBJECTS_FIT} would fit")
    if fields.get("id", folder_name) != folder_name:
        faults.add("id", f"{fields['id']!r}; {folder_name} would fit")
    faults.check_id(folder_name, "id")
    if "title" in fields:
        fields["title"] = faults.read_bilingual(fields["title"], "title")
    if "audience" in fields:
        fields["audience"] = _read_audience(fields["audience"], faults)
    if "taught" in fields:
        fields["taught"] = _read_teaching(fields["taught"], faults)
    if "lessons" in fields:
        fields["lessons"] = _read_lesson_ids(fields["lessons"], faults)
    _check_texts(fields.get("satisfies", ()), "satisfies", faults)
    _check_numbers(fields, faults)
    return {**fields, "satisfies": tuple(fields.get("satisfies", ()))}


def _read_audience(raw: Sequence[object], faults: FaultList) -> tuple[CourseAudience, ...]:
    names = set(map(str, CourseAudience))
    for position, name in enumerate(raw):
        if str(name) not in names:
            message = f"{name!r}; {suggest_names(str(name), CourseAudience)} would fit"
            faults.add(f"audience[{position}]", message)
    faults.check_unique(raw, "audience")
    return tuple(CourseAudience(str(name)) for name in raw if str(name) in names)


def _read_teaching(raw: str, faults: FaultList) -> Teaching:
    if raw not in set(Teaching):
        faults.add("taught", f"{raw!r}; {' or '.join(Teaching)} would fit")
        return Teaching.ALONE
    return Teaching(raw)


def _read_lesson_ids(raw: Sequence[object], faults: FaultList) -> list[str]:
    faults.check_unique(raw, "lessons")
    fitting = [name for position, name in enumerate(raw) if faults.check_id(name, f"lessons[{position}]")]
    return list(dict.fromkeys(map(str, fitting)))


def _check_texts(values: Iterable[object], name: str, faults: FaultList) -> None:
    for position, value in enumerate(values):
        if not isinstance(value, str) or not value.strip():
            faults.add(f"{name}[{position}]", f"{value!r}; a text such as cisa-cpg-2.0:3.J would fit")


def _check_numbers(fields: Mapping[str, Any], faults: FaultList) -> None:
    least = 0 if fields.get("taught") is Teaching.CLASS else 1
    limits = {"minutes": MINUTES, "review_after_days": (1, 3650), "pass_percent": (least, 100)}
    for name, (low, high) in limits.items():
        if name in fields and not low <= fields[name] <= high:
            faults.add(name, f"{fields[name]}; a whole number from {low} to {high} would fit")
    if isinstance(fields.get("checked_on"), datetime):
        faults.add("checked_on", f"{fields['checked_on']}; a day without a time would fit")


def _list_lesson_names(folder: Path) -> list[str]:
    """Return the lessons that a folder has files of."""
    return sorted({path.name.split(".")[0] for path in folder.glob("*.md")})


def _build_lesson(name: str, languages: Mapping[str, LessonText]) -> Lesson:
    return Lesson(
        id=name,
        text=BilingualText(en=languages["en"].source, es=languages["es"].source),
        pictures=tuple(dict.fromkeys(picture for text in languages.values() for picture in text.pictures)),
        level=measure_reading_level(languages["en"].passages),
    )


def _find_hard_lessons(lessons: Iterable[Lesson], limit: int, folder: Path, root: Path) -> list[ContentProblem]:
    """Return a problem for each lesson whose English is above the limit."""
    return [
        ContentProblem(
            file=f"{get_relative_name(folder, root)}/{lesson.id}.en.md",
            field="",
            message=f"reading level {lesson.level.grade}; at most {limit} fits its audience: "
            "shorter sentences and shorter words would fit",
        )
        for lesson in lessons
        if lesson.level.grade is not None and lesson.level.grade > limit
    ]


def _find_stray_files(folder: Path, root: Path, names: Iterable[str]) -> list[ContentProblem]:
    """Return a problem for each file that nothing of the course names."""
    expected = {COURSE_FILE, QUESTIONS_FILE, PICTURES}
    expected |= {f"{name}.{language}.md" for name in names for language in LANGUAGES}
    return [
        ContentProblem(
            file=get_relative_name(path, root),
            field="",
            message=f"no file of this course; {suggest_names(path.name, expected)} would fit",
        )
        for path in sorted(folder.iterdir())
        if path.name not in expected and not path.name.startswith(".")
    ]
