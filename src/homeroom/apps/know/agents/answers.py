"""Latest answers of agents: stored within limits, one statement for all of a message, and read again."""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction

from homeroom.apps.know.agents.models import Agent, Answer
from homeroom.connectors.osquery.queries import AgentQuery

MAX_ANSWER_AGE = timedelta(hours=12)
"""An older answer is requested again."""
MAX_ROWS = 20_000
MAX_TEXT_LENGTH = 500
_COMPRESSION = 3
_ANSWER, _AGENT = Answer._meta.db_table, Agent._meta.db_table
# Only an agent that is still in gets its answer stored, and nearly each answer replaces one.
_WRITE = f"""
INSERT INTO {_ANSWER} (district_id, agent_id, question, "at", "rows")
SELECT a.district_id, a.id, %s, %s, %s FROM {_AGENT} a WHERE a.district_id = %s AND a.id = %s
ON CONFLICT (district_id, agent_id, question) DO UPDATE SET "at" = excluded."at", "rows" = excluded."rows"
"""
_LIST_FRESH = f'SELECT question FROM {_ANSWER} WHERE district_id = %s AND agent_id = %s AND "at" > %s'
_END_ASKING = f"UPDATE {_AGENT} SET ask_all = %s WHERE district_id = %s AND id = %s"


def list_fresh_questions(*, district_id: int, agent_id: int, at: datetime) -> set[str]:
    """Return the names of the questions that an agent answered lately."""
    since = connection.ops.adapt_datetimefield_value(at - MAX_ANSWER_AGE)
    with connection.cursor() as cursor:
        cursor.execute(_LIST_FRESH, (district_id, agent_id, since))
        return {name for (name,) in cursor.fetchall()}


def write_answers(
    answers: Mapping[AgentQuery, Sequence[Any] | None],
    *,
    district_id: int,
    agent_id: int,
    at: datetime,
    ends_asking: bool = False,
) -> None:
    """Store the rows of each question, its own columns as text, within limits; all of them or none.

    A failure is None and stored as such, so that it is not requested at each visit. With `ends_asking`, a request for
    all answers is done.
    """
    time = connection.ops.adapt_datetimefield_value(at)
    rows = [
        (question.name, time, _encode_rows(question, answer), district_id, agent_id)
        for question, answer in answers.items()
    ]
    if not (rows or ends_asking):
        return
    with transaction.atomic(savepoint=False), connection.cursor() as cursor:
        if rows:
            cursor.executemany(_WRITE, rows)
        if ends_asking:
            cursor.execute(_END_ASKING, (False, district_id, agent_id))


def decode_rows(answer: Answer) -> list[dict[str, str]] | None:
    """Return the rows of an answer; None if the question failed on the agent."""
    rows: list[dict[str, str]] | None = msgspec.json.decode(zlib.decompress(answer.rows))
    return rows


def clean_text(text: str) -> str:
    """Return a text without NUL, which no database and no reader of evidence takes."""
    return text.replace("\0", "")


def _encode_rows(question: AgentQuery, rows: Sequence[Any] | None) -> bytes:
    cells = None
    if rows is not None:
        cells = [_select_cells(row, question.columns) for row in rows[:MAX_ROWS] if isinstance(row, dict)]
    return zlib.compress(msgspec.json.encode(cells), level=_COMPRESSION)


def _select_cells(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name in columns:
        value = row.get(name)
        if value is None or value == "":
            continue
        text = value if value.__class__ is str else str(value)
        cells[name] = clean_text(text)[:MAX_TEXT_LENGTH] if len(text) > MAX_TEXT_LENGTH or "\0" in text else text
    return cells
