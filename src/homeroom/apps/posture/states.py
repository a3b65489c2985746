"""Which subjects stand in one state under one control, asked of the judged snapshot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import duckdb

from homeroom.apps.posture.evidence import PAGE, TABLE_OF, subject_rows
from homeroom.apps.posture.ordering import GIVEN, in_order, listed
from homeroom.apps.posture.place_rows import places_in_state
from homeroom.apps.posture.places import answered, codes, places
from homeroom.apps.posture.queries import Judgement, failing_subjects
from homeroom.apps.posture.rows import Rows
from homeroom.apps.posture.shelf import PLACE, shelf
from homeroom.domain.controls import Control
from homeroom.domain.states import State
from homeroom.engines.posture.judgement import CODES
from homeroom.engines.posture.questions import KINDS, questions


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
    found = _subjects(district, of, control, kind, State(state), after, school)
    more = found[PAGE - 1] if len(found) > PAGE else None
    return subject_rows(
        district=district, of=of, control=control, kind=kind, subjects=found[:PAGE], after=more, whole=whole
    )


def _subjects(
    district: Any, of: Judgement, control: Control, kind: str, state: State, after: int, school: str | None
) -> tuple[int, ...]:
    """At most one more than a page. What is excepted would fail, and is not among the open members."""
    still_open: Sequence[int] = ()
    if state in (State.FAIL, State.EXCEPTED):
        still_open = failing_subjects(district=district, of=of, control=control.id)
    if kind not in TABLE_OF:
        return _of_no_table(district, of, control, state, after, still_open)
    table = TABLE_OF[kind]
    order = places(district=district, of=of, table=table)
    failing = order.of(still_open)
    if state is State.FAIL:
        return order.page(failing, after=after, limit=PAGE + 1, school=school, further=still_open)
    said = codes(district=district, of=of, control=control.id, table=table)
    which = said == CODES.index(State.FAIL if state is State.EXCEPTED else state)
    return order.page(which & ~failing, after=after, limit=PAGE + 1, school=school)


def _of_no_table(
    district: Any, of: Judgement, control: Control, state: State, after: int, still_open: Sequence[int]
) -> tuple[int, ...]:
    """As `_subjects`, where the subjects are no rows of a table (directories): there are few."""

    def ask(session: duckdb.DuckDBPyConnection) -> tuple[int, ...]:
        source = GIVEN if state is State.FAIL else _source(session, control, of, state)
        return in_order(session, table=control.asks, source=source, ids=still_open, after=after, limit=PAGE + 1)

    return answered(district=district, of=of, ask=ask)


def _source(session: duckdb.DuckDBPyConnection, control: Control, of: Judgement, state: State) -> str:
    question = questions(session, controls=[control], today=of.today)[0]
    code = CODES.index(State.FAIL if state is State.EXCEPTED else state)
    text = f"SELECT id FROM ({question.text}) WHERE c0 = {code}"
    return f"{text} AND id NOT IN ({GIVEN})" if state is State.EXCEPTED else text


def states_by(*, district: Any, of: Judgement, control: str, column: str) -> dict[Any, dict[str, int]]:
    """How many subjects of a control stand in each state, by a column of the table that it asks. Raises TooSlow.

    The counts over all values are those of `queries.result`: what fails and is not among the open members is excepted.
    Empty where the control is not shipped any more, or its subjects are no rows of that table.
    """
    asked = shelf().get(control)
    if asked is None or asked.subject:
        return {}
    still_open = failing_subjects(district=district, of=of, control=control)
    table = TABLE_OF[KINDS[asked.asks]]

    def ask(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, int, bool, int]]:
        question = questions(session, controls=[asked], today=of.today)[0]
        text = f"""WITH open AS ({GIVEN}) SELECT t."{column}", q.c0, o.id IS NOT NULL, count(*) FROM ({question.text}) q
            JOIN {table} t ON t.id = q.id LEFT JOIN open o ON o.id = q.id {"WHERE q.heard" if question.folds else ""} GROUP BY ALL"""
        return session.execute(text, {"ids": listed(still_open)}).fetchall()

    counted: dict[Any, dict[str, int]] = {}
    for value, code, is_open, count in answered(district=district, of=of, ask=ask):
        state = State.EXCEPTED if CODES[code] is State.FAIL and not is_open else CODES[code]
        told = counted.setdefault(value, {})
        told[str(state)] = told.get(str(state), 0) + count
    return counted
