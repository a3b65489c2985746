"""Signing a district's trail: as usual, and when it goes on from an older copy of the database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from homeroom.apps.audit.appending import append_entry, lock_head
from homeroom.apps.audit.checkpoints import RESTART, USUAL, Checkpoint, build_checkpoint, parse_checkpoint
from homeroom.apps.audit.keys import open_audit_keys
from homeroom.apps.audit.trail_files import (
    append_checkpoint_line,
    iterate_checkpoint_lines,
    read_heads,
    remove_old_heads,
)
from homeroom.domain.audit.chain import SIGNING, ChainHead, hash_bytes
from homeroom.domain.district import District

MIN_REASON_LENGTH = 10


class RestartRefused(Exception):
    """A trail is not signed as one that goes on from an older copy; the text has the reason."""


def sign_trail(*, district: District, at: datetime) -> Checkpoint | None:
    """Sign a district's trail, and add an entry with the hash of the checkpoint.

    Return None if there is nothing new since the last checkpoint, or if the trail is older than that: then
    `homeroom verify` complains. Call it outside of other transactions.
    """
    data = Path(settings.DATA)
    with transaction.atomic():
        head = lock_head(district)
        last = get_last_checkpoint(data, district=district)
        if head.number == 0 or (last is not None and last.number >= head.number - 1):
            return None
        checkpoint = _sign(district, head, at=at)
        append_entry(
            district=district,
            at=at,
            actor="",
            action=SIGNING,
            detail={"through": head.number, "checkpoint": hash_bytes(checkpoint.line)},
        )
    remove_old_heads(data, district=district.slug, before=datetime.now(UTC).date())
    return checkpoint


def accept_older_trail(*, district: District, at: datetime, actor: str, reason: str) -> Checkpoint:
    """Sign that the trail goes on from an older copy of the database, as after a restore, and why.

    What was lost stays visible: in the checkpoints before, in this one, and in an entry. Raise RestartRefused without a
    reason, and if nothing is known to be missing.
    """
    data = Path(settings.DATA)
    if len(reason.strip()) < MIN_REASON_LENGTH:
        raise RestartRefused("state why the trail is older: a sentence of ten letters or more would fit")
    with transaction.atomic():
        head = lock_head(district)
        last = get_last_checkpoint(data, district=district)
        known_number = max([*read_heads(data, district=district.slug), last.number if last else 0])
        if known_number <= head.number:
            raise RestartRefused("no entry is known to be missing at the end of the trail")
        checkpoint = _sign(district, head, at=at, kind=RESTART, reason=reason.strip())
        append_entry(
            district=district,
            at=at,
            actor=actor,
            action="accept older audit trail",
            detail={"through": head.number, "known": known_number, "reason": reason.strip()},
        )
        remove_old_heads(data, district=district.slug, before=datetime.now(UTC).date() + timedelta(days=2))
    return checkpoint


def get_last_checkpoint(data: Path, *, district: District) -> Checkpoint | None:
    """Return the newest checkpoint of a district that can be read."""
    lines = list(iterate_checkpoint_lines(data, district=district.slug))
    return next(filter(None, map(parse_checkpoint, reversed(lines))), None)


def _sign(district: District, head: ChainHead, *, at: datetime, kind: str = USUAL, reason: str = "") -> Checkpoint:
    """Write the checkpoint of a locked head."""
    data = Path(settings.DATA)
    lines = list(iterate_checkpoint_lines(data, district=district.slug))
    checkpoint = build_checkpoint(
        head,
        district=district.slug,
        at=at,
        previous=hash_bytes(lines[-1]) if lines else "",
        key=open_audit_keys(data).current,
        kind=kind,
        reason=reason,
    )
    append_checkpoint_line(data, checkpoint.line, district=district.slug)
    return checkpoint
