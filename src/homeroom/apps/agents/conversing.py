"""What osquery's remote protocol says and hears: enrol, config, log, and questions that are asked in between.

Source: osquery's documentation, "Remote settings": an agent posts JSON with its `node_key`; `node_invalid` tells it to enrol
anew. Each function is one endpoint; what it returns is the body of the answer.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import transaction

from homeroom.apps.agents.models import Agent, Answer, EnrolSecret
from homeroom.connectors.osquery.asking import QUESTIONS, Question

INVALID = {"node_invalid": True}
FRESH = timedelta(hours=12)
"""An answer that is older is asked for anew."""
SEEN = timedelta(minutes=15)
"""How exact the time of the last visit is: writing each would cost a write a visit."""
MOST_ROWS = 20_000
MOST_TEXT = 500
VISIT_SECONDS, SPREAD_PERCENT, SNAPSHOT_SECONDS = 600, 25, 12 * 3600
_PREFIX = "homeroom_"
_BY_NAME = {question.name: question for question in QUESTIONS}
_OS_PLATFORM = {"windows": "windows", "darwin": "darwin"}


def hashed(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def enrol(*, district: Any, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Lets an agent in that shows a secret of the district: its key, or INVALID. One that enrols again gets a new key."""
    secret, identifier = _text(said, "enroll_secret"), _text(said, "host_identifier")[:200]
    known = EnrolSecret.objects.of(district).filter(hash=hashed(secret), ended_at=None).exists()
    if not (secret and identifier and known):
        return dict(INVALID)
    details = _object(said, "host_details")
    system, os_version = _object(details, "system_info"), _object(details, "os_version")
    key = secrets.token_urlsafe(32)
    about = {
        "key_hash": hashed(key),
        "platform": _platform(os_version),
        "name": (_text(system, "computer_name") or _text(system, "hostname"))[:200],
        "version": _text(_object(details, "osquery_info"), "version")[:40],
        "enrolled_at": at,
        "seen_at": at,
    }
    with transaction.atomic():
        agent, _ = Agent.objects.of(district).update_or_create(district=district, identifier=identifier, defaults=about)
        for name, row in (("system", system), ("os", os_version)):
            if row:
                _keep(agent, _BY_NAME[name], [row], at=at)
    return {"node_key": key, "node_invalid": False}


def configure(*, district: Any, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """What the agent asks itself twice a day, and how often it comes by."""
    agent = _visitor(district, said, at=at)
    if agent is None:
        return dict(INVALID)
    schedule = {
        _PREFIX + question.name: {
            "query": question.sql,
            "interval": SNAPSHOT_SECONDS,
            "snapshot": True,
            "platform": ",".join(question.platforms),
        }
        for question in QUESTIONS
    }
    options = {
        "distributed_interval": VISIT_SECONDS,
        "logger_tls_period": VISIT_SECONDS,
        "config_refresh": SNAPSHOT_SECONDS,
        "schedule_splay_percent": SPREAD_PERCENT,
        "disable_distributed": False,
    }
    return {"options": options, "schedule": schedule, "node_invalid": False}


def log(*, district: Any, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Takes the results of what the agent asked itself. Its own status lines are heard and not kept."""
    agent = _visitor(district, said, at=at)
    if agent is None:
        return dict(INVALID)
    entries = said.get("data") if said.get("log_type") == "result" else None
    for entry in entries if isinstance(entries, list) else ():
        question = _asked(_text(entry, "name")) if isinstance(entry, dict) else None
        if question and isinstance(entry.get("snapshot"), list):
            _keep(agent, question, entry["snapshot"], at=at)
    return {"node_invalid": False}


def ask(*, district: Any, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """The questions whose answers are missing or old."""
    agent = _visitor(district, said, at=at)
    if agent is None:
        return dict(INVALID)
    fresh: set[str] = set()
    if not agent.ask_all:
        answered = Answer.objects.of(district).filter(agent=agent, at__gt=at - FRESH)
        fresh = set(answered.values_list("question", flat=True))
    wanted = [one for one in QUESTIONS if _is_for(one, agent) and one.name not in fresh]
    return {"queries": {_PREFIX + one.name: one.sql for one in wanted}, "node_invalid": False}


def hear(*, district: Any, said: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    """Takes answers. One with a status other than 0 failed there, and is asked again on the next visit but one day later at most."""
    agent = _visitor(district, said, at=at)
    if agent is None:
        return dict(INVALID)
    answers, statuses = _object(said, "queries"), _object(said, "statuses")
    with transaction.atomic():
        for name, rows in answers.items():
            question = _asked(name)
            if question is None:
                continue
            well = str(statuses.get(name, 0)) == "0"
            _keep(agent, question, rows if well and isinstance(rows, list) else None, at=at)
        if agent.ask_all:
            Agent.objects.of(district).filter(pk=agent.pk).update(ask_all=False)
    return {"node_invalid": False}


def rows_of(answer: Answer) -> list[dict[str, str]] | None:
    """The rows of an answer; None where the question failed there."""
    found: list[dict[str, str]] | None = msgspec.json.decode(zlib.decompress(answer.rows))
    return found


def _visitor(district: Any, said: Mapping[str, Any], *, at: datetime) -> Agent | None:
    key = _text(said, "node_key")
    agent = Agent.objects.of(district).filter(key_hash=hashed(key)).first() if key else None
    if agent is not None and at - agent.seen_at >= SEEN:
        Agent.objects.of(district).filter(pk=agent.pk).update(seen_at=at)
    return agent


def _keep(agent: Agent, question: Question, rows: Sequence[Any] | None, *, at: datetime) -> None:
    """Keeps the question's own columns as text, in bounds. A failure is kept as None, so that it is not asked for at each visit."""
    kept = None
    if rows is not None:
        kept = [
            {name: str(row[name])[:MOST_TEXT] for name in question.columns if row.get(name) not in (None, "")}
            for row in rows[:MOST_ROWS]
            if isinstance(row, dict)
        ]
    Answer.objects.of(agent.district_id).update_or_create(
        district_id=agent.district_id,
        agent=agent,
        question=question.name,
        defaults={"at": at, "rows": zlib.compress(msgspec.json.encode(kept), level=6)},
    )


def _asked(name: str) -> Question | None:
    """The question that a name stands for; scheduled ones may come as part of a pack."""
    return _BY_NAME.get(name.rpartition("/")[2].removeprefix(_PREFIX))


def _is_for(question: Question, agent: Agent) -> bool:
    return not agent.platform or agent.platform in question.platforms


def _platform(os_version: Mapping[str, Any]) -> str:
    word = _text(os_version, "platform").lower()
    return _OS_PLATFORM.get(word, "linux") if word else ""


def _text(said: Any, name: str) -> str:
    found = said.get(name) if isinstance(said, Mapping) else None
    return found if isinstance(found, str) else ""


def _object(said: Any, name: str) -> dict[str, Any]:
    found = said.get(name) if isinstance(said, Mapping) else None
    return found if isinstance(found, dict) else {}
