"""Manage agents: enroll secrets, requests for fresh answers, deletion, and loading all answers as evidence."""

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

from homeroom.apps.know.agents.answers import decode_rows
from homeroom.apps.know.agents.credentials import hash_secret
from homeroom.apps.know.agents.models import Agent, Answer, EnrollSecret, Intake, WaitingAgent
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.jobs import create_job, store_uploads
from homeroom.apps.know.sources.load_report import LoadReport
from homeroom.apps.know.sources.tasks import load_job
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.domain.scheduling.past_times import is_within
from homeroom.domain.scheduling.sync_hours import NIGHT, is_allowed
from homeroom.evidence.loads.store import EvidenceStore

ENVELOPE = "osquery_hosts"
FILE_NAME = "osquery.json"
MIN_INTAKE_INTERVAL = timedelta(hours=18)
"""Minimum time between two scheduled intakes: once a night."""
MAX_HOSTS, MAX_HOSTS_PER_HOUR = 200, 20
"""New computers that a secret lets in by itself, unless whoever creates it expects more."""
_CHUNK_ROWS = 200


class NoAgents(LookupError):
    """No agent ever reported, so that there is nothing to load."""


def create_enroll_secret(
    *, district: District, actor: str, at: datetime, max_hosts: int = MAX_HOSTS, max_per_hour: int = MAX_HOSTS_PER_HOUR
) -> str:
    """Create an enroll secret and return it: the only time that it can be seen.

    It lets in so many new computers in all and in an hour; others wait for a person.
    """
    secret = secrets.token_urlsafe(32)
    with transaction.atomic():
        row = EnrollSecret.objects.create(
            district_id=district.pk,
            hash=hash_secret(secret),
            made_at=at,
            made_by=actor,
            max_hosts=max_hosts,
            max_per_hour=max_per_hour,
        )
        record_audit_entry(
            district=district, at=at, actor=actor, action="create enrollment secret", subject=str(row.pk)
        )
    return secret


def withdraw_enroll_secret(*, district: District, number: int, actor: str, at: datetime) -> bool:
    """Withdraw an enroll secret; return whether there was an active one.

    Agents that enrolled with it stay; those that wait with it do not.
    """
    with transaction.atomic():
        count = EnrollSecret.objects.of(district).filter(pk=number, ended_at=None).update(ended_at=at)
        if count:
            waiting, _ = WaitingAgent.objects.of(district).filter(secret=number, is_denied=False).delete()
            record_audit_entry(
                district=district,
                at=at,
                actor=actor,
                action="revoke enrollment secret",
                subject=str(number),
                detail={"waiting": waiting} if waiting else None,
            )
    return bool(count)


def request_fresh_answers(*, district: District, actor: str, at: datetime) -> int:
    """Request all answers from every agent at its next visit; return the number of agents."""
    with transaction.atomic():
        count = Agent.objects.of(district).update(ask_all=True)
        record_audit_entry(
            district=district, at=at, actor=actor, action="request full reports", detail={"agents": count}
        )
    return count


def delete_agent(*, district: District, number: int, actor: str, at: datetime) -> bool:
    """Delete an agent with its answers; return whether there was one.

    It would have to enroll again.
    """
    with transaction.atomic():
        count, _ = Agent.objects.of(district).filter(pk=number).delete()
        if count:
            record_audit_entry(district=district, at=at, actor=actor, action="remove agent", subject=str(number))
    return bool(count)


def queue_intake(*, district: District, actor: str, at: datetime) -> int:
    """Create a job of the background worker that loads, resolves and assesses; return the job's number.

    Raise NoAgents.
    """
    if not Agent.objects.of(district).exists():
        raise NoAgents("no computer has reported yet")
    folder, files = store_uploads([_AgentDocument(district)])
    number = create_job(district=district, actor=actor, at=at, folder=folder, files=files)
    record_audit_entry(
        district=district, at=at, actor=actor, action="load agent reports", subject_kind="job", subject=str(number)
    )
    Intake.objects.of(district).update_or_create(district_id=district.pk, defaults={"at": at})
    load_job.enqueue(district.slug, number)
    return number


def queue_nightly_intakes(*, at: datetime | None = None) -> int:
    """Queue an intake, in every district, of answers since the last one; return the number of jobs.

    Runs at night in the district's time zone, since it ends in an assessment that nobody should have to wait for. Cheap
    if there is nothing to load.
    """
    now = at or timezone.now()
    jobs = 0
    for district_id, newest in Agent.everywhere.values_list("district").annotate(newest=Max("answers__at")).order_by():
        district = Agent.everywhere.filter(district=district_id).select_related("district")[0].district
        last = Intake.objects.of(district).values_list("at", flat=True).first()
        has_new_answers = newest is not None and (last is None or newest > last)
        is_due = not is_within(MIN_INTAKE_INTERVAL, last, at=now)
        if (
            has_new_answers
            and is_due
            and is_allowed(now, quiet=NIGHT, zone=ZoneInfo(district.timezone), calendar=lambda _day: None)
        ):
            queue_intake(district=district, actor="", at=now)
            jobs += 1
    return jobs


def load_answers(
    *,
    district: District,
    store: EvidenceStore,
    actor: str,
    at: datetime,
    approved: bool = False,
    progress: Progress = ignore_progress,
) -> LoadReport:
    """Load the latest answers of all agents as evidence, as one complete load.

    Raise NoAgents.
    """
    if not Agent.objects.of(district).exists():
        raise NoAgents("no computer has reported yet")
    with tempfile.TemporaryDirectory(prefix="homeroom-agents-") as folder:
        path = Path(folder) / FILE_NAME
        with path.open("wb") as file:
            for chunk in _iter_document(district):
                file.write(chunk)
        return load_files(
            [path], district=district, store=store, at=at, actor=actor, approved=approved, progress=progress
        )


class _AgentDocument:
    """The document of all agents in the form of an upload."""

    name = FILE_NAME
    size = None

    def __init__(self, district: District) -> None:
        self._district = district

    def chunks(self) -> Iterator[bytes]:
        """Return its bytes, agent by agent."""
        return _iter_document(self._district)


def _iter_document(district: District) -> Iterator[bytes]:
    """Yield the document of all agents, agent by agent, so that memory does not grow with them."""
    yield b'{"' + ENVELOPE.encode() + b'":['
    for number, agent in enumerate(Agent.objects.of(district).order_by("identifier").iterator(chunk_size=_CHUNK_ROWS)):
        yield (b"," if number else b"") + msgspec.json.encode(_serialize_agent(district, agent))
    yield b"]}"


def _serialize_agent(district: District, agent: Agent) -> dict[str, Any]:
    answers = {answer.question: decode_rows(answer) for answer in Answer.objects.of(district).filter(agent=agent)}
    return {
        "host_identifier": agent.identifier,
        "enrolled_at": agent.enrolled_at.isoformat(),
        "seen_at": agent.seen_at.isoformat(),
        "osquery_version": agent.version,
        "answers": {name: rows for name, rows in sorted(answers.items()) if rows is not None},
    }
