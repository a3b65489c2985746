"""What a check of a OneRoster bundle found, as a document for programs and as a page for the vendor who made the bundle."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from homeroom.apps.reports.report import Column, Figure, Report, Section
from homeroom.ingest.oneroster.checking import Checked
from homeroom.ingest.oneroster.rules import RULES
from homeroom.ingest.oneroster.violations import Violation

SHOWN = 2000
"""Places on the page at most; the document beside it has all that were listed."""


def document(checked: Checked) -> dict[str, Any]:
    """The check as JSON: files, places by severity, every rule that was broken with its places, and each listed place."""
    listed = [
        {
            "rule": one.rule.id,
            "severity": one.rule.severity,
            "file": one.file,
            "line": one.line,
            "field": one.field,
            "value": one.value,
            "fits": one.fits or one.rule.fits,
        }
        for one in checked.violations
    ]
    return {
        "bundle": checked.name,
        "version": checked.version,
        "fits": checked.clean,
        "files": [{"file": name, "mode": checked.modes[name], "rows": rows} for name, rows in checked.rows.items()],
        "places": dict(checked.by_severity),
        "broken": [
            {"rule": rule, "severity": RULES[rule].severity, "says": RULES[rule].says, "file": file, "field": field or None,
             "places": count}
            for (rule, file, field), count in _gravest_first(checked)
        ],
        "listed": listed,
    }  # fmt: skip


def page_of(checked: Checked, *, district: Any, today: date, at: datetime) -> Report:
    """The check as a report that stands alone. Values of people are masked already."""
    sums = checked.by_severity
    figures = tuple(
        Figure(label=label, part=sums[severity])
        for severity, label in (("error", _("Errors")), ("warning", _("Warnings")), ("notice", _("Notices")))
    )
    lead = _("Nothing in this bundle breaks the specification.")
    if not checked.clean:
        lead = _("This bundle breaks the specification; receivers may refuse it or read it wrong.")
    elif any(sums.values()):
        lead = _("This bundle fits the specification; a few things had better be changed.")
    return Report(
        name="oneroster-check",
        title=_("OneRoster %(version)s check of %(bundle)s")
        % {"version": checked.version or "?", "bundle": checked.name},
        lead=lead,
        district=district.name,
        timezone=district.timezone,
        today=today,
        as_of=at,
        figures=figures,
        sections=(_rules(checked), _places(checked.violations, checked), _files(checked)),
        notes=(
            _(
                "An error is forbidden by the specification; a warning goes wrong in practice; a notice is good to know."
            ),
            _("Values that may be somebody's are shown by their shape: X a capital, x a letter, 9 a digit."),
        ),
    )


def _gravest_first(checked: Checked) -> list[tuple[tuple[str, str, str], int]]:
    order = {rule: number for number, rule in enumerate(RULES)}
    grave = {"error": 0, "warning": 1, "notice": 2}
    return sorted(
        checked.counts.items(), key=lambda item: (grave[RULES[item[0][0]].severity], order[item[0][0]], item[0])
    )


def _rules(checked: Checked) -> Section:
    rows = [
        (_(RULES[rule].severity), rule, _(RULES[rule].says), file, field, count, _(RULES[rule].fits))
        for (rule, file, field), count in _gravest_first(checked)
    ]
    titles = (_("How grave"), _("Rule"), _("What is wrong"), _("File"), _("Field"), _("Places"), _("What fits"))
    columns = tuple(Column(title=title, number=number == 5) for number, title in enumerate(titles))
    return Section(name="rules", title=_("What does not fit"), columns=columns, rows=rows)


def _places(violations: Sequence[Violation], checked: Checked) -> Section:
    rows = [
        (one.file, one.line, one.field or "", one.value, _(one.rule.says), _(one.fits or one.rule.fits), one.rule.id)
        for one in violations[:SHOWN]
    ]
    titles = (_("File"), _("Line"), _("Field"), _("Value"), _("What is wrong"), _("What fits"), _("Rule"))
    note = _("%(shown)s of %(all)s places; the JSON file beside this page lists more.") % {
        "shown": len(rows),
        "all": sum(checked.by_severity.values()),
    }
    columns = tuple(Column(title=title, number=number == 1) for number, title in enumerate(titles))
    return Section(name="places", title=_("Where"), columns=columns, rows=rows, note=note)


def _files(checked: Checked) -> Section:
    rows = [(name, checked.modes[name], count) for name, count in checked.rows.items()]
    columns = (Column(title=_("File")), Column(title=_("Mode")), Column(title=_("Rows"), number=True))
    return Section(name="files", title=_("What was checked"), columns=columns, rows=rows)
