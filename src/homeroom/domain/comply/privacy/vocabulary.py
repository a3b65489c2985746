"""The vocabulary of elements: which of them a word of an agreement, a heading, a bundle's column or a scope names."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from homeroom.domain.comply.privacy.element_words import (
    STAFF_WORDS,
    build_singular_key,
    build_word_key,
    is_number_alone,
    is_student_alone,
    split_words,
)
from homeroom.domain.comply.privacy.elements import DataElement, DataSubject

_NONE = re.compile(
    r"\W*((none|nothing|no)( student)?( personal)?( data| information| pii)?( is)?( collected| shared)?|n/?a"
    r"|not applicable|not collected)?\W*",
    re.IGNORECASE,
)
"""Texts of cells that state that no student data is handed over."""
_NEGATIONS = frozenset(
    ["no", "not", "none", "without", "excluding", "except", "never", "excludes", "exclude", "neither", "nor", "minus"]
)
_LISTED = re.compile(r"\s*[;,|\n•·]\s*")
"""What parts the phrases of a list; only within a phrase do a slash and a joining word part anything."""
_JOINED = re.compile(r"\s*/\s*|\s+(?:and|or|&|\+)\s+|\s+[-–—]\s+", re.IGNORECASE)
_PARENTHESIS = re.compile(r"[(\[]([^()\[\]]*)[)\]]")
_NUMBERS = re.compile(r"[0-9]+")
_PARENT_OR_GUARDIAN = re.compile(
    r"\bparent(['’]?s['’]?)?\s*(/|,?\s*(?:and|or|&|and/or)\s)\s*(legal\s+)?guardian(['’]?s['’]?)?(?![a-z])",
    re.IGNORECASE,
)
"""Two words for the same person, of which neither is a kind of data by itself."""
_BULLET = re.compile(r"^\s*(?:[-–—*•·]|\(?[0-9a-z][.)])\s+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class WordReading:
    """The elements that the words of an agreement name, and the words that were not understood."""

    elements: frozenset[str] = frozenset()
    unknown: tuple[str, ...] = ()
    names_none: bool = False


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """All elements, looked up by what names them."""

    elements: Mapping[str, DataElement] = field(default_factory=lambda: MappingProxyType({}))

    @cached_property
    def _by_word(self) -> Mapping[str, tuple[str, ...]]:
        return _index(
            (build_word_key(text), entry.id) for entry in self.elements.values() for text in _list_words(entry)
        )

    @cached_property
    def _by_singular(self) -> Mapping[str, tuple[str, ...]]:
        pairs = (
            (build_singular_key(text), entry.id) for entry in self.elements.values() for text in _list_words(entry)
        )
        return _index((key, name) for key, name in pairs if key not in self._by_word)

    @cached_property
    def _by_heading(self) -> Mapping[str, tuple[str, ...]]:
        return _index((build_word_key(text), entry.id) for entry in self.elements.values() for text in entry.headings)

    @cached_property
    def bundle_columns(self) -> Mapping[tuple[str, str], tuple[tuple[str, DataSubject], ...]]:
        """Elements by (member, column in lower case) of a bundle, with whom the row is about."""
        columns: dict[tuple[str, str], list[tuple[str, DataSubject]]] = {}
        for entry in self.elements.values():
            for column in entry.oneroster:
                member, _, name = column.partition(".")
                columns.setdefault((member, name.lower()), []).append((entry.id, entry.about))
        return {key: tuple(values) for key, values in columns.items()}

    def find_named(self, text: str) -> tuple[str, ...]:
        """Return the ids of the elements that one word or phrase of an agreement names; empty if none is known."""
        return (
            self._by_word.get(build_word_key(text))
            or self._by_singular.get(build_singular_key(text))
            or self._by_word.get(build_singular_key(text))
            or ()
        )

    def find_heading(self, heading: str) -> str | None:
        """Return the element that a column with this heading carries, or None."""
        for text in (heading, _PARENTHESIS.sub(" ", heading), _NUMBERS.sub(" ", _PARENTHESIS.sub(" ", heading))):
            if name := self._find_heading(text):
                return name
        return None

    def _find_heading(self, text: str) -> str | None:
        if is_student_alone(text):
            return self._find_heading("name")
        if is_number_alone(text):
            return None
        for index in (self._by_heading, self._by_word, self._by_singular):
            for key in (build_word_key(text), build_singular_key(text)):
                names = index.get(key, ())
                if len(names) == 1:
                    return names[0]
        return None

    def find_granted(self, scope: str, *, directory: str) -> tuple[str, ...]:
        """Return the elements that a permission of a directory (google, microsoft) reads."""
        return tuple(
            entry.id
            for entry in self.elements.values()
            if any(
                _matches_scope(pattern, scope)
                for pattern in (entry.graph if directory == "microsoft" else entry.google)
            )
        )

    def read_agreement(self, words: Sequence[str]) -> WordReading:
        """Return what the cells of an agreement name.

        A phrase is taken as it is if it is known, else part by part. A part that denies something, or that is not
        known, is not understood.
        """
        texts = [text for text in words if text.strip()]
        if texts and all(_NONE.fullmatch(text) for text in texts):
            return WordReading(names_none=True)
        elements: set[str] = set()
        unknown: list[str] = []
        for text in texts:
            self._read_phrase(text, elements, unknown)
        return WordReading(elements=frozenset(elements), unknown=tuple(dict.fromkeys(unknown)))

    def _read_phrase(self, text: str, elements: set[str], unknown: list[str]) -> None:
        written = _BULLET.sub("", text).strip(" .:;,\t\n")
        phrase = _PARENT_OR_GUARDIAN.sub("parent", written)
        if _has_negation(phrase):
            unknown.append(phrase)
            return
        if names := self.find_named(phrase):
            elements.update(names)
            return
        outer, inner = _PARENTHESIS.sub(" ", phrase).strip(), _PARENTHESIS.findall(phrase)
        head, colon, tail = outer.partition(":")
        if inner:
            self._read_with_details(outer, inner, elements, unknown)
        elif colon and tail.strip():
            self._read_with_details(head, [_qualify(tail, head)], elements, unknown)
        elif len(parts := _split_parts(phrase)) > 1:
            for part in _share_qualifier(parts, phrase):
                self._read_phrase(part, elements, unknown)
        elif phrase and not is_about_staff(phrase):
            unknown.append(written)

    def _read_with_details(self, outer: str, details: Sequence[str], elements: set[str], unknown: list[str]) -> None:
        """Read a category with its details: details that are known speak for a category that is not."""
        category, inside = set[str](), set[str]()
        outer_unknown, inner_unknown = list[str](), list[str]()
        self._read_phrase(outer, category, outer_unknown)
        for detail in details:
            self._read_phrase(detail, inside, inner_unknown)
        elements |= category | inside
        if any(map(_has_negation, details)):
            unknown += [f"{outer} ({detail})" for detail in details]
        elif not inside and outer_unknown:
            unknown += outer_unknown
        elif inside:
            unknown += inner_unknown


def build_vocabulary(elements: Iterable[DataElement]) -> Vocabulary:
    """Build the vocabulary of these elements."""
    return Vocabulary(elements={entry.id: entry for entry in elements})


def list_repeated_headings(elements: Iterable[DataElement]) -> Iterator[tuple[str, str]]:
    """Yield (element, heading) of the headings that another element has too."""
    entries = tuple(elements)
    by_heading = _index((build_word_key(text), entry.id) for entry in entries for text in entry.headings)
    for entry in entries:
        for heading in entry.headings:
            if len(by_heading[build_word_key(heading)]) > 1:
                yield entry.id, heading


def is_about_staff(text: str) -> bool:
    """Return whether a heading or phrase is about people who work at school."""
    words: Collection[str] = split_words(text)
    return "parent" not in words and not STAFF_WORDS.isdisjoint(words)


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    index: dict[str, list[str]] = {}
    for key, name in pairs:
        if key and name not in index.setdefault(key, []):
            index[key].append(name)
    return {key: tuple(names) for key, names in index.items()}


def _list_words(entry: DataElement) -> Iterator[str]:
    yield entry.id.replace("-", " ")
    yield entry.title
    yield from entry.words


def _matches_scope(pattern: str, scope: str) -> bool:
    return scope.startswith(pattern[:-1]) if pattern.endswith("*") else scope.rstrip("/") == pattern.rstrip("/")


def _has_negation(text: str) -> bool:
    return not _NEGATIONS.isdisjoint(re.findall(r"[a-z]+", text.lower()))


def _split_parts(text: str) -> list[str]:
    parts = [part for part in _LISTED.split(text) if part.strip()]
    return parts if len(parts) > 1 else [part for part in _JOINED.split(text) if part.strip()]


def _share_qualifier(parts: Sequence[str], phrase: str) -> Iterator[str]:
    """Yield the parts; what is joined to a parent's data in one short phrase is the parent's too."""
    is_parents = "parent" in split_words(parts[0]) and not re.search(r"[,;|\n]", phrase)
    for part in parts:
        yield f"parent {part}" if is_parents and "parent" not in split_words(part) else part


def _qualify(tail: str, head: str) -> str:
    """Return the details of a category about parents as a parent's."""
    if "parent" not in split_words(head):
        return tail
    return "; ".join(f"parent {part}" for part in _split_parts(tail))
