"""Commands for rosters: write a check for a vendor, export a bundle, compare two sources."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import msgspec
import polars as pl
from django.utils.translation import gettext as _

from homeroom.apps.audit.commands import record_audit_entry
from homeroom.apps.privacy.opt_outs.masking import list_opted_out_records, load_opt_out_mask
from homeroom.apps.reports.csv_export import render_csv_files
from homeroom.apps.reports.html import render_html
from homeroom.apps.reports.kinds import roster_differences
from homeroom.apps.reports.pdf import render_pdf
from homeroom.apps.reports.report import DistrictReport, mask_opted_out
from homeroom.apps.rosters.current_rosters import UnknownRoster, choose_roster, list_rosters, load_roster_rows
from homeroom.apps.rosters.validation import build_check_document, build_check_report
from homeroom.apps.vendors.queries import find_allowed_elements, get_elements
from homeroom.domain.district import District
from homeroom.engines.privacy.product_terms import AllowedElements
from homeroom.engines.rosters.roster_diff import REQUIRED_ROSTER_TABLES as COMPARED
from homeroom.engines.rosters.roster_diff import RosterDifferences, compare_rosters
from homeroom.evidence.files.blobs import write_file
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.oneroster.bundle_writer import publish_bundle, write_bundle_folder
from homeroom.ingest.oneroster.exporter import REQUIRED_TABLES, export_bundle
from homeroom.ingest.oneroster.validator import BundleReport, check_bundle
from homeroom.ingest.oneroster.withholding import withhold_elements

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
