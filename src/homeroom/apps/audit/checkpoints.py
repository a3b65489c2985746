"""Signed checkpoints: what a district's trail was at a moment, for whoever has the public key."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from homeroom.apps.audit.appending import append_entry, lock_head
from homeroom.apps.audit.keys import AuditKey, is_signed, open_audit_keys
from homeroom.apps.audit.trail_files import append_checkpoint_line, iterate_checkpoint_lines, remove_old_heads
from homeroom.domain.audit.chain import FORMAT, SIGNING, ChainHead, hash_bytes, write_canonical_json
from homeroom.domain.audit.verifier import ChainProblem, ProblemKind
from homeroom.domain.district import District


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The signed end of a trail: `number` and `digest` of its last entry, and `previous`, the hash of the one before.

    `at` is ISO 8601 in UTC, `key` the public key in base64; `signature` is of all other fields as canonical JSON.
    """

    format: str
    district: str
    chain: str
    number: int
    digest: str
    at: str
    previous: str
    key: str
    signature: str = ""

    @property
    def signed_content(self) -> bytes:
        """The bytes that the signature is of."""
        return write_canonical_json({name: value for name, value in asdict(self).items() if name != "signature"})

    @property
    def line(self) -> bytes:
        """The checkpoint as a line of its file."""
        return write_canonical_json(asdict(self))


def sign_trail(*, district: District, at: datetime) -> Checkpoint | None:
    """Sign a district's trail, and add an entry with the hash of the checkpoint.

    Return None if there is nothing new since the last checkpoint. Call it outside of other transactions.
    """
    data = Path(settings.DATA)
    keys = open_audit_keys(data)
    with transaction.atomic():
        head = lock_head(district)
        lines = list(iterate_checkpoint_lines(data, district=district.slug))
        last = parse_checkpoint(lines[-1]) if lines else None
        if head.number == 0 or (last is not None and last.number >= head.number - 1):
            return None
        previous = hash_bytes(lines[-1]) if lines else ""
        checkpoint = build_checkpoint(head, district=district.slug, at=at, previous=previous, key=keys.current)
        append_checkpoint_line(data, checkpoint.line, district=district.slug)
        append_entry(
            district=district,
            at=at,
            actor="",
            action=SIGNING,
            detail={"through": head.number, "checkpoint": hash_bytes(checkpoint.line)},
        )
    remove_old_heads(data, district=district.slug, before=datetime.now(UTC).date())
    return checkpoint


def build_checkpoint(head: ChainHead, *, district: str, at: datetime, previous: str, key: AuditKey) -> Checkpoint:
    """Return the signed checkpoint of a head."""
    unsigned = Checkpoint(
        format=FORMAT,
        district=district,
        chain=head.chain,
        number=head.number,
        digest=head.digest,
        at=at.astimezone(UTC).isoformat(timespec="seconds"),
        previous=previous,
        key=key.public,
    )
    return Checkpoint(**asdict(unsigned) | {"signature": key.sign(unsigned.signed_content)})


def parse_checkpoint(line: bytes) -> Checkpoint | None:
    """Return the checkpoint of a line, or None if the line holds none."""
    try:
        document = json.loads(line)
        checkpoint = Checkpoint(**document)
    except (TypeError, ValueError):
        return None
    types = (int if name == "number" else str for name in asdict(checkpoint))
    fits = all(type(value) is kind for value, kind in zip(asdict(checkpoint).values(), types, strict=True))
    return checkpoint if fits and checkpoint.format == FORMAT else None


def read_checkpoints(data: Path, *, district: str) -> tuple[Checkpoint, ...]:
    """Return the checkpoints of a district that can be read, the oldest first."""
    parsed = map(parse_checkpoint, iterate_checkpoint_lines(data, district=district))
    return tuple(checkpoint for checkpoint in parsed if checkpoint is not None)


def check_checkpoints(
    lines: Iterable[bytes], *, district: str, chain: str, known_keys: Sequence[str]
) -> Iterator[ChainProblem]:
    """Yield what is wrong with the lines of a district's checkpoints."""
    previous, number = "", 0
    for place, line in enumerate(lines, start=1):
        checkpoint = parse_checkpoint(line)
        if checkpoint is None:
            yield _describe(place, "is damaged")
            previous = hash_bytes(line)
            continue
        if not is_signed(checkpoint.signed_content, checkpoint.signature, public=checkpoint.key):
            yield _describe(place, "was altered: its signature does not fit")
        elif checkpoint.key not in known_keys:
            yield _describe(place, "was signed with a key that is not in audit.key")
        elif (checkpoint.district, checkpoint.chain) != (district, chain):
            yield _describe(place, "is of another trail")
        elif checkpoint.previous != previous or checkpoint.number < number:
            yield _describe(place, "does not follow the checkpoint before it")
        previous, number = hash_bytes(line), checkpoint.number


def _describe(place: int, text: str) -> ChainProblem:
    return ChainProblem(kind=ProblemKind.CHECKPOINT, text=f"checkpoint {place} {text}")
