"""Mask students who opted out of directory information in lists and reports, and find their rows in rosters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from homeroom.apps.comply.privacy.opt_outs.queries import list_opted_out
from homeroom.apps.comply.privacy.students import build_pin_name
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.comply.privacy.requests import OptOutKind
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import query_executor

_WORDS_SQL = """
    SELECT DISTINCT lower(word) FROM (
        SELECT unnest(identifiers || [name, sort_name]) AS word FROM people WHERE id IN (SELECT unnest($ids))
        UNION ALL
        SELECT unnest(identifiers || [email, name]) FROM accounts WHERE person IN (SELECT unnest($ids)))
    WHERE word <> ''"""
_RECORDS_SQL = """
    SELECT DISTINCT instance, key FROM links
    WHERE subject_kind = 'person' AND table_name = 'person_records' AND id IN (SELECT unnest($ids))"""


@dataclass(frozen=True, kw_only=True)
class OptOutMask:
    """Masks the rows of students who opted out of directory information, by all that they are called."""

    words: frozenset[str] = frozenset()

    def covers(self, cells: Iterable[Any]) -> bool:
        """Check whether a cell is the name, address or number of somebody who opted out."""
        return bool(self.words) and any(text.casefold() in self.words for cell in cells for text in _list_texts(cell))

    def mask_cells(self, cells: Sequence[Any], private: Sequence[bool]) -> list[Any]:
        """Return the cells, those about a student masked if the row is of somebody who opted out."""
        if not self.covers(cell for cell, is_private in zip(cells, private, strict=True) if is_private):
            return list(cells)
        return [
            gettext("opted out") if is_private and cell not in (None, "") else cell
            for cell, is_private in zip(cells, private, strict=True)
        ]


def load_opt_out_mask(*, district: District) -> OptOutMask:
    """Return the mask of a district as of now. Raise QueryTimeout."""
    return OptOutMask(words=frozenset(word for (word,) in _query(district, _WORDS_SQL)))


def list_opted_out_records(*, district: District) -> frozenset[tuple[str, str]]:
    """Return (source instance, key) of the roster's rows of students who opted out of directory information.

    Whatever writes a roster for others leaves these out. Raise QueryTimeout.
    """
    return frozenset((instance, key) for instance, key in _query(district, _RECORDS_SQL))


def _query(district: District, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query over those who opted out; none if nobody did, or before the first assessment."""
    numbers = list_opted_out(district=district).get_numbers(OptOutKind.DIRECTORY)
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived() if numbers else None
    if derived is None:
        return []
    return query_executor().run(
        snapshot_id=build_pin_name(store, derived.id),
        pin=lambda: store.pin_snapshot(derived=derived.id),
        query=lambda session: session.execute(sql, {"ids": sorted(numbers)}).fetchall(),
    )


def _list_texts(cell: Any) -> Iterable[str]:
    if isinstance(cell, str):
        return (cell,)
    return (str(part) for part in cell) if isinstance(cell, list | tuple) else ()
