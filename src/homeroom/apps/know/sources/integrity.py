"""Check a district's evidence and uploads against the state database, and repair what can be repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.jobs import END_STATES
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.audit.queries import list_audited_subjects
from homeroom.apps.protect.exceptions.queries import list_active_suppressions
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.published.queries import get_published_assessment
from homeroom.domain.platform.district import District
from homeroom.evidence.files.manifests import EvidenceDamaged
from homeroom.evidence.integrity.check import References, check_evidence, find_missing_manifests
from homeroom.evidence.integrity.damage import ASSESS, RESOLVE, RESTORE, FileDamage, describe_problem
from homeroom.evidence.integrity.repair import repair_locally, restore_from_backup
from homeroom.evidence.loads.store import EvidenceStore

LOST_UPLOAD = "it waits to be loaded; drop it again"


@dataclass(frozen=True, kw_only=True)
class RepairReport:
    """What a repair did: the damage before it, and what remains."""

    before: tuple[FileDamage, ...]
    remaining: tuple[FileDamage, ...]

    @property
    def repaired(self) -> tuple[FileDamage, ...]:
        """FileDamage that is no more."""
        remaining = {damage.path for damage in self.remaining}
        return tuple(damage for damage in self.before if damage.path not in remaining)


def find_damage(*, district: District, store: EvidenceStore) -> tuple[FileDamage, ...]:
    """Read every byte of a district's evidence and waiting uploads, and return what is damaged."""
    return (*check_evidence(store, references=_collect_references(district)), *_check_uploads(district))


def find_missing(*, district: District, store: EvidenceStore) -> tuple[FileDamage, ...]:
    """Return what is missing of a district's evidence, without reading it."""
    return tuple(find_missing_manifests(store, _collect_references(district)))


def repair_district(
    *, district: District, store: EvidenceStore, data: Path, backup: Path | None, today: date, at: datetime, actor: str
) -> RepairReport:
    """Repair what is damaged of a district: from a backup if one is given, else by building it again from the loads.

    The report has what remains: files whose originals must be loaded again.
    """
    before = find_damage(district=district, store=store)
    remaining = before
    if remaining and backup is not None:
        with store.lock_for_writing():
            restore_from_backup(remaining, data=data, backup=backup)
        remaining = find_damage(district=district, store=store)
    if remaining:
        with store.lock_for_writing():
            repair_locally(store, remaining, data=data)
        _build_again(district, store, remaining, today=today, at=at)
        remaining = find_damage(district=district, store=store)
    report = RepairReport(before=before, remaining=remaining)
    if before:
        detail = {"damaged": len(before), "repaired": len(report.repaired)}
        record_audit_entry(
            district=district,
            at=at,
            actor=actor,
            action="repair evidence",
            subject_kind="district",
            subject=district.slug,
            detail=detail,
        )
    return report


def _build_again(
    district: District, store: EvidenceStore, damages: tuple[FileDamage, ...], *, today: date, at: datetime
) -> None:
    """Resolve and assess again if a snapshot or the files of an assessment were damaged, and if the loads are sound."""
    remedies = {damage.remedy for damage in damages}
    try:
        store.pin_snapshot()  # finds the rows that departed again
        if RESOLVE in remedies and store.list_current_loads():
            newest = store.get_latest_derived()
            assessment = get_published_assessment(district=district)
            known_days = [assessment.today] if assessment else []
            day = newest.today if newest is not None and not known_days else (known_days or [today])[0]
            resolve(district=district, store=store, today=day, at=at)
        if remedies & {RESOLVE, ASSESS} and _needs_assessment(district, store, damages):
            suppressions = list_active_suppressions(district=district, today=today)
            assess(district=district, store=store, today=today, at=at, suppressions=suppressions)
    except (EvidenceDamaged, OSError, LookupError):
        return  # a load's own file is damaged: the report names it
    except Exception as error:
        if not _is_from_data_library(error):
            raise


def _is_from_data_library(error: Exception) -> bool:
    return type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb", "pyarrow", "polars")


def _needs_assessment(district: District, store: EvidenceStore, damages: tuple[FileDamage, ...]) -> bool:
    """Return whether the published assessment's snapshot or its files are not there."""
    assessment = get_published_assessment(district=district)
    if assessment is None:
        return False
    has_snapshot = (store.folder / "derived" / f"{assessment.derived}.json").exists()
    return not has_snapshot or any(damage.remedy == ASSESS for damage in damages)


def _collect_references(district: District) -> References:
    loads = list_audited_subjects(district=district, action="load")
    approved = list_audited_subjects(district=district, action="approve load")
    published = {load.rpartition("-")[2] for load in loads | approved}  # a run that was killed left the latter alone
    held = list_audited_subjects(district=district, action="hold load")
    decided = list_audited_subjects(district=district, action="discard load")
    assessment = get_published_assessment(district=district)
    return References(
        loads=loads,
        undone=list_audited_subjects(district=district, action="undo load"),
        held=[name for name in held - decided if name.rpartition("-")[2] not in published],
        derived=[assessment.derived] if assessment else [],
    )


def _check_uploads(district: District) -> list[FileDamage]:
    jobs = LoadJob.objects.of(district).exclude(state__in=END_STATES)
    damages = [_check_upload(Path(job.folder), file, job=int(job.pk)) for job in jobs for file in job.files]
    return [damage for damage in damages if damage is not None]


def _check_upload(folder: Path, file: Mapping[str, str], *, job: int) -> FileDamage | None:
    name, digest = str(file["name"]), str(file.get("sha256", ""))
    paths = [path for path in (folder / name, *(child / name for child in folder.glob("*/"))) if path.exists()]
    problems = [describe_problem(path, digest=digest) for path in paths] or ["is missing"]
    if not digest or not all(problems):
        return None
    return FileDamage(
        path=f"{folder.parent.name}/{folder.name}/{name}",
        problem=problems[0],
        subject=f"job {job}",
        consequence=LOST_UPLOAD,
        remedy=RESTORE,
        originals=(name,),
    )
