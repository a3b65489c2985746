"""Words of names and headings, brought to one form before they are compared."""

from __future__ import annotations

import re
import unicodedata

WORD = re.compile(r"[^\W\d_]+(?:['’‘`´-][^\W\d_]+)*")
_MARKS = re.compile(r"['’‘`´.]")
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SIGNS = re.compile(r"[_\s\xa0]+")
_DASHES = str.maketrans(dict.fromkeys("‐‑‒–—−﹣－", "-") | dict.fromkeys("\xa0\u2007\u202f\u2009\u3000", " "))
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\xad]")


def fold_word(word: str) -> str:
    """Return a word of a name in small letters without accents, apostrophes and a possessive ending."""
    if word.isascii():
        return word.lower() if word.isalpha() else _MARKS.sub("", _POSSESSIVE.sub("", word)).lower()
    letters = unicodedata.normalize("NFKD", _POSSESSIVE.sub("", word).casefold())
    return _MARKS.sub("", "".join(letter for letter in letters if not unicodedata.combining(letter)))


def split_name(name: str) -> list[str]:
    """Return the folded words of a part of a name."""
    return [fold_word(word) for word in WORD.findall(unicodedata.normalize("NFC", name))]


def normalize_text(text: str) -> str:
    """Return a text with plain dashes and blanks, without invisible signs, as long as before where it is plain."""
    if text.isascii():
        return text
    return _INVISIBLE.sub("", unicodedata.normalize("NFC", text).translate(_DASHES))


def normalize_heading(text: str) -> str:
    """Return a heading as words: `StudentSSN` and `student_ssn` are both two words."""
    return _SIGNS.sub(" ", split_camel(text)).strip()


def split_camel(text: str) -> str:
    """Return a text with a blank where a capital begins a word within another."""
    return _CAMEL.sub(" ", normalize_text(text))
