"""Commands for rosters: write a check for a vendor, export a bundle, compare two sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import msgspec
import polars as pl
from django.utils.translation import gettext as _

from homeroom.apps.comply.privacy.opt_outs.masking import list_opted_out_records, load_opt_out_mask
from homeroom.apps.comply.reports.csv_export import render_csv_files
from homeroom.apps.comply.reports.html import render_html
from homeroom.apps.comply.reports.kinds import roster_differences
from homeroom.apps.comply.reports.pdf import render_pdf
from homeroom.apps.comply.reports.report import DistrictReport, mask_opted_out
from homeroom.apps.comply.rosters.current_rosters import UnknownRoster, choose_roster, list_rosters, load_roster_rows
from homeroom.apps.comply.rosters.validation import build_check_document, build_check_report
from homeroom.apps.comply.vendors.queries import find_allowed_elements, get_elements
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.comply.privacy.vendor_names import build_vendor_key
from homeroom.domain.platform.district import District
from homeroom.engines.comply.privacy.product_terms import AllowedElements
from homeroom.engines.comply.rosters.roster_diff import REQUIRED_ROSTER_TABLES as COMPARED
from homeroom.engines.comply.rosters.roster_diff import RosterDifferences, compare_rosters
from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.oneroster.bundle_writer import publish_bundle, write_bundle_folder
from homeroom.ingest.oneroster.exporter import REQUIRED_TABLES, ExportedBundle, export_bundle
from homeroom.ingest.oneroster.school_scope import STUDENT, list_schools, restrict_to_schools
from homeroom.ingest.oneroster.validator import BundleReport, check_bundle
from homeroom.ingest.oneroster.withholding import withhold_elements

MAX_FITS = 8
"""How many schools a refusal names."""
_SCHOOL_YEAR_START_MONTH = 7  # the school year that is made for classes without a term runs from July to June


class BundleNotWritten(Exception):
    """A bundle was not written: it would break the specification, or there is nobody in it."""


@dataclass(frozen=True, kw_only=True)
class ExportedRoster:
    """A written bundle: its source, rows by file, rows left out by reason, and its files."""

    source: str
    rows: Mapping[str, int]
    left_out: Mapping[str, int]
    files: tuple[Path, ...]


@dataclass(frozen=True, kw_only=True)
class RosterComparison:
    """A comparison of two rosters: the sources, the differences, counts by kind, and the written files."""

    sis: str
    received: str
    differences: RosterDifferences
    counts: Mapping[str, int]
    files: tuple[Path, ...]


def write_check(
    *, district: District, checked: BundleReport, out: Path, today: date, at: datetime, actor: str = ""
) -> tuple[Path, ...]:
    """Write a check as HTML and JSON into a folder and return the files. Raise OSError if it cannot be written."""
    files = {
        "oneroster-check.html": render_html(build_check_report(checked, district=district, today=today, at=at)),
        "oneroster-check.json": msgspec.json.format(msgspec.json.encode(build_check_document(checked)), indent=1),
    }
    record_audit_entry(
        district=district, at=at, actor=actor, action="write roster check", subject_kind="roster", subject=checked.name,
        detail=dict(checked.by_severity),
    )  # fmt: skip
    return _write_files(files, out)


def export_oneroster(
    *,
    district: District,
    store: EvidenceStore,
    source: str | None,
    out: Path,
    today: date,
    at: datetime,
    actor: str = "",
    product: str | None = None,
    for_school_official: bool = False,
) -> ExportedRoster:
    """Write one source's roster as a OneRoster 1.2 bundle: a zip if the name ends in .zip, else a folder.

    For a product, only what its agreement names is in it, and no directory information of students who opted out.
    Without one, these students are left out. The receiver may have both if it acts as a school official (34 CFR
    99.31(a)(1)). The bundle is checked first. Raise UnknownRoster, BundleNotWritten, QueryTimeout, and OSError if it
    cannot be written.
    """
    source_name = choose_roster(store=store, source=source)
    allowed = _find_allowed(store, product, today=today) if product is not None else None
    all_rows = load_roster_rows(store=store, source=source_name, tables=REQUIRED_TABLES)
    records = frozenset() if for_school_official else list_opted_out_records(district=district)
    opted_out = frozenset(key for instance, key in records if instance == source_name)
    roster_rows = all_rows if allowed else _filter_roster(all_rows, opted_out)
    bundle = export_bundle(roster_rows, district=district.name, year=_compute_school_year(today))
    if "users" not in bundle.members:
        raise BundleNotWritten(f"{source_name} has nobody with a name and a role, so there is no roster to write")
    if allowed is not None:
        _restrict_schools(bundle, allowed)
        withhold_elements(
            bundle,
            elements=get_elements(),
            allowed=allowed.elements,
            opted_out=opted_out,
            schools=allowed.schools,
        )
    left_out = _count_left_out(all_rows, roster_rows) | bundle.left_out
    out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with write_bundle_folder(bundle.members, parent=out.absolute().parent) as folder:
        checked = check_bundle(folder)
        if not checked.is_clean:
            first = checked.violations[0]
            raise BundleNotWritten(f"the bundle would break a rule: {first.rule.id} in {first.file}, line {first.line}")
        files = publish_bundle(folder, out=out)
    rows = {f"{name}.csv": frame.height for name, frame in bundle.members.items()}
    record_audit_entry(
        district=district,
        at=at,
        actor=actor,
        action="export roster",
        subject_kind="roster",
        subject=source_name,
        detail={
            **rows,
            "opted_out": len(opted_out),
            "for_school_official": for_school_official,
            **({"for": allowed.product} if allowed else {}),
        },
    )
    return ExportedRoster(source=source_name, rows=rows, left_out=left_out, files=files)


def _filter_roster(rows: Mapping[str, pl.DataFrame], people: Collection[str]) -> Mapping[str, pl.DataFrame]:
    """Return the rows of a roster without those of some people, by the source's ids."""
    columns = {"person_records": "key", "role_records": "person_key", "enrollments": "person_key"}
    return {
        name: frame.filter(~pl.col(columns[name]).is_in(list(people))) if people and name in columns else frame
        for name, frame in rows.items()
    }


def _count_left_out(before: Mapping[str, pl.DataFrame], after: Mapping[str, pl.DataFrame]) -> dict[str, int]:
    count = before["person_records"].height - after["person_records"].height
    return {"a student who opted out of directory information": count} if count else {}


def _find_allowed(store: EvidenceStore, product: str, *, today: date) -> AllowedElements:
    """Return what a product may have. Raise BundleNotWritten if no agreement in force names anything."""
    allowed = find_allowed_elements(store=store, product=product, today=today)
    if allowed.state != "signed":
        raise BundleNotWritten(f"no agreement about {allowed.product} is in force ({allowed.state}); sign one first")
    if not allowed.elements:
        raise BundleNotWritten(f"the agreement about {allowed.product} names no student data that is understood")
    return allowed


def _restrict_schools(bundle: ExportedBundle, allowed: AllowedElements) -> None:
    """Leave out other schools than those of the agreement. Raise BundleNotWritten if the roster has none of them."""
    names = allowed.covered_schools
    if names is None:
        return
    listed = list_schools(bundle)
    own = {build_vendor_key(name) for name in listed.values()}
    unknown = sorted(name for name in names if build_vendor_key(name) not in own)
    if len(unknown) == len(names):
        fits = ", ".join(sorted(listed.values())[:MAX_FITS]) or "a roster with schools"
        raise BundleNotWritten(f"the roster has no school {', '.join(unknown)} of the agreement; {fits} would fit")
    restrict_to_schools(bundle, names)
    if not bundle.members.get("roles", pl.DataFrame({"role": []})).filter(pl.col("role") == STUDENT).height:
        raise BundleNotWritten(f"no student is at {', '.join(sorted(names - set(unknown)))}, so nothing may be sent")
    for name in unknown:
        bundle.left_out[f"{name}, a school of the agreement that the roster does not have"] = 1


def compare_sources(
    *,
    district: District,
    store: EvidenceStore,
    sis: str,
    received: str,
    today: date,
    at: datetime,
    out: Path | None = None,
    actor: str = "",
) -> RosterComparison:
    """Compare the roster in `received` with that of `sis`.

    If `out` is set, write the differences there as HTML, PDF and CSV. Raise UnknownRoster if one of them has no people,
    and OSError if the folder cannot be written.
    """
    for name in (sis, received):
        if name not in list_rosters(store=store):
            choose_roster(store=store, source=name)
    if sis == received:
        raise UnknownRoster(f"{sis} is compared with itself; name two sources")
    sis_rows, received_rows = (load_roster_rows(store=store, source=name, tables=COMPARED) for name in (sis, received))
    differences = compare_rosters(sis=sis_rows, received=received_rows, today=today)
    files: tuple[Path, ...] = ()
    counts = dict(differences.rows.group_by("kind").len().iter_rows())
    record_audit_entry(
        district=district, at=at, actor=actor, action="compare rosters", subject_kind="roster", subject=received,
        detail={"sis": sis, **counts},
    )  # fmt: skip
    if out is not None:
        difference_report = mask_opted_out(
            _build_difference_report(differences, sis=sis, received=received, district=district, today=today, at=at),
            load_opt_out_mask(district=district),
        )
        pages = {
            f"{difference_report.name}.html": render_html(difference_report),
            f"{difference_report.name}.pdf": render_pdf(difference_report),
            **render_csv_files(difference_report),
        }
        files = _write_files(pages, out)
    return RosterComparison(sis=sis, received=received, differences=differences, counts=counts, files=files)


def _build_difference_report(
    differences: RosterDifferences, *, sis: str, received: str, district: District, today: date, at: datetime
) -> DistrictReport:
    """Build the differences between two named sources as a report."""
    kind = roster_differences.KIND
    lead = _("What %(others)s has of the roster, held against what %(sis)s says.") % {"others": received, "sis": sis}
    return DistrictReport(
        name=kind.name,
        title=str(kind.title),
        lead=lead,
        district=district.name,
        timezone=district.timezone,
        today=today,
        as_of=at,
        figures=tuple(roster_differences.build_figures(differences, received="")),
        sections=roster_differences.build_sections(differences, sis=sis, received=received),
        notes=roster_differences.build_notes([differences]),
        students=roster_differences.count_student_rows(differences),
    )


def _compute_school_year(today: date) -> tuple[date, date]:
    first_year = today.year if today.month >= _SCHOOL_YEAR_START_MONTH else today.year - 1
    return date(first_year, _SCHOOL_YEAR_START_MONTH, 1), date(first_year + 1, 6, 30)


def _write_files(contents: Mapping[str, bytes], out: Path) -> tuple[Path, ...]:
    out.mkdir(parents=True, exist_ok=True)
    for name, data in contents.items():
        write_file(out / name, data)
    return tuple(out / name for name in contents)
