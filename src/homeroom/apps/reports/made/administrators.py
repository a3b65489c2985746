"""Administrators: everybody who may change the consoles, and whether they should."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from homeroom.apps.posture.words import product_word
from homeroom.apps.reports.asking import Asked
from homeroom.apps.reports.report import Column, Figure, Kind, Report, Section
from homeroom.evidence.tables import Privacy

_ROWS = """SELECT a.directory, CASE WHEN a.super_admin THEN 'super' WHEN a.delegated_admin THEN 'delegated' ELSE 'unsaid' END, a.name, a.email, p.title,
a.second_factor, a.works_here, a.enabled, a.last_sign_in
FROM accounts a LEFT JOIN people p ON p.id = a.person WHERE a.administrator ORDER BY a.directory, a.super_admin IS NOT TRUE, 3, 4"""
_UNKNOWN = "SELECT count(*) FROM accounts WHERE administrator IS NULL AND enabled IS NOT FALSE"
_WITHOUT, _LEFT, _MANY = "admin-second-factor", "admin-works-here", "few-super-admins"


def make(asked: Asked) -> Report:
    """Every account that any source calls an administrator, by directory, the strongest first."""
    words = {"super": _("Super administrator"), "delegated": _("Delegated administrator"), "unsaid": _("Administrator")}
    rows = [(product_word(row[0]), words[row[1]], *row[2:]) for row in asked.rows(_ROWS)]
    everybody = Figure(
        label=_("Administrator accounts"),
        part=len(rows),
        cannot_tell=asked.rows(_UNKNOWN)[0][0],
        sources=asked.sources("accounts"),
    )
    titles = (
        _("Directory"), _("Kind"), _("Name"), _("Address"), _("Job"), _("Second factor"), _("Works here"), _("Enabled"), _("Last sign-in"),
    )  # fmt: skip
    section = Section(
        name="administrators",
        title=_("Who they are"),
        columns=tuple(Column(title=title, privacy=Privacy.STAFF) for title in titles),
        rows=rows,
    )
    figures = (
        everybody,
        asked.figure(_WITHOUT, label=_("Administrators without a second factor")),
        asked.figure(_LEFT, label=_("Administrators who do not work here")),
        asked.figure(_MANY, label=_("Directories with too few or too many super administrators")),
    )
    lead = _("Everybody who may change the consoles. Sign your name under this list once a term.")
    return asked.report(name=KIND.name, title=str(KIND.title), lead=lead, figures=figures, sections=(section,))


KIND = Kind(
    name="administrators",
    title=gettext_lazy("Administrators"),
    about=gettext_lazy("Everybody who may change the consoles, to be confirmed once a term."),
    make=make,
)
