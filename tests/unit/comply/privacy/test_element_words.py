"""Words of agreements and headings of lists: which element each names, and which nobody understands."""

from __future__ import annotations

import pytest

from homeroom.library.comply.privacy.elements import load_elements, load_vocabulary


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        ("Student's Date of Birth", {"birth-date"}),
        ("birth-date", {"birth-date"}),
        ("Student first & last name; DOB, gender", {"name", "birth-date", "gender"}),
        ("Parent/Guardian: name, e-mail", {"parent-name", "parent-email"}),
        ("Parent name and phone", {"parent-name", "parent-phone"}),
        ("Pupil directory (photo, grade level)", {"photo", "grade-level"}),
        ("• Race/Ethnicity", {"race-ethnicity"}),
        ("Teacher names", set()),
        ("Correo electrónico", None),
        ("Grades", {"grades"}),
        ("Grade level", {"grade-level"}),
        ("no health data", None),
        ("Learner telemetry", None),
        ("Names, emails and phone numbers", {"name", "email", "phone"}),
        ("Email content", {"mail"}),
        ("Provider/App assigned student ID number, First and/or Last", {"username", "name"}),
        ("Parent/Guardian Phone", {"parent-phone"}),
        ("Parent or guardian e-mail", {"parent-email"}),
        ("Parent/Guardian Address", None),
        ("Student pick up and/or drop off location", {"location"}),
        ("Student's full legal name", {"name"}),
    ],
)
def test_a_phrase_of_an_agreement_names_elements_or_is_not_understood(text: str, elements: set[str] | None) -> None:
    reading = load_vocabulary().read_agreement([text])
    assert reading.elements == (elements or set())
    assert bool(reading.unknown) is (elements is None)


def test_one_word_that_is_not_understood_leaves_the_others_as_they_are() -> None:
    reading = load_vocabulary().read_agreement(["Name", "Email", "etc."])
    assert (reading.elements, reading.unknown) == ({"name", "email"}, ("etc",))


@pytest.mark.parametrize("text", ["None", "N/A", "no student data", "-"])
def test_a_cell_that_denies_student_data_is_understood(text: str) -> None:
    reading = load_vocabulary().read_agreement([text])
    assert (reading.names_none, reading.unknown) == (True, ())


@pytest.mark.parametrize(
    ("heading", "element"),
    [
        ("Stu #", "student-number"),
        ("LAST_NAME", "name"),
        ("lastName", "name"),
        ("Grade", "grade-level"),
        ("Final Grade", "grades"),
        ("Guardian 2 E-Mail", "parent-email"),
        ("Mother's Cell", "parent-phone"),
        ("Birth Date (MM/DD/YYYY)", "birth-date"),
        ("Address 2", "home-address"),
        ("Student", "name"),
        ("Teacher Phone", None),
        ("School Phone", None),
        ("Homeroom Teacher", None),
        ("Amount", None),
    ],
)
def test_a_heading_names_the_element_of_its_column(heading: str, element: str | None) -> None:
    assert load_vocabulary().find_heading(heading) == element


def test_every_element_is_found_by_its_own_id_and_title() -> None:
    vocabulary = load_vocabulary()
    assert len(load_elements()) == 31
    for entry in load_elements():
        assert entry.id in vocabulary.find_named(entry.id), entry.id
        assert entry.id in vocabulary.find_named(entry.title), entry.id
