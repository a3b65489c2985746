"""Patterns that are rewritten to be fast find what they found as they are written."""

from __future__ import annotations

import random
import re

import pytest

from homeroom.library.protect.recognizers.recognizer_files import load_recognizers
from homeroom.library.protect.recognizers.recognizer_patterns import lower_pattern, start_with_letter

PIECES = [
    "3",
    "12",
    "555",
    "0143",
    "123456789",
    "-",
    ".",
    " ",
    "(",
    ")",
    "+1",
    "1",
    "a",
    "\n",
    "/",
    "AB",
    "DE89",
    "_",
    "Elm",
]


@pytest.mark.parametrize(
    "pattern",
    [
        r"(?<![\w.-])\d{3}-\d{4}(?![\w-])",
        r"(?<![\w.-])\d{4,12}(?!\d)",
        r"(?<!\w)[A-Z]{2}\d{2}",
        r"(?<![\w/.#-])\d{1,6}[A-Za-z]?\s+[A-Z]",
        r"(?<![\w.-])\d(?:\.\d)?",
        r"(?<![\w.-])\d{0,3}-\d+",
        r"(?<![\w.-])\d+-\d+",
    ],
)
def test_a_pattern_finds_the_same_when_its_first_sign_comes_first(pattern: str):
    rng = random.Random(pattern)
    text = "".join(rng.choices(PIECES, k=20_000))
    spans = [match.span() for match in re.finditer(pattern, text)]
    assert [match.span() for match in re.finditer(start_with_letter(pattern), text)] == spans


def test_words_are_found_in_any_case():
    assert lower_pattern(r"P\.?O\.? Box\s\S+") == r"p\.?o\.? box\s\S+"
    cues = {recognizer.id: recognizer.cues for recognizer in load_recognizers()}
    for text in ("Student ID", "STUDENT ID", "student id"):
        assert cues["student-number"].search(text.lower()), text
