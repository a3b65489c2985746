"""Store studies with their effects for a district, list them, and remove one."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from homeroom.apps.manage.effects.control_studies import read_control_study
from homeroom.apps.manage.effects.effect_documents import build_effect_document
from homeroom.apps.manage.effects.list_studies import read_ticket_study, read_use_study
from homeroom.apps.manage.effects.models import StoredStudy
from homeroom.apps.manage.effects.panel_files import read_studies
from homeroom.apps.manage.effects.study_course import CourseWeek, build_course
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.manage.estimates.studies import Study
from homeroom.domain.platform.district import District
from homeroom.engines.manage.effect.effects import estimate_effect
from homeroom.evidence.loads.store import EvidenceStore

PAGE = 50
"""Studies on a page."""
MAX_STUDIES = 20
"""Studies of one uploaded file; the command line takes any number."""
MAX_BYTES = 5_000_000
MIN_USE_SCHOOLS = 2
"""Schools of a mean of use that is stored: that of one school is its count, which may be of a few people."""


class UploadTooLarge(ValueError):
    """A file is too large for a page; the message names what would fit."""


@dataclass(frozen=True, kw_only=True)
class StudyRecord:
    """A stored study: where it is from, its effect as a document, its course, and (school, day of its start)."""

    number: int
    name: str
    control: str
    file: str
    effect: dict[str, Any]
    course: tuple[CourseWeek, ...]
    starts: tuple[tuple[str, date | None], ...]
    made_by: str
    made_at: datetime

    @property
    def verdict(self) -> str:
        """The verdict of the effect."""
        return str(self.effect["verdict"])


def store_panel(*, district: District, file: str, content: bytes, at: datetime, actor: str) -> list[int]:
    """Store the studies of an uploaded file, and return their numbers. Raise FileRefused or UploadTooLarge."""
    with _write_upload(file, content) as path:
        studies = read_studies(path)
    if len(studies) > MAX_STUDIES:
        raise UploadTooLarge(f"the file has {len(studies)} studies; at most {MAX_STUDIES} at once would fit")
    rows = [_build_row(study, district=district, file=file, at=at, actor=actor) for study in studies]
    return _store_rows(rows, district=district, at=at, actor=actor)


def store_control_study(
    *, district: District, control: str, file: str, content: bytes, at: datetime, actor: str
) -> list[int]:
    """Store the study of a control whose starts are in an uploaded file. Raise FileRefused, NoWeeks, UploadTooLarge."""
    with _write_upload(file, content) as path:
        study = read_control_study(path, control=control, district=district)
    row = _build_row(study, district=district, file=file, at=at, actor=actor)
    row.control = control
    return _store_rows([row], district=district, at=at, actor=actor)


def store_use_study(
    *, district: District, store: EvidenceStore, tool: str, file: str, content: bytes, at: datetime, actor: str
) -> list[int]:
    """Store the study of a tool's use whose starts are in an uploaded file.

    Raise FileRefused, NoLists or UploadTooLarge.
    """
    with _write_upload(file, content) as path:
        listed = read_use_study(path, tool=tool, store=store)
    unit = "people per student" if listed.is_per_student else "people"
    study = replace(listed.study, name=f"{_build_title(listed.study)}: {unit}")
    row = _build_row(study, district=district, file=file, at=at, actor=actor, least_schools=MIN_USE_SCHOOLS)
    return _store_rows([row], district=district, at=at, actor=actor)


def store_ticket_study(
    *, district: District, store: EvidenceStore, file: str, content: bytes, at: datetime, actor: str
) -> list[int]:
    """Store the study of tickets whose starts are in an uploaded file. Raise FileRefused, NoLists or UploadTooLarge."""
    with _write_upload(file, content) as path:
        listed = read_ticket_study(path, store=store)
    unit = " per student" if listed.is_per_student else ""
    study = replace(listed.study, name=f"{_build_title(listed.study)}{unit}")
    row = _build_row(study, district=district, file=file, at=at, actor=actor)
    return _store_rows([row], district=district, at=at, actor=actor)


def list_stored_studies(*, district: District, after: int = 0) -> tuple[tuple[StudyRecord, ...], bool]:
    """Return a page of the stored studies, the newest first, and whether more follow."""
    rows = StoredStudy.objects.of(district).order_by("-made_at", "-pk")[after : after + PAGE + 1]
    studies = tuple(map(_build_record, rows))
    return studies[:PAGE], len(studies) > PAGE


def find_stored_study(*, district: District, number: int) -> StudyRecord | None:
    """Return a stored study of the district, or None."""
    row = StoredStudy.objects.of(district).filter(pk=number).first()
    return None if row is None else _build_record(row)


def remove_study(*, district: District, number: int, at: datetime, actor: str) -> None:
    """Remove a stored study. Raise LookupError if there is none."""
    with transaction.atomic():
        row = StoredStudy.objects.of(district).filter(pk=number).first()
        if row is None:
            raise LookupError(number)
        _record("remove study", row, district=district, at=at, actor=actor)
        row.delete()


def _build_row(
    study: Study, *, district: District, file: str, at: datetime, actor: str, least_schools: int = 1
) -> StoredStudy:
    (document,) = build_effect_document([estimate_effect(study)])["studies"]
    course = [
        {**asdict(week), "week": week.week.isoformat()} for week in build_course(study, least_schools=least_schools)
    ]
    starts = [[school, None if day is None else day.isoformat()] for school, day in sorted(study.starts.items())]
    return StoredStudy(
        district_id=district.pk,
        name=study.name[:200],
        file=Path(file).name[:200],
        effect=document,
        course=course,
        starts=starts,
        made_by=actor,
        made_at=at,
    )


def _store_rows(rows: Sequence[StoredStudy], *, district: District, at: datetime, actor: str) -> list[int]:
    with transaction.atomic():
        for row in rows:
            row.save(force_insert=True)
            _record("store study", row, district=district, at=at, actor=actor)
    return [row.pk for row in rows]


def _record(action: str, row: StoredStudy, *, district: District, at: datetime, actor: str) -> None:
    detail = {"study": row.name, "verdict": row.effect["verdict"], "control": row.control}
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action=action,
        subject_kind="study",
        subject=str(row.pk),
        detail=detail,
    )


def _build_title(study: Study) -> str:
    return f"{study.name[:1].upper()}{study.name[1:]}"


def _build_record(row: StoredStudy) -> StudyRecord:
    return StudyRecord(
        number=row.pk,
        name=row.name,
        control=row.control,
        file=row.file,
        effect=row.effect,
        course=tuple(CourseWeek(**week | {"week": date.fromisoformat(week["week"])}) for week in row.course),
        starts=tuple((school, None if day is None else date.fromisoformat(day)) for school, day in row.starts),
        made_by=row.made_by,
        made_at=row.made_at,
    )


@contextmanager
def _write_upload(name: str, content: bytes) -> Iterator[Path]:
    """Write an upload into a folder of its own under its name, which problems name."""
    if len(content) > MAX_BYTES:
        raise UploadTooLarge(f"the file has {len(content):,} bytes; at most {MAX_BYTES:,} would fit")
    with tempfile.TemporaryDirectory(prefix="homeroom-study-") as folder:
        path = Path(folder) / (Path(name).name[-100:] or "upload.csv")
        path.write_bytes(content)
        yield path
