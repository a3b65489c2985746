"""Mask other people in what is handed to a family: addresses, numbers and full names that are not the student's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext

from homeroom.apps.comply.privacy.held_records import HeldRecords
from homeroom.apps.comply.privacy.students import StudentView, build_pin_name
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import query_executor

OTHER_PEOPLE_COLUMNS = frozenset({"agent_keys"})
"""Columns of a student's row that hold nothing but ids of other people."""
_ADDRESS = re.compile(r"[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
_WORD = re.compile(r"[^\W\d_]+(?:['’.-][^\W\d_]+)*")
_NUMBER = re.compile(r"(?<!\w)\w*\d\w{3,}(?!\w)")
_NAME_WORDS = (2, 3, 4)
_KNOWN_SQL = """
    SELECT DISTINCT text FROM (
        SELECT id, unnest(identifiers) AS text FROM people UNION ALL SELECT id, lower(name) FROM people
        UNION ALL SELECT id, replace(sort_name, ',', '') FROM people)
    WHERE id <> ? AND text IN (SELECT unnest(?::VARCHAR[]))"""


@dataclass(frozen=True, kw_only=True)
class PeopleMask:
    """Masks texts: every address but the student's own, and what people of the district are called by."""

    own: frozenset[str]
    others: frozenset[str]

    def mask(self, text: str) -> str:
        """Return the text without other people."""
        masked = _ADDRESS.sub(lambda match: match[0] if match[0].casefold() in self.own else _get_mask_text(), text)
        for name in sorted(self.others & set(iter_names(masked)), key=len, reverse=True):
            masked = re.sub(_build_name_pattern(name), _get_mask_text(), masked)
        return masked


def build_people_mask(*, district: District, student: StudentView, records: HeldRecords) -> PeopleMask:
    """Build the mask for what is held of a student. Raise QueryTimeout."""
    own = frozenset({*student.identifiers, *records.names, student.name.casefold()})
    names = {name for text in iter_texts(records) for name in iter_names(text)} - own
    return PeopleMask(own=own, others=frozenset(_find_people(district, student.id, names)))


def iter_texts(records: HeldRecords) -> Iterator[str]:
    """Yield the texts of all cells."""
    for table in records.tables:
        for row in table.rows:
            for value in row:
                yield from format_cell(value)


def format_cell(value: Any) -> tuple[str, ...]:
    """Return a value of evidence as texts: none for null, each of a list."""
    if value is None or value == "":
        return ()
    if isinstance(value, bool):
        return (gettext("yes") if value else gettext("no"),)
    if isinstance(value, datetime):
        return (value.strftime("%Y-%m-%d %H:%M UTC"),)
    if isinstance(value, date):
        return (value.isoformat(),)
    if isinstance(value, list | tuple):
        return tuple(str(part) for part in value)
    return (str(value),)


def iter_names(text: str) -> Iterator[str]:
    """Yield what in a text may be somebody's number or full name, in lower case."""
    for match in _NUMBER.finditer(text):
        yield match[0].casefold()
    words = [match[0].casefold() for match in _WORD.finditer(text)]
    for length in _NAME_WORDS:
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])


def _find_people(district: District, student: int, names: Collection[str]) -> Iterable[str]:
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None or not names:
        return ()
    rows = query_executor().fetch_rows(
        snapshot_id=build_pin_name(store, derived.id),
        pin=lambda: store.pin_snapshot(derived=derived.id),
        sql=_KNOWN_SQL,
        parameters=[student, sorted(names)],
    )
    return tuple(text for (text,) in rows)


def _build_name_pattern(name: str) -> str:
    """Return the pattern of a number or name in a text, with any punctuation between its words."""
    return r"(?i)(?<!\w)" + r"[\s,.]+".join(map(re.escape, name.split(" "))) + r"(?!\w)"


def _get_mask_text() -> str:
    return gettext("[another person]")
