"""Former Staff Still Enabled: accounts that open although an authoritative source says that their owner left."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.posture.ordering import GIVEN, listed
from homeroom.apps.posture.words import product_word
from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.report import Column, Figure, Kind, Report, Section
from homeroom.evidence.tables import Privacy

CONTROL = "leaver-account"
_ROWS = f"""SELECT a.name, a.email, a.directory, coalesce(p.school, a.school), p.title, p.left_on, a.left_because, a.last_sign_in, a.administrator
FROM accounts a JOIN ({GIVEN}) g ON g.id = a.id LEFT JOIN people p ON p.id = a.person WHERE a.kind <> 'student'
ORDER BY a.administrator IS NOT TRUE, 4 NULLS LAST, 1, 2"""


def make(asked: Asked) -> Report:
    """Accounts that `leaver-account` fails and that are nobody's pupil account."""
    failing = asked.failing(CONTROL)
    found = asked.rows(_ROWS, ids=listed(failing))
    rows = [(name, address, product_word(directory), *rest) for name, address, directory, *rest in found]
    every = asked.figure(CONTROL, label=_("Enabled accounts of people who left, pupils included"))
    staff = Figure(
        label=_("Of these, accounts of former staff"),
        part=len(rows),
        whole=len(failing),
        sources=asked.sources("accounts"),
        control=CONTROL,
    )
    titles = (
        _("Name"), _("Address"), _("Directory"), _("School"), _("Job"), _("Left on"), _("Why we think so"), _("Last sign-in"), _("Administrator"),
    )  # fmt: skip
    section = Section(
        name="accounts",
        title=_("Accounts to block"),
        columns=tuple(Column(title=title, privacy=Privacy.STAFF) for title in titles),
        rows=rows,
        note=_(
            "Administrators first. A person with another current role, such as a substitute or a coach, is not here."
        ),
    )
    lead = _("These accounts still open although the staff list says that their owner has left.")
    return asked.report(name=KIND.name, title=str(KIND.title), lead=lead, figures=(every, staff), sections=(section,))


KIND = Kind(
    name="former-staff",
    title=gettext_lazy("Former Staff Still Enabled"),
    about=gettext_lazy("Accounts that still open after their owner left, for the personnel office."),
    make=make,
)
