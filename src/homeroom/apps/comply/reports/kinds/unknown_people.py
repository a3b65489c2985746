"""Unknown People: accounts whose owner no list that decides about it has ever carried."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportKind, ReportSection
from homeroom.apps.comply.reports.report_data import ReportData
from homeroom.apps.protect.posture.catalog.labels import product_word
from homeroom.apps.protect.posture.rows.subject_sql import SUBJECT_IDS_SQL, join_ids
from homeroom.evidence.tables import Privacy

CONTROL = "unknown-person"
_ROWS_SQL = f"""SELECT a.name, a.email, a.directory, a.org_unit, a.kind, a.created_at, a.last_sign_in,
    a.administrator, NULL
FROM accounts a JOIN ({SUBJECT_IDS_SQL}) g ON g.id = a.id ORDER BY a.administrator IS NOT TRUE, a.org_unit NULLS LAST,
    1, 2"""


def build_report(data: ReportData) -> DistrictReport:
    """Report accounts that fail `unknown-person`, with a column for the answer."""
    account_rows = data.query_rows(_ROWS_SQL, ids=join_ids(data.list_failing_subjects(CONTROL)))
    rows = [(name, address, product_word(directory), *rest) for name, address, directory, *rest in account_rows]
    titles = (
        _("Name"),
        _("Address"),
        _("Directory"),
        _("Unit"),
        _("Looks like"),
        _("Made on"),
        _("Last sign-in"),
        _("Administrator"),
        _("Whose is it?"),
    )
    section = ReportSection(
        name="accounts",
        title=_("Who knows these?"),
        columns=tuple(
            ReportColumn(title=title, privacy=Privacy.STUDENT if n < 2 else Privacy.PUBLIC)
            for n, title in enumerate(titles)
        ),
        rows=rows,
        note=_("The last column is for the answer: a contractor, a shared mailbox, a service, or nobody."),
    )
    lead = _(
        "Neither the staff list nor the roster has ever carried the owner of these accounts. That is a question, not "
        "an accusation."
    )
    figure = data.build_figure(CONTROL, label=_("Active accounts not on any list"))
    return data.create_report(
        name=KIND.name, title=str(KIND.title), lead=lead, figures=(figure,), sections=(section,), students=len(rows)
    )


KIND = ReportKind(
    name="unknown-people",
    title=gettext_lazy("Unknown People"),
    about=gettext_lazy("Accounts on neither the staff list nor the roster."),
    build=build_report,
)
