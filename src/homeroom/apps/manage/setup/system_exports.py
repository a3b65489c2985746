"""The exports of one system in the first run: its steps ticked off, its files uploaded, and what became of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from homeroom.apps.know.sources.drops import drop_files
from homeroom.apps.know.sources.jobs import Upload
from homeroom.apps.know.sources.queries import LoadJobView, count_open_jobs, find_job
from homeroom.apps.manage.setup.models import Setup
from homeroom.apps.manage.setup.queries import STEPS, load_setup
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.guides import ExportGuide
from homeroom.domain.platform.district import District
from homeroom.evidence.files.manifests import Load
from homeroom.library.know.guides import load_guides


class UnknownSystem(LookupError):
    """No guide has this id."""


@dataclass(frozen=True, kw_only=True)
class SystemExports:
    """The exports of one system: its guide, the ticked steps, the newest upload and the current loads.

    `number` is its place among the district's systems, which are `count`, or 0 for a system that it has not chosen;
    `before` and `after` are the ids of its neighbors, or empty.
    """

    guide: ExportGuide
    ticked: frozenset[str]
    job: LoadJobView | None
    loads: tuple[Load, ...]
    number: int
    count: int
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class FirstScan:
    """State of the first scan: each chosen system with its current loads, and how many uploads are being read."""

    systems: tuple[tuple[ExportGuide, tuple[Load, ...]], ...]
    open_jobs: int
    has_loads: bool

    @property
    def missing(self) -> tuple[ExportGuide, ...]:
        """Chosen systems without a current load."""
        return tuple(guide for guide, loads in self.systems if not loads)


def find_guide(system: str) -> ExportGuide:
    """Return the guide of a system. Raise UnknownSystem."""
    for guide in load_guides():
        if guide.id == system:
            return guide
    raise UnknownSystem(system)


def load_system_exports(*, district: District, system: str) -> SystemExports:
    """Return the exports of one system. Raise UnknownSystem."""
    guide = find_guide(system)
    row = Setup.objects.of(district).first()
    chosen_ids = [chosen.id for chosen in load_setup(district=district).chosen_guides]
    place = chosen_ids.index(system) if system in chosen_ids else -1
    job_number = row.uploads.get(system) if row else None
    return SystemExports(
        guide=guide,
        ticked=guide.step_ids & frozenset(row.ticks.get(system, ()) if row else ()),
        job=find_job(district=district, number=job_number) if job_number else None,
        loads=_select_loads(guide, _list_loads(district)),
        number=place + 1,
        count=len(chosen_ids),
        before=chosen_ids[place - 1] if place > 0 else "",
        after=chosen_ids[place + 1] if 0 <= place < len(chosen_ids) - 1 else "",
    )


def load_first_scan(*, district: District) -> FirstScan:
    """Return the state of the first scan."""
    loads = _list_loads(district)
    return FirstScan(
        systems=tuple((guide, _select_loads(guide, loads)) for guide in load_setup(district=district).chosen_guides),
        open_jobs=count_open_jobs(district=district),
        has_loads=bool(loads),
    )


def tick_steps(*, district: District, system: str, step_ids: Iterable[str], actor: str, at: datetime) -> None:
    """Store which steps of a system's exports are done. Raise UnknownSystem; ids of other steps are left out."""
    ticked = sorted(find_guide(system).step_ids & set(step_ids))
    with transaction.atomic():
        row = _lock_row(district)
        if row.ticks.get(system, []) == ticked:
            return
        row.ticks = {**row.ticks, system: ticked}
        _save_row(row, district=district, system=system, action="tick export steps", actor=actor, at=at)


def upload_exports(uploads: Sequence[Upload], *, district: District, system: str, actor: str, at: datetime) -> int:
    """Store uploads of one system and queue their load, and return its number. Raise UnknownSystem."""
    find_guide(system)
    number = drop_files(uploads, district=district, actor=actor, at=at)
    with transaction.atomic():
        row = _lock_row(district)
        row.uploads = {**row.uploads, system: number}
        row.answered = [name for name in STEPS if name == "exports" or name in row.answered]
        _save_row(row, district=district, system=system, action="answer setup", actor=actor, at=at)
    return number


def _lock_row(district: District) -> Setup:
    row: Setup | None = Setup.objects.of(district).select_for_update().first()
    return row or Setup(district_id=district.pk)


def _save_row(row: Setup, *, district: District, system: str, action: str, actor: str, at: datetime) -> None:
    row.changed_at, row.changed_by = at, actor
    row.save()
    record_audit_entry(
        district=district, at=at, actor=actor, action=action, subject_kind="setup", subject=f"exports {system}"
    )


def _list_loads(district: District) -> tuple[Load, ...]:
    store = get_evidence_store(district=district)
    return (*store.list_current_loads(), *store.list_newest_event_loads())


def _select_loads(guide: ExportGuide, loads: Iterable[Load]) -> tuple[Load, ...]:
    readers = {*guide.connectors, *guide.mappings}
    return tuple(load for load in loads if load.connector in readers)
