"""The register of erasures: keyed hashes of what identified the people, so that an old export brings nobody back.

A hash needs the key of the installation (`secret.key`), which is in each of its backups: without it, nobody can find
out whom a register is about by trying all numbers. The register has no name, no address and no number.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from homeroom.evidence.erasing.person_terms import PersonTerms, RecordKey
from homeroom.evidence.files.manifests import EvidenceDamaged, read_manifest, write_manifest

REGISTER_FOLDER, JOURNAL_FILE = "erasures", "erasing.json"
_CONTEXT = b"homeroom erasure register\0"
_DIGITS = 32


class RegisterRefused(Exception):
    """A register cannot be used here; its text has the reason, and what would fit."""


class RemainingData(msgspec.Struct, frozen=True, kw_only=True):
    """Something that an erasure leaves: what and how many, why, by which law or rule, and until when."""

    what: str
    count: int
    why: str
    law: str = ""
    until: date | None = None


class BackupCopy(msgspec.Struct, frozen=True, kw_only=True):
    """A backup that was made before an erasure and holds the people until its last day; None if that is not known."""

    name: str
    last_day: date | None = None


class Register(msgspec.Struct, frozen=True, kw_only=True):
    """One erasure, as it is proved: when, by whom, why, the hashes, what was erased where, and what stays.

    `key` shows which installation's key the hashes were made with. `finished_at` is None while it is carried out.
    """

    number: int
    district: str
    at: datetime
    by: str
    why: str
    people: int
    key: str
    hashes: frozenset[str]
    erased: Mapping[str, Any] = {}
    stays: tuple[RemainingData, ...] = ()
    backups: tuple[BackupCopy, ...] = ()
    finished_at: datetime | None = None


class ErasureJournal(msgspec.Struct, frozen=True, kw_only=True):
    """An erasure that is being carried out, with all that has to be erased. It is removed when the erasure is done."""

    register: Register
    terms: PersonTerms
    erased: Mapping[str, Any] = {}


class TermHasher:
    """Hashes ids with the key of the installation."""

    def __init__(self, secret: str, *, district: str) -> None:
        self._key = hashlib.sha256(_CONTEXT + secret.encode()).digest()
        self._prefix = district.encode() + b"\0"

    @property
    def fingerprint(self) -> str:
        """What shows whether another hasher has the same key."""
        return self.hash_id("fingerprint of the key")

    def hash_id(self, value: str) -> str:
        """Return the hash of an id: an address, a number or a user name."""
        return hmac.new(self._key, self._prefix + value.encode(), hashlib.sha256).hexdigest()[:_DIGITS]

    def hash_record(self, record: RecordKey) -> str:
        """Return the hash of a source record's key."""
        return self.hash_id("\0".join(record))

    def hash_terms(self, terms: PersonTerms) -> frozenset[str]:
        """Return the hashes of all ids and records of people."""
        return frozenset(map(self.hash_id, terms.ids)) | frozenset(map(self.hash_record, terms.records))


def get_register_path(folder: Path, number: int) -> Path:
    """Return where the register of an erasure is, in a district's folder."""
    return folder / REGISTER_FOLDER / f"{number:06d}.json"


def list_registers(folder: Path) -> tuple[Register, ...]:
    """Return the registers of a district, oldest first, without that of an erasure being carried out."""
    return tuple(read_register(path) for path in sorted((folder / REGISTER_FOLDER).glob("*.json")))


def list_hashes(folder: Path) -> frozenset[str]:
    """Return the hashes of everybody who was erased from a district, or is being erased."""
    journal = read_journal(folder)
    pending = journal.register.hashes if journal is not None else frozenset()
    return pending.union(*(register.hashes for register in list_registers(folder)))


def read_register(path: Path) -> Register:
    """Return a register. Raise RegisterRefused if the file is none."""
    try:
        return read_manifest(path, kind=Register)
    except (EvidenceDamaged, OSError, msgspec.ValidationError) as error:
        raise RegisterRefused(
            f"{path} is no register of an erasure ({error}); the file that erase named would fit"
        ) from error


def write_register(folder: Path, register: Register) -> Path:
    """Write a register and return its path."""
    path = get_register_path(folder, register.number)
    write_manifest(path, register)
    return path


def read_journal(folder: Path) -> ErasureJournal | None:
    """Return the erasure that is being carried out in a district, or None."""
    try:
        return read_manifest(folder / JOURNAL_FILE, kind=ErasureJournal)
    except FileNotFoundError:
        return None


def write_journal(folder: Path, journal: ErasureJournal) -> None:
    """Write down what is being erased: from then on it is carried out, if need be by the next start."""
    write_manifest(folder / JOURNAL_FILE, journal)


def remove_journal(folder: Path) -> None:
    """Remove the journal of an erasure that is done."""
    (folder / JOURNAL_FILE).unlink(missing_ok=True)


def find_next_number(folder: Path) -> int:
    """Return the number of the next erasure."""
    return max((int(path.stem) for path in (folder / REGISTER_FOLDER).glob("[0-9]*.json")), default=0) + 1
