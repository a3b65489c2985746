"""The list of backups: systems, jobs, dates and copies, and the controls that they fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

from homeroom.sample.lists.list_writer import ExpectedFindings, ListWriter, format_yes_no, subtract_year

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
class _BackupJob:
    """One backup job.

    Days count back from today; `last` and `restored` may be None, which leaves the cell blank.
    """

    name: str = "Nightly"
    tool: str = "Vaultline"
    last: int | None = 1
    restored: date | None = None
    offsite: bool | None = False
    locked: bool | None = False
    encrypted: bool | None = True
    kept: int = 45


_CLOUD: Final = _BackupJob(name="Cloud copy", tool="Farstore", last=2, offsite=True, locked=True, kept=90)


@dataclass(frozen=True, kw_only=True)
class _BackedUpSystem:
    name: str
    jobs: Sequence[_BackupJob]
    critical: bool | None = True
    contact: str = "R. Marsh"
    expected: ExpectedFindings = field(default_factory=lambda: ExpectedFindings(key=""))
    expected_jobs: Sequence[ExpectedFindings] = ()


def write_backups(lists: ListWriter) -> None:
    """Write the list and record what is true of it."""
    systems = tuple(_build_systems(lists))
    lists.write_list(
        "backups",
        header=_HEADER,
        mapping=_MAPPING,
        rows=(row for system in systems for row in _list_rows(lists, system)),
    )
    for system in systems:
        lists.record_expected(SOURCE, replace(system.expected, key=system.name))
        for expected in system.expected_jobs:
            lists.record_expected(SOURCE, expected)


def _list_rows(lists: ListWriter, system: _BackedUpSystem) -> Iterator[Sequence[object]]:
    for job in system.jobs:
        last = None if job.last is None else lists.subtract_days(job.last)
        copy_columns = (
            format_yes_no(job.offsite),
            format_yes_no(job.locked),
            format_yes_no(job.encrypted),
            job.kept or None,
        )
        yield (
            system.name,
            job.name,
            job.tool,
            format_yes_no(system.critical),
            last,
            job.restored,
            *copy_columns,
            system.contact,
        )


def _build_systems(lists: ListWriter) -> Iterator[_BackedUpSystem]:
    """Yield every system on the list; a good one was restored 100 days ago and has a copy elsewhere."""
    year_ago = subtract_year(lists.today)
    nightly, disk = (
        _BackupJob(restored=lists.subtract_days(100)),
        _BackupJob(name="Second disk", tool="Vaultline", last=1),
    )
    safe = {
        "backup-copy-elsewhere": "The nightly copy stays in the building, the other one does not.",
        "backup-copy-unchangeable": "One of two copies is locked.",
    }
    yield _BackedUpSystem(name="Student records", jobs=(nightly, _CLOUD), expected=ExpectedFindings(key="", near=safe))
    none = _BackupJob(name="", tool="none", last=None, offsite=None, locked=None, encrypted=None, kept=0)
    yield _BackedUpSystem(
        name="Door controllers", jobs=(none,), expected=ExpectedFindings(key="", fails=["system-backed-up"])
    )
    yield _BackedUpSystem(
        name="Sign boards",
        jobs=(none,),
        critical=False,
        expected=ExpectedFindings(
            key="",
            near={
                "system-backed-up": "School can go on without it.",
                "backup-has-owner": "Nothing is backed up that somebody could answer for.",
            },
        ),
    )
    yield from _build_recency_cases(nightly)
    yield _BackedUpSystem(
        name="Finance",
        jobs=(nightly, _CLOUD, replace(disk, name="Archive", last=32)),
        expected_jobs=[ExpectedFindings(key="Finance / Archive", fails=["backup-job-runs"])],
    )
    yield _BackedUpSystem(
        name="Web site",
        jobs=(nightly, _CLOUD, replace(disk, name="Archive", last=31)),
        expected_jobs=[ExpectedFindings(key="Web site / Archive", near={"backup-job-runs": "It ran 31 days ago."})],
    )
    late, limit = replace(nightly, restored=lists.subtract_days(367)), replace(nightly, restored=year_ago)
    yield _BackedUpSystem(
        name="Transport routing", jobs=(late, _CLOUD), expected=ExpectedFindings(key="", fails=["restore-tested"])
    )
    yield _BackedUpSystem(
        name="Phones",
        jobs=(limit, _CLOUD),
        expected=ExpectedFindings(key="", near={"restore-tested": "Tried a year ago to the day."}),
    )
    yield _BackedUpSystem(
        name="Health office",
        jobs=(replace(nightly, restored=None), _CLOUD),
        expected=ExpectedFindings(key="", unknown=["restore-tested"]),
    )
    yield from _build_copy_cases(nightly, disk)
    yield from _build_retention_cases(nightly, disk)


def _build_recency_cases(nightly: _BackupJob) -> Iterator[_BackedUpSystem]:
    week = replace(nightly, name="Weekly", kept=60)
    cloud = replace(_CLOUD, last=5)
    yield _BackedUpSystem(
        name="Lunch accounts",
        jobs=(replace(nightly, last=3), cloud),
        expected=ExpectedFindings(key="", fails=["backup-recent"]),
    )
    yield _BackedUpSystem(
        name="Directory",
        jobs=(replace(nightly, last=2), cloud),
        expected=ExpectedFindings(key="", near={"backup-recent": "Two days ago is soon enough."}),
    )
    yield _BackedUpSystem(
        name="Yearbook",
        jobs=(replace(week, last=9),),
        critical=False,
        expected=ExpectedFindings(key="", fails=["backup-recent"]),
    )
    yield _BackedUpSystem(
        name="Library catalog",
        jobs=(replace(week, last=8),),
        critical=False,
        expected=ExpectedFindings(
            key="",
            near={
                "backup-recent": "School can go on without it, and weekly is enough.",
                "backup-second-job": "School can go on without it, and one job is enough.",
                "system-importance-said": "The list says that school can go on without it.",
            },
        ),
    )


def _build_copy_cases(nightly: _BackupJob, disk: _BackupJob) -> Iterator[_BackedUpSystem]:
    on_site = replace(_CLOUD, name="Basement", offsite=False)
    yield _BackedUpSystem(
        name="Special education",
        jobs=(nightly, on_site),
        expected=ExpectedFindings(key="", fails=["backup-copy-elsewhere"]),
    )
    blank = replace(on_site, offsite=None)
    yield _BackedUpSystem(
        name="Assessment",
        jobs=(nightly, blank),
        expected=ExpectedFindings(key="", unknown=["backup-copy-elsewhere"]),
        expected_jobs=[ExpectedFindings(key="Assessment / Basement", unknown=["backup-encrypted"])],
    )
    open_ = replace(_CLOUD, locked=False)
    yield _BackedUpSystem(
        name="Payroll", jobs=(nightly, open_), expected=ExpectedFindings(key="", fails=["backup-copy-unchangeable"])
    )
    yield _BackedUpSystem(
        name="Mail archive",
        jobs=(nightly, replace(_CLOUD, locked=None)),
        expected=ExpectedFindings(key="", unknown=["backup-copy-unchangeable"]),
    )
    plain = replace(_CLOUD, encrypted=False)
    yield _BackedUpSystem(
        name="Print server",
        jobs=(nightly, plain),
        critical=False,
        expected_jobs=[ExpectedFindings(key="Print server / Cloud copy", fails=["backup-encrypted"])],
    )
    yield _BackedUpSystem(
        name="Wireless",
        jobs=(nightly, replace(_CLOUD, encrypted=None), replace(disk, encrypted=False)),
        expected_jobs=[
            ExpectedFindings(key="Wireless / Cloud copy", unknown=["backup-encrypted"]),
            ExpectedFindings(key="Wireless / Second disk", near={"backup-encrypted": "It never leaves the building."}),
        ],
    )
    yield _BackedUpSystem(
        name="Bells",
        jobs=(replace(_CLOUD, restored=nightly.restored),),
        expected=ExpectedFindings(key="", fails=["backup-second-job"]),
    )


def _build_retention_cases(nightly: _BackupJob, disk: _BackupJob) -> Iterator[_BackedUpSystem]:
    yield _BackedUpSystem(
        name="Cameras",
        jobs=(replace(nightly, kept=29), replace(disk, kept=7)),
        critical=False,
        expected=ExpectedFindings(key="", fails=["backup-kept-a-month"]),
    )
    yield _BackedUpSystem(
        name="Heating",
        jobs=(replace(nightly, kept=30), replace(disk, kept=7)),
        critical=False,
        expected=ExpectedFindings(key="", near={"backup-kept-a-month": "One copy is kept for thirty days."}),
    )
    yield _BackedUpSystem(
        name="Athletics",
        jobs=(nightly,),
        critical=False,
        contact="",
        expected=ExpectedFindings(key="", fails=["backup-has-owner"]),
    )
    unanswered = ["backup-copy-elsewhere", "backup-copy-unchangeable", "backup-second-job", "restore-tested"]
    yield _BackedUpSystem(
        name="Counselling notes",
        jobs=(nightly, _CLOUD),
        critical=None,
        expected=ExpectedFindings(key="", fails=["system-importance-said"], unknown=[*unanswered, "system-backed-up"]),
    )
