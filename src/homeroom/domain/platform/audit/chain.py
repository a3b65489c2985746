"""How an entry of the audit trail is hashed into the chain of its district.

An entry's digest is SHA-256 over its number, its time, what was done, salted commitments of what may name a person, and
the digest of the entry before. Everything is written as JSON with sorted keys, no blanks and ASCII alone, so that both
databases and other programs compute the same ([0117](docs/decisions/0117-audit-chain.md)).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

FORMAT = "homeroom-audit-1"
FIRST_PREVIOUS = "0" * 64
"""The digest before the first entry."""
COMMITTED = ("actor", "subject", "detail")
"""The fields that may name a person: only their salted commitments are hashed, so that erasing breaks no chain."""
SALT_BYTES = 16
REDACTION = "remove erased values from trail"
"""The action of an entry that states which commitments an erasure removed, and what replaced them."""
SIGNING, RESTARTING = "sign audit trail", "accept older audit trail"
"""The actions of entries that name the hash of a checkpoint."""
RECORDING, REWRITING = "record evidence", "rewrite evidence"
"""The actions of entries that state the hashes of manifests of evidence: of all, or of some that were rewritten."""
WITHOUT_PERSON = (REDACTION, SIGNING, REWRITING)
"""Actions whose entries hold hashes and numbers of entries, and no value of a person."""


@dataclass(frozen=True, kw_only=True)
class ChainedEntry:
    """One entry as it is stored.

    `salts` and `removed` are by field of `COMMITTED`; `removed` holds the commitments of values that an erasure
    replaced. `previous` is the digest of the entry before, `digest` that of this one, `mac` its keyed hash (all of 64
    hex digits).
    """

    number: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject: str
    detail: Mapping[str, Any]
    salts: Mapping[str, str]
    removed: Mapping[str, str]
    previous: str = FIRST_PREVIOUS
    digest: str = ""
    mac: str = ""


@dataclass(frozen=True, kw_only=True)
class ChainHead:
    """The end of a chain: the random name of the chain, and the number and digest of its last entry."""

    chain: str
    number: int = 0
    digest: str = FIRST_PREVIOUS


def write_canonical_json(value: object) -> bytes:
    """Return a plain JSON value in its only form. Raise ValueError for a number that is not finite."""
    text = json.dumps(_Canonical.convert(value), sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode("ascii")


class _Canonical:
    """Numbers in the form that they have after PostgreSQL stored them: `2.0` and `2` are the same number there."""

    @classmethod
    def convert(cls, value: object) -> object:
        if isinstance(value, float):
            return cls._convert_number(value)
        if isinstance(value, Mapping):
            return {str(name): cls.convert(item) for name, item in value.items()}
        return [cls.convert(item) for item in value] if isinstance(value, list | tuple) else value

    @staticmethod
    def _convert_number(number: float) -> float | int:
        if not math.isfinite(number):
            raise ValueError(f"{number} is no JSON number")
        exact = Decimal(repr(number))
        return int(exact) if exact == exact.to_integral_value() else number


def compute_commitment(field: str, value: object, salt: str) -> str:
    """Return the commitment of a field's value: nobody without the salt can try values against it."""
    return _hash([FORMAT, field, salt, value])


def compute_digest(entry: ChainedEntry, *, chain: str) -> str:
    """Return the digest that an entry of a chain should have."""
    commitments = [entry.removed.get(field) or commit_field(entry, field) for field in COMMITTED]
    at = entry.at.astimezone(UTC).isoformat(timespec="microseconds")
    return _hash([FORMAT, chain, entry.previous, entry.number, at, entry.action, entry.subject_kind, *commitments])


def commit_field(entry: ChainedEntry, field: str) -> str:
    """Return the commitment of what a field of an entry holds now."""
    return compute_commitment(field, getattr(entry, field), entry.salts.get(field, ""))


def compute_head_text(head: ChainHead, *, district: str) -> str:
    """Return the hash of a district's head, which the head's keyed hash is of."""
    return _hash([FORMAT, "head", district, head.chain, head.number, head.digest])


def compute_manifest_text(name: str, digest: str, announced: str, *, district: str) -> str:
    """Return the hash of the record of a manifest, which the record's keyed hash is of."""
    return _hash([FORMAT, "manifest", district, name, digest, announced])


def compute_announcement_text(values: list[Any], *, district: str) -> str:
    """Return the hash of the values of an announced entry, which its keyed hash is of."""
    return _hash([FORMAT, "announcement", district, *values])


def compute_mac(key: bytes, text: str) -> str:
    """Return the keyed hash (HMAC-SHA-256) of a hash."""
    return hmac.new(key, text.encode("ascii"), "sha256").hexdigest()


def split_salts(salt: str) -> dict[str, str]:
    """Return the salt of each field from the text that stores all of them; what is too long is of the last."""
    width = 2 * SALT_BYTES
    salts = {field: salt[index * width : (index + 1) * width] for index, field in enumerate(COMMITTED)}
    return salts | {COMMITTED[-1]: salt[(len(COMMITTED) - 1) * width :]}


def join_salts(salts: Mapping[str, str]) -> str:
    """Return the text that stores the salts of all fields."""
    return "".join(salts[field] for field in COMMITTED)


def hash_json(value: object) -> str:
    """Return SHA-256 over a plain JSON value in its only form, as 64 hex digits."""
    return hash_bytes(write_canonical_json(value))


def hash_bytes(content: bytes) -> str:
    """Return SHA-256 as 64 hex digits."""
    return hashlib.sha256(content).hexdigest()


def _hash(parts: list[object]) -> str:
    return hash_bytes(write_canonical_json(parts))
