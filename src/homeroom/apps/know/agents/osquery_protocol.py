"""Endpoints of osquery's remote protocol: config, log, and distributed queries; `enrollment` has the first one.

Source: osquery's documentation, "Remote settings": an agent posts JSON with its `node_key`; `node_invalid` makes it
enroll again. Each function that takes a body is one endpoint and returns the body of the response; the agent was found
by its key before the body was decoded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from homeroom.apps.know.agents.answers import clean_text, list_fresh_questions, write_answers
from homeroom.apps.know.agents.credentials import Visitor
from homeroom.connectors.osquery.queries import AGENT_QUERIES, AgentQuery

INVALID = {"node_invalid": True}
NODE_KEY, ENROLL_SECRET = "node_key", "enroll_secret"
"""Names under which an agent shows its key, or the district's secret."""
VISIT_SECONDS, SPREAD_PERCENT, SNAPSHOT_SECONDS = 600, 25, 12 * 3600
_PREFIX = "homeroom_"
QUESTIONS = {question.name: question for question in AGENT_QUERIES}
_OS_PLATFORM = {"windows": "windows", "darwin": "darwin"}


class AgentHandler(Protocol):
    """Handler of one endpoint of the protocol."""

    def __call__(self, *, agent: Visitor, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
        """Return the body of the response."""


def build_waiting_answer() -> dict[str, Any]:
    """Return the answer to a computer that waits to be let in: nothing to do yet."""
    options = {"config_refresh": VISIT_SECONDS, "distributed_interval": VISIT_SECONDS, "disable_distributed": False}
    return {"options": options, "schedule": {}, "queries": {}, "node_invalid": False}


def build_config(*, agent: Visitor, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:  # noqa: ARG001
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


def store_results(*, agent: Visitor, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Store the results of scheduled queries.

    The agent's own status lines are not stored.
    """
    entries = body.get("data") if body.get("log_type") == "result" else None
    answers: dict[AgentQuery, Sequence[Any] | None] = {}
    for entry in entries if isinstance(entries, list) else ():
        question = _find_question(get_text(entry, "name")) if isinstance(entry, dict) else None
        if question and isinstance(entry.get("snapshot"), list):
            answers[question] = entry["snapshot"]
    write_answers(answers, district_id=agent.district_id, agent_id=agent.id, at=at)
    return {"node_invalid": False}


def list_pending_queries(*, agent: Visitor, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:  # noqa: ARG001
    """Return the questions whose answers are missing or old."""
    fresh: set[str] = set()
    if not agent.ask_all:
        fresh = list_fresh_questions(district_id=agent.district_id, agent_id=agent.id, at=at)
    pending = [question for question in AGENT_QUERIES if _is_for(question, agent) and question.name not in fresh]
    return {"queries": {_PREFIX + question.name: question.sql for question in pending}, "node_invalid": False}


def store_answers(*, agent: Visitor, body: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Store answers to distributed queries.

    A query with a status other than 0 failed on the agent, and is sent again later, at most one day after.
    """
    rows_by_name, statuses = get_object(body, "queries"), get_object(body, "statuses")
    answers: dict[AgentQuery, Sequence[Any] | None] = {}
    for name, rows in rows_by_name.items():
        question = _find_question(name)
        if question is not None:
            is_ok = str(statuses.get(name, 0)) == "0"
            answers[question] = rows if is_ok and isinstance(rows, list) else None
    write_answers(answers, district_id=agent.district_id, agent_id=agent.id, at=at, ends_asking=agent.ask_all)
    return {"node_invalid": False}


def _find_question(name: str) -> AgentQuery | None:
    """Find the question of a query name; scheduled queries may come as part of a pack."""
    return QUESTIONS.get(name.rpartition("/")[2].removeprefix(_PREFIX))


def _is_for(question: AgentQuery, agent: Visitor) -> bool:
    return not agent.platform or agent.platform in question.platforms


def normalize_platform(os_version: Mapping[str, Any]) -> str:
    """Return an agent's platform in our words; empty if it reports none."""
    name = get_text(os_version, "platform").lower()
    return _OS_PLATFORM.get(name, "linux") if name else ""


def get_text(values: Any, name: str) -> str:
    """Return the text under a name, without NUL; empty if there is none."""
    value = values.get(name) if isinstance(values, Mapping) else None
    return clean_text(value) if isinstance(value, str) else ""


def get_object(values: Any, name: str) -> dict[str, Any]:
    """Return the object under a name; empty if there is none."""
    value = values.get(name) if isinstance(values, Mapping) else None
    return value if isinstance(value, dict) else {}
