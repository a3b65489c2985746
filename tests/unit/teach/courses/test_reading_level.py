"""The reading level of English: the published formula, and sentences, numbers and abbreviations as they are read."""

from __future__ import annotations

import pytest

from homeroom.domain.teach.courses.course import CourseAudience, get_level_limit
from homeroom.domain.teach.courses.reading_level import ReadingLevel, add_reading_levels, measure_reading_level
from homeroom.domain.teach.courses.syllables import count_word_syllables

WORDS = {
    1: "the asked makes friend I'm through eye hmm can't",
    2: "table wanted boxes safety being client someone prism password",
    3: "somebody enabled area employee computer",
    4: "information everybody security",
}
ABBREVIATIONS = {"MFA": 3, "ID": 2, "W-2": 4, "AI": 2, "NASA": 2, "PIN": 1, "NOT": 1, "USB": 3, "HTTPS": 5}
NUMBERS = {
    **{"0": 2, "5": 1, "7": 2, "11": 3, "17": 3, "20": 2, "21": 3, "70": 3, "100": 3, "110": 4, "555": 6},
    **{"1918": 4, "1900": 4, "2026": 6, "4,500": 6, "$50": 4, "10%": 3, "911": 6, "5550100": 10, "007": 6},
}
LIST_OF_PASSAGES = ["Do this", "Look at the link", "Tell us"]


def test_the_published_example_has_its_published_grade() -> None:
    """13 words of 24 syllables in one sentence: 5.07 + 21.78 - 15.59."""
    text = "The Australian platypus is seemingly a hybrid of a mammal and reptilian creature."
    assert ReadingLevel(words=13, sentences=1, syllables=24).grade == 11.3
    level = measure_reading_level([text])
    assert (level.words, level.sentences) == (13, 1)
    assert abs(level.syllables - 24) <= 2


@pytest.mark.parametrize(("expected", "words"), WORDS.items())
def test_syllables_are_counted_by_spelling(expected: int, words: str) -> None:
    assert {word: count_word_syllables(word) for word in words.split()} == dict.fromkeys(words.split(), expected)


@pytest.mark.parametrize(("word", "expected"), [*NUMBERS.items(), *ABBREVIATIONS.items()])
def test_numbers_and_abbreviations_count_as_they_are_read_aloud(word: str, expected: int) -> None:
    assert count_word_syllables(word) == expected


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Stop. Look. Tell us.", 3),
        ("Ask Dr. Vance or Ms. Ortiz at 3.30 p.m. today.", 1),
        ("It starts at 3 p.m. Then we stop.", 2),
        ("Some signs, e.g. a odd name, i.e. one that you do not know.", 1),
        ("The U.S. Department of Education asks J. Ortiz.", 1),
        ("Version 2.5 of example.org costs 3.75 a month.", 1),
        ("Bring pens, paper, etc. to class.", 1),
        ("Bring pens, paper, etc. We start at noon.", 2),
        ("Did you click? No. Tell us.", 3),
        ("Go to room No. 12 now.", 1),
        ('"Is it you?" she asks. Then she waits.', 2),
        ("Wait ... then go.", 1),
        ("Really?! Yes!", 2),
        ("**.** Stop.", 1),
    ],
)
def test_a_sentence_ends_at_its_end_and_at_no_abbreviation(text: str, sentences: int) -> None:
    assert measure_reading_level([text]).sentences == sentences


def test_each_item_of_a_list_ends_a_sentence_and_marks_alone_are_no_words() -> None:
    level = measure_reading_level([*LIST_OF_PASSAGES, "- *", "…"])
    assert (level.words, level.sentences) == (8, 3)
    assert measure_reading_level(["...", ""]).grade is None
    assert measure_reading_level([]).sentences == 0


@pytest.mark.parametrize(
    ("text", "words", "sentences"),
    [
        ("Go to report.example.org. Then call 1-800-555-0100.", 4, 2),
        ("Write to help@example.org, or see https://example.org/a/b.", 4, 1),
        ("See (www.example.org).", 1, 1),
        ("Call (555) 555-0100 or 911.", 4, 1),
        ("It costs $1,000,000 in 2026.", 5, 1),
        ("Ask Mr. Vance, e.g. at 3.30 p.m. in room 7.", 11, 1),
        ("Teachers and/or families decide.", 5, 1),
        ("It is e-mail.", 3, 1),
    ],
)
def test_an_address_or_telephone_number_is_no_prose(text: str, words: int, sentences: int) -> None:
    level = measure_reading_level([text])
    assert (level.words, level.sentences) == (words, sentences)


@pytest.mark.parametrize("letter", ["1", "a", "_", "-", "a.", "1.", "@", "(", "e", "ia", "'"])
def test_a_long_run_of_the_same_letters_is_measured_too(letter: str) -> None:
    level = measure_reading_level([f"{letter * 3000}! Stop.", f"{letter * 3000}\u00e9 Stop."])
    assert level.words in (2, 3, 4)


def test_longer_words_and_longer_sentences_are_harder() -> None:
    easy = measure_reading_level(["Stop and look at the link. Then tell us. We will help you."])
    hard = measure_reading_level(
        [
            "Organizational administrators continuously evaluate authentication infrastructure, considering "
            "institutional responsibilities and technological dependencies."
        ]
    )
    assert easy.grade is not None
    assert hard.grade is not None
    assert easy.grade < 2 < 15 < hard.grade
    both = add_reading_levels([easy, hard])
    assert both.words == easy.words + hard.words
    assert both.grade is not None
    assert easy.grade < both.grade < hard.grade


def test_the_youngest_of_an_audience_set_the_limit() -> None:
    limits = {name: get_level_limit([name]) for name in CourseAudience}
    assert list(limits.values()) == [8, 8, 8, 8, 2, 5, 8, 12, 8]
    assert get_level_limit([CourseAudience.GRADES_9_12, CourseAudience.GRADES_3_5]) == 5
    assert get_level_limit([CourseAudience.GRADES_9_12, CourseAudience.STAFF]) == 8
    assert get_level_limit([]) == 8
