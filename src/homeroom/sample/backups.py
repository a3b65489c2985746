"""The list of backups: what is backed up, when, where to, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from homeroom.sample.lists import Said, Shelf, year_before, yes

SOURCE: Final = "backups"
_HEADER: Final = (
    "System,Job,Backup Tool,Must Have,Last Good Backup,Last Restore Test,Off Site,Locked,Encrypted,Kept (days),Contact"
)
_MAPPING: Final = """\
# How the technology office's list of backups is read.
homeroom: mapping
name: list
connector: backups
table: backup_records
needs: [Backup Tool, Last Good Backup]
columns:
  system: {from: System}
  job: {from: Job}
  tool: {from: Backup Tool}
  critical: {from: Must Have}
  last_success: {from: Last Good Backup}
  last_restore_test: {from: Last Restore Test}
  offsite: {from: Off Site}
  immutable: {from: Locked}
  encrypted: {from: Encrypted}
  keeps_days: {from: Kept (days)}
  owner: {from: Contact}
"""


@dataclass(frozen=True, kw_only=True)
class _Job:
    """One job. Days are counted back from today; `last` and `restored` may be None: the cell is blank."""

    name: str = "Nightly"
    tool: str = "Vaultline"
    last: int | None = 1
    restored: date | None = None
    offsite: bool | None = False
    locked: bool | None = False
    encrypted: bool | None = True
    kept: int = 45


_CLOUD: Final = _Job(name="Cloud copy", tool="Farstore", last=2, offsite=True, locked=True, kept=90)


@dataclass(frozen=True, kw_only=True)
class _System:
    name: str
    jobs: Sequence[_Job]
    critical: bool | None = True
    contact: str = "R. Marsh"
    said: Said = field(default_factory=lambda: Said(key=""))
    of_jobs: Sequence[Said] = ()


def write_backups(shelf: Shelf) -> None:
    """Write the list and state what is true of it."""
    systems = tuple(_systems(shelf))
    shelf.list_of(
        "backups", header=_HEADER, mapping=_MAPPING, rows=(row for one in systems for row in _rows(shelf, one))
    )
    for one in systems:
        shelf.stated(SOURCE, replace(one.said, key=one.name))
        for said in one.of_jobs:
            shelf.stated(SOURCE, said)


def _rows(shelf: Shelf, system: _System) -> Iterator[Sequence[object]]:
    for job in system.jobs:
        last = None if job.last is None else shelf.ago(job.last)
        places = (yes(job.offsite), yes(job.locked), yes(job.encrypted), job.kept or None)
        yield (system.name, job.name, job.tool, yes(system.critical), last, job.restored, *places, system.contact)


def _systems(shelf: Shelf) -> Iterator[_System]:
    """Every system on the list. A good one was restored 100 days ago and has a copy elsewhere."""
    year = year_before(shelf.today)
    nightly, disk = _Job(restored=shelf.ago(100)), _Job(name="Second disk", tool="Vaultline", last=1)
    safe = {
        "backup-copy-elsewhere": "The nightly copy stays in the building, the other one does not.",
        "backup-copy-unchangeable": "One of two copies is locked.",
    }
    yield _System(name="Student records", jobs=(nightly, _CLOUD), said=Said(key="", near=safe))
    none = _Job(name="", tool="none", last=None, offsite=None, locked=None, encrypted=None, kept=0)
    yield _System(name="Door controllers", jobs=(none,), said=Said(key="", fails=["system-backed-up"]))
    yield _System(name="Sign boards", jobs=(none,), critical=False, said=Said(key="", near={"system-backed-up": "School can go on without it.", "backup-has-owner": "Nothing is backed up that somebody could answer for."}))  # fmt: skip
    yield from _fresh(nightly)
    yield _System(
        name="Finance",
        jobs=(nightly, _CLOUD, replace(disk, name="Archive", last=32)),
        of_jobs=[Said(key="Finance / Archive", fails=["backup-job-runs"])],
    )
    yield _System(
        name="Web site",
        jobs=(nightly, _CLOUD, replace(disk, name="Archive", last=31)),
        of_jobs=[Said(key="Web site / Archive", near={"backup-job-runs": "It ran 31 days ago."})],
    )
    late, limit = replace(nightly, restored=shelf.ago(367)), replace(nightly, restored=year)
    yield _System(name="Transport routing", jobs=(late, _CLOUD), said=Said(key="", fails=["restore-tested"]))
    yield _System(name="Phones", jobs=(limit, _CLOUD), said=Said(key="", near={"restore-tested": "Tried a year ago to the day."}))  # fmt: skip
    yield _System(name="Health office", jobs=(replace(nightly, restored=None), _CLOUD), said=Said(key="", unknown=["restore-tested"]))  # fmt: skip
    yield from _copies(nightly, disk)
    yield from _kept(nightly, disk)


def _fresh(nightly: _Job) -> Iterator[_System]:
    week = replace(nightly, name="Weekly", kept=60)
    cloud = replace(_CLOUD, last=5)
    yield _System(name="Lunch accounts", jobs=(replace(nightly, last=3), cloud), said=Said(key="", fails=["backup-recent"]))  # fmt: skip
    yield _System(name="Directory", jobs=(replace(nightly, last=2), cloud), said=Said(key="", near={"backup-recent": "Two days ago is soon enough."}))  # fmt: skip
    yield _System(name="Yearbook", jobs=(replace(week, last=9),), critical=False, said=Said(key="", fails=["backup-recent"]))  # fmt: skip
    yield _System(
        name="Library catalogue",
        jobs=(replace(week, last=8),),
        critical=False,
        said=Said(
            key="",
            near={
                "backup-recent": "School can go on without it, and weekly is enough.",
                "backup-second-job": "School can go on without it, and one job is enough.",
                "system-importance-said": "The list says that school can go on without it.",
            },
        ),
    )


def _copies(nightly: _Job, disk: _Job) -> Iterator[_System]:
    here = replace(_CLOUD, name="Basement", offsite=False)
    yield _System(name="Special education", jobs=(nightly, here), said=Said(key="", fails=["backup-copy-elsewhere"]))
    blank = replace(here, offsite=None)
    yield _System(
        name="Assessment",
        jobs=(nightly, blank),
        said=Said(key="", unknown=["backup-copy-elsewhere"]),
        of_jobs=[Said(key="Assessment / Basement", unknown=["backup-encrypted"])],
    )
    open_ = replace(_CLOUD, locked=False)
    yield _System(name="Payroll", jobs=(nightly, open_), said=Said(key="", fails=["backup-copy-unchangeable"]))
    yield _System(name="Mail archive", jobs=(nightly, replace(_CLOUD, locked=None)), said=Said(key="", unknown=["backup-copy-unchangeable"]))  # fmt: skip
    plain = replace(_CLOUD, encrypted=False)
    yield _System(
        name="Print server",
        jobs=(nightly, plain),
        critical=False,
        of_jobs=[Said(key="Print server / Cloud copy", fails=["backup-encrypted"])],
    )
    yield _System(
        name="Wireless",
        jobs=(nightly, replace(_CLOUD, encrypted=None), replace(disk, encrypted=False)),
        of_jobs=[
            Said(key="Wireless / Cloud copy", unknown=["backup-encrypted"]),
            Said(key="Wireless / Second disk", near={"backup-encrypted": "It never leaves the building."}),
        ],
    )
    yield _System(name="Bells", jobs=(replace(_CLOUD, restored=nightly.restored),), said=Said(key="", fails=["backup-second-job"]))  # fmt: skip


def _kept(nightly: _Job, disk: _Job) -> Iterator[_System]:
    yield _System(
        name="Cameras",
        jobs=(replace(nightly, kept=29), replace(disk, kept=7)),
        critical=False,
        said=Said(key="", fails=["backup-kept-a-month"]),
    )
    yield _System(
        name="Heating",
        jobs=(replace(nightly, kept=30), replace(disk, kept=7)),
        critical=False,
        said=Said(key="", near={"backup-kept-a-month": "One copy is kept for thirty days."}),
    )
    yield _System(name="Athletics", jobs=(nightly,), critical=False, contact="", said=Said(key="", fails=["backup-has-owner"]))  # fmt: skip
    nobody_says = ["backup-copy-elsewhere", "backup-copy-unchangeable", "backup-second-job", "restore-tested"]
    yield _System(
        name="Counselling notes",
        jobs=(nightly, _CLOUD),
        critical=None,
        said=Said(key="", fails=["system-importance-said"], unknown=[*nobody_says, "system-backed-up"]),
    )
