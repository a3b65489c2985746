"""Syllables of an English word, number or abbreviation as it is read aloud, by spelling alone.

Checked against the CMU Pronouncing Dictionary, which is not shipped (docs/reference/courses.md has the figures).
"""

from __future__ import annotations

import re

_VOWELS = re.compile(r"[aeiouy]+")
_PARTS = re.compile(r"[A-Za-z]+|\d+")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_APART = re.compile(
    r"ia(?![lnr])|[^cst]ia[ln]|iu|io(?!us|n)|[^gqs]u[ao](?!r)|[^i]eo(?!us|n|pl)|[aeou]ing|yi|i[ei](?=st|ty)"
    r"|rea(?=ct|t[eio]|li)|idea|area|poe|uou|(?<!fr)(?<=[^cst])ien|(?:tif|[rsplnv])ier|ie(?=t)(?!ted)|yo(?=nd)"
    r"|loyee|nym|dred"
)
"""Vowels side by side that are two syllables, and some others that spelling hides."""
_SILENT = re.compile(
    r"(?:[^aeiouyl]e|[aeiouyrl]le|[^aeiouytdl]ed|[aeiouyrl]led|[^aeiouyscgzxhl]es|[^sc]hes|[aeiouyrl]les)$"
)
_SILENT_INSIDE = re.compile(
    r"(?<=ev)e(?=ry)|(?<=som)e(?=[bdhtw])"
    r"|(?<=[aeiou][rwkm])e(?=(?:work|line|wall|where|thing|body|how|one)s?$)"
    r"|(?<=[aeiou][^aeiouyl])e(?=(?:ment|ful|less|ly|ness|time|where|thing)s?$|fully$|ty$)"
)
"""An e between two parts of a word that nobody hears, as in somebody."""
_READ_AS_WORDS = frozenset(("AND", "ARE", "DO", "NO", "NOT", "OR", "PIN", "PINS", "SIM", "THE", "YES", "YOU"))
_UNITS = (2, 1, 1, 1, 1, 1, 1, 2, 1, 1, 1, 3, 1, 2, 2, 2, 2, 3, 2, 2)
"""Syllables of 0 to 19; zero alone has two."""
_TENS = (0, 1, 2, 2, 2, 2, 2, 3, 2, 2)


def count_word_syllables(word: str) -> int:
    """Return the syllables of a word between spaces, at least 1; numbers and abbreviations as they are read aloud."""
    text = _THOUSANDS.sub("", word.replace("'", "").replace("\u2019", ""))
    signs = 2 * text.count("$") + 2 * text.count("%")
    return max(sum(map(_count_part, _PARTS.findall(text))) + signs, 1)


def _count_part(part: str) -> int:
    if part.isdigit():
        return _count_digits(part)
    is_spelled = len(part) <= 3 or not _VOWELS.search(part.lower())
    if part.isupper() and is_spelled and part not in _READ_AS_WORDS:
        return sum(3 if letter == "W" else 1 for letter in part)
    return _count_letters(part.lower())


def _count_letters(letters: str) -> int:
    letters_read = _SILENT_INSIDE.sub("", letters)
    count = (
        len(_VOWELS.findall(letters_read)) + len(_APART.findall(letters_read)) + letters_read.endswith(("sm", "sms"))
    )
    return max(count - (count > 1 and _SILENT.search(letters_read) is not None), 1)


def _count_digits(digits: str) -> int:
    """Return the syllables of a number: a year in pairs, a long number or one with a leading zero by its digits."""
    number = int(digits[:10])
    if len(digits) > 6 or (digits[0] == "0" and len(digits) > 1):
        return sum(_UNITS[int(digit)] for digit in digits)
    if 1100 <= number < 2000 and not 0 < number % 100 < 10:
        return _count_below_thousand(number // 100) + (_count_below_thousand(number % 100) if number % 100 else 2)
    thousands, rest = divmod(number, 1000)
    if not thousands:
        return _count_below_thousand(rest)
    return _count_below_thousand(thousands) + 2 + (_count_below_thousand(rest) if rest else 0)


def _count_below_thousand(number: int) -> int:
    hundreds, rest = divmod(number, 100)
    count = _UNITS[hundreds] + 2 if hundreds else 0
    if rest < 20:
        return count + (_UNITS[rest] if rest or not hundreds else 0)
    return count + _TENS[rest // 10] + (_UNITS[rest % 10] if rest % 10 else 0)
