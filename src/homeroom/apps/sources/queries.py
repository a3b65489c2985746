"""What pages ask about sources: what stands and how old it is, what waits for a person, one load, and the jobs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from homeroom.apps.sources.models import LoadJob
from homeroom.apps.sources.rejected import count_of, first_rejects
from homeroom.apps.sources.reports import Reject
from homeroom.evidence.differences import examples
from homeroom.evidence.manifests import Load, Partition
from homeroom.evidence.store import NoSuchLoad, Store
from homeroom.evidence.tables import TABLES, Privacy
from homeroom.ingest.masking import masked

OLD_DAYS = 7
FIRST_REJECTS = 20
JOBS_SHOWN = 10


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One stream of one source instance: its newest load, and how many days old that is in the district's zone."""

    load: Load
    days: int

    @property
    def old(self) -> bool:
        """Whether it is over a week old."""
        return self.days > OLD_DAYS


@dataclass(frozen=True, kw_only=True)
class Change:
    """How one canonical table differs from the load before. The shares are of the rows before, in percent or None."""

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
class OneLoad:
    """One load with all that its page says. `state` is stands, replaced, held or undone; `first` has none before it."""

    load: Load
    state: str
    changes: tuple[Change, ...]
    rejects: tuple[Reject, ...]
    rejected: int = 0
    first: bool = False


@dataclass(frozen=True, kw_only=True)
class Job:
    """One drop of files, and how far it is. `result` is what `jobs.told` wrote."""

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
        """Whether nothing more will happen to it."""
        return self.state not in ("waiting", "running")


def standing(*, store: Store, today: date, zone: ZoneInfo) -> tuple[Standing, ...]:
    """What stands, by source instance, stream and scope."""
    rows = (
        Standing(load=load, days=(today - load.loaded_at.astimezone(zone).date()).days) for load in store.standing()
    )
    return tuple(sorted(rows, key=lambda row: row.load.chain))


def held(*, store: Store) -> tuple[OneLoad, ...]:
    """Loads that wait for a person, oldest first, each with the difference that it would make."""
    return tuple(_one(store, load, "held") for load in store.held())


def one_load(*, store: Store, load_id: str) -> OneLoad | None:
    """One load by its id, also where it was undone; None where there is none."""
    try:
        load = store.load(load_id)
    except NoSuchLoad:
        return None
    return _one(store, load, _state(store, load))


def recent_jobs(*, district: Any) -> tuple[Job, ...]:
    """The newest drops of files."""
    return tuple(_job(row) for row in LoadJob.objects.of(district).order_by("-made_at", "-pk")[:JOBS_SHOWN])


def one_job(*, district: Any, number: int) -> Job | None:
    """One drop of files by its number; None where the district has none of that number."""
    row = LoadJob.objects.of(district).filter(pk=number).first()
    return None if row is None else _job(row)


def _state(store: Store, load: Load) -> str:
    if load.id.startswith("held-"):
        return "held"
    if load.id in store.undone():
        return "undone"
    return "stands" if any(one.id == load.id for one in store.standing()) else "replaced"


def _one(store: Store, load: Load, state: str) -> OneLoad:
    before = _before(store, load, state)
    changes = tuple(
        _change(store, name, part, before.tables.get(name) if before else None) for name, part in load.tables.items()
    )
    return OneLoad(
        load=load,
        state=state,
        changes=changes,
        rejects=first_rejects(store, load, limit=FIRST_REJECTS),
        rejected=count_of(store, load),
        first=before is None,
    )


def _before(store: Store, load: Load, state: str) -> Load | None:
    """The load that this one is compared with: what stands for a held one, else the one before it in its chain."""
    chain = store.chain(load)
    if state == "held":
        return chain[-1] if chain else None
    earlier = [one for one in chain if one.id < load.id]
    return earlier[-1] if earlier else None


def _change(store: Store, name: str, part: Partition, before: Partition | None) -> Change:
    gone, new = _keys(store, name, part, before)
    return Change(
        table=name,
        before=part.before,
        rows=part.rows,
        added=part.added,
        removed=part.removed,
        changed=part.changed,
        removed_share=_share(part.removed, part.before),
        changed_share=_share(part.changed, part.before),
        gone=gone,
        new=new,
    )


def _keys(
    store: Store, name: str, part: Partition, before: Partition | None
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The first keys that went and came. A key of a table about pupils is masked."""
    table = TABLES[name]
    if before is None or not (part.added or part.removed):
        return (), ()
    if not all(store.blob(blob).exists() for one in (before, part) for blob in one.blobs):
        return (), ()
    gone, new = examples(store.blobs, before, part, table=table)
    about_pupils = any(table.column(key).privacy is Privacy.STUDENT for key in table.key)
    hide = masked if about_pupils else str
    return tuple(map(hide, gone)), tuple(map(hide, new))


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


def _job(row: LoadJob) -> Job:
    return Job(
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
