"""The rows behind a number: subjects with the columns that their control shows, from the judged snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import batched
from typing import Any

import numpy as np

from homeroom.apps.posture.columns import DEVICE_COLUMNS, first_columns, shown_columns, title_of
from homeroom.apps.posture.deciding import decided
from homeroom.apps.posture.judged import TABLE_OF, behind, in_order, members_of
from homeroom.apps.posture.place_rows import places_of
from homeroom.apps.posture.places import on_devices_of, places
from homeroom.apps.posture.queries import Judgement, OpenFinding, member_days
from homeroom.apps.posture.rows import Row, Rows
from homeroom.apps.posture.shelf import PLACE
from homeroom.domain.controls import Control
from homeroom.domain.ids import public_id
from homeroom.engines.posture.questions import FOLDED, KINDS
from homeroom.evidence.asking import TooSlow
from homeroom.evidence.tables import TABLES, Privacy

PAGE = 25
CSV_PAGE = 2000
TRIES = 5
KIND_OF = dict(KINDS)
PUPIL = {"accounts": "kind", "devices": "holder_kind", "people": "kind"}
_MAY_BE_PUPIL = ("student", None, "")
NOBODY_S = "nobody"
"""Whose a row is that is about no person."""


def finding_rows(
    *, district: Any, of: Judgement, finding: OpenFinding, after: int = -1, limit: int = PAGE, whole: bool = False
) -> Rows:
    """The next open members of a finding by school and name, with what their control shows. Raises TooSlow.

    `whole` gives every column, otherwise those that say who, where and why.
    """
    if finding.subject_kind == PLACE:
        return _of_places(district, of, finding, after=after, limit=limit)
    listed = members_of(district=district, of=of, finding_id=finding.id)
    found, more = listed.page(after=after, limit=limit)
    return _dated(district, of, finding, found, more=more, whole=whole)


def every_finding_row(*, district: Any, of: Judgement, finding: OpenFinding) -> Iterator[Rows]:
    """All open members of a finding with every column, in pages that a file can be written from.

    Waits for its turn where others ask; raises TooSlow where that is in vain.
    """
    if finding.subject_kind == PLACE:
        yield patient(lambda: _of_places(district, of, finding, after=-1, limit=None))
        return
    everybody = members_of(district=district, of=of, finding_id=finding.id)
    for some in batched(everybody.subjects.tolist(), CSV_PAGE):
        yield patient(lambda some=some: _dated(district, of, finding, some, more=False, whole=True))  # type: ignore[misc]


def subject_rows(
    *,
    district: Any,
    of: Judgement,
    control: Control,
    kind: str,
    subjects: Sequence[int],
    after: int | None = None,
    whole: bool = False,
) -> Rows:
    """Subjects in the given order with what a control shows; one that the snapshot lacks has empty cells. Raises TooSlow.

    For a subject that is no row of the asked table (a directory), the rows that stand behind it.
    """
    stands_behind = kind not in TABLE_OF
    if stands_behind:
        subjects, kind = _behind(district, of, control, kind, subjects), KIND_OF[_table(control)]
    table = TABLE_OF[kind]
    every = shown_columns(control, table=table)
    columns = every if whole else first_columns(control, table=table)
    if control.asks in FOLDED:
        found = _decided(district, of, control, columns=columns, subjects=subjects)
    else:
        found = _asked(district, of, table=table, columns=columns, subjects=subjects)
    nothing: tuple[Any, ...] = ("" if table in PUPIL else NOBODY_S,) + (None,) * len(columns)
    told = [(subject, row) for subject in subjects for row in found.get(subject, [nothing])]
    return Rows(
        titles=tuple(title_of(column, table=table) for column in columns),
        rows=tuple(
            Row(
                public=public_id(kind, subject),
                subject=subject,
                kind=kind,
                cells=row[1:],
                pupil=row[0] in _MAY_BE_PUPIL,
            )
            for subject, row in told
        ),
        after=after,
        pupils=len({subject for subject, row in told if row[0] == "student"}),
        private=tuple(_privacy(table, column) is Privacy.STUDENT for column in columns),
        more=len(every) - len(columns),
        behind=stands_behind,
    )


def _privacy(table: str, column: str) -> Privacy | None:
    """The class of a column of evidence; of one that only a row of software, services or flaws has, None."""
    return next((one.privacy for one in TABLES[table].columns if one.name == column), None)


def patient[T](ask: Callable[[], T]) -> T:
    """The answer to a question that may wait for some turns, since nobody looks at it while it does."""
    for _ in range(TRIES - 1):
        try:
            return ask()
        except TooSlow:
            continue
    return ask()


def _of_places(district: Any, of: Judgement, finding: OpenFinding, *, after: int, limit: int | None) -> Rows:
    subjects = members_of(district=district, of=of, finding_id=finding.id).subjects.tolist()
    page = places_of(district=district, of=of, policy=finding.control.id, subjects=subjects, after=after, limit=limit)
    days = member_days(district=district, of=of, finding_id=finding.id, subjects=subjects)
    dated = ((row, days[row.subject]) for row in page.rows)
    return replace(page, rows=tuple(replace(row, since=since, not_seen_since=unseen) for row, (since, unseen) in dated))


def _table(control: Control) -> str:
    """The table that a control asks; accounts for one that is not shipped any more."""
    return control.asks or "accounts"


def _dated(
    district: Any, of: Judgement, finding: OpenFinding, subjects: Sequence[int], *, more: bool, whole: bool
) -> Rows:
    """The rows of members, each with its days; rows that stand behind a member have that member's."""
    control, kind = finding.control, finding.subject_kind
    days = member_days(district=district, of=of, finding_id=finding.id, subjects=subjects)
    first = next(iter(days.values()), (None, None))
    page = subject_rows(district=district, of=of, control=control, kind=kind, subjects=subjects, whole=whole)
    rows = ((row, days.get(row.subject, first) if not page.behind else first) for row in page.rows)
    dated = tuple(replace(row, since=since, not_seen_since=unseen) for row, (since, unseen) in rows)
    return replace(page, rows=dated, after=subjects[-1] if more else None)


def _asked(
    district: Any, of: Judgement, *, table: str, columns: Sequence[str], subjects: Sequence[int]
) -> Mapping[int, list[tuple[Any, ...]]]:
    """For each subject its one row: whose it is (student, staff …), then the columns."""
    if not subjects:
        return {}
    rows = places(district=district, of=of, table=table)
    there = [
        (subject, place) for subject, place in zip(subjects, rows.places(subjects).tolist(), strict=True) if place >= 0
    ]
    told = rows.cells([place for _, place in there], (*([PUPIL[table]] if table in PUPIL else []), *columns))
    whose = () if table in PUPIL else (NOBODY_S,)
    return {subject: [(*whose, *cells)] for (subject, _), cells in zip(there, told, strict=True)}


def _decided(
    district: Any, of: Judgement, control: Control, *, columns: Sequence[str], subjects: Sequence[int]
) -> Mapping[int, list[tuple[Any, ...]]]:
    """For each subject whose device it is, then the columns of the device and of each row that decides; without any the device alone."""
    if not subjects:
        return {}
    of_row = [name for name in columns if name not in DEVICE_COLUMNS]
    found = decided(
        rows=on_devices_of(district=district, of=of, table=control.asks),
        control=control,
        today=of.today,
        columns=of_row,
        subjects=subjects,
    )
    of_device = [DEVICE_COLUMNS[name] for name in columns if name in DEVICE_COLUMNS]
    devices = _asked(district, of, table="devices", columns=of_device, subjects=subjects)
    nothing: list[tuple[Any, ...]] = [(None,) * len(of_row)]
    return {subject: [(*device, *row) for row in found.get(subject, nothing)] for subject, (device,) in devices.items()}


def _behind(district: Any, of: Judgement, control: Control, kind: str, subjects: Sequence[int]) -> tuple[int, ...]:
    """The rows of the asked table behind subjects that are none of its rows, in its order; empty where the control names none."""
    found = behind(district=district, of=of, control=control.id, kind=kind, subjects=subjects)
    rows = places(district=district, of=of, table=_table(control))
    return in_order(rows.places(found), np.asarray(found, dtype=np.int64)).page(after=-1, limit=None)[0]
