"""Former Staff Still Enabled: usable accounts of people who left according to an authoritative source."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportFigure, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.posture.catalog.cells import describe_departure
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.apps.protect.posture.rows.subject_sql import SUBJECT_IDS_SQL, join_ids
from homeroom.evidence.tables import Privacy

CONTROL = "leaver-account"
_ROWS_SQL = f"""SELECT a.name, a.email, a.directory, coalesce(p.school, a.school), p.title, p.left_on, a.left_because,
    a.last_sign_in, a.administrator
FROM accounts a JOIN ({SUBJECT_IDS_SQL}) g ON g.id = a.id LEFT JOIN people p ON p.id = a.person
    WHERE a.kind <> 'student'
ORDER BY a.administrator IS NOT TRUE, 4 NULLS LAST, 1, 2"""


def build_report(data: ReportData) -> DistrictReport:
    """Report accounts that fail `leaver-account` and are not student accounts."""
    failing = data.list_failing_subjects(CONTROL)
    account_rows = data.query_rows(_ROWS_SQL, ids=join_ids(failing))
    rows = [
        (name, address, product_word(directory), *middle, describe_departure(because or ""), last_used, administers)
        for name, address, directory, *middle, because, last_used, administers in account_rows
    ]
    total = data.build_figure(CONTROL, label=_("Active accounts of former staff and students"))
    staff = ReportFigure(
        label=_("Of these, accounts of former staff"),
        part=len(rows),
        total=len(failing),
        sources=data.list_sources("accounts"),
        control=CONTROL,
    )
    titles = (
        _("Name"),
        _("Address"),
        _("Directory"),
        _("School"),
        _("Job"),
        _("Left on"),
        _("Why we think so"),
        _("Last sign-in"),
        _("Administrator"),
    )
    section = ReportSection(
        name="accounts",
        title=_("Accounts to block"),
        columns=tuple(ReportColumn(title=title, privacy=Privacy.STAFF) for title in titles),
        rows=rows,
        note=_(
            "Administrators first. A person with another current role, such as a substitute or a coach, is not here."
        ),
    )
    lead = _("These accounts still work, but the staff list shows the person has left.")
    return data.create_report(
        name=KIND.name, title=str(KIND.title), lead=lead, figures=(total, staff), sections=(section,)
    )


KIND = ReportKind(
    name="former-staff",
    title=gettext_lazy("Former Staff Still Enabled"),
    about=gettext_lazy("Accounts of former staff that still work, for HR."),
    build=build_report,
)
