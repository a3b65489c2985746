"""Courses as content: a good folder is loaded; each fault is refused by file and field or line, all at once."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from homeroom.cli.main import build_app
from homeroom.domain.teach.courses.course import CourseAudience, Teaching
from homeroom.domain.teach.courses.reading_level import ReadingLevel
from homeroom.library.teach.courses.course_files import load_courses, measure_courses
from homeroom.library.validate_content import find_content_problems, find_file_problems
from homeroom.library.yaml_loader import ContentRefused
from tests.unit.teach.courses.course_folder import QUESTIONS, change_course, write_course

HARD = "Organizational administrators continuously evaluate institutional authentication infrastructure.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write the course into a folder of content."""
    return write_course(tmp_path)


def find_problems(folder: Path) -> list[tuple[str, str, str]]:
    """Return file in the course, field and message of each problem of its content."""
    load_courses.cache_clear()
    prefix = f"courses/{folder.name}/"
    return [
        (problem.file.removeprefix(prefix), problem.field, problem.message)
        for problem in find_content_problems(folder.parents[1])
    ]


def test_a_course_is_loaded_with_its_lessons_pictures_and_questions(folder: Path) -> None:
    assert find_problems(folder) == []
    (course,) = load_courses(folder.parents[1])
    assert (course.id, course.title.es, course.taught) == ("lost-key", "La llave perdida", Teaching.ALONE)
    assert course.audience == (CourseAudience.STAFF, CourseAudience.OFFICE)
    assert [(lesson.id, lesson.pictures) for lesson in course.lessons] == [
        ("look", ("pictures/key.png",)),
        ("tell", ()),
    ]
    assert [[option.right for option in question.options] for question in course.questions] == [
        [True, False],
        [False, True],
    ]


def test_code_and_headings_are_no_part_of_the_reading_level(folder: Path) -> None:
    (course,) = load_courses(folder.parents[1])
    assert course.lessons[0].level == ReadingLevel(words=24, sentences=5, syllables=26)
    change_course(folder, "look.en.md", "# Look for it", "# " + HARD.strip())
    assert find_problems(folder) == []


COURSE_FAULTS = [
    ("id: lost-key", "id: lost-keys", "id", "lost-key would fit"),
    ("title: {en: The lost key, es: La llave perdida}", "title: The lost key", "title", "{en, es} would fit"),
    (", es: La llave perdida}", "}", "title.es", "Spanish would fit"),
    ("es: La llave perdida}", 'es: " "}', "title.es", "a text would fit"),
    ("es: La llave perdida}", "es: La llave, fr: La clef}", "title.fr", "no such field"),
    ("[staff, office]", "[staff, offices]", "audience[1]", "office would fit"),
    ("[staff, office]", "[staff, {a: b}]", "audience[1]", "would fit"),
    ("[staff, office]", "[staff, staff]", "audience", "twice"),
    ("[staff, office]", "[]", "audience", "k-2"),
    ("[staff, office]", "staff", "audience", "a list of"),
    ("taught: alone", "taught: online", "taught", "alone or class would fit"),
    ("minutes: 5", "minutes: 2", "minutes", "3 to 15 would fit"),
    ("minutes: 5", "minutes: 16", "minutes", "3 to 15 would fit"),
    ("minutes: 5", "minutes: 5.5", "minutes", "3 to 15 would fit"),
    ("minutes: 5", "minutes: true", "minutes", "3 to 15 would fit"),
    ("minutes: 5\n", "", "minutes", "3 to 15 would fit"),
    ("staff-trained", "staff-traned", "satisfies", "staff-trained"),
    ("cisa-cpg-2.0:3.J", "cisa-cpg-2.0:3.ZZ", "satisfies", "cisa-cpg-2.0:3."),
    (", us-cipa,", ", us-cippa,", "satisfies", "us-cipa"),
    (", us-cipa,", ", cisa-cpg-2.0,", "satisfies", "is no goal, duty, control or law"),
    (", us-cipa,", ", 7,", "satisfies[2]", "a text such as"),
    ("checked_on: 2026-11-28", "checked_on: last year", "checked_on", "2026-11-28 would fit"),
    ("checked_on: 2026-11-28", "checked_on: 2026-11-28 10:00:00", "checked_on", "without a time"),
    ("days: 365", "days: 0", "review_after_days", "from 1 to"),
    ("[look, tell]", "[]", "lessons", "ids of lessons"),
    ("[look, tell]", "[look, tell, look]", "lessons", "twice"),
    ("[look, tell]", "[look, tell, ../tell]", "lessons[2]", "small letters"),
    ("pass_percent: 80", "pass_percent: 101", "pass_percent", "1 to 100"),
    ("pass_percent: 80", "pass_percent: 0", "pass_percent", "1 to 100"),
    ("pass_percent: 80", "pass_percent: 80\ncolor: red", "color", "no such field"),
    ("minutes: 5", "minutes: 5\nminutes: 6", "line 6", "stands twice"),
    ("minutes: 5", "minutes: [5", "line 6", "not YAML"),
]


@pytest.mark.parametrize(("old", "new", "field", "fits"), COURSE_FAULTS)
def test_a_fault_of_a_course_is_refused_by_its_field(folder: Path, old: str, new: str, field: str, fits: str) -> None:
    change_course(folder, "course.yaml", old, new)
    (problem,) = find_problems(folder)
    assert problem[:2] == ("course.yaml", field)
    assert fits in problem[2]
    assert [entry.field for entry in find_file_problems(folder / "course.yaml")] == [field]
    assert find_file_problems(folder / "look.en.md") == ()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("minutes: 5", "minutes: 3"),
        ("minutes: 5", "minutes: 15"),
        ("pass_percent: 80", "pass_percent: 100"),
        ("taught: alone\nminutes: 5", "taught: class\nminutes: 5"),
        ("[staff, office]", "[k-2, 3-5, 6-8, 9-12, family, leader, technician]"),
        ('["cisa-cpg-2.0:3.J", staff-trained, us-cipa, "us-cipa:online-behavior-lessons"]', "[]"),
    ],
)
def test_what_is_just_within_its_limits_is_no_fault(folder: Path, old: str, new: str) -> None:
    if "k-2" in new:
        change_course(folder, "look.en.md", " if a technician asks", "")
        change_course(folder, "look.en.md", "or [write us](mailto:help@example.org)", "[now](tel:+15550100)")
    change_course(folder, "course.yaml", old, new)
    assert find_problems(folder) == []


def test_a_subject_that_resembles_nothing_lists_a_few_and_not_thousands(folder: Path) -> None:
    change_course(folder, "course.yaml", ", us-cipa,", ", qqqqqqqqqqqq,")
    (problem,) = find_problems(folder)
    assert len(problem[2]) < 200


def test_a_class_may_pass_without_right_answers(folder: Path) -> None:
    change_course(folder, "course.yaml", "taught: alone", "taught: class")
    change_course(folder, "course.yaml", "pass_percent: 80", "pass_percent: 0")
    assert find_problems(folder) == []


LESSON_FAULTS = [
    ("Look on your desk, too.", "Look <b>there</b>.", ["line 3", "line 3"], "without HTML"),
    ("# Look for it", "<div>\nhi\n</div>\n\n# Look for it", ["line 1"], "without HTML"),
    ("# Look for it", "<!-- later -->", ["line 1"], "without HTML"),
    ("- Ask the front desk.", "- Ask the\n  front <br> desk.", ["line 8"], "without HTML"),
    ("- Ask the front desk.", "| who | where |\n|---|:-:|\n| us | here |\n", ["line 8"], "a list would fit"),
    ("https://example.org/keys", "javascript:alert(1)", ["line 8"], "https:"),
    ("https://example.org/keys", "JaVaScRiPt&colon;alert(1)", ["line 8"], "https:"),
    ("https://example.org/keys", "data:text/html;base64,aGk=", ["line 8"], "https:"),
    ("https://example.org/keys", "http://example.org/keys", ["line 8"], "https:"),
    ("https://example.org/keys", "//example.org/keys", ["line 8"], "https:"),
    ("https://example.org/keys", "tell.en.md", ["line 8"], "https:"),
    ("https://example.org/keys", "https:///keys", ["line 8"], "https:"),
    ("[the page](https://example.org/keys)", "[the page][far]\n\n[far]: vbscript:x\n\n", ["line 8"], "https:"),
    ("[the page](https://example.org/keys)", "<javascript:alert(1)>", ["line 8"], "https:"),
    ("![A key on a desk]", "![]", ["line 5"], "alternative text"),
    ("![A key on a desk]", "![ ]", ["line 5"], "alternative text"),
    ("(pictures/key.png)", "(pictures/kay.png)", ["line 5"], "pictures/key.png would fit"),
    ("(pictures/key.png)", "(key.png)", ["line 5"], "a file in pictures/"),
    ("(pictures/key.png)", "(https://example.org/key.png)", ["line 5"], "a file in pictures/"),
    ("(pictures/key.png)", "(pictures/../course.yaml)", ["line 5"], "a file in pictures/"),
    ("(pictures/key.png)", "(pictures/%2e%2e/course.yaml)", ["line 5"], "a file in pictures/"),
    ("(pictures/key.png)", "(/etc/key.png)", ["line 5"], "a file in pictures/"),
    ("(pictures/key.png)", "(javascript:alert.png)", ["line 5"], "a file in pictures/"),
    ("(pictures/key.png)", "(pictures/key.exe)", ["line 5"], ".png"),
    ("Look in your bag. Look on your desk, too.", HARD, [""], "at most 8 fits"),
]


@pytest.mark.parametrize(("old", "new", "fields", "fits"), LESSON_FAULTS)
def test_a_fault_of_a_lesson_is_refused_by_its_line(
    folder: Path, old: str, new: str, fields: list[str], fits: str
) -> None:
    if new == HARD:
        (folder / "look.en.md").write_text(HARD, encoding="utf-8")
    else:
        change_course(folder, "look.en.md", old, new)
    problems = find_problems(folder)
    assert [problem[:2] for problem in problems] == [("look.en.md", field) for field in fields]
    assert all(fits in problem[2] for problem in problems)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Look on your desk, too.", "Is 3 < 5 and 5 > 3? Yes & no."),
        ("Look on your desk, too.", "Type `<b>` or \\<b> now."),
        ("Look on your desk, too.", "It is this | or that.\n\n---\n\nOr this."),
        ("Look on your desk, too.", '![A key](pictures/key.png "the key") is there.'),
        ("https://example.org/keys", "<https://example.org/a b>"),
        ("https://example.org/keys", "HTTPS://example.org"),
    ],
)
def test_text_that_only_resembles_html_a_table_or_a_bad_link_is_fine(folder: Path, old: str, new: str) -> None:
    change_course(folder, "look.en.md", old, new)
    assert find_problems(folder) == []


def test_a_lesson_is_checked_by_its_own_name_too_and_other_markdown_is_not(folder: Path, tmp_path: Path) -> None:
    change_course(folder, "look.en.md", "(pictures/key.png)", "(key.png)")
    change_course(folder, "course.yaml", "minutes: 5", "minutes: 2")
    load_courses.cache_clear()
    assert [problem.field for problem in find_file_problems(folder / "look.en.md")] == ["line 5"]
    (tmp_path / "notes.md").write_text("Notes.\n", encoding="utf-8")
    assert "a YAML file would fit" in str(find_file_problems(tmp_path / "notes.md")[0])


def test_a_lesson_without_spanish_or_with_empty_spanish_is_refused(folder: Path) -> None:
    (folder / "look.es.md").unlink()
    (folder / "tell.es.md").write_text("# Avise\n", encoding="utf-8")
    problems = find_problems(folder)
    assert [problem[:2] for problem in problems] == [("look.es.md", ""), ("tell.es.md", "")]
    assert "missing" in problems[0][2]
    assert "no sentence" in problems[1][2]


def test_text_that_is_no_utf8_is_refused_by_its_line_and_a_mark_at_its_start_is_not(folder: Path) -> None:
    (folder / "look.es.md").write_bytes("# Busque\n\nBusque ahí.\n".encode("latin-1"))
    (folder / "tell.es.md").write_bytes("# Avise\r\n\r\nAvise ahí.\r\n".encode("utf-8-sig"))
    assert [problem[:2] for problem in find_problems(folder)] == [("look.es.md", "line 3")]


def test_a_picture_that_leads_outside_or_runs_code_is_refused(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_text("secret", encoding="utf-8")
    (folder / "pictures" / "far.png").symlink_to(tmp_path / "secret.png")
    (folder / "pictures" / "bad.svg").write_text("<svg onload='x()'/>", encoding="utf-8")
    (folder / "pictures" / "good.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><path id="a" d="M0 0h9"/><use href="#a"/></svg>', encoding="utf-8"
    )
    pictures = "![a](pictures/far.png)\n![b](pictures/bad.svg)\n![c](pictures/good.svg)"
    change_course(folder, "tell.es.md", "Avise antes", f"{pictures}\nAvise antes")
    assert [problem[:2] for problem in find_problems(folder)] == [("tell.es.md", "line 3"), ("tell.es.md", "line 4")]


QUESTION_FAULTS = [
    ("id: first", "id: second", "id", "twice"),
    ("id: first", "id: First one", "[0].id", "small letters"),
    ("lesson: tell", "lesson: tel", "[0].lesson", "tell would fit"),
    ("asks: {en: What do you do?, es: ¿Qué hace?}", "asks: {en: What do you do?}", "[0].asks.es", "Spanish"),
    ("asks: {en: What do you do?, es: ¿Qué hace?}", "asks: What do you do?", "[0].asks", "{en, es}"),
    ("right: false", "right: true", "[1].options", "2 options are right; exactly 1"),
    ("      right: false\n", "      right: yes\n", "[1].options[0].right", "true or false"),
    ("    - says: {en: Wait, es: Esperar}\n", "    - \n", "[0].options[1].says", "{en, es}"),
    (
        "{en: It may be near., es: Puede estar cerca.}",
        "{es: Puede estar cerca.}",
        "[1].options[0].because.en",
        "English",
    ),
]


@pytest.mark.parametrize(("old", "new", "field", "fits"), QUESTION_FAULTS)
def test_a_fault_of_a_question_is_refused_by_its_field(folder: Path, old: str, new: str, field: str, fits: str) -> None:
    change_course(folder, "questions.yaml", old, new)
    (problem,) = find_problems(folder)
    assert problem[:2] == ("questions.yaml", field)
    assert fits in problem[2]


def test_a_question_without_a_right_answer_or_with_a_single_answer_is_refused(folder: Path) -> None:
    text = QUESTIONS.replace("      right: true\n", "", 1)
    (folder / "questions.yaml").write_text(text[: text.index("    - says: {en: Wait")], encoding="utf-8")
    assert [problem[1:] for problem in find_problems(folder)] == [
        ("[0].options", "1 option; at least 2 would fit"),
        ("[0].options", "0 options are right; exactly 1 with right: true would fit"),
    ]


@pytest.mark.parametrize("text", ["", "[]", "questions: []", "questions: 5", "first"])
def test_a_file_without_questions_is_refused(folder: Path, text: str) -> None:
    (folder / "questions.yaml").write_text(text, encoding="utf-8")
    (problem,) = find_problems(folder)
    assert problem[0] == "questions.yaml"
    assert "a list of questions" in problem[2]


def test_questions_may_be_under_their_own_key(folder: Path) -> None:
    (folder / "questions.yaml").write_text("questions:\n" + QUESTIONS, encoding="utf-8")
    assert find_problems(folder) == []
    change_course(folder, "questions.yaml", "lesson: tell", "lesson: tel")
    assert [problem[1] for problem in find_problems(folder)] == ["questions[0].lesson"]


def test_a_file_that_no_lesson_names_is_refused_and_a_missing_one_too(folder: Path) -> None:
    (folder / "tell.fr.md").write_text("Dites-le.\n", encoding="utf-8")
    (folder / "questions.yaml").unlink()
    assert [problem[:2] for problem in find_problems(folder)] == [("questions.yaml", ""), ("tell.fr.md", "")]
    (folder / "course.yaml").unlink()
    assert ("course.yaml", "") in [problem[:2] for problem in find_problems(folder)]


def test_all_faults_of_all_files_are_there_at_once_and_other_courses_are_loaded(folder: Path) -> None:
    change_course(folder, "course.yaml", "minutes: 5", "minutes: 2")
    change_course(folder, "course.yaml", "[staff, office]", "[everybody]")
    change_course(folder, "course.yaml", "taught: alone", "taught: online")
    change_course(folder, "questions.yaml", "right: false", "right: true")
    change_course(folder, "questions.yaml", "lesson: tell", "lesson: other")
    change_course(folder, "look.en.md", "pictures/key.png", "key.png")
    change_course(folder, "tell.es.md", "Avise antes", "<i>Avise</i> antes")
    (folder / "tell.en.md").unlink()
    good = folder.with_name("good-key")
    write_course(folder.parents[1] / "more").rename(good)
    change_course(good, "course.yaml", "id: lost-key", "id: good-key")
    with pytest.raises(ContentRefused) as refused:
        load_courses(folder.parents[1])
    assert [course.id for course in refused.value.valid] == ["good-key"]
    assert sorted({(problem.file.rpartition("/")[2], problem.field) for problem in refused.value.problems}) == [
        ("course.yaml", "audience[0]"),
        ("course.yaml", "minutes"),
        ("course.yaml", "taught"),
        ("look.en.md", "line 5"),
        ("questions.yaml", "[0].lesson"),
        ("questions.yaml", "[1].options"),
        ("tell.en.md", ""),
        ("tell.es.md", "line 3"),
    ]


def test_students_read_at_most_at_the_last_grade_of_their_band(folder: Path) -> None:
    (folder / "tell.en.md").write_text("Please report a suspicious message to your teacher immediately.\n", "utf-8")
    grade = measure_courses(folder.parents[1])[0].lessons["tell"].grade
    assert grade is not None
    assert 8 < grade < 12
    change_course(folder, "course.yaml", "[staff, office]", "[9-12]")
    assert find_problems(folder) == []
    change_course(folder, "course.yaml", "[9-12]", "[9-12, 6-8]")
    assert [problem[:2] for problem in find_problems(folder)] == [("tell.en.md", "")]
    assert f"reading level {grade}; at most 8" in find_problems(folder)[0][2]


def test_the_command_prints_the_level_of_each_course_of_refused_ones_too(folder: Path) -> None:
    content = folder.parents[1]
    good = CliRunner().invoke(build_app(), ["check-content", str(content), "--json"])
    assert good.exit_code == 0
    document = json.loads(good.stdout)
    assert document["problems"] == []
    (course,) = document["courses"]
    assert (course["id"], course["limit"], [lesson["id"] for lesson in course["lessons"]]) == (
        "lost-key",
        8,
        ["look", "tell"],
    )
    change_course(folder, "course.yaml", "minutes: 5", "minutes: 2")
    load_courses.cache_clear()
    refused = CliRunner().invoke(build_app(), ["check-content", str(content), "--json"])
    assert refused.exit_code == 2
    assert json.loads(refused.stdout)["courses"] == document["courses"]
    assert json.loads(refused.stdout)["problems"] == [
        "courses/lost-key/course.yaml: minutes: 2; a whole number from 3 to 15 would fit"
    ]
    assert (
        f"lost-key: reading level {course['level']}"
        in CliRunner().invoke(build_app(), ["check-content", str(content)]).stdout
    )
