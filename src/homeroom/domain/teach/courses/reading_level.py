"""The reading level of English text, as a grade of American schools by the formula of Flesch and Kincaid.

Kincaid, Fishburne, Rogers and Chissom, Derivation of New Readability Formulas for Navy Enlisted Personnel, Research
Branch Report 8-75, Naval Technical Training Command, 1975:
grade = 0.39 words/sentences + 11.8 syllables/words - 15.59.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from homeroom.domain.teach.courses.syllables import count_word_syllables

WORDS_PER_SENTENCE, SYLLABLES_PER_WORD, CONSTANT = 0.39, 11.8, 15.59
_READABLE = re.compile(r"[^\W_]")
_DASH = re.compile(r"\s*(?:\u2014|\u2013|--)\s*|/")
_ADDRESS = re.compile(
    r"[a-z]+://.*|[^@]+@.+|(?:[\w-]+\.)+[a-z]{2,}(?:/.*)?|\+?(?=(?:[().-]*\d){7})[\d().-]+", re.IGNORECASE
)
"""An address of a page or of mail, or a telephone number: nobody reads it as prose."""
_AROUND_WORDS = "\"'()[]<>,;:.!?*_\u2026\u201c\u201d\u2018\u2019"
_END = re.compile(r"[.!?\u2026]+[\"')\]\u201d\u2019*_]*$")
_NEVER_LAST = frozenset((
    *("dr", "mr", "mrs", "ms", "prof", "rev", "sr", "jr", "st", "ave", "dept", "no", "vs", "e.g", "i.e", "fig"),
    *("approx", "gov", "sen", "rep", "jan", "feb", "mar", "apr", "aug", "sept", "oct", "nov", "dec"),
))  # fmt: skip
"""Abbreviations after which a sentence goes on, whatever follows."""
_INITIALS = re.compile(r"(?:[A-Z]\.)*[A-Z]")
_EXPANDED = {"e.g.": "for example", "i.e.": "that is", "etc.": "and so on.", "vs.": "versus"}


@dataclass(frozen=True, kw_only=True)
class ReadingLevel:
    """Counts of a text and its grade, to a tenth; None without words."""

    words: int
    sentences: int
    syllables: int

    @property
    def grade(self) -> float | None:
        """Return the grade, negative for the shortest words."""
        if not self.words:
            return None
        per_sentence, per_word = self.words / self.sentences, self.syllables / self.words
        return round(WORDS_PER_SENTENCE * per_sentence + SYLLABLES_PER_WORD * per_word - CONSTANT, 1)


def measure_reading_level(passages: Iterable[str]) -> ReadingLevel:
    """Measure English passages, such as paragraphs and items of lists; each ends a sentence."""
    sentences = [words for passage in passages for words in _split_sentences(passage)]
    words = [word for sentence in sentences for word in sentence]
    return ReadingLevel(words=len(words), sentences=len(sentences), syllables=sum(map(count_word_syllables, words)))


def add_reading_levels(levels: Iterable[ReadingLevel]) -> ReadingLevel:
    """Return the level of several texts together."""
    counted = list(levels)
    return ReadingLevel(
        words=sum(level.words for level in counted),
        sentences=sum(level.sentences for level in counted),
        syllables=sum(level.syllables for level in counted),
    )


def _split_sentences(passage: str) -> list[list[str]]:
    """Return the words of each sentence; what has no letter or digit is no word, nor is an address."""
    prose = " ".join(_remove_address(token) for token in passage.split())
    expanded = (_EXPANDED.get(token.lower(), token) for token in _DASH.sub(" ", prose).split())
    tokens = " ".join(expanded).split()
    sentences: list[list[str]] = [[]]
    for position, token in enumerate(tokens):
        if _READABLE.search(token):
            sentences[-1].append(token)
        following = tokens[position + 1] if position + 1 < len(tokens) else ""
        if _is_last_word(token, following) and sentences[-1]:
            sentences.append([])
    return [words for words in sentences if words]


def _remove_address(token: str) -> str:
    """Return a token, or only what follows an address, such as the period of its sentence."""
    text = token.strip(_AROUND_WORDS)
    return token[token.index(text) + len(text) :] if _ADDRESS.fullmatch(text) else token


def _is_last_word(token: str, following: str) -> bool:
    """Check whether a sentence ends with this token; the end of an abbreviation is none."""
    end = _END.search(token)
    if end is None:
        return False
    word = token[: end.start()].lstrip("\"'([\u201c\u2018*_")
    goes_on = following[:1].islower()
    if not end.group().startswith(".") or end.group().startswith(".."):
        return not goes_on
    if word.lower() in _NEVER_LAST and following:
        return word.lower() == "no" and not following[:1].isdigit() and not goes_on
    if _INITIALS.fullmatch(word) and word != "I" and following:
        return False
    return not goes_on
