"""Queries for sources: current loads and their age, held loads, one load, and load jobs."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count

from homeroom.apps.know.sources.jobs import END_STATES
from homeroom.apps.know.sources.load_report import Reject
from homeroom.apps.know.sources.models import LoadJob
from homeroom.apps.know.sources.reject_export import read_first_rejects
from homeroom.domain.platform.district import District
from homeroom.evidence.diff.snapshot_diff import find_example_keys
from homeroom.evidence.event_files.event_loads import parse_load_number
from homeroom.evidence.files.manifests import Load, Partition
from homeroom.evidence.loads.store import EvidenceStore, NoSuchLoad
from homeroom.evidence.tables import TABLES, Privacy
from homeroom.ingest.contract.masking import mask_value

OLD_DAYS = 7
MAX_SHOWN_REJECTS = 20
MAX_JOBS = 10
_LISTED_EVENT_LOADS = 500
"""Loads of logs that are listed, the newest: there may be hundreds a day."""


@dataclass(frozen=True, kw_only=True)
class ActiveSource:
    """One stream of one source instance: its newest load, and its age in days in the district's time zone."""

    load: Load
    days: int

    @property
    def old(self) -> bool:
        """Return whether it is over a week old."""
        return self.days > OLD_DAYS


@dataclass(frozen=True, kw_only=True)
class TableChange:
    """Difference of one canonical table to the previous load. Shares are of the previous rows, in percent or None."""

    table: str
    before: int
    rows: int
    added: int
    removed: int
    changed: int
    removed_share: float | None
    changed_share: float | None
    gone: tuple[str, ...] = ()
    new: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LoadDetail:
    """One load with the content of its page. `first` means that there is no previous load.

    `state` is that of the load: current, replaced, held or undone.
    """

    load: Load
    state: str
    changes: tuple[TableChange, ...]
    rejects: tuple[Reject, ...]
    rejected: int = 0
    first: bool = False

    @property
    def removes_rows(self) -> bool:
        """True if rows of the previous load are not in it any more."""
        return self.load.removes_rows

    @property
    def values_left_out(self) -> int:
        """Number of rejects that cost only a value of a row."""
        return max(0, self.rejected - self.load.rows_rejected)

    @property
    def is_log(self) -> bool:
        """True for a load of a log, which adds to the entries that are stored and replaces none."""
        return parse_load_number(self.load.id) > 0


@dataclass(frozen=True, kw_only=True)
class LoadJobView:
    """One drop of files and its progress. `result` is what `serialize_report` returned."""

    id: int
    state: str
    step: str
    done: int
    total: int
    files: tuple[Mapping[str, Any], ...]
    made_at: datetime
    made_by: str
    finished_at: datetime | None
    result: Mapping[str, Any] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        """Return whether the job has ended."""
        return self.state not in ("waiting", "running")


def list_active_sources(*, store: EvidenceStore, today: date, zone: ZoneInfo) -> tuple[ActiveSource, ...]:
    """Return the current loads by source instance, stream and scope."""
    rows = (
        ActiveSource(load=load, days=(today - load.loaded_at.astimezone(zone).date()).days)
        for load in (*store.list_current_loads(), *store.list_newest_event_loads())
    )
    return tuple(sorted(rows, key=lambda row: row.load.chain))


def list_load_states(*, store: EvidenceStore) -> tuple[tuple[Load, str], ...]:
    """Return (load, state) of all loads, of those of logs the newest.

    A state is whether it is waiting, undone, current or replaced.
    """
    event_loads = store.list_recent_event_loads(limit=_LISTED_EVENT_LOADS)
    undone_ids = store.list_undone_ids()
    active_ids = {load.id for load in (*store.list_current_loads(), *event_loads)}
    return tuple(
        (load, _name_state(load, undone_ids, active_ids))
        for load in (*store.list_all_loads(), *event_loads, *store.list_held_loads())
    )


def _name_state(load: Load, undone_ids: Collection[str], active_ids: Collection[str]) -> str:
    if load.id.startswith("held-"):
        return "waiting"
    return "undone" if load.id in undone_ids else "stands" if load.id in active_ids else "replaced"


def list_held_loads(*, store: EvidenceStore) -> tuple[LoadDetail, ...]:
    """Return the held loads, oldest first, each with the difference that it would make."""
    return tuple(_build_load_detail(store, load, "held") for load in store.list_held_loads())


def summarize_held_load(load: Load) -> LoadDetail:
    """Return a held load with its changes in numbers, without rejects and example keys: nothing more is read."""
    changes = tuple(_build_table_change(name, part) for name, part in load.tables.items())
    return LoadDetail(load=load, state="held", changes=changes, rejects=())


def find_load(*, store: EvidenceStore, load_id: str) -> LoadDetail | None:
    """Return one load by its id, also an undone one; None if there is none."""
    try:
        load = store.get_load(load_id)
    except NoSuchLoad:
        return None
    return _build_load_detail(store, load, _determine_state(store, load))


def list_recent_jobs(*, district: District) -> tuple[LoadJobView, ...]:
    """Return the newest drops of files."""
    return tuple(_build_job_view(row) for row in LoadJob.objects.of(district).order_by("-made_at", "-pk")[:MAX_JOBS])


def has_waiting_jobs(*, district: District, since: datetime) -> bool:
    """Return whether a job of the district has waited since then for a worker."""
    return LoadJob.objects.of(district).filter(state="waiting", made_at__lt=since).exists()


def count_waiting_jobs() -> int:
    """Return how many jobs of all districts wait for a worker or were left by one."""
    return LoadJob.everywhere.filter(state__in=("waiting", "running")).count()


def count_open_jobs(*, district: District) -> int:
    """Return how many drops of files of a district have not ended."""
    return LoadJob.objects.of(district).exclude(state__in=END_STATES).count()


def count_jobs_by_state() -> dict[str, int]:
    """Return the number of drops of files of all districts by state: for whoever monitors the installation."""
    counts = LoadJob.everywhere.order_by().values_list("state").annotate(Count("pk"))
    return dict.fromkeys(("waiting", "running", *END_STATES), 0) | dict(counts)


def find_job(*, district: District, number: int) -> LoadJobView | None:
    """Return one drop of files by its number, or None."""
    row = LoadJob.objects.of(district).filter(pk=number).first()
    return None if row is None else _build_job_view(row)


def _determine_state(store: EvidenceStore, load: Load) -> str:
    if load.id.startswith("held-"):
        return "held"
    if load.id in store.list_undone_ids():
        return "undone"
    if parse_load_number(load.id):
        return "undone" if store.is_event_load_undone(load.id) else "stands"
    return "stands" if any(current_load.id == load.id for current_load in store.list_current_loads()) else "replaced"


def _build_load_detail(store: EvidenceStore, load: Load, state: str) -> LoadDetail:
    before = _find_previous_load(store, load, state)
    changes = tuple(
        _build_table_change(
            name, part, keys=_list_example_keys(store, name, part, before.tables.get(name) if before else None)
        )
        for name, part in load.tables.items()
    )
    rejects, rejected = read_first_rejects(store, load, limit=MAX_SHOWN_REJECTS)
    return LoadDetail(
        load=load,
        state=state,
        changes=changes,
        rejects=rejects,
        rejected=rejected,
        first=before is None and not parse_load_number(load.id),
    )


def _find_previous_load(store: EvidenceStore, load: Load, state: str) -> Load | None:
    """Return the load to compare with: the current one for a held load, else the previous one in its chain.

    A load of a log is compared with none: its counts are about the entries of its days.
    """
    if parse_load_number(load.id):
        return None
    chain = store.list_chain(load)
    if state == "held":
        return chain[-1] if chain else None
    earlier = [stored_load for stored_load in chain if stored_load.id < load.id]
    return earlier[-1] if earlier else None


def _build_table_change(
    name: str, part: Partition, *, keys: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
) -> TableChange:
    """Return the difference of one table; `keys` are the first removed and added ones."""
    removed_keys, added_keys = keys
    return TableChange(
        table=name,
        before=part.rows_before,
        rows=part.rows,
        added=part.added,
        removed=part.removed,
        changed=part.changed,
        removed_share=_compute_percentage(part.removed, part.rows_before),
        changed_share=_compute_percentage(part.changed, part.rows_before),
        gone=removed_keys,
        new=added_keys,
    )


def _list_example_keys(
    store: EvidenceStore, name: str, part: Partition, before: Partition | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the first removed and added keys. Keys about students, or beside individual values, are masked."""
    table = TABLES[name]
    if before is None or not (part.added or part.removed):
        return (), ()
    if not all(store.get_blob_path(blob).exists() for snapshot in (before, part) for blob in snapshot.blobs):
        return (), ()
    removed_keys, added_keys = find_example_keys(store.blobs, before, part, table=table)
    about_students = any(table.get_column(key).privacy is Privacy.STUDENT for key in table.key)
    is_private = about_students or any(column.privacy is Privacy.INDIVIDUAL for column in table.columns)
    show_key = mask_value if is_private else str
    return tuple(map(show_key, removed_keys)), tuple(map(show_key, added_keys))


def _compute_percentage(part: int, total: int) -> float | None:
    return round(100 * part / total, 1) if total else None


def _build_job_view(row: LoadJob) -> LoadJobView:
    return LoadJobView(
        id=row.pk,
        state=row.state,
        step=row.step,
        done=row.done,
        total=row.total,
        files=tuple(row.files),
        made_at=row.made_at,
        made_by=row.made_by,
        finished_at=row.finished_at,
        result=row.result,
    )
