"""In Google, Not in the Asset System: managed Chromebooks without an asset record, as an import for Snipe-IT."""

from __future__ import annotations

import csv
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportFigure, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.fixes.collect import FixOptions as Wanted
from homeroom.apps.protect.fixes.collect import collect_evidence
from homeroom.apps.protect.fixes.select_changes import SelectedChanges, select_changes
from homeroom.apps.protect.posture.rows.subject_sql import SUBJECT_IDS_SQL, join_ids
from homeroom.evidence.tables import Privacy
from homeroom.library.protect.remedies import load_actions

CONTROL, ACTION = "managed-without-asset-record", "snipeit.create-asset"
_IN_GOOGLE_SQL = (
    f"SELECT d.id FROM devices d JOIN ({SUBJECT_IDS_SQL}) g ON g.id = d.id WHERE list_contains(d.managed_by, 'google')"
)


def build_report(data: ReportData) -> DistrictReport:
    """Report Google-managed devices that fail `managed-without-asset-record`, as a fix file would add them."""
    failing = data.list_failing_subjects(CONTROL)
    google_devices = [row[0] for row in data.query_rows(_IN_GOOGLE_SQL, ids=join_ids(failing))]
    part = ReportFigure(
        label=_("Of these, in Google"),
        part=len(google_devices),
        total=len(failing),
        sources=data.list_sources("devices"),
        control=CONTROL,
    )
    total = data.build_figure(CONTROL, label=_("Managed devices without an asset record, every console"))
    selected = _select_changes(data, google_devices)
    lead = _(
        "Google manages these devices and the asset system does not know them: bought, given or replaced without a "
        "record."
    )
    return data.create_report(
        name=KIND.name, title=str(KIND.title), lead=lead, figures=(total, part), sections=(_build_section(selected),)
    )


def _select_changes(data: ReportData, subjects: Sequence[int]) -> SelectedChanges:
    action, options = load_actions()[ACTION], Wanted()
    evidence = data.query_snapshot(
        lambda session: collect_evidence(
            session, action=action, subjects=subjects, options=options, today=data.assessment.today
        )
    )
    return select_changes(
        evidence, action=action, options=options, marker=f"Homeroom, {data.assessment.today.isoformat()}"
    )


def _build_section(selected: SelectedChanges) -> ReportSection:
    action = load_actions()[ACTION]
    paper = next(iter(action.render_files(action, (row.change for row in selected.rows), "import")))
    heading, *rows = csv.reader("".join(paper.pieces).splitlines(keepends=True))
    note = _(
        "Snipe-IT: Import, upload the CSV, choose Assets. Under a finding, Fix in bulk makes the same file row by "
        "row, with proof."
    )
    left_out = sum(selected.left_out.values())
    if left_out:
        note = (
            _("%(n)s stay out, because a serial number or a model is missing or a tag is taken. ") % {"n": left_out}
            + note
        )
    return ReportSection(
        name="import",
        title=_("As Snipe-IT imports it"),
        columns=tuple(
            ReportColumn(title=title, privacy=Privacy.STAFF if title == "Item Name" else Privacy.PUBLIC)
            for title in heading
        ),
        rows=[tuple(row) for row in rows],
        note=note,
        plain=True,
    )


KIND = ReportKind(
    name="not-in-assets",
    title=gettext_lazy("In Google, Not in the Asset System"),
    about=gettext_lazy("Chromebooks without an asset record, as a file that Snipe-IT imports."),
    build=build_report,
)
