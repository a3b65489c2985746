"""Administrators: everyone who may change the consoles, and whether they should."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportFigure, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.evidence.tables import Privacy

_ROWS_SQL = """SELECT a.directory, CASE WHEN a.super_admin THEN 'super' WHEN a.delegated_admin THEN 'delegated'
    ELSE 'unsaid' END, a.name, a.email, p.title,
a.second_factor, a.works_here, a.enabled, a.last_sign_in
FROM accounts a LEFT JOIN people p ON p.id = a.person WHERE a.administrator ORDER BY a.directory,
    a.super_admin IS NOT TRUE, 3, 4"""
_UNKNOWN_SQL = "SELECT count(*) FROM accounts WHERE administrator IS NULL AND enabled IS NOT FALSE"
_NO_SECOND_FACTOR, _NOT_EMPLOYED, _SUPER_ADMIN_COUNT = "admin-second-factor", "admin-works-here", "few-super-admins"


def build_report(data: ReportData) -> DistrictReport:
    """Report all accounts that any source reports as administrators, by directory, highest rights first."""
    kind_labels = {
        "super": _("Super administrator"),
        "delegated": _("Delegated administrator"),
        "unsaid": _("Administrator"),
    }
    rows = [(product_word(row[0]), kind_labels[row[1]], *row[2:]) for row in data.query_rows(_ROWS_SQL)]
    total = ReportFigure(
        label=_("Administrator accounts"),
        part=len(rows),
        cannot_tell=data.query_rows(_UNKNOWN_SQL)[0][0],
        sources=data.list_sources("accounts"),
    )
    titles = (
        _("Directory"),
        _("Kind"),
        _("Name"),
        _("Address"),
        _("Job"),
        _("MFA"),
        _("Works here"),
        _("Enabled"),
        _("Last sign-in"),
    )
    section = ReportSection(
        name="administrators",
        title=_("Who they are"),
        columns=tuple(ReportColumn(title=title, privacy=Privacy.STAFF) for title in titles),
        rows=rows,
    )
    figures = (
        total,
        data.build_figure(_NO_SECOND_FACTOR, label=_("Administrators without MFA")),
        data.build_figure(_NOT_EMPLOYED, label=_("Administrators who are not current staff")),
        data.build_figure(_SUPER_ADMIN_COUNT, label=_("Directories with too few or too many super administrators")),
    )
    lead = _("Everyone who can administer your systems. Review and sign this list once a term.")
    return data.create_report(name=KIND.name, title=str(KIND.title), lead=lead, figures=figures, sections=(section,))


KIND = ReportKind(
    name="administrators",
    title=gettext_lazy("Administrators"),
    about=gettext_lazy("Everyone who can administer your systems, to review once a term."),
    build=build_report,
)
