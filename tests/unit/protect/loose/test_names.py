"""Names of students in sentences, lists and greetings: a comma may part a name, two names, or a greeting."""

from __future__ import annotations

import pytest

from homeroom.domain.protect.loose.documents import TextPart
from homeroom.domain.protect.loose.recognizers import Roster, RosterStudent
from homeroom.engines.comply.privacy.recognizing.document_scan import StudentDataScan
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex
from homeroom.library.protect.recognizers.recognizer_files import load_recognizers

STUDENTS = [
    ("Alexander", "Robinson"),
    ("Alexander", "Parent"),
    ("John", "Smith"),
    ("Jane", "Doe"),
    ("Maria", "Lopez-Garcia"),
]
INDEX = RosterIndex(
    Roster(
        students=tuple(
            RosterStudent(id=number, names=((first, "", last),)) for number, (first, last) in enumerate(STUDENTS, 1)
        )
    )
)
RECOGNIZERS = load_recognizers()


def _find(text: str) -> tuple[list[str], set[str]]:
    scan = StudentDataScan(recognizers=RECOGNIZERS, index=INDEX)
    scan.add(TextPart(lines=text.split("\n")))
    kinds = {item.what for item in scan.finish().found}
    mentions = [" ".join(STUDENTS[item.student - 1]) for item in INDEX.iter_mentions(text)]
    return mentions, kinds


@pytest.mark.parametrize(
    "greeting",
    [
        "Dear parent, ",
        "Dear Parent, ",
        "Dear Parent/Guardian, ",
        "Dear parent or guardian: ",
        "Dear Ms. Novak, ",
        "Dear Coach, ",
        "Hello all, ",
        "Hi team! ",
        "Good morning counselors, ",
        "Attention teachers - ",
        "Parents, ",
        "Teachers and counselors, ",
        "Dear parent,\n",
    ],
)
def test_a_greeting_hides_neither_the_student_nor_what_is_said(greeting: str):
    mentions, kinds = _find(f"{greeting}Alexander Robinson has been suspended out of school for three days.")
    assert mentions == ["Alexander Robinson"]
    assert kinds == {"name", "discipline"}


@pytest.mark.parametrize(
    ("text", "students"),
    [
        ("To: Smith, John; Doe, Jane", ["John Smith", "Jane Doe"]),
        ("Smith, John, Doe, Jane", ["John Smith", "Jane Doe"]),
        ("Smith, John\nDoe, Jane", ["John Smith", "Jane Doe"]),
        ("Lopez-Garcia, Maria and Smith, John were late.", ["Maria Lopez-Garcia", "John Smith"]),
        ("Student Smith, John left.", ["John Smith"]),
        ("PARENT, ALEXANDER", ["Alexander Parent"]),
        ("Present: Ana Smith, John Novak, Eva Doe, Jane Roe", []),
        ("Present: Ana Smith, Jane Doe, Eva Roe", ["Jane Doe"]),
        ("Ana Parent, Alexander Robinson and John Smith", ["Alexander Robinson", "John Smith"]),
        ("Smith, John R. was late.", ["John Smith"]),
        ("Mail from Smith, John Robinson Road", ["John Smith"]),
    ],
)
def test_a_comma_parts_a_name_or_two_names(text: str, students: list[str]):
    assert _find(text)[0] == students


@pytest.mark.parametrize("label", ["Teacher: ", "Parent/Guardian name: ", "Mother ", "His counselor, ", "Signed by "])
def test_a_role_before_a_name_is_no_greeting(label: str):
    assert _find(f"{label}John Smith")[1] == set()
