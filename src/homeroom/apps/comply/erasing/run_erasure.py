"""Carry out an erasure step by step. Each step may be repeated: what a killed run did is found to be done.

1. Evidence is written again, and its manifests are replaced; the register is written, so that loads obey it. 2. The
district is resolved and assessed again, on the days of the published snapshot and assessment, so that pages lose the
people and nothing else. 3. The state database loses rows and texts. 4. Old files of evidence and pages are removed, and
the databases are checkpointed and vacuumed. 5. The register gets its figures, the audit trail its entry.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connections
from django.utils import timezone
from msgspec.structs import replace

from homeroom.apps.comply.erasing.left_files import remove_old_page_files, remove_set_aside_files
from homeroom.apps.comply.erasing.state_eraser import StateEraser
from homeroom.apps.comply.erasing.vacuum import compact_databases
from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.inventory.queries import get_projection
from homeroom.apps.platform.audit.announcing import ANY_WAIT, settle_announced_entries
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.queries import list_audited_subjects
from homeroom.apps.platform.districts.durability import sync_state
from homeroom.apps.protect.exceptions.queries import list_active_suppressions
from homeroom.apps.protect.fixes.verify import verify_fixes
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.published.queries import get_published_assessment
from homeroom.apps.protect.vulnerabilities.review.review import review_vulnerabilities
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress, ignore_progress
from homeroom.evidence.backups.backup_folder import identify_installation
from homeroom.evidence.erasing.evidence_eraser import ErasedEvidence, EvidenceEraser
from homeroom.evidence.erasing.ledger import update_ledger
from homeroom.evidence.erasing.person_terms import TermMatcher
from homeroom.evidence.erasing.register import (
    ErasureJournal,
    Register,
    RemainingData,
    remove_journal,
    write_journal,
    write_register,
)
from homeroom.evidence.loads.store import EvidenceStore

ACTION = "erase people"


def run_erasure(
    district: District, store: EvidenceStore, journal: ErasureJournal, *, progress: Progress = ignore_progress
) -> Register:
    """Carry out an erasure to its end, and return its register. Call it with the lock of erasures."""
    register, terms, matcher = journal.register, journal.terms, TermMatcher(journal.terms)
    shown = get_projection(district).derived
    settle_announced_entries(district=district, wait=ANY_WAIT)  # what is not in the trail yet is erased from it too
    with store.lock_for_writing():
        eraser = EvidenceEraser(store, terms)
        prepared = eraser.prepare(shown=shown, progress=progress)
        erased = _add_counts(journal.erased, _describe_evidence(prepared))
        journal = replace(journal, erased=erased)
        write_journal(store.folder, journal)
        eraser.replace_manifests()
        write_register(store.folder, replace(register, erased=erased))
    records = {(instance, key) for instance, _, key in terms.records}
    _judge_again(district, store, records=records, subjects=terms.subjects, progress=progress)
    with store.lock_for_writing():
        eraser = EvidenceEraser(store, terms)
        erased = _sum_counts(erased, _describe_evidence(eraser.prepare_snapshot(shown)))
        write_journal(store.folder, replace(journal, erased=erased))
        eraser.replace_manifests()
    progress("Erasing from the database", 0, 0)
    state = StateEraser(district, matcher)
    state.erase()
    erased = _add_counts(erased, {"state": {"rows": dict(+state.removed), "changed": dict(+state.changed)}})
    write_journal(store.folder, replace(journal, erased=erased))
    busy = _remove_old_files(district, store)
    stays = (*register.stays, *_describe_busy(busy), *_describe_missing_ledger())
    finished = replace(register, erased=erased, stays=stays, finished_at=timezone.now())
    _record(district, finished)
    write_register(store.folder, finished)
    _update_ledger()
    for alias in connections:
        sync_state(alias=alias)  # before nothing is left that would erase again
    remove_journal(store.folder)
    return finished


def _update_ledger() -> None:
    """Write the erasure into the ledger beside the backups, so that no restore brings the people back."""
    folder, data = Path(settings.BACKUP_FOLDER).expanduser() if settings.BACKUP_FOLDER else None, Path(settings.DATA)
    if folder is not None and folder.is_dir():
        update_ledger(folder, data=data, installation=identify_installation(data), at=timezone.now(), followed=True)


def _judge_again(
    district: District,
    store: EvidenceStore,
    *,
    records: set[tuple[str, str]],
    subjects: frozenset[int],
    progress: Progress,
) -> None:
    """Resolve, assess and review again, if that was done before, as of the same days and times."""
    newest = store.get_latest_derived()
    if newest is None:
        return
    resolve(district=district, store=store, today=newest.today, at=newest.at, progress=progress, erased=records)
    assessment = get_published_assessment(district=district)
    if assessment is None:
        return
    today, at = assessment.today, assessment.at
    suppressions = list_active_suppressions(district=district, today=today)
    assess(
        district=district,
        store=store,
        today=today,
        at=at,
        progress=progress,
        suppressions=suppressions,
        erased=subjects,
    )
    review_vulnerabilities(district=district, store=store, today=today, at=at)
    verify_fixes(district=district, store=store, at=at)


def _remove_old_files(district: District, store: EvidenceStore) -> tuple[str, ...]:
    assessment = get_published_assessment(district=district)
    remove_old_page_files(
        store,
        derived=get_projection(district).derived,
        number=assessment.number if assessment is not None else 0,
    )
    remove_set_aside_files(Path(settings.DATA), store)
    with store.lock_for_writing():
        store.sweep()
    return compact_databases()


def _record(district: District, register: Register) -> None:
    """Write the audit entry, unless a run that was killed afterwards wrote it already."""
    subject = f"{register.number:06d}"
    if subject in list_audited_subjects(district=district, action=ACTION):
        return
    record_audit_entry(
        district=district,
        at=register.at,
        actor=register.by,
        action=ACTION,
        subject_kind="erasure",
        subject=subject,
        detail={"reason": register.why, "people": register.people, "erased": register.erased},
    )


def _describe_evidence(erased: ErasedEvidence) -> dict[str, Any]:
    return {"evidence": {"rows": dict(erased.removed), "changed": dict(erased.changed), "files": erased.files}}


def _describe_busy(names: tuple[str, ...]) -> tuple[RemainingData, ...]:
    reason = "another process reads old pages of the write-ahead log; they go when it ends"
    return tuple(RemainingData(what=f"database {name}", count=1, why=reason) for name in names)


def _describe_missing_ledger() -> tuple[RemainingData, ...]:
    """Return what the certificate states if the folder of backups is not there, such as a disk that is not mounted."""
    if not settings.BACKUP_FOLDER or Path(settings.BACKUP_FOLDER).expanduser().is_dir():
        return ()
    reason = "the folder of backups is not there; run homeroom backup once it is, before any backup is restored"
    return (RemainingData(what="ledger beside the backups", count=1, why=reason),)


def _sum_counts(left: Mapping[str, Any], right: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts of two parts of the evidence together."""
    first, second = left["evidence"], right["evidence"]
    rows = {name: dict(Counter(first[name]) + Counter(second[name])) for name in ("rows", "changed")}
    return {**left, "evidence": {**rows, "files": first["files"] + second["files"]}}


def _add_counts(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, Any]:
    """Return the counts of a run that was killed and of the one that goes on: what was done counts once."""
    combined = dict(before)
    for area, counts in now.items():
        earlier = combined.get(area, {})
        combined[area] = {
            name: dict(Counter(earlier.get(name, {})) | Counter(value))
            if isinstance(value, dict)
            else max(value, earlier.get(name, 0))
            for name, value in counts.items()
        }
    return combined
