"""The order in which pages list subjects, worked out once for each judged snapshot and then kept by the process.

Subjects stand by school, then by name or serial number, as somebody walks to them. At 130,000 devices an order takes a good
megabyte and the standing of one control a tenth of one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
from django.conf import settings

from homeroom.apps.posture.columns import LABEL
from homeroom.apps.posture.queries import Judgement
from homeroom.apps.posture.shelf import shelf
from homeroom.engines.posture.questions import questions
from homeroom.evidence.asking import asker
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES

TABLES_KEPT, CONTROLS_KEPT = 20, 250
UNHEARD = 254
"""Beside the state codes: a subject of which no source speaks under that control."""
Ids = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True, eq=False)
class Places:
    """Every subject of a derived table in order: its id, and the number of its school among `schools` (by name, "" for none)."""

    ids: Ids
    school: npt.NDArray[np.int32]
    schools: Sequence[str]

    @cached_property
    def by_id(self) -> npt.NDArray[np.intp]:
        """The places in the order of ids."""
        return np.argsort(self.ids)

    def of(self, subjects: Sequence[int] | Ids) -> npt.NDArray[np.bool_]:
        """Which places are of those subjects."""
        return np.isin(self.ids, np.asarray(subjects, dtype=np.int64))

    def page(
        self, which: npt.NDArray[np.bool_], *, after: int = -1, limit: int | None = None, school: str | None = None,
        further: Sequence[int] = (),
    ) -> tuple[int, ...]:  # fmt: skip
        """The subjects at those places that come after one of them, at most `limit`; of one school alone where it is given.

        `further` are subjects that the table lacks: they come after all others, and in no school.
        """
        if school is not None:
            which = which & (self.school == (self.schools.index(school) if school in self.schools else -1))
        found = self.ids[which].tolist()
        if school in (None, ""):
            found += sorted(set(further) - set(found))
        begin = found.index(after) + 1 if after in found else 0
        return tuple(found[begin:] if limit is None else found[begin : begin + limit])


def answered[T](*, district: Any, of: Judgement, ask: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
    """What `ask` makes of a session over the snapshot that was judged. Raises TooSlow."""
    store = Store(settings.DATA / "evidence", district=district.slug)
    return asker().answer(
        pinned_to=f"{store.folder}/derived/{of.derived}", pinned=lambda: store.pinned(derived=of.derived), ask=ask
    )


def places(*, district: Any, of: Judgement, table: str) -> Places:
    """The order of a derived table in the judged snapshot. Raises TooSlow."""
    return _places(district, str(settings.DATA), of, table)


def codes(*, district: Any, of: Judgement, control: str, table: str) -> Codes:
    """The state codes of a shipped control's subjects, place by place; 255 where it says nothing of one. Raises TooSlow."""
    return _codes(district, str(settings.DATA), of, control, table)


@lru_cache(maxsize=TABLES_KEPT)
def _places(district: Any, _data: str, of: Judgement, table: str) -> Places:
    school, by_school = (
        ("coalesce(school, '')", "school IS NULL, school,") if "school" in TABLES[table].names else ("''", "")
    )
    text = f"""SELECT id, {school} AS school FROM {table}
        ORDER BY {by_school} lower(coalesce("{LABEL[table]}", '')), id"""
    found: Any = answered(district=district, of=of, ask=lambda session: session.execute(text).fetchnumpy())
    schools, numbers = np.unique(np.asarray(found["school"], dtype=str), return_inverse=True)
    return Places(
        ids=np.asarray(found["id"], dtype=np.int64),
        school=numbers.astype(np.int32),
        schools=[str(one) for one in schools],
    )


@lru_cache(maxsize=CONTROLS_KEPT)
def _codes(district: Any, _data: str, of: Judgement, control: str, table: str) -> Codes:
    order = places(district=district, of=of, table=table)

    def ask(session: duckdb.DuckDBPyConnection) -> Any:
        question = questions(session, controls=[shelf()[control]], today=of.today)[0]
        code = f"CASE WHEN heard THEN c0 ELSE {UNHEARD} END::UTINYINT" if question.folds else "c0"
        return session.execute(f"SELECT id, {code} AS code FROM ({question.text})").fetchnumpy()

    found = answered(district=district, of=of, ask=ask)
    ids, told = np.asarray(found["id"], dtype=np.int64), np.asarray(found["code"], dtype=np.uint8)
    made: Codes = np.full(len(order.ids), 255, dtype=np.uint8)
    at = np.searchsorted(order.ids, ids, sorter=order.by_id)
    made[order.by_id[at]] = told
    return made
