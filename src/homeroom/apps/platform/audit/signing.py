"""Signing a district's trail: as usual, and when it goes on from an older copy of the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction

from homeroom.apps.platform.audit.appending import append_entry, lock_head
from homeroom.apps.platform.audit.checkpoints import RESTART, USUAL, Checkpoint, build_checkpoint
from homeroom.apps.platform.audit.keys import compute_fingerprint, open_audit_keys, rotate_key
from homeroom.apps.platform.audit.known_digests import compare_trail, find_last_same, get_last_checkpoint, is_continued
from homeroom.apps.platform.audit.trail_files import append_checkpoint_line, iterate_checkpoint_lines, remove_old_heads
from homeroom.apps.platform.districts.durability import sync_state
from homeroom.domain.platform.audit.chain import RESTARTING, SIGNING, ChainHead, hash_bytes
from homeroom.domain.platform.district import District

MIN_REASON_LENGTH = 10


class RestartRefused(Exception):
    """A trail is not signed as one that goes on from an older copy; the text has the reason."""


class TrailContradicted(ValueError):
    """A trail is not what was recorded outside the database; signing it would hide that."""


def sign_trail(*, district: District, at: datetime) -> Checkpoint | None:
    """Sign a district's trail, and add an entry with the hash of the checkpoint.

    Return None if there is nothing new since the last checkpoint. A checkpoint without its entry, because a run was
    killed between them, gets it. Raise TrailContradicted if the trail is not what was recorded outside the database.
    Call it outside of other transactions.
    """
    data = Path(settings.DATA)
    today = datetime.now(UTC).date()  # before the lock: entries that are added meanwhile are noted on this day or later
    compared = compare_trail(data, district=district)  # nobody who adds an entry waits for it
    if compared.head is None and not compared.recorded:
        return None  # the first entry begins the trail
    with transaction.atomic():
        head = lock_head(district)
        if compared.contradiction or not is_continued(compared.head, district=district):
            first = compared.contradiction.first or head.number
            raise TrailContradicted(
                f"from entry {first:,} on the trail is not what was recorded outside the database; homeroom verify "
                "names it, and homeroom audit accept-older goes on from it"
            )
        last = get_last_checkpoint(data, district=district)
        is_new = last is None or last.number < head.number - 1
        # A run was killed between a checkpoint and its entry.
        has_no_entry = last is not None and last.kind == USUAL and last.number == head.number
        if head.number == 0 or not (is_new or has_no_entry):
            return None
        checkpoint = last if last is not None and has_no_entry else _sign(district, head, at=at)
        append_entry(
            district=district,
            at=at,
            actor="",
            action=SIGNING,
            detail={"through": head.number, "checkpoint": hash_bytes(checkpoint.line)},
        )
    remove_old_heads(data, district=district.slug, before=today)
    return checkpoint


def rotate_audit_key(*, districts: Iterable[District], at: datetime, actor: str) -> tuple[str, str]:
    """Sign all trails with the key of before, make a new one, and sign it into each trail; return both public keys.

    The entry of each district states the new key, and the checkpoints before and after it are signed by the old and the
    new one. Raise TrailContradicted and FileNotFoundError, before anything changes.
    """
    data, trails = Path(settings.DATA), list(districts)
    for district in trails:
        sign_trail(district=district, at=at)
    before, after = rotate_key(data).public_keys[1::-1]
    for district in trails:
        append_entry(
            district=district,
            at=at,
            actor=actor,
            action="rotate audit key",
            detail={"before": compute_fingerprint(before), "after": compute_fingerprint(after)},
        )
        sign_trail(district=district, at=at)
    return before, after


def accept_older_trail(*, district: District, at: datetime, actor: str, reason: str) -> Checkpoint:
    """Sign that the trail goes on from an older copy of the database, as after a restore, and why.

    What was lost stays visible: in the checkpoints before, in this one, which is of the last entry that is as it was
    recorded, and in an entry. The checkpoint has the hash of the reason, the entry its text, from which an erasure can
    remove a name. Raise RestartRefused without a reason, and if the trail is what was recorded outside the database.
    """
    data, text = Path(settings.DATA), reason.strip()
    if len(text) < MIN_REASON_LENGTH:
        raise RestartRefused("state why the trail is older: a sentence of ten letters or more would fit")
    compared = compare_trail(data, district=district)
    if not compared.contradiction:
        raise RestartRefused("no entry is known to be missing at the end of the trail")
    with transaction.atomic():
        head = lock_head(district)
        last_same = find_last_same(compared.contradiction, district=district, head=head)
        checkpoint = _sign(district, last_same, at=at, kind=RESTART, reason=hash_bytes(text.encode()))
        tomorrow = datetime.now(UTC).date() + timedelta(days=1)
        forget = partial(remove_old_heads, data, district=district.slug, before=tomorrow + timedelta(days=1))
        transaction.on_commit(forget, robust=True)  # before the entry below is noted
        append_entry(
            district=district,
            at=at,
            actor=actor,
            action=RESTARTING,
            detail={
                "through": last_same.number,
                "known": max(compared.recorded),
                "reason": text,
                "checkpoint": hash_bytes(checkpoint.line),
            },
        )
    return checkpoint


def _sign(district: District, head: ChainHead, *, at: datetime, kind: str = USUAL, reason: str = "") -> Checkpoint:
    """Write the checkpoint of an entry; the head is locked."""
    data = Path(settings.DATA)
    sync_state()  # a checkpoint never names an entry that a power loss can take away
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
