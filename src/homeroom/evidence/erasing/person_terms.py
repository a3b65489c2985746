"""What identifies the people of an erasure: their records, ids and names, and the patterns that find them in texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cached_property

import msgspec

MIN_SEARCHED_LENGTH = 5
"""Ids that are shorter are compared with whole values only: too many texts have them by chance."""
ERASED = "[erased]"
"""What stands in a text in place of what was erased."""
_MARKS = "[\u0300-\u036f]*"
RecordKey = tuple[str, str, str]
"""A source record: source instance, owner kind (person or account), and key."""


class PersonTerms(msgspec.Struct, frozen=True, kw_only=True):
    """What identifies the people of an erasure.

    `subjects` are the numbers of the resolved people and accounts, `publics` their public ids. `ids` are addresses,
    numbers, user names and keys that nobody else has; `shared_ids` those that somebody else has too: they count in a
    row only that one of the others shows to be the person's. The same holds for `names` and `shared_names`. All are
    folded by `fold_term`; `spellings` are the names as written.
    """

    subjects: frozenset[int] = frozenset()
    publics: frozenset[str] = frozenset()
    records: frozenset[RecordKey] = frozenset()
    ids: frozenset[str] = frozenset()
    shared_ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    spellings: frozenset[str] = frozenset()
    shared_names: frozenset[str] = frozenset()

    def list_keys(self, instance: str, kind: str) -> list[str]:
        """Return the keys of the records of one kind at one source."""
        return sorted(key for source, owner, key in self.records if (source, owner) == (instance, kind))


class TermMatcher:
    """Finds and replaces the terms of an erasure in texts."""

    def __init__(self, terms: PersonTerms) -> None:
        self.terms = terms

    @cached_property
    def searched(self) -> tuple[str, ...]:
        """Folded terms that are searched for in texts, the longest first."""
        ids = {term for term in (*self.terms.ids, *self.terms.publics) if len(term) >= MIN_SEARCHED_LENGTH}
        return tuple(sorted(ids | self.terms.names, key=lambda term: (-len(term), term)))

    @cached_property
    def _pattern(self) -> re.Pattern[str] | None:
        return build_pattern(self.searched)

    @cached_property
    def _linked_pattern(self) -> re.Pattern[str] | None:
        shared = {term for term in self.terms.shared_ids if len(term) >= MIN_SEARCHED_LENGTH}
        return build_pattern({*self.searched, *shared, *self.terms.shared_names})

    @cached_property
    def needles(self) -> list[str]:
        """Texts for a quick look at many: every text that holds a term has one of them, in some letter case."""
        ids = {term for term in self.searched if term not in self.terms.names}
        return sorted(needle for needle in {*map(find_plain_part, ids | self.terms.spellings)} if needle)

    @cached_property
    def broad_pattern(self) -> str:
        """Pattern for the regular expressions of polars that each text with a term matches, and few others."""
        ids = {term for term in (*self.terms.ids, *self.terms.publics) if term not in self.terms.names}
        choices = [re.escape(term) for term in sorted(ids)]
        for spelling in sorted(self.terms.spellings):
            words = ("".join(_build_letter(letter) for letter in word) for word in spelling.split())
            choices.append(r"\s+".join(words))
        return build_broad_pattern(choices)

    def is_in(self, text: str) -> bool:
        """Return whether a text holds one of the terms."""
        return self._pattern is not None and self._pattern.search(fold_text(text)) is not None

    def replace_in(self, text: str, *, linked: bool = False, extra: Iterable[str] = ()) -> str:
        """Return a text without the terms. In a `linked` text shared terms and `extra` values are replaced as well."""
        pattern = self._linked_pattern if linked else self._pattern
        for value in sorted(filter(None, extra), key=len, reverse=True):
            text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", ERASED, text)
        return text if pattern is None else _replace_folded(pattern, text)

    def replace_in_value(self, value: object, *, linked: bool = False, extra: Iterable[str] = ()) -> object:
        """Return a plain JSON value without the terms, in its keys and values; a number that is a term becomes null."""
        values = tuple(extra)
        if isinstance(value, str):
            return self.replace_in(value, linked=linked, extra=values)
        if isinstance(value, list):
            return [self.replace_in_value(item, linked=linked, extra=values) for item in value]
        if isinstance(value, dict):
            return {
                self.replace_in(str(key), linked=linked): self.replace_in_value(item, linked=linked, extra=values)
                for key, item in value.items()
            }
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return None if is_number and (value in self.terms.subjects or str(value) in self.terms.ids) else value


def fold_text(text: str) -> str:
    """Return a text in lower case and without accents, character by character: positions stay the same."""
    return text.lower() if text.isascii() else "".join(map(_fold_character, text))


def fold_term(value: str) -> str:
    """Return an id or name as terms are stored: folded, and with single spaces."""
    return " ".join(fold_text(unicodedata.normalize("NFC", value)).split())


def build_pattern(terms: Iterable[str]) -> re.Pattern[str] | None:
    """Return the pattern of folded terms as whole words; None of no terms.

    `ana@maple.example` is not in `diana@maple.example`, nor 2002390 in a serial like 5CD2002390.
    """
    ordered = sorted(set(terms), key=lambda item: (-len(item), item))
    return re.compile("|".join(map(_build_term_pattern, ordered))) if ordered else None


def build_broad_pattern(choices: Iterable[str]) -> str:
    """Return the pattern, for polars, of texts with one of these patterns as words, also after an escape of JSON."""
    joined = "|".join(choices)
    before, after = r"^|[^a-z0-9]|\\[bfnrt]|\\u[0-9a-f]{4}", "$|[^a-z0-9]"
    return rf"(?i)(?:{before})(?:{joined})(?:{after})" if joined else r"[^\s\S]"


def _build_term_pattern(term: str) -> str:
    """Return the pattern of one term. What an address is part of is another address."""
    if " " in term:
        words = (_MARKS.join(map(re.escape, word)) + _MARKS for word in term.split())
        return rf"(?<![^\W_]){r'\s+'.join(words)}(?![^\W_])"
    if "@" in term or not any(character.isdigit() for character in term):
        return rf"(?<![\w.@+-]){re.escape(term)}(?![\w@+-]|\.\w)"
    return rf"(?<![^\W_]){re.escape(term)}(?![^\W_])"


def _replace_folded(pattern: re.Pattern[str], text: str) -> str:
    parts, end = [], 0
    for match in pattern.finditer(fold_text(text)):
        parts += [text[end : match.start()], ERASED]
        end = match.end()
    return "".join((*parts, text[end:])) if parts else text


def _fold_character(character: str) -> str:
    base = unicodedata.normalize("NFD", character)[0].lower()
    return base if len(base) == 1 else character


def _build_letter(letter: str) -> str:
    """Return the pattern of one letter of a name, with or without its accent, plain or escaped in JSON."""
    return re.escape(letter) + _MARKS if letter.isascii() else r"(?:\\u\w{4}|\w\p{M}*)"


def find_plain_part(term: str) -> str:
    """Return the longest part of a term's words that has no accent: it is in the text however that is written."""
    return max(re.findall(r"[!-~]+", term), key=len, default="")
