"""Lookups of who sends a message, by key or secret, each in one SQL statement without model instances.

Every visit of every computer begins with one of them, and so does every message of a stranger: an ORM query costs ten
times as much to build as the database takes to answer it. All statements name the district.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from homeroom.apps.know.agents.models import Agent, EnrollSecret, WaitingAgent

VISIT_RESOLUTION = timedelta(minutes=15)
"""Resolution of the time of the last visit: writing each would cost a write per visit."""
_AGENT, _SECRET = Agent._meta.db_table, EnrollSecret._meta.db_table
_WAITING = WaitingAgent._meta.db_table
_DISTRICT: str = Agent.district.field.related_model._meta.db_table
_FIND_AGENT = f"""
SELECT a.id, a.district_id, a.key_hash, a.platform, a.ask_all, NOT a.is_key_used OR a.seen_at <= %s
FROM {_AGENT} a JOIN {_DISTRICT} d ON d.id = a.district_id
WHERE d.slug = %s AND a.key_hash IN (HASHES) LIMIT 1
"""
_RECORD_VISIT = f"UPDATE {_AGENT} SET seen_at = %s, is_key_used = %s WHERE district_id = %s AND id = %s"
_FIND_WAITING = f"""
SELECT 1 FROM {_WAITING} w JOIN {_DISTRICT} d ON d.id = w.district_id
WHERE d.slug = %s AND w.key_hash IN (HASHES) AND NOT w.is_denied LIMIT 1
"""
_FIND_SECRET = f"""
SELECT 1 FROM {_SECRET} s JOIN {_DISTRICT} d ON d.id = s.district_id
WHERE d.slug = %s AND s.hash IN (HASHES) AND s.ended_at IS NULL LIMIT 1
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class Visitor:
    """An agent that showed a key: what its answer needs. `ask_all` if it is to answer every query now."""

    id: int
    district_id: int
    key_hash: str
    platform: str
    ask_all: bool


def hash_secret(secret: str) -> str:
    """Return the hash that is stored of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_key_of(agent: Agent | Visitor, key: object) -> bool:
    """Check whether a value is the key of the agent."""
    return isinstance(key, str) and hmac.compare_digest(hash_secret(key), agent.key_hash)


def has_active_secret(*, slug: str, candidates: Sequence[str]) -> bool:
    """Check whether one of these is a secret of the district that was not withdrawn."""
    return _find_row(_FIND_SECRET, (slug,), secrets=candidates) is not None


def is_waiting(*, slug: str, keys: Sequence[str]) -> bool:
    """Check whether a computer of the district that waits to be let in has one of these keys."""
    return _find_row(_FIND_WAITING, (slug,), secrets=keys) is not None


def find_agent(*, slug: str, keys: Sequence[str], at: datetime) -> Visitor | None:
    """Return the agent of a district that holds one of these keys, and record its visit; None if there is none."""
    recent = connection.ops.adapt_datetimefield_value(at - VISIT_RESOLUTION)
    row = _find_row(_FIND_AGENT, (recent, slug), secrets=keys)
    if row is None:
        return None
    number, district_id, key_hash, platform, ask_all, is_visit_due = row
    if is_visit_due:
        values = (connection.ops.adapt_datetimefield_value(at), True, district_id, number)
        with connection.cursor() as cursor:
            cursor.execute(_RECORD_VISIT, values)
    return Visitor(id=number, district_id=district_id, key_hash=key_hash, platform=platform, ask_all=bool(ask_all))


def _find_row(statement: str, values: tuple[Any, ...], *, secrets: Sequence[str]) -> tuple[Any, ...] | None:
    """Return the first row of a statement over the hashes of these secrets; None if there is none."""
    hashes = [hash_secret(secret) for secret in secrets if secret]
    if not hashes:
        return None
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("HASHES", ", ".join(["%s"] * len(hashes))), (*values, *hashes))
        row: tuple[Any, ...] | None = cursor.fetchone()
    return row
