"""Words that are looked up by their first letters are in a text where a search of their pattern has a match in it."""

from __future__ import annotations

import random
import re

import pytest

from homeroom.engines.comply.privacy.recognizing.heading_words import HeadingWords
from homeroom.engines.comply.privacy.recognizing.table_columns import widen_words
from homeroom.engines.comply.privacy.recognizing.word_starts import (
    BEFORE,
    BEHIND,
    TextWords,
    WordList,
    WordStarts,
    find_starts,
    list_alternatives,
    list_words_of,
)
from homeroom.engines.comply.privacy.recognizing.words import normalize_heading
from homeroom.library.protect.recognizers.recognizer_files import load_recognizers

RECOGNIZERS = load_recognizers()
PATTERNS = sorted(
    {
        pattern.pattern
        for item in RECOGNIZERS
        for pattern in (item.cues, item.against, item.spoilers, item.headings, item.given, item.family)
        if pattern is not None
    }
)
PIECES = sorted({word for pattern in PATTERNS for word in re.findall(r"[a-z]+", pattern)})
SIGNS = [" ", " ", " ", "\t", "\n", ".", "-", "/", "#", ":", "1", "504", "é", "_", "s", "x", ""]


def _make_text(rng: random.Random, pattern: str = "") -> str:
    """Return some words, half of them of a pattern, and signs between them."""
    own = re.findall(r"[a-z]+", pattern) or PIECES
    return "".join(rng.choice(rng.choice((own, PIECES))) + rng.choice(SIGNS) for _ in range(rng.randint(0, 5)))


@pytest.mark.parametrize("pattern", PATTERNS)
def test_words_are_in_a_text_where_their_pattern_matches(pattern: str):
    words = list_words_of(pattern)
    assert words is not None
    listed, searched = WordList(words), re.compile(pattern)
    rng = random.Random(pattern)
    hits = 0
    for _ in range(3_000):
        text = _make_text(rng, pattern)
        is_match = searched.search(text) is not None
        assert listed.may_be_in(TextWords(text)) == is_match, text
        assert listed.may_be_in(TextWords(text + " " * 2_000)) == (searched.search(text + " " * 2_000) is not None)
        hits += is_match
    assert hits > 0


@pytest.mark.parametrize("is_cut", [False, True])
@pytest.mark.parametrize("pattern", PATTERNS)
def test_widened_words_are_in_the_text_around_a_piece(pattern: str, is_cut: bool):
    wider, searched = widen_words(pattern, is_cut=is_cut), re.compile(pattern)
    assert wider is not None
    rng = random.Random(pattern)
    for _ in range(2_000):
        text = _make_text(rng, pattern)
        end = rng.randint(0, len(text)) if is_cut else len(text)
        start = rng.randint(0, end)
        while start and (text[start - 1].isalpha() or text[start - 1 : start + 1].isalpha()):
            start -= 1
        if searched.search(text[start:end]):
            assert wider.may_be_in(TextWords(text)), (text, start, end)


def test_headings_mean_what_a_search_of_all_patterns_says():
    words = HeadingWords(RECOGNIZERS)
    patterns = [
        pattern for item in RECOGNIZERS for pattern in (item.headings or item.cues, item.against) if pattern is not None
    ]
    rng = random.Random(7)
    for _ in range(300):
        texts = [_make_text(rng).strip() for _ in range(rng.randint(0, 6))]
        assert words.count_in(texts) == sum(words.are_in(normalize_heading(text)) for text in texts), texts
    for _ in range(5_000):
        text = _make_text(rng)
        assert words.are_in(text) == any(pattern.search(text.lower()) for pattern in patterns), text


@pytest.mark.parametrize(
    ("alternative", "letters", "signs"),
    [
        ("invoices?", {"invo"}, set()),
        ("bids?", {"bid"}, set()),
        (r"p\.?o\.?", {"p"}, set()),
        ("(?:asset|ip)[ -]?tags?", {"asse", "ip"}, set()),
        ("(?:last |next )?pass(?:word|wd)s?", {"last", "next", "pass"}, set()),
        (r"(?<!in )(?<![@.\w])orders?(?! to\b)", {"orde"}, set()),
        (r"504[ \t]plans?", set(), {"504"}),
        (r"\#", set(), {"#"}),
    ],
)
def test_what_a_word_begins_with(alternative: str, letters: set[str], signs: set[str]):
    assert find_starts([alternative]) == WordStarts(frozenset(letters), frozenset(signs))


@pytest.mark.parametrize("alternative", ["", "e?mail", r"\w+", "[ab]c", "(?:a|)b", "(?:ab)*c", ".x", r"\d+", "(ab)"])
def test_what_is_not_clear_is_always_searched(alternative: str):
    assert find_starts([alternative]) is None
    listed, searched = WordList(["fax", alternative]), re.compile(f"{BEFORE}fax|{alternative}{BEHIND}")
    for text in ("", "mail", "email", "b", "ab", "abc", "xyz 1", "fax", "c", "bc"):
        assert listed.may_be_in(TextWords(text)) == (searched.search(text) is not None)


def test_alternatives_are_parted_where_no_bracket_is_open():
    assert list_alternatives("a)|(b") is None
    assert list_alternatives(r"a|(?:b|c)d|[|(]e|\|f|g\(|h") == ["a", "(?:b|c)d", "[|(]e", r"\|f", r"g\(", "h"]


@pytest.mark.parametrize(
    "pattern",
    ["fax", f"{BEFORE}(a)\\1{BEHIND}", f"{BEFORE}(?P<x>a){BEHIND}", f"{BEFORE}a{BEHIND}|{BEFORE}b{BEHIND}"],
)
def test_what_is_no_list_is_none(pattern: str):
    assert list_words_of(pattern) is None
