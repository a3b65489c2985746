"""What people do about agents: make and end enrol secrets, ask anew, forget one, and take in what all of them answered."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from homeroom.apps.agents.conversing import hashed, rows_of
from homeroom.apps.agents.models import Agent, Answer, EnrolSecret, Intake
from homeroom.apps.audit.commands import record
from homeroom.apps.connections.timing import NIGHT, allowed
from homeroom.apps.sources.commands import load
from homeroom.apps.sources.jobs import keep_files, make_job
from homeroom.apps.sources.reading import Step
from homeroom.apps.sources.reports import LoadReport
from homeroom.apps.sources.tasks import load_job
from homeroom.evidence.store import Store

ENVELOPE = "osquery_hosts"
FILE = "osquery.json"
REST = timedelta(hours=18)
"""Between two intakes that the clock begins: once a night."""
_AT_ONCE = 200


def _silent(_step: str, _done: int, _total: int) -> None:
    """No progress to show."""


class NoAgents(LookupError):
    """No agent ever reported, so that there is nothing to take in."""


def make_secret(*, district: Any, actor: str, at: datetime) -> str:
    """A new enrol secret: the only time that it can be seen."""
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = EnrolSecret.objects.create(district=district, hash=hashed(secret), made_at=at, made_by=actor)
        record(district=district, at=at, actor=actor, action="make enrol secret", subject=str(row.pk))
    return secret


def end_secret(*, district: Any, number: int, actor: str, at: datetime) -> bool:
    """Withdraws a secret; whether there was one that held. Agents that came with it stay."""
    with transaction.atomic():
        ended = EnrolSecret.objects.of(district).filter(pk=number, ended_at=None).update(ended_at=at)
        if ended:
            record(district=district, at=at, actor=actor, action="end enrol secret", subject=str(number))
    return bool(ended)


def ask_anew(*, district: Any, actor: str, at: datetime) -> int:
    """Asks every agent for everything at its next visit; how many agents that is."""
    with transaction.atomic():
        asked = Agent.objects.of(district).update(ask_all=True)
        record(district=district, at=at, actor=actor, action="ask agents anew", detail={"agents": asked})
    return asked


def forget(*, district: Any, number: int, actor: str, at: datetime) -> bool:
    """Removes an agent with its answers; whether there was one. It would have to enrol anew."""
    with transaction.atomic():
        gone, _ = Agent.objects.of(district).filter(pk=number).delete()
        if gone:
            record(district=district, at=at, actor=actor, action="forget agent", subject=str(number))
    return bool(gone)


def queue(*, district: Any, actor: str, at: datetime) -> int:
    """Takes in by a job of the background worker, which resolves and judges after it; the job's number. Raises NoAgents."""
    if not Agent.objects.of(district).exists():
        raise NoAgents("no agent has reported yet")
    folder, files = keep_files([_Document(district)])
    number = make_job(district=district, actor=actor, at=at, folder=folder, files=files)
    record(district=district, at=at, actor=actor, action="take in agents", subject_kind="job", subject=str(number))
    Intake.objects.of(district).update_or_create(district=district, defaults={"at": at})
    load_job.enqueue(district.slug, number)
    return number


def wake(*, at: datetime | None = None) -> int:
    """Takes in by night, in every district, what agents answered since the last time; how many jobs that makes. Cheap where
    there is none. By night in the district's zone: it ends in a judgement, which nobody should wait beside."""
    now = at or timezone.now()
    made = 0
    for district_id, newest in Agent.everywhere.values_list("district").annotate(newest=Max("answers__at")).order_by():
        district = Agent.everywhere.filter(district=district_id).select_related("district")[0].district
        last = Intake.objects.of(district).values_list("at", flat=True).first()
        new = newest is not None and (last is None or newest > last)
        rested = last is None or now - last >= REST
        if new and rested and allowed(now, quiet=NIGHT, zone=ZoneInfo(district.timezone), told=lambda _day: None):
            queue(district=district, actor="", at=now)
            made += 1
    return made


def take_in(
    *, district: Any, store: Store, actor: str, at: datetime, approved: bool = False, progress: Step = _silent
) -> LoadReport:
    """Makes evidence of what every agent answered last, as one complete load. Raises NoAgents."""
    if not Agent.objects.of(district).exists():
        raise NoAgents("no agent has reported yet")
    with tempfile.TemporaryDirectory(prefix="homeroom-agents-") as folder:
        path = Path(folder) / FILE
        with path.open("wb") as file:
            for piece in _written(district):
                file.write(piece)
        return load([path], district=district, store=store, at=at, actor=actor, approved=approved, progress=progress)


class _Document:
    """The document of all agents in the form of an upload."""

    name = FILE
    size = None

    def __init__(self, district: Any) -> None:
        self._district = district

    def chunks(self) -> Iterator[bytes]:
        """Its bytes, agent by agent."""
        return _written(self._district)


def _written(district: Any) -> Iterator[bytes]:
    """The document of all agents, agent by agent, so that memory does not grow with them."""
    yield b'{"' + ENVELOPE.encode() + b'":['
    for number, agent in enumerate(Agent.objects.of(district).order_by("identifier").iterator(chunk_size=_AT_ONCE)):
        yield (b"," if number else b"") + msgspec.json.encode(_said(district, agent))
    yield b"]}"


def _said(district: Any, agent: Agent) -> dict[str, Any]:
    answers = {one.question: rows_of(one) for one in Answer.objects.of(district).filter(agent=agent)}
    return {
        "host_identifier": agent.identifier,
        "enrolled_at": agent.enrolled_at.isoformat(),
        "seen_at": agent.seen_at.isoformat(),
        "osquery_version": agent.version,
        "answers": {name: rows for name, rows in sorted(answers.items()) if rows is not None},
    }
