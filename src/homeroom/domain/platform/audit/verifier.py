"""Verification of a hash chain, entry by entry: what was altered, deleted, inserted, reordered or cut off."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from homeroom.domain.platform.audit.chain import (
    COMMITTED,
    FIRST_PREVIOUS,
    REDACTION,
    ChainedEntry,
    ChainHead,
    commit_field,
    compute_digest,
    compute_head_text,
    compute_mac,
)


class ProblemKind(StrEnum):
    """What is wrong with a chain."""

    ALTERED = "altered"
    MISSING = "missing"
    INSERTED = "inserted"
    TRUNCATED = "truncated"
    REPLACED = "replaced"
    HEAD = "head"
    CHECKPOINT = "checkpoint"
    EVIDENCE = "evidence"


_HASH = re.compile(r"[0-9a-f]{64}")
_PLURALS = {"was": "were", "is": "are", "does": "do", "has": "have", "names": "name"}


@dataclass(frozen=True, kw_only=True)
class ChainProblem:
    """One problem of a chain: its kind, the entries from `first` to `last` that it concerns, and what is wrong.

    Where it concerns entries, `text` begins with a verb in the singular.
    """

    kind: ProblemKind
    first: int = 0
    last: int = 0
    text: str

    def __str__(self) -> str:
        if not self.last:
            return self.text
        if self.first == self.last:
            return f"entry {self.first:,} {self.text}"
        verb, _, rest = self.text.partition(" ")
        return f"entries {self.first:,} to {self.last:,} {_PLURALS.get(verb, verb)} {rest}"


class ChainVerifier:
    """Verifies one chain whose entries are added in the order of their numbers; `finish` ends it.

    `expected` are digests of entries by number that are known from outside the database. Without `mac_keys` keyed
    hashes are not compared, as of an export. `after` are number and digest of an entry that was verified before: those
    up to it are not added, and what an erasure states of them is not compared.
    """

    def __init__(
        self,
        head: ChainHead,
        *,
        mac_keys: Sequence[bytes] = (),
        expected: Mapping[int, str] | None = None,
        after: tuple[int, str] = (0, FIRST_PREVIOUS),
    ) -> None:
        self._head, self._mac_keys, self._expected = head, tuple(mac_keys), dict(expected or {})
        self._start = after[0]
        self._number, self._digest = after
        self._is_previous_sound = True
        self._redacted: dict[tuple[int, str], tuple[str, str]] = {}
        self._announced: dict[tuple[int, str], tuple[str, str]] = {}
        self.problems: list[ChainProblem] = []
        self.entries = 0

    def add(self, entry: ChainedEntry) -> None:
        """Verify the next entry."""
        self.entries += 1
        if not has_shape(entry):
            self._report(ProblemKind.ALTERED, entry.number, "was altered: its values have another form")
            self._number, self._is_previous_sound = max(self._number, entry.number), False
            return
        if entry.number <= self._number:
            self._report(ProblemKind.INSERTED, entry.number, "was inserted: another entry has its place")
            return
        is_next = entry.number == self._number + 1
        if not is_next:
            self._report(ProblemKind.MISSING, self._number + 1, "is missing", last=entry.number - 1)
        text = self._find_problem(entry)
        if text:
            self._report(ProblemKind.ALTERED, entry.number, text)
        elif is_next and self._is_previous_sound and entry.previous != self._digest:
            self._report(ProblemKind.REPLACED, entry.number, "does not follow the entry before it")
        elif self._expected.get(entry.number, entry.digest) != entry.digest:
            self._report(ProblemKind.REPLACED, entry.number, "is another one than the entry that was signed")
        self._collect_redactions(entry, is_sound=not text)
        self._number, self._digest, self._is_previous_sound = entry.number, entry.digest, not text

    def finish(self) -> tuple[ChainProblem, ...]:
        """Compare the end with the head and with what is known from outside; return all problems."""
        if self._number < self._head.number:
            self._report(ProblemKind.TRUNCATED, self._number + 1, "is missing at the end", last=self._head.number)
        elif self._number > self._head.number:
            text = "was added behind the end of the trail"
            self._report(ProblemKind.INSERTED, self._head.number + 1, text, last=self._number)
        elif self._digest != self._head.digest and self._is_previous_sound:
            self._report(ProblemKind.HEAD, 0, "the head of the trail is of another entry than the last one")
        last = max(self._number, self._head.number)
        newest = max(self._expected, default=0)
        if newest > last:
            text = "is missing at the end: the trail is older than what was recorded outside the database"
            self._report(ProblemKind.TRUNCATED, last + 1, text, last=newest)
        self.problems += self._compare_redactions()
        return tuple(self.problems)

    def _find_problem(self, entry: ChainedEntry) -> str:
        try:
            digest = compute_digest(entry, chain=self._head.chain)
        except (TypeError, ValueError):
            return "was altered: its values have no canonical form"
        if digest != entry.digest:
            return "was altered, or moved from another place"
        if self._mac_keys and not is_mac_of(entry.mac, digest, keys=self._mac_keys):
            return "was altered and hashed again without the key, or its key is not in audit.key"
        return ""

    def _collect_redactions(self, entry: ChainedEntry, *, is_sound: bool) -> None:
        for field, original in entry.removed.items():
            self._redacted[(entry.number, field)] = (original, commit_field(entry, field))
        if entry.action == REDACTION and is_sound and not entry.actor:
            for number, field, original, replacement in entry.detail["commitments"]:
                self._announced[(number, field)] = (original, replacement)

    def _compare_redactions(self) -> Iterator[ChainProblem]:
        for (number, field), pair in sorted(self._redacted.items()):
            if self._announced.get((number, field)) != pair:
                text = f"was altered: no erasure states what its {field} is now"
                yield ChainProblem(kind=ProblemKind.ALTERED, first=number, last=number, text=text)
        for number, field in sorted(self._announced.keys() - self._redacted.keys()):
            if self._start < number <= self._number:
                text = f"has a {field} again that an erasure removed"
                yield ChainProblem(kind=ProblemKind.ALTERED, first=number, last=number, text=text)

    def _report(self, kind: ProblemKind, first: int, text: str, *, last: int = 0) -> None:
        self.problems.append(ChainProblem(kind=kind, first=first, last=last or first, text=text))


def has_shape(entry: ChainedEntry) -> bool:
    """Return whether salts, removed commitments and detail have the form that Homeroom writes."""
    return (
        isinstance(entry.at, datetime)
        and isinstance(entry.detail, Mapping)
        and isinstance(entry.removed, Mapping)
        and all(field in COMMITTED and _is_hash(value) for field, value in entry.removed.items())
        and all(isinstance(entry.salts.get(field), str) for field in COMMITTED)
        and (entry.action != REDACTION or _has_commitments(entry.detail))
    )


def _has_commitments(detail: Mapping[str, object]) -> bool:
    lines = detail.get("commitments")
    return isinstance(lines, list) and all(
        isinstance(line, list)
        and len(line) == 4
        and type(line[0]) is int
        and line[1] in COMMITTED
        and _is_hash(line[2])
        and _is_hash(line[3])
        for line in lines
    )


def _is_hash(value: object) -> bool:
    return isinstance(value, str) and _HASH.fullmatch(value) is not None


def is_mac_of(mac: str, text: str, *, keys: Iterable[bytes]) -> bool:
    """Return whether a keyed hash was made of a hash with one of the keys."""
    return any(hmac.compare_digest(mac.encode(), compute_mac(key, text).encode()) for key in keys)


def verify_head(head: ChainHead, mac: str, *, district: str, keys: Iterable[bytes]) -> tuple[ChainProblem, ...]:
    """Return the problem of a district's head, if its keyed hash is not of it."""
    if is_mac_of(mac, compute_head_text(head, district=district), keys=keys):
        return ()
    text = "the head of the trail was altered, or its key is not in audit.key"
    return (ChainProblem(kind=ProblemKind.HEAD, text=text),)
