"""Unknown People: accounts whose owner no list that decides about it has ever carried."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.posture.ordering import GIVEN, listed
from homeroom.apps.posture.words import product_word
from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.report import Column, Kind, Report, Section
from homeroom.evidence.tables import Privacy

CONTROL = "unknown-person"
_ROWS = f"""SELECT a.name, a.email, a.directory, a.org_unit, a.kind, a.created_at, a.last_sign_in, a.administrator, NULL
FROM accounts a JOIN ({GIVEN}) g ON g.id = a.id ORDER BY a.administrator IS NOT TRUE, a.org_unit NULLS LAST, 1, 2"""


def make(asked: Asked) -> Report:
    """Accounts about which `unknown-person` asks, with room for the answer."""
    found = asked.rows(_ROWS, ids=listed(asked.failing(CONTROL)))
    rows = [(name, address, product_word(directory), *rest) for name, address, directory, *rest in found]
    titles = (
        _("Name"), _("Address"), _("Directory"), _("Unit"), _("Looks like"), _("Made on"), _("Last sign-in"), _("Administrator"), _("Whose is it?"),
    )  # fmt: skip
    section = Section(
        name="accounts",
        title=_("Who knows these?"),
        columns=tuple(
            Column(title=title, privacy=Privacy.STUDENT if n < 2 else Privacy.PUBLIC) for n, title in enumerate(titles)
        ),
        rows=rows,
        note=_("The last column is for the answer: a contractor, a shared mailbox, a service, or nobody."),
    )
    lead = _(
        "Neither the staff list nor the roster has ever carried the owner of these accounts. That is a question, not an accusation."
    )
    figure = asked.figure(CONTROL, label=_("Enabled accounts that nobody's list explains"))
    return asked.report(
        name=KIND.name, title=str(KIND.title), lead=lead, figures=(figure,), sections=(section,), pupils=len(rows)
    )


KIND = Kind(
    name="unknown-people",
    title=gettext_lazy("Unknown People"),
    about=gettext_lazy("Accounts that neither the staff list nor the roster explains, to ask around with."),
    make=make,
)
