"""How every subject stands under every control, as one judgement found it: laid out for pages when it is published.

Beside the rows of its snapshot (`homeroom.evidence.laid`) a judgement has a file for each kind of subject, with the state code of
every row under every control, place by place, and one with the open members of every finding in the order of their places. So
a page of those who fail, pass or cannot be told asks no question again, and says what the judgement counted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from homeroom.apps.districts.stores import store_of
from homeroom.apps.posture.places import places
from homeroom.apps.posture.queries import Judgement
from homeroom.domain.states import State
from homeroom.engines.posture.judgement import ABSENT, CODES, Codes, Ids
from homeroom.engines.posture.questions import ASKED
from homeroom.evidence.asking import TooSlow
from homeroom.evidence.kept import Kept
from homeroom.evidence.shelves import mapped, numbers, written
from homeroom.evidence.store import Store

FOLDER, MEMBERS, BEHIND = "judged", "members", "behind "
"""The folder of these files, the name of the one of members, and what the name of a column of rows behind a subject begins with."""
OPEN = 96
"""Files that a process keeps mapped."""
TABLE_OF: Mapping[str, str] = {one.kind: one.table for one in ASKED if not one.folds}
"""By kind of subject, the table of which each row is one."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Listed:
    """Subjects in the order in which pages list them, each with its place; those of place -1, which no row is, come last."""

    places: Ids
    subjects: Ids

    def page(self, *, after: int, limit: int | None) -> tuple[tuple[int, ...], bool]:
        """At most `limit` subjects that come after one of them, and whether there are more."""
        begin = int(np.argmax(self.subjects == after)) + 1 if after >= 0 and (self.subjects == after).any() else 0
        end = len(self.subjects) if limit is None else begin + limit
        return tuple(self.subjects[begin:end].tolist()), end < len(self.subjects)

    def where(self, which: npt.NDArray[np.bool_]) -> Listed:
        """Those of them."""
        return Listed(places=self.places[which], subjects=self.subjects[which])


def members_of(*, district: Any, of: Judgement, finding_id: int) -> Listed:
    """The open members of a finding. Raises TooSlow."""
    every = _file(district, of, MEMBERS)
    findings = numbers(every, "finding")
    begin, end = np.searchsorted(findings, [finding_id, finding_id + 1])
    return Listed(places=numbers(every, "place")[begin:end], subjects=numbers(every, "subject")[begin:end])


def failing(*, district: Any, of: Judgement, control: str) -> Listed:
    """The open members of all findings of a control. Raises TooSlow."""
    every = _file(district, of, MEMBERS)
    named = np.isin(numbers(every, "finding"), _findings(every).get(control, []))
    return in_order(numbers(every, "place")[named], numbers(every, "subject")[named])


def in_state(*, district: Any, of: Judgement, control: str, kind: str, state: State) -> Listed:
    """The subjects that stand in a state under a control; an open member fails, whatever else is known of it. Raises TooSlow."""
    if state is State.FAIL:
        return failing(district=district, of=of, control=control)
    codes = codes_of(district=district, of=of, control=control, kind=kind)
    at = np.flatnonzero(codes == CODES.index(state))
    if kind in TABLE_OF:
        return Listed(places=at, subjects=places(district=district, of=of, table=TABLE_OF[kind]).ids[at])
    return Listed(places=np.full(len(at), -1), subjects=numbers(_file(district, of, kind), "id")[at])


def codes_of(*, district: Any, of: Judgement, control: str, kind: str) -> Codes:
    """The state codes of a control's subjects, place by place; 255 where it says nothing of one. Raises TooSlow."""
    every = _file(district, of, kind)
    if control not in every.column_names:
        return np.full(len(every), ABSENT, dtype=np.uint8)
    return numbers(every, control)


def behind(*, district: Any, of: Judgement, control: str, kind: str, subjects: Sequence[int]) -> tuple[int, ...]:
    """The rows of the asked table that stand behind subjects which are none of its rows. Raises TooSlow."""
    every = _file(district, of, kind)
    if BEHIND + control not in every.column_names:
        return ()
    rows = dict(zip(numbers(every, "id").tolist(), every.column(BEHIND + control).to_pylist(), strict=True))
    return tuple(dict.fromkeys(row for one in subjects for row in rows.get(one) or ()))


def in_order(at: Ids, subjects: Ids) -> Listed:
    """Subjects in the order of their places; those that are no row come last, by their number."""
    order = np.lexsort((subjects, at, at < 0))
    return Listed(places=at[order], subjects=subjects[order])


def file_of(store: Store, *, number: int, derived: str, name: str) -> Path:
    """The file of a judgement: of its members, or of one kind of subject."""
    return store.folder / FOLDER / f"{number:06d}-{derived}" / f"{name}.arrow"


_files: Kept[pa.Table] = Kept(most=OPEN)


def _file(district: Any, of: Judgement, name: str) -> pa.Table:
    path = file_of(store_of(district=district), number=of.number, derived=of.derived, name=name)
    try:
        return _files.get(written(path), lambda: mapped(path))
    except FileNotFoundError:  # judged before there were such files: the next judgement writes them
        raise TooSlow("the rows of this judgement are not laid out") from None


def _findings(members: pa.Table) -> Mapping[str, list[int]]:
    """The findings of each control, as the file says in its head."""
    found: Mapping[str, list[int]] = json.loads((members.schema.metadata or {}).get(b"findings", b"{}"))
    return found
