"""Enrollment: who is let in by a secret alone, and who waits for a person.

A secret is on every computer of a district, so that sooner or later somebody reads it. It lets new computers in up to
its limits, and never takes the place of a computer that is known: that one shows its own key, or a person lets it in.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F

from homeroom.apps.know.agents.answers import write_answers
from homeroom.apps.know.agents.credentials import hash_secret, is_key_of
from homeroom.apps.know.agents.models import Agent, EnrollSecret, WaitingAgent
from homeroom.apps.know.agents.osquery_protocol import (
    ENROLL_SECRET,
    INVALID,
    NODE_KEY,
    QUESTIONS,
    get_object,
    get_text,
    normalize_platform,
)
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District

MAX_WAITING = 2_000
"""Computers of one district that wait; more are not remembered."""
MAX_EXPECTED_PER_HOUR = 2_000
"""Computers an hour that a secret lets in while a person expects many."""


@dataclass(frozen=True, kw_only=True)
class _Host:
    """What a computer reports of itself when it enrolls."""

    identifier: str
    platform: str
    name: str
    version: str
    system: Mapping[str, Any]
    os_version: Mapping[str, Any]

    @property
    def columns(self) -> dict[str, str]:
        """Its values as both models store them."""
        return {"platform": self.platform, "name": self.name, "version": self.version}


def enroll_agent(*, district: District, body: Mapping[str, Any], at: datetime, address: str = "") -> dict[str, Any]:
    """Enroll a computer that has a secret of the district; return its key, or INVALID.

    One that has to wait gets a key as well, and nothing to do until a person lets it in.
    """
    host, secret_text = _read_host(body), get_text(body, ENROLL_SECRET)
    if not (secret_text and host.identifier):
        return dict(INVALID)
    with transaction.atomic():
        active_secrets = EnrollSecret.objects.of(district).filter(hash=hash_secret(secret_text), ended_at=None)
        secret = active_secrets.select_for_update().first()
        if secret is None:
            return dict(INVALID)
        key = secrets.token_urlsafe(32)
        agent = Agent.objects.of(district).filter(identifier=host.identifier).first()
        if _may_enroll(agent, body) if agent else _has_room(secret, at=at) and not _is_denied(district, host):
            _enroll(host, secret, key_hash=hash_secret(key), at=at)
        elif not _hold(host, secret, key_hash=hash_secret(key), at=at, address=address, is_known=agent is not None):
            return dict(INVALID)
    return {"node_key": key, "node_invalid": False}


def _read_host(body: Mapping[str, Any]) -> _Host:
    details = get_object(body, "host_details")
    system, os_version = get_object(details, "system_info"), get_object(details, "os_version")
    return _Host(
        identifier=get_text(body, "host_identifier")[:200],
        platform=normalize_platform(os_version),
        name=(get_text(system, "computer_name") or get_text(system, "hostname"))[:200],
        version=get_text(get_object(details, "osquery_info"), "version")[:40],
        system=system,
        os_version=os_version,
    )


def _may_enroll(agent: Agent, body: Mapping[str, Any]) -> bool:
    """Check whether a known computer may enroll again: it shows its key, never used it, or a person ended it."""
    return not agent.key_hash or not agent.is_key_used or is_key_of(agent, body.get(NODE_KEY))


def _has_room(secret: EnrollSecret, *, at: datetime) -> bool:
    enrolled = Agent.objects.of(secret.district_id).filter(secret=secret)
    last_hour = enrolled.filter(enrolled_at__gt=at - timedelta(hours=1)).count()
    if secret.open_until is not None and at < secret.open_until:
        return last_hour < MAX_EXPECTED_PER_HOUR
    return last_hour < secret.max_per_hour and enrolled.count() < secret.max_hosts


def _is_denied(district: District, host: _Host) -> bool:
    return WaitingAgent.objects.of(district).filter(identifier=host.identifier, is_denied=True).exists()


def _enroll(host: _Host, secret: EnrollSecret, *, key_hash: str, at: datetime) -> None:
    values = {"key_hash": key_hash, "is_key_used": False, "secret": secret, "enrolled_at": at, "seen_at": at}
    agent, _ = Agent.objects.of(secret.district_id).update_or_create(
        district_id=secret.district_id, identifier=host.identifier, defaults=host.columns | values
    )
    WaitingAgent.objects.of(secret.district_id).filter(identifier=host.identifier).delete()
    rows = {QUESTIONS[name]: [row] for name, row in (("system", host.system), ("os", host.os_version)) if row}
    write_answers(rows, district_id=agent.district_id, agent_id=agent.pk, at=at)


def _hold(host: _Host, secret: EnrollSecret, *, key_hash: str, at: datetime, address: str, is_known: bool) -> bool:
    """Let a computer wait; return False if a person keeps it out, or too many wait."""
    waiting = WaitingAgent.objects.of(secret.district_id)
    values: Any = host.columns | {
        "key_hash": key_hash,
        "secret": secret,
        "address": address[:45],
        "asked_at": at,
        "is_known": is_known,
    }
    row = waiting.filter(identifier=host.identifier).first()
    if row is not None:
        return bool(waiting.filter(pk=row.pk, is_denied=False).update(**values, tries=F("tries") + 1))
    if waiting.filter(is_denied=False).count() >= MAX_WAITING:
        return False
    is_first = not waiting.filter(is_denied=False).exists()
    WaitingAgent.objects.create(district=secret.district, identifier=host.identifier, **values)
    if is_first:
        number = str(secret.pk)
        record_audit_entry(
            district=secret.district, at=at, actor="", action="hold agents", subject_kind="secret", subject=number
        )
    return True
