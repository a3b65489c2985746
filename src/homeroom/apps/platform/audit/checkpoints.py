"""Signed checkpoints: what a district's trail was at a moment, for whoever has the public key.

Needs no database and no settings, so that an export is verified anywhere.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from homeroom.apps.platform.audit.keys import AuditKey, is_signed
from homeroom.domain.platform.audit.chain import (
    FORMAT,
    RESTARTING,
    SIGNING,
    ChainedEntry,
    ChainHead,
    hash_bytes,
    write_canonical_json,
)
from homeroom.domain.platform.audit.verifier import ChainProblem, ProblemKind

USUAL, RESTART = "usual", "restart"
"""Kinds of checkpoints. After a restart the trail goes on from an older copy of the database."""


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """The signed end of a trail: `number` and `digest` of its last entry, and `previous`, the hash of the one before.

    `kind` is usual or restart, `reason` the hash of the reason of a restart. `at` is ISO 8601 in UTC, `key` the public
    key in base64; `signature` is of all other fields as canonical JSON.
    """

    format: str
    kind: str
    reason: str
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


def build_checkpoint(
    head: ChainHead, *, district: str, at: datetime, previous: str, key: AuditKey, kind: str = USUAL, reason: str = ""
) -> Checkpoint:
    """Return the signed checkpoint of a head."""
    unsigned = Checkpoint(
        format=FORMAT,
        kind=kind,
        reason=reason,
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


def collect_expected(lines: Iterable[bytes], *, known_keys: Sequence[str]) -> dict[int, str]:
    """Return the digests of entries by number that sound checkpoints of these keys state."""
    expected: dict[int, str] = {}
    for checkpoint in filter(None, map(parse_checkpoint, lines)):
        is_own = checkpoint.key in known_keys
        if is_own and is_signed(checkpoint.signed_content, checkpoint.signature, public=checkpoint.key):
            if checkpoint.kind == RESTART:
                expected = {number: digest for number, digest in expected.items() if number < checkpoint.number}
            expected[checkpoint.number] = checkpoint.digest
    return expected


def list_restarts(lines: Iterable[bytes], *, reasons: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each restart: entries before it are lost, and somebody stated why.

    `reasons` are the texts of entries by the hash of their checkpoint.
    """
    last = 0
    for line in lines:
        checkpoint = parse_checkpoint(line)
        if checkpoint is None:
            continue
        if checkpoint.kind == RESTART:
            day, reason = checkpoint.at[:10], reasons.get(hash_bytes(line), "its reason is missing")
            yield f"went on from entry {checkpoint.number:,} on {day}, with up to {last:,} signed before: {reason}"
        last = checkpoint.number


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
        elif checkpoint.previous != previous or (checkpoint.number < number and checkpoint.kind != RESTART):
            yield _describe(place, "does not follow the checkpoint before it")
        previous, number = hash_bytes(line), checkpoint.number


class NamedCheckpoints:
    """The checkpoints that entries name, added in the order of the entries, and the reasons of restarts by their hash.

    An entry of a restart from before checkpoints of restarts were named names none.
    """

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}
        self.reasons: dict[str, str] = {}

    def add(self, entry: ChainedEntry) -> None:
        """Note the checkpoint that an entry names, if it names one."""
        if entry.action not in (SIGNING, RESTARTING) or not isinstance(entry.detail, Mapping):
            return
        digest = entry.detail.get("checkpoint")
        if digest is not None or entry.action == SIGNING:
            self._numbers[str(digest)] = entry.number
            self.reasons[str(digest)] = str(entry.detail.get("reason", ""))

    def find_lost(self, lines: Iterable[bytes]) -> Iterator[ChainProblem]:
        """Yield a problem for each named checkpoint that is not among the lines."""
        stored = {hash_bytes(line) for line in lines}
        for digest, number in self._numbers.items():
            if digest not in stored:
                text = "names a checkpoint that is missing from the file of checkpoints"
                yield ChainProblem(kind=ProblemKind.CHECKPOINT, first=number, last=number, text=text)


def _describe(place: int, text: str) -> ChainProblem:
    return ChainProblem(kind=ProblemKind.CHECKPOINT, text=f"checkpoint {place} {text}")
