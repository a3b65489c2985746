"""Erase people: preview it, begin it, and carry it out, also where a killed run stopped."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

import filelock
from django.conf import settings
from msgspec.structs import replace

from homeroom.apps.comply.erasing.certificate import ErasureCertificate, build_certificate
from homeroom.apps.comply.erasing.left_files import list_remaining_files
from homeroom.apps.comply.erasing.remaining_data import list_remaining_data
from homeroom.apps.comply.erasing.run_erasure import run_erasure
from homeroom.apps.comply.erasing.state_eraser import StateEraser
from homeroom.apps.know.inventory.ledger import list_merged, list_record_subjects
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.platform.districts.queries import list_districts
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.erasing.evidence_eraser import EvidenceEraser
from homeroom.evidence.erasing.find_again import find_registered_records
from homeroom.evidence.erasing.find_person import FoundPeople, find_people, find_records
from homeroom.evidence.erasing.person_terms import RecordKey, TermMatcher
from homeroom.evidence.erasing.register import (
    BackupCopy,
    ErasureJournal,
    Register,
    RegisterRefused,
    RemainingData,
    TermHasher,
    find_next_number,
    list_registers,
    read_journal,
    read_register,
    write_journal,
)
from homeroom.evidence.loads.store import EvidenceStore

MIN_REASON_LENGTH = 10
LOCK_SECONDS = 600
_LOCK_FILE = "erasing.lock"


class ErasureRefused(Exception):
    """An erasure is not begun; its text has the reason, and what would fit."""


def erase_people(
    *,
    district: District,
    store: EvidenceStore,
    wanted: Sequence[str],
    reason: str,
    actor: str,
    at: datetime,
    backups: Sequence[BackupCopy] = (),
    dry_run: bool = False,
    though_listed: bool = False,
    progress: Progress = ignore_progress,
) -> ErasureCertificate:
    """Erase the people with these public ids, addresses or numbers from everything, and return the certificate.

    `dry_run` changes nothing. Raise PersonNotFound, and ErasureRefused without a reason, if the reason names one of the
    people, or if a current load lists one and `though_listed` is false.
    """
    finish_erasure(district=district, store=store)
    with _lock(store):
        people = _find(district, store, wanted)
        matcher = TermMatcher(people.terms)
        _check_order(people, matcher, reason=reason, actor=actor, though_listed=though_listed or dry_run)
        register = _build_register(district, store, people, reason=reason, actor=actor, at=at, backups=backups)
        register = replace(register, stays=_list_stays(district, people, matcher))
        if dry_run:
            return _preview(district, store, people, matcher, register)
        journal = ErasureJournal(register=register, terms=people.terms)
        write_journal(store.folder, journal)
        finished = run_erasure(district, store, journal, progress=progress)
        return build_certificate(store, finished, listed_in=people.listed_in)


def erase_again(
    *,
    district: District,
    store: EvidenceStore,
    path: Path,
    actor: str,
    at: datetime,
    dry_run: bool = False,
    progress: Progress = ignore_progress,
) -> ErasureCertificate:
    """Erase the people of a register from a folder that was restored, and let its loads obey the register.

    Raise RegisterRefused if the file is no register, or was made with another key or for another district.
    """
    finish_erasure(district=district, store=store)
    register, hasher = read_register(path), build_hasher(district)
    if register.key != hasher.fingerprint:
        raise RegisterRefused(
            f"{path} was written for another district or with another key: the folder's secret.key, and --district as "
            "it was then, would fit"
        )
    with _lock(store):
        records = find_registered_records(store, register, hasher=hasher)
        people = _find_records(district, store, records)
        own = replace(register, number=_choose_number(store, register), finished_at=None, erased={})
        own = replace(own, stays=_list_stays(district, people, TermMatcher(people.terms)))
        if dry_run:
            return _preview(district, store, people, TermMatcher(people.terms), own)
        journal = ErasureJournal(register=replace(own, by=actor.strip() or own.by, at=at), terms=people.terms)
        write_journal(store.folder, journal)
        return build_certificate(store, run_erasure(district, store, journal, progress=progress))


def finish_erasure(*, district: District, store: EvidenceStore, wait: float = LOCK_SECONDS) -> bool:
    """Carry out what a killed run began; return whether there was anything that no other process carries out."""
    if read_journal(store.folder) is None:
        return False
    try:
        with _lock(store, wait=wait):
            journal = read_journal(store.folder)
            if journal is None:
                return False
            run_erasure(district, store, journal)
            return True
    except filelock.Timeout:
        return False


def finish_erasures() -> int:
    """Carry out, in every district, what a killed run began; return in how many."""
    evidence = Path(settings.DATA) / "evidence"
    if not any(evidence.glob("*/erasing.json")):
        return 0
    return sum(
        finish_erasure(district=district, store=get_evidence_store(district=district), wait=0)
        for district in list_districts()
    )


def build_hasher(district: District, *, secret: str | None = None) -> TermHasher:
    """Return the hasher of a district's registers, with this installation's key unless another is given."""
    return TermHasher(settings.SECRET_KEY if secret is None else secret, district=district.slug)


@contextmanager
def _lock(store: EvidenceStore, *, wait: float = LOCK_SECONDS) -> Iterator[None]:
    """Lock the erasures of a district. Raise filelock.Timeout if another does not end within `wait` seconds."""
    store.folder.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(store.folder / _LOCK_FILE, timeout=wait):
        yield


def _choose_number(store: EvidenceStore, register: Register) -> int:
    """Return the number of the register in this folder: that of the same one if the folder has it, else the next."""
    same = (item.number for item in list_registers(store.folder) if item.hashes == register.hashes)
    return next(same, find_next_number(store.folder))


def _find_records(district: District, store: EvidenceStore, records: Collection[RecordKey]) -> FoundPeople:
    listing = partial(_list_subjects, district)
    return find_records(store, records, merged=list_merged(district=district), list_subjects=listing)


def _list_subjects(district: District, records: Collection[RecordKey]) -> set[int]:
    return list_record_subjects(district=district, records=[(instance, key) for instance, _, key in records])


def _find(district: District, store: EvidenceStore, wanted: Sequence[str]) -> FoundPeople:
    listing = partial(_list_subjects, district)
    return find_people(store, wanted, merged=list_merged(district=district), list_subjects=listing)


def _check_order(people: FoundPeople, matcher: TermMatcher, *, reason: str, actor: str, though_listed: bool) -> None:
    if len(reason.strip()) < MIN_REASON_LENGTH:
        raise ErasureRefused("a reason in a sentence would fit, such as: --why 'Asked for by the family'")
    if not actor.strip():
        raise ErasureRefused("the name of who erases would fit: --by NAME")
    if matcher.is_in(reason) or matcher.is_in(actor):
        raise ErasureRefused("the reason names who is erased, and it stays; a reason without a name would fit")
    if people.listed_in and not though_listed:
        raise ErasureRefused(describe_listing(people.listed_in))


def describe_listing(sources: Sequence[str]) -> str:
    """Return why people whom current loads of these sources list are not erased, and what would fit."""
    return (
        f"a current load still lists them ({', '.join(sources)}): they would be loaded again by a source that goes on "
        "listing them; load a list without them first, or say --though-listed"
    )


def _build_register(
    district: District,
    store: EvidenceStore,
    people: FoundPeople,
    *,
    reason: str,
    actor: str,
    at: datetime,
    backups: Sequence[BackupCopy],
) -> Register:
    hasher = build_hasher(district)
    return Register(
        number=find_next_number(store.folder),
        district=str(district.slug),
        at=at,
        by=actor.strip(),
        why=reason.strip(),
        people=max(len(people.people), 1),
        key=hasher.fingerprint,
        hashes=hasher.hash_terms(people.terms),
        backups=tuple(backups),
    )


def _list_stays(district: District, people: FoundPeople, matcher: TermMatcher) -> tuple[RemainingData, ...]:
    files = list_remaining_files(Path(settings.DATA), district, matcher)
    return (*list_remaining_data(district, people.terms, matcher), *files)


def _preview(
    district: District, store: EvidenceStore, people: FoundPeople, matcher: TermMatcher, register: Register
) -> ErasureCertificate:
    with store.lock_for_writing():
        evidence = EvidenceEraser(store, people.terms, preview=True).prepare()
    state = StateEraser(district, matcher, preview=True)
    state.erase()
    erased = {
        "evidence": {"rows": evidence.removed, "changed": evidence.changed, "files": evidence.files},
        "state": {"rows": dict(+state.removed), "changed": dict(+state.changed)},
    }
    return build_certificate(store, replace(register, erased=erased), listed_in=people.listed_in, dry_run=True)
