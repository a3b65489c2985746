"""Handing rosters on: a check for the vendor, a bundle for a learning platform, the differences to what one received."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from homeroom.apps.audit.commands import record
from homeroom.apps.reports.made import roster_differences
from homeroom.apps.reports.pages import page
from homeroom.apps.reports.papers import paper
from homeroom.apps.reports.report import Report
from homeroom.apps.reports.sheets import sheets
from homeroom.apps.rosters.checking import document, page_of
from homeroom.apps.rosters.standing import NoSuchRoster, chosen, rosters, rows_of
from homeroom.engines.rosters.comparing import NEEDED as COMPARED
from homeroom.engines.rosters.comparing import Differences, compare_rosters
from homeroom.evidence.blobs import write_file
from homeroom.evidence.store import Store
from homeroom.ingest.oneroster.checking import Checked, check_bundle
from homeroom.ingest.oneroster.making import NEEDED, bundle_of
from homeroom.ingest.oneroster.packing import placed, unpacked

_FIRST_MONTH = 7  # the school year that is made for classes without a term runs from July to June


class NotWritten(Exception):
    """A bundle was not written: it would break the specification, or there is nobody to write."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A bundle that was written: of which source, rows by file, rows left out by reason, and where it is."""

    source: str
    rows: Mapping[str, int]
    left: Mapping[str, int]
    files: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Two rosters compared: the sources, what differs, how often by kind, and the files that were written."""

    sis: str
    received: str
    differences: Differences
    counts: Mapping[str, int]
    files: tuple[Path, ...]


def write_check(
    *, district: Any, checked: Checked, out: Path, today: date, at: datetime, actor: str = ""
) -> tuple[Path, ...]:
    """Writes a check as HTML and JSON into a folder and names the files. Raises OSError where it cannot be written."""
    made = {
        "oneroster-check.html": page(page_of(checked, district=district, today=today, at=at)),
        "oneroster-check.json": msgspec.json.format(msgspec.json.encode(document(checked)), indent=1),
    }
    record(
        district=district, at=at, actor=actor, action="write roster check", subject_kind="roster", subject=checked.name,
        detail=dict(checked.by_severity),
    )  # fmt: skip
    return _written(made, out)


def export_oneroster(
    *, district: Any, store: Store, source: str | None, out: Path, today: date, at: datetime, actor: str = ""
) -> Exported:
    """Writes one source's roster as a OneRoster 1.2 bundle, a zip where the name ends so, else a folder.

    What is written is checked first. Raises NoSuchRoster, NotWritten, and OSError where it cannot be written.
    """
    of = chosen(store=store, source=source)
    made = bundle_of(rows_of(store=store, source=of, tables=NEEDED), district=district.name, year=_school_year(today))
    if "users" not in made.members:
        raise NotWritten(f"{of} has nobody with a name and a role, so there is no roster to write")
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with unpacked(made.members, beside=out.absolute().parent) as folder:
        checked = check_bundle(folder)
        if not checked.clean:
            first = checked.violations[0]
            raise NotWritten(f"the bundle would break a rule: {first.rule.id} in {first.file}, line {first.line}")
        files = placed(folder, out=out)
    rows = {f"{name}.csv": frame.height for name, frame in made.members.items()}
    record(
        district=district, at=at, actor=actor, action="export roster", subject_kind="roster", subject=of, detail=rows
    )
    return Exported(source=of, rows=rows, left=made.left, files=files)


def compare(
    *,
    district: Any,
    store: Store,
    sis: str,
    received: str,
    today: date,
    at: datetime,
    out: Path | None = None,
    actor: str = "",
) -> Compared:
    """Holds what `received` has against what `sis` says, and writes the differences as HTML, PDF and CSV where `out` is.

    Raises NoSuchRoster where one of them has no people, and OSError where the folder cannot be written.
    """
    for name in (sis, received):
        if name not in rosters(store=store):
            chosen(store=store, source=name)
    if sis == received:
        raise NoSuchRoster(f"{sis} is compared with itself; name two sources")
    ours, theirs = (rows_of(store=store, source=name, tables=COMPARED) for name in (sis, received))
    found = compare_rosters(sis=ours, received=theirs, today=today)
    files: tuple[Path, ...] = ()
    counts = dict(found.rows.group_by("kind").len().iter_rows())
    record(
        district=district, at=at, actor=actor, action="compare rosters", subject_kind="roster", subject=received,
        detail={"sis": sis, **counts},
    )  # fmt: skip
    if out is not None:
        made = _report(found, sis=sis, received=received, district=district, today=today, at=at)
        pages = {f"{made.name}.html": page(made), f"{made.name}.pdf": paper(made), **sheets(made)}
        files = _written(pages, out)
    return Compared(sis=sis, received=received, differences=found, counts=counts, files=files)


def _report(found: Differences, *, sis: str, received: str, district: Any, today: date, at: datetime) -> Report:
    """The differences as the report of that name, between two sources that were named."""
    kind = roster_differences.KIND
    lead = _("What %(others)s has of the roster, held against what %(sis)s says.") % {"others": received, "sis": sis}
    return Report(
        name=kind.name,
        title=str(kind.title),
        lead=lead,
        district=district.name,
        timezone=district.timezone,
        today=today,
        as_of=at,
        figures=tuple(roster_differences.figures(found, received="")),
        sections=roster_differences.sections(found, sis=sis, received=received),
        notes=roster_differences.notes([found]),
        pupils=roster_differences.pupils(found),
    )


def _school_year(today: date) -> tuple[date, date]:
    first = today.year if today.month >= _FIRST_MONTH else today.year - 1
    return date(first, _FIRST_MONTH, 1), date(first + 1, 6, 30)


def _written(made: Mapping[str, bytes], out: Path) -> tuple[Path, ...]:
    out.mkdir(parents=True, exist_ok=True)
    for name, data in made.items():
        write_file(out / name, data)
    return tuple(out / name for name in made)
