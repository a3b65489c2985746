"""Whatever a pattern matches has what it needs, and a text without that is left out without a loss."""

from __future__ import annotations

import random
import re
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.domain.protect.loose.documents import TablePart, TextPart
from homeroom.domain.protect.loose.recognizers import DocumentFindings
from homeroom.engines.comply.privacy.recognizing.document_scan import StudentDataScan
from homeroom.engines.comply.privacy.recognizing.passages import Passage
from homeroom.engines.comply.privacy.recognizing.pattern_needs import (
    ZEROS,
    MatchMemory,
    count_digits,
    fits_any_digit,
    list_hints,
    list_words,
    widen_digits,
)
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex
from homeroom.library.protect.recognizers.recognizer_files import load_recognizers
from tests.unit.protect.loose.test_name_lines import PIECES
from tests.unit.protect.loose.test_row_selector import CELLS, HEADINGS, INDEX

RECOGNIZERS = load_recognizers()
FORMS = [(recognizer, form) for recognizer in RECOGNIZERS for form in recognizer.forms]
GLUE = ("", "\n", "\n\n", " ", ", ", ": ", "; ", "\t", "  ", " | ", "'", "''", "-", ".", "(")
MORE = (
    *(
        "account no.",
        "acct. 44172388",
        "bank account",
        "routing 021000021",
        "DOB",
        "born on",
        "Mar 3, 2012",
        "3 Mar 2012",
    ),
    *(
        "3 Mar 2012",
        "March\n3\n2012",
        "12 Oak\nLane",
        "PO Box 12",
        "P.O.\nBox 77",
        "sample",
        "The",
        "Student ID",
        "social security",
    ),
    *("SSN:", "ss #", "card", "visa 4111-1111-1111-1111", "call", "217 555 0134", "555-0134", "１２３", "٣", "é", "İ"),
    *("’s", "'s", "Maria's", "IBAN DE89 3704 0044 0532 0130 00", "iep", "suspended", "Dear parents,", "Ms. Lopez-Ruiz"),
)


@pytest.mark.parametrize(
    ("pattern", "digits", "words", "is_free"),
    [
        (r"\d{3}-\d{2}-\d{4}", 9, (), True),
        (r"(?:4\d{3}|\d{2,5})x?", 2, (), False),
        (r"[0-9]{2}[A-Z0-9]+", 2, (), True),
        (r"[1-5]\d", 2, (), False),
        (r"(?<=3)\d(?!\d)", 1, (), False),
        (r"\bacc(?:oun)?ts?\b", 0, ("account", "acct"), True),
        (r"(?i:P\.?\s?O\.?\s+box)\s+\d{1,6}", 1, ("box",), True),
        (r"(?:born|birth ?dates?)", 0, ("birth date", "birthdate", "born"), True),
        (r"(\d)-\1", 1, (), True),
        (r"(\d)(?!\1)", 1, (), False),
        (r"\w+@\w+", 0, (), True),
    ],
)
def test_needs_are_read_from_a_pattern(pattern: str, digits: int, words: tuple[str, ...], is_free: bool):
    assert (count_digits(pattern), list_words(pattern), fits_any_digit(pattern)) == (digits, words, is_free)


TEXTS = st.lists(st.sampled_from([*CELLS, *HEADINGS, *PIECES, *MORE, *GLUE]), max_size=40).map("".join)


@given(text=TEXTS, seed=st.integers(0, 1000))
@settings(max_examples=300, deadline=None)
def test_whatever_a_pattern_matches_has_what_it_needs(text: str, seed: int):
    digits = [*"0123456789"]
    random.Random(seed).shuffle(digits)
    other = text.translate(str.maketrans("0123456789", "".join(digits)))
    for recognizer, form in FORMS:
        pattern = form.pattern
        matches = list(pattern.finditer(text))
        for match in matches:
            assert len(re.findall(r"\d", match.group())) >= count_digits(pattern.pattern)
            words = list_words(pattern.pattern)
            assert not words or not text.isascii() or any(word in match.group().lower() for word in words)
        if matches and fits_any_digit(pattern.pattern):
            assert pattern.search(other) is not None
        wider = widen_digits(pattern.pattern)
        assert not matches or wider is None or wider.search(text.translate(ZEROS)) is not None
        rows = text.split("\n")
        positions = MatchMemory().list_positions(pattern, [row.translate(ZEROS) for row in rows])
        assert positions is None or {row for row, item in enumerate(rows) if pattern.search(item)} <= {*positions}
        cues = form.cues or recognizer.cues
        hints = list_hints(recognizer, form)
        if cues is not None and hints and hints != recognizer.hints:
            assert all(any(hint in cue.group() for hint in hints) for cue in cues.finditer(text.lower()))


def _scan(parts: list[TextPart | TablePart]) -> DocumentFindings:
    scan = StudentDataScan(recognizers=RECOGNIZERS, index=INDEX)
    for part in parts:
        scan.add(part)
    return scan.finish()


def _scan_everything(parts: list[TextPart | TablePart]) -> DocumentFindings:
    """Scan parts with each pattern searched in all of the text, or in all lines beside a student."""

    def list_spans(passage: Passage, *_: object, **__: object) -> list[tuple[int, int]]:
        return [(0, len(passage.text))]

    with (
        patch.object(Passage, "list_spans", list_spans),
        patch.object(Passage, "may_match", lambda *_: True),
        patch.object(Passage, "list_lines_of_digits", lambda passage, _: range(len(passage.lines))),
        patch.object(MatchMemory, "list_positions", lambda *_: None),
        patch.object(MatchMemory, "may_match", lambda *_, **__: None),
        patch.object(RosterIndex, "_list_spans", lambda _, text, **__: [(0, len(text))]),
    ):
        return _scan(parts)


def _make_text(rng: random.Random) -> str:
    words = rng.sample([*CELLS, *HEADINGS, *PIECES, *MORE, *MORE], rng.randint(5, 60))
    glue = [*rng.choices(GLUE, k=rng.randint(1, 5)), "\n", " "]
    text = "".join(rng.choice(words) + rng.choice(glue) for _ in range(rng.randint(1, 100)))
    return text.encode("ascii", "ignore").decode() if rng.random() < 0.5 else text


@pytest.mark.parametrize("seed", range(8))
def test_lines_without_what_is_needed_hold_nothing(seed: int):
    rng = random.Random(seed)
    kinds: set[str] = set()
    for _ in range(60):
        parts: list[TextPart | TablePart] = []
        for number in range(rng.randint(1, 2)):
            lines = _make_text(rng).split("\n")
            if rng.random() < 0.7:
                parts.append(TextPart(lines=lines, first_line=1 + number * 500, continues=number > 0))
            else:
                parts.append(TablePart(rows=[line.split("\t") for line in lines], first_row=1 + number * 500))
        expected = _scan_everything(parts)
        assert _scan(parts) == expected, parts
        kinds |= {item.what for item in expected.found}
    assert len(kinds) >= 10
