"""Endpoints of osquery's remote protocol: config, log, and distributed queries; `enrollment` has the first one.

Source: osquery's documentation, "Remote settings": an agent posts JSON with its `node_key`; `node_invalid` makes it
enroll again. Each function that takes a body is one endpoint and returns the body of the response; the agent was found
by its key before the body was decoded.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec
from django.db import transaction

from homeroom.apps.agents.models import Agent, Answer, EnrolSecret, WaitingAgent
from homeroom.connectors.osquery.queries import AGENT_QUERIES, AgentQuery
from homeroom.domain.district import District

INVALID = {"node_invalid": True}
NODE_KEY, ENROLL_SECRET = "node_key", "enroll_secret"
"""Names under which an agent shows its key, or the district's secret."""
MAX_ANSWER_AGE = timedelta(hours=12)
"""An older answer is requested again."""
VISIT_RESOLUTION = timedelta(minutes=15)
"""Resolution of the time of the last visit: writing each would cost a write per visit."""
MAX_ROWS = 20_000
MAX_TEXT_LENGTH = 500
VISIT_SECONDS, SPREAD_PERCENT, SNAPSHOT_SECONDS = 600, 25, 12 * 3600
_PREFIX = "homeroom_"
_COMPRESSION = 3
QUESTIONS = {question.name: question for question in AGENT_QUERIES}
_OS_PLATFORM = {"windows": "windows", "darwin": "darwin"}


class AgentHandler(Protocol):
    """Handler of one endpoint of the protocol."""

    def __call__(self, *, agent: Agent, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """Return the body of the response."""


def hash_secret(secret: str) -> str:
    """Return the hash that is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def has_active_secret(*, district: District, candidates: Sequence[str]) -> bool:
    """Check whether one of these is a secret of the district that was not withdrawn."""
    hashes = [hash_secret(secret) for secret in candidates]
    return bool(hashes) and EnrolSecret.objects.of(district).filter(hash__in=hashes, ended_at=None).exists()


def find_agent(*, slug: str, keys: Sequence[str], at: datetime) -> Agent | None:
    """Return the agent of a district that holds one of these keys, and record its visit; None if there is none."""
    hashes = [hash_secret(key) for key in keys if key]
    # District and agent in one query: this is asked at each visit of each computer.
    agents = Agent.everywhere.filter(district__slug=slug, key_hash__in=hashes) if hashes else ()
    agent = next(iter(agents[:1]), None)
    if agent is not None and (not agent.is_key_used or at - agent.seen_at >= VISIT_RESOLUTION):
        Agent.objects.of(agent.district_id).filter(pk=agent.pk).update(seen_at=at, is_key_used=True)
    return agent


def is_waiting(*, slug: str, keys: Sequence[str]) -> bool:
    """Check whether a computer that waits to be let in has one of these keys."""
    hashes = [hash_secret(key) for key in keys if key]
    waiting = WaitingAgent.everywhere.filter(district__slug=slug, is_denied=False)
    return bool(hashes) and waiting.filter(key_hash__in=hashes).exists()


def build_waiting_answer() -> dict[str, Any]:
    """Return the answer to a computer that waits to be let in: nothing to do yet."""
    options = {"config_refresh": VISIT_SECONDS, "distributed_interval": VISIT_SECONDS, "disable_distributed": False}
    return {"options": options, "schedule": {}, "queries": {}, "node_invalid": False}


def is_key_of(agent: Agent, key: object) -> bool:
    """Check whether a value is the key of the agent."""
    return isinstance(key, str) and hmac.compare_digest(hash_secret(key), agent.key_hash)


def build_config(*, agent: Agent, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:  # noqa: ARG001
    """Return the queries that an agent runs twice a day, and how often it reports."""
    schedule = {
        _PREFIX + question.name: {
            "query": question.sql,
            "interval": SNAPSHOT_SECONDS,
            "snapshot": True,
            "platform": ",".join(question.platforms),
        }
        for question in AGENT_QUERIES
    }
    options = {
        "distributed_interval": VISIT_SECONDS,
        "logger_tls_period": VISIT_SECONDS,
        "config_refresh": SNAPSHOT_SECONDS,
        "schedule_splay_percent": SPREAD_PERCENT,
        "disable_distributed": False,
    }
    return {"options": options, "schedule": schedule, "node_invalid": False}


def store_results(*, agent: Agent, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Store the results of scheduled queries.

    The agent's own status lines are not stored.
    """
    entries = body.get("data") if body.get("log_type") == "result" else None
    for entry in entries if isinstance(entries, list) else ():
        question = _find_question(get_text(entry, "name")) if isinstance(entry, dict) else None
        if question and isinstance(entry.get("snapshot"), list):
            store_answer(agent, question, entry["snapshot"], at=at)
    return {"node_invalid": False}


def list_pending_queries(*, agent: Agent, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:  # noqa: ARG001
    """Return the questions whose answers are missing or old."""
    fresh: set[str] = set()
    if not agent.ask_all:
        answered = Answer.objects.of(agent.district_id).filter(agent=agent, at__gt=at - MAX_ANSWER_AGE)
        fresh = set(answered.values_list("question", flat=True))
    pending = [question for question in AGENT_QUERIES if _is_for(question, agent) and question.name not in fresh]
    return {"queries": {_PREFIX + question.name: question.sql for question in pending}, "node_invalid": False}


def store_answers(*, agent: Agent, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Store answers to distributed queries.

    A query with a status other than 0 failed on the agent, and is sent again later, at most one day after.
    """
    answers, statuses = get_object(body, "queries"), get_object(body, "statuses")
    with transaction.atomic():
        for name, rows in answers.items():
            question = _find_question(name)
            if question is None:
                continue
            is_ok = str(statuses.get(name, 0)) == "0"
            store_answer(agent, question, rows if is_ok and isinstance(rows, list) else None, at=at)
        if agent.ask_all:
            Agent.objects.of(agent.district_id).filter(pk=agent.pk).update(ask_all=False)
    return {"node_invalid": False}


def decode_rows(answer: Answer) -> list[dict[str, str]] | None:
    """Return the rows of an answer; None if the question failed on the agent."""
    rows: list[dict[str, str]] | None = msgspec.json.decode(zlib.decompress(answer.rows))
    return rows


def store_answer(agent: Agent, question: AgentQuery, rows: Sequence[Any] | None, *, at: datetime) -> None:
    """Store the question's own columns as text, within limits.

    A failure is stored as None, so that it is not requested at each visit.
    """
    cells = None
    if rows is not None:
        cells = [_select_cells(row, question.columns) for row in rows[:MAX_ROWS] if isinstance(row, dict)]
    values = {"at": at, "rows": zlib.compress(msgspec.json.encode(cells), level=_COMPRESSION)}
    # Nearly each answer replaces one, so that it is worth trying that first.
    if not Answer.objects.of(agent.district_id).filter(agent=agent, question=question.name).update(**values):
        Answer.objects.of(agent.district_id).update_or_create(
            district_id=agent.district_id, agent=agent, question=question.name, defaults=values
        )


def _select_cells(row: Mapping[str, Any], columns: Sequence[str]) -> dict[str, str]:
    cells: dict[str, str] = {}
    for name in columns:
        value = row.get(name)
        if value is not None and value != "":
            text = value if value.__class__ is str else str(value)
            cells[name] = (_clean_text(text) if "\0" in text else text)[:MAX_TEXT_LENGTH]
    return cells


def _find_question(name: str) -> AgentQuery | None:
    """Find the question of a query name; scheduled queries may come as part of a pack."""
    return QUESTIONS.get(name.rpartition("/")[2].removeprefix(_PREFIX))


def _is_for(question: AgentQuery, agent: Agent) -> bool:
    return not agent.platform or agent.platform in question.platforms


def normalize_platform(os_version: Mapping[str, Any]) -> str:
    """Return an agent's platform in our words; empty if it reports none."""
    name = get_text(os_version, "platform").lower()
    return _OS_PLATFORM.get(name, "linux") if name else ""


def get_text(values: Any, name: str) -> str:
    """Return the text under a name, without NUL; empty if there is none."""
    value = values.get(name) if isinstance(values, Mapping) else None
    return _clean_text(value) if isinstance(value, str) else ""


def _clean_text(text: str) -> str:
    """Return a text without NUL, which no database and no reader of evidence takes."""
    return text.replace("\0", "")


def get_object(values: Any, name: str) -> dict[str, Any]:
    """Return the object under a name; empty if there is none."""
    value = values.get(name) if isinstance(values, Mapping) else None
    return value if isinstance(value, dict) else {}
