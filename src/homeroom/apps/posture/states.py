"""Which subjects stand in one state under one control, as the published judgement found them."""

from __future__ import annotations

from typing import Any

import numpy as np

from homeroom.apps.posture.evidence import PAGE, subject_rows
from homeroom.apps.posture.judged import TABLE_OF, Listed, codes_of, in_state
from homeroom.apps.posture.place_rows import places_in_state
from homeroom.apps.posture.places import places
from homeroom.apps.posture.queries import Judgement
from homeroom.apps.posture.rows import Rows
from homeroom.apps.posture.shelf import PLACE, shelf
from homeroom.domain.controls import Control
from homeroom.domain.states import State
from homeroom.engines.posture.judgement import ABSENT, CODES
from homeroom.engines.posture.questions import KINDS
from homeroom.evidence.laid import Laid


def rows_in_state(
    *,
    district: Any,
    of: Judgement,
    control: Control,
    state: str,
    after: int = -1,
    whole: bool = False,
    school: str | None = None,
) -> Rows | None:
    """The next subjects in that state by school and name; None where the control is not shipped any more. Raises TooSlow.

    Of one school alone where it is given; the empty text is those of whom none is known.
    """
    if control.id not in shelf():
        return None
    if control.subject == PLACE:
        return places_in_state(district=district, of=of, policy=control.id, state=state, after=after, limit=PAGE)
    kind = control.subject or KINDS[control.asks]
    listed = in_state(district=district, of=of, control=control.id, kind=kind, state=State(state))
    if school is not None and kind in TABLE_OF:
        listed = _of_school(listed, places(district=district, of=of, table=TABLE_OF[kind]), school)
    found, more = listed.page(after=after, limit=PAGE)
    return subject_rows(
        district=district,
        of=of,
        control=control,
        kind=kind,
        subjects=found,
        after=found[-1] if more else None,
        whole=whole,
    )


def _of_school(found: Listed, rows: Laid, school: str) -> Listed:
    """Those of one school; who is no row any more is in none."""
    number = rows.schools.index(school) if school in rows.schools else -1
    there = np.full(len(found.places), not school)
    there[found.places >= 0] = rows.school[found.places[found.places >= 0]] == number
    return found.where(there)


def states_by(*, district: Any, of: Judgement, control: str, column: str) -> dict[Any, dict[str, int]]:
    """How many subjects of a control stand in each state, by a column of the table that it asks. Raises TooSlow.

    The counts over all values are those of `queries.result`.
    Empty where the control is not shipped any more, or its subjects are no rows of that table.
    """
    asked = shelf().get(control)
    if asked is None or asked.subject:
        return {}
    rows = places(district=district, of=of, table=TABLE_OF[KINDS[asked.asks]])
    codes = codes_of(district=district, of=of, control=control, kind=KINDS[asked.asks])
    counted: dict[Any, dict[str, int]] = {}
    for value, code in zip(rows.column(column), codes.tolist(), strict=True):
        if code != ABSENT:
            told = counted.setdefault(value, {})
            told[str(CODES[code])] = told.get(str(CODES[code]), 0) + 1
    return counted
