"""Result of a OneRoster bundle check, as a JSON document and as a page for the vendor."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportFigure, ReportSection
from homeroom.domain.platform.district import District
from homeroom.ingest.oneroster.rules import RULES
from homeroom.ingest.oneroster.validator import BundleReport
from homeroom.ingest.oneroster.violations import Violation

MAX_PLACES = 2000
"""Most places on the page; the JSON document has all that were listed."""


def build_check_document(checked: BundleReport) -> dict[str, Any]:
    """Build the check as JSON: files, counts by severity, each broken rule with its count, and each listed place."""
    violations = [
        {
            "rule": violation.rule.id,
            "severity": violation.rule.severity,
            "file": violation.file,
            "line": violation.line,
            "field": violation.field,
            "value": violation.value,
            "fits": violation.fits or violation.rule.fits,
        }
        for violation in checked.violations
    ]
    return {
        "bundle": checked.name,
        "version": checked.version,
        "fits": checked.is_clean,
        "files": [{"file": name, "mode": checked.modes[name], "rows": rows} for name, rows in checked.rows.items()],
        "places": dict(checked.by_severity),
        "broken": [
            {
                "rule": rule,
                "severity": RULES[rule].severity,
                "says": RULES[rule].says,
                "file": file,
                "field": field or None,
                "places": count,
            }
            for (rule, file, field), count in _sort_by_severity(checked)
        ],
        "listed": violations,
    }


def build_check_report(checked: BundleReport, *, district: District, today: date, at: datetime) -> DistrictReport:
    """Build the check as a self-contained report. Values of people are masked already."""
    counts = checked.by_severity
    figures = tuple(
        ReportFigure(label=label, part=counts[severity])
        for severity, label in (("error", _("Errors")), ("warning", _("Warnings")), ("notice", _("Notices")))
    )
    lead = _("Nothing in this bundle breaks the specification.")
    if not checked.is_clean:
        lead = _("This bundle breaks the specification; receivers may refuse it or read it wrong.")
    elif any(counts.values()):
        lead = _("This bundle fits the specification; a few things had better be changed.")
    return DistrictReport(
        name="oneroster-check",
        title=_("OneRoster %(version)s check of %(bundle)s")
        % {"version": checked.version or "?", "bundle": checked.name},
        lead=lead,
        district=district.name,
        timezone=district.timezone,
        today=today,
        as_of=at,
        figures=figures,
        sections=(
            _build_rules_section(checked),
            _build_places_section(checked.violations, checked),
            _build_files_section(checked),
        ),
        notes=(
            _(
                "An error is forbidden by the specification; a warning goes wrong in practice; a notice is good to "
                "know."
            ),
            _("Values that may be somebody's are shown by their shape: X a capital, x a letter, 9 a digit."),
        ),
    )


def _sort_by_severity(checked: BundleReport) -> list[tuple[tuple[str, str, str], int]]:
    rule_rank = {rule: number for number, rule in enumerate(RULES)}
    severity_rank = {"error": 0, "warning": 1, "notice": 2}
    return sorted(
        checked.counts.items(),
        key=lambda item: (severity_rank[RULES[item[0][0]].severity], rule_rank[item[0][0]], item[0]),
    )


def _build_rules_section(checked: BundleReport) -> ReportSection:
    rows = [
        (_(RULES[rule].severity), rule, _(RULES[rule].says), file, field, count, _(RULES[rule].fits))
        for (rule, file, field), count in _sort_by_severity(checked)
    ]
    titles = (_("How grave"), _("Rule"), _("What is wrong"), _("File"), _("Field"), _("Places"), _("What fits"))
    columns = tuple(ReportColumn(title=title, number=number == 5) for number, title in enumerate(titles))
    return ReportSection(name="rules", title=_("What does not fit"), columns=columns, rows=rows)


def _build_places_section(violations: Sequence[Violation], checked: BundleReport) -> ReportSection:
    rows = [
        (
            violation.file,
            violation.line,
            violation.field or "",
            violation.value,
            _(violation.rule.says),
            _(violation.fits or violation.rule.fits),
            violation.rule.id,
        )
        for violation in violations[:MAX_PLACES]
    ]
    titles = (_("File"), _("Line"), _("Field"), _("Value"), _("What is wrong"), _("What fits"), _("Rule"))
    note = _("%(shown)s of %(all)s places; the JSON file beside this page lists more.") % {
        "shown": len(rows),
        "all": sum(checked.by_severity.values()),
    }
    columns = tuple(ReportColumn(title=title, number=number == 1) for number, title in enumerate(titles))
    return ReportSection(name="places", title=_("Where"), columns=columns, rows=rows, note=note)


def _build_files_section(checked: BundleReport) -> ReportSection:
    rows = [(name, checked.modes[name], count) for name, count in checked.rows.items()]
    columns = (ReportColumn(title=_("File")), ReportColumn(title=_("Mode")), ReportColumn(title=_("Rows"), number=True))
    return ReportSection(name="files", title=_("What was checked"), columns=columns, rows=rows)
