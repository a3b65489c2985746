"""Adding entries to the chain of a district, and replacing what an erasure removes from them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import batched
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from homeroom.apps.platform.audit.keys import AuditKeys, open_audit_keys
from homeroom.apps.platform.audit.models import Entry, Head
from homeroom.apps.platform.audit.trail_files import append_head
from homeroom.domain.platform.audit.chain import (
    COMMITTED,
    REDACTION,
    SALT_BYTES,
    ChainedEntry,
    ChainHead,
    commit_field,
    compute_digest,
    compute_head_text,
    compute_mac,
    join_salts,
    split_salts,
)
from homeroom.domain.platform.district import District

REDACTIONS_AN_ENTRY = 200
LENGTHS = {"actor": 150, "action": 60, "subject_kind": 30, "subject": 80}
"""The longest text of each column of `Entry`."""


def append_entry(
    *,
    district: District,
    at: datetime,
    actor: str,
    action: str,
    subject_kind: str = "",
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> int:
    """Add one entry to the district's chain, with the transaction of the caller, and return its number.

    Words that are longer than their columns are cut: SQLite would store them, and PostgreSQL refuse them.
    """
    keys = open_audit_keys(Path(settings.DATA))
    stored = normalize_detail(detail)
    with transaction.atomic(savepoint=False):
        head = lock_head(district)
        entry = ChainedEntry(
            number=head.number + 1,
            at=at,
            actor=cut_to_column(actor, "actor"),
            action=cut_to_column(action, "action"),
            subject_kind=cut_to_column(subject_kind, "subject_kind"),
            subject=cut_to_column(subject, "subject"),
            detail=stored,
            salts=split_salts(secrets.token_hex(SALT_BYTES * len(COMMITTED))),
            removed={},
            previous=head.digest,
        )
        digest = compute_digest(entry, chain=head.chain)
        _insert(district, replace(entry, digest=digest, mac=compute_mac(keys.current.mac_key, digest)))
        write_head(district, replace(head, number=entry.number, digest=digest), keys=keys)
    return entry.number


def normalize_detail(detail: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return details as JSON stores them."""
    return dict(json.loads(json.dumps(dict(detail or {}))))


def cut_to_column(text: str, column: str) -> str:
    """Return a text that fits its column, without NUL, which PostgreSQL cannot store."""
    return text.replace("\0", "")[: LENGTHS[column]]


def lock_head(district: District) -> ChainHead:
    """Lock the head of a district until the transaction ends, and return it; a new chain gets a random name.

    On SQLite every transaction that writes is alone anyway.
    """
    rows = Head.objects.of(district).select_for_update()
    row = rows.first()
    if row is None:
        new = ChainHead(chain=secrets.token_hex(16))
        mac = _compute_head_mac(new, district=district, keys=open_audit_keys(Path(settings.DATA)))
        Head.objects.bulk_create(
            [Head(district_id=district.pk, chain=new.chain, digest=new.digest, mac=mac)], ignore_conflicts=True
        )
        row = rows.get()
    return build_head(row)


def build_head(row: Head) -> ChainHead:
    """Return the head that a row stores."""
    return ChainHead(chain=row.chain, number=row.number, digest=row.digest)


def write_head(district: District, head: ChainHead, *, keys: AuditKeys) -> None:
    """Write a locked head with its keyed hash; it is noted outside the database once it is committed."""
    mac = _compute_head_mac(head, district=district, keys=keys)
    Head.objects.of(district).update(number=head.number, digest=head.digest, mac=mac)
    data = Path(settings.DATA)
    transaction.on_commit(partial(append_head, data, head, district=district.slug), robust=True)


def _compute_head_mac(head: ChainHead, *, district: District, keys: AuditKeys) -> str:
    return compute_mac(keys.current.mac_key, compute_head_text(head, district=district.slug))


def redact_entries(*, district: District, at: datetime, changes: Sequence[tuple[int, Mapping[str, Any]]]) -> int:
    """Replace fields of entries by values without a person, and add entries that state which commitments were removed.

    `changes` are primary keys with new values by field of `COMMITTED`. Return how many entries were changed.
    """
    with transaction.atomic(savepoint=False):
        lock_head(district)
        for part in batched(changes, REDACTIONS_AN_ENTRY):
            commitments = [line for pk, values in part for line in _redact(district, pk, values)]
            append_entry(
                district=district,
                at=at,
                actor="",
                action=REDACTION,
                detail={"entries": len(part), "commitments": commitments},
            )
    return len(changes)


def _redact(district: District, pk: int, values: Mapping[str, Any]) -> list[list[Any]]:
    """Replace the values of one entry, with new salts; return number, field, old and new commitment of each."""
    row = Entry.objects.of(district).get(pk=pk)
    before = build_entry(row)
    salts = dict(before.salts) | {field: secrets.token_hex(SALT_BYTES) for field in values}
    originals = {field: before.removed.get(field) or commit_field(before, field) for field in values}
    after = replace(before, salts=salts, removed=dict(before.removed) | originals, **values)
    Entry.objects.of(district).filter(pk=pk).update(salt=join_salts(salts), removed=after.removed, **values)
    return [[before.number, field, originals[field], commit_field(after, field)] for field in sorted(values)]


def build_entry(row: Entry) -> ChainedEntry:
    """Return the entry that a row stores."""
    return ChainedEntry(
        number=row.number,
        at=row.at,
        actor=row.actor,
        action=row.action,
        subject_kind=row.subject_kind,
        subject=row.subject,
        detail=row.detail,
        salts=split_salts(row.salt),
        removed=row.removed,
        previous=row.previous,
        digest=row.digest,
        mac=row.mac,
    )


def _insert(district: District, entry: ChainedEntry) -> None:
    Entry.objects.create(
        district_id=district.pk,
        number=entry.number,
        at=entry.at,
        actor=entry.actor,
        action=entry.action,
        subject_kind=entry.subject_kind,
        subject=entry.subject,
        detail=entry.detail,
        salt=join_salts(entry.salts),
        removed={},
        previous=entry.previous,
        digest=entry.digest,
        mac=entry.mac,
    )
