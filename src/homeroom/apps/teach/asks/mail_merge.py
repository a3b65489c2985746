"""Rows of asks for a mail merge: one for each person, with all that the person has open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from homeroom.apps.teach.asks.queries import AskedPerson, AskedText
from homeroom.domain.spreadsheets import escape_formula

COLUMNS = ("email", "first_name", "name", "school", "language", "asks", "sentence", "why", "minutes", "steps", "link")


def iter_csv_rows(people: Iterable[AskedPerson], *, language: str, link: str) -> Iterator[list[str]]:
    """Yield the header and a row for each person; several asks are numbered in their cells."""
    yield list(COLUMNS)
    for person in people:
        yield [
            *map(escape_formula, (person.email, person.first_name, person.name, person.school)),
            language,
            str(len(person.asks)),
            _number([ask.sentence for ask in person.asks]),
            _number([ask.why for ask in person.asks]),
            str(sum(ask.minutes for ask in person.asks)),
            _number([_join_steps(ask) for ask in person.asks]),
            link,
        ]


def _number(texts: list[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, 1))


def _join_steps(ask: AskedText) -> str:
    return " ".join(ask.steps)
