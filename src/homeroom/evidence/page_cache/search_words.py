"""Fold texts for search: the stored terms of a subject, and what a person types, by the same rules.

Accents, the case of letters and punctuation do not matter. Two kinds of text are stored. A phrase (a name, a model) is
stored word by word. A number (an identifier, an address, a tag) is stored without its separators, so that `MV-0012` is
`mv0012`. A dot between two digits stays, or 10.1.23.4 would be the same address as 10.12.3.4.

Each stored term has `BREAK` before and after it, which nothing that is typed contains.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

import polars as pl

BREAK = "\n"
MAX_SEARCH_LENGTH, MAX_SEARCH_WORDS = 100, 8
MAX_RECENT_SEARCHES = 64
"""Typed texts that a process has folded and remembers: paging folds once."""
SHORT_WORD = 2
"""Up to this length, a word of a search of several words has to begin a term: "cart 3" is not about cart 13."""
_DOT = "\x01"
"""Stands for a dot between two digits."""
_PLAIN_LETTERS: Mapping[str, str] = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "ł": "l",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ħ": "h",
    "ı": "i",
}
"""Letters that have no accent to remove, as people without them on the keyboard type them."""
_APOSTROPHES = "['’‘ʼ`´]"
"""They join what is before and after them into one word, and go first: decomposed, one of them is a blank."""
_MAC_ADDRESS = re.compile(r"[0-9a-f]{2}([:-][0-9a-f]{2}){1,5}[:-]?|[0-9a-f]{4}\.[0-9a-f]{1,4}(\.[0-9a-f]{1,4})?", re.I)
_SEPARATORS = re.compile(r"[\s,;]+")
_WORD_BREAKS = re.compile(r"[\W_]+")


def fold_phrases(text: pl.Expr) -> pl.Expr:
    """Return an expression of the words of a text, folded, with one BREAK between them."""
    words = _mark_dots(_fold_letters(text)).str.replace_all(".", "", literal=True)
    return words.str.replace_all(rf"[^\p{{L}}\p{{N}}{_DOT}]+", BREAK)


def fold_numbers(text: pl.Expr) -> pl.Expr:
    """Return an expression of a text folded and without separators; terms in it have a BREAK between them."""
    return _mark_dots(_fold_letters(text)).str.replace_all(rf"[^\p{{L}}\p{{N}}{_DOT}{BREAK}]+", "")


def _fold_letters(text: pl.Expr) -> pl.Expr:
    decomposed = text.str.replace_all(_APOSTROPHES, "").str.normalize("NFKD")
    plain = decomposed.str.replace_all(r"\p{M}+", "").str.to_lowercase()
    return plain.str.replace_many(list(_PLAIN_LETTERS), list(_PLAIN_LETTERS.values()))


def _mark_dots(text: pl.Expr) -> pl.Expr:
    """Mark the dots between digits, in two passes: 1.2.3 has two that share a digit."""
    pattern, marked = r"([0-9])\.([0-9])", f"${{1}}{_DOT}${{2}}"
    return text.str.replace_all(pattern, marked).str.replace_all(pattern, marked)


@lru_cache(maxsize=MAX_RECENT_SEARCHES)
def split_search(text: str) -> tuple[str, ...]:
    """Return the folded words that a subject needs to match, each of them, as `SearchText.find_rows` takes them.

    A word that begins with BREAK has to begin a term. There is no word if the text has neither letter nor digit.
    """
    typed = _remove_marks(text[:MAX_SEARCH_LENGTH])
    parts = [part for token in _SEPARATORS.split(typed.strip()) for part in _split_token(token)]
    words = [word for word in dict.fromkeys(_fold_words(parts)) if word][:MAX_SEARCH_WORDS]
    if len(words) == 1:
        return tuple(words)
    return tuple(BREAK + word if len(word) <= SHORT_WORD else word for word in words)


@lru_cache(maxsize=MAX_RECENT_SEARCHES)
def fold_whole_search(text: str) -> str:
    """Return a typed text as the term that it is if it is a whole identifier, `BREAK` around it."""
    (word,) = _fold_words(["".join(text.split())[:MAX_SEARCH_LENGTH]])
    return f"{BREAK}{word}{BREAK}"


def _remove_marks(text: str) -> str:
    """Remove accents and vowel signs, at which a word would be split: to Python's patterns they are no letters."""
    decomposed = unicodedata.normalize("NFKD", re.sub(_APOSTROPHES, "", text))
    return "".join(character for character in decomposed if not unicodedata.category(character).startswith("M"))


def _split_token(token: str) -> Iterator[str]:
    """Split what has no blank: a network address and an identifier is one word, `Garcia-Lopez` two, `O'Neil` one."""
    if _MAC_ADDRESS.fullmatch(token):
        yield re.sub(r"[^0-9a-fA-F]", "", token)
    elif "@" in token or any(character.isdigit() for character in token):
        yield token
    else:
        yield from _WORD_BREAKS.split(token.replace(".", ""))


def _fold_words(words: Sequence[str]) -> list[str]:
    folded = pl.Series(words, dtype=pl.String).alias("word").to_frame().select(fold_numbers(pl.col("word"))).to_series()
    return [word.replace(BREAK, "") for word in folded]
