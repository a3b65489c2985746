"""Words as keys, so that "Student's E-Mail Address" in an agreement and `student_email_address` in a list are alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_APOSTROPHES = re.compile(r"['’ʼ`]s?\b")
_SPELLINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\be[-_ ]?mail(s?)\b", re.IGNORECASE), r"email\1"),
    (re.compile(r"\b(user)[-_ ](names?)\b", re.IGNORECASE), r"\1\2"),
    (re.compile(r"\b(log)[-_ ](in)\b", re.IGNORECASE), r"\1\2"),
    (re.compile(r"#"), " number "),
)
_TOKEN = re.compile(r"[a-z]+|[0-9]+")
STUDENT_WORDS = frozenset(
    ["student", "students", "pupil", "pupils", "child", "children", "learner", "learners", "scholar", "stu", "std"]
)
FILLERS = STUDENT_WORDS | frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "or",
        "and",
        "to",
        "by",
        "in",
        "on",
        "for",
        "with",
        "data",
        "datum",
        "info",
        "information",
        "details",
        "detail",
        "records",
        "value",
        "field",
        "their",
        "his",
        "her",
        "its",
        "users",
    ]
)
"""Words that change nothing."""
PARENT_WORDS = frozenset(
    [
        "parent",
        "parents",
        "guardian",
        "guardians",
        "mother",
        "mothers",
        "father",
        "fathers",
        "mom",
        "dad",
        "caregiver",
        "caregivers",
        "custodian",
        "relative",
        "relatives",
        "emergency",
        "pg",
    ]
)
STAFF_WORDS = frozenset(
    [
        "teacher",
        "teachers",
        "staff",
        "faculty",
        "employee",
        "employees",
        "counselor",
        "counselors",
        "counsellor",
        "advisor",
        "adviser",
        "principal",
        "instructor",
        "instructors",
        "coach",
        "nurse",
        "administrator",
        "personnel",
        "educator",
        "educators",
    ]
)
_SAME: Mapping[str, str] = {
    "telephone": "phone", "tel": "phone", "phones": "phone", "cellphone": "phone", "mail": "mail", "addr": "address",
    "birthdate": "birth date", "birthday": "birth day", "birthplace": "birth place", "dateofbirth": "date birth",
    "num": "number", "no": "number", "nbr": "number", "firstname": "first name", "lastname": "last name",
    "fname": "first name", "lname": "last name", "identification": "id", "ident": "id", "geolocation": "location",
    "photograph": "photo", "photographs": "photo",
}  # fmt: skip


def split_words(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case: accents, possessives, fillers and repetitions are left out.

    Words for a parent become `parent`, and numbers beside it are left out: Guardian 2 Email is parent, email.
    """
    words = _APOSTROPHES.sub("", _CAMEL.sub(" ", text))
    words = "".join(sign for sign in unicodedata.normalize("NFKD", words) if not unicodedata.combining(sign))
    for pattern, replacement in _SPELLINGS:
        words = pattern.sub(replacement, words)
    tokens = [part for word in _TOKEN.findall(words.lower()) for part in _SAME.get(word, word).split()]
    tokens = ["parent" if token in PARENT_WORDS else token for token in tokens if token not in FILLERS]
    if "parent" in tokens:
        tokens = [token for token in tokens if not token.isdigit()]
    return tuple(token for position, token in enumerate(tokens) if token not in tokens[:position])


def build_word_key(text: str) -> str:
    """Return the key under which a word of an agreement or a heading is looked up; empty if it has no words."""
    return "".join(split_words(text))


def build_singular_key(text: str) -> str:
    """Return the key of a text with every word in the singular."""
    return "".join(map(_make_singular, split_words(text)))


def is_student_alone(text: str) -> bool:
    """Return whether a heading is the word for a student alone: the column has names."""
    words = _TOKEN.findall(_APOSTROPHES.sub("", _CAMEL.sub(" ", text)).lower())
    return "#" not in text and bool(words) and STUDENT_WORDS.issuperset(words)


def is_number_alone(text: str) -> bool:
    """Return whether a heading is the word for a number alone: the column counts rows."""
    return build_word_key(text) == "number" and STUDENT_WORDS.isdisjoint(_TOKEN.findall(text.lower()))


def _make_singular(word: str) -> str:
    if len(word) > 3 and word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us")) else word
