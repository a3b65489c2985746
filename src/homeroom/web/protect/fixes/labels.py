"""Labels for fix files: states, row flags, reasons why a member is left out, and outcomes."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.protect.fixes.queries import FixSummary
from homeroom.web.templatetags.homeroom import counted

FLAGS = {
    "administrator": gettext_lazy("administrator"),
    "recent": gettext_lazy("used within 7 days"),
    "shared": gettext_lazy("shared or service account"),
    "here": gettext_lazy("belongs to a current person"),
    "student": gettext_lazy("a student’s"),
}
OUTCOMES = {
    "worked": gettext_lazy("confirmed"),
    "did not": gettext_lazy("failed"),
    "": gettext_lazy("not verified yet"),
}
STATES = {
    "prepared": gettext_lazy("Needs review"),
    "reviewed": gettext_lazy("Ready to download"),
    "handed out": gettext_lazy("Downloaded"),
    "proved": gettext_lazy("Confirmed"),
}
LEFT_OUT_REASONS = {
    "excepted": gettext_lazy("excepted"),
    "no_record": gettext_lazy("without a record in %(system)s"),
    "odd_handle": gettext_lazy("whose id %(system)s could take for something else"),
    "no_target": gettext_lazy("for whom no value could be proposed"),
    "already": gettext_lazy("that are so already"),
    "twice": gettext_lazy("that have the same id as another row"),
    "recent": gettext_lazy("used within 7 days"),
    "administrator": gettext_lazy("administrators"),
    "no_serial": gettext_lazy("whose serial number is a manufacturer’s placeholder"),
    "no_model": gettext_lazy("without a model"),
    "tag_taken": gettext_lazy("whose tag another asset has"),
}


def describe_left_out(fix: FixSummary) -> tuple[tuple[int, str], ...]:
    """Return (count, reason) of the members that are left out of the file."""
    system = {"google": "Google", "microsoft": "Microsoft", "snipeit": "Snipe-IT"}.get(
        fix.action.system if fix.action else "", "Active Directory"
    )
    return tuple(
        (number, str(LEFT_OUT_REASONS.get(reason, reason)) % {"system": system})
        for reason, number in sorted(fix.left.items())
    )


def describe_outcome(fix: FixSummary) -> str:
    """Describe the state of a file: "38 worked, 2 did not, 1 not seen yet" once it was handed out."""
    if fix.state in ("prepared", "reviewed"):
        rows = ngettext("%(count)s row", "%(count)s rows", fix.rows) % {"count": counted(fix.rows)}
        return f"{STATES[fix.state]}: {rows}"
    outcomes = (
        (fix.worked, gettext("%(count)s confirmed")),
        (fix.did_not, gettext("%(count)s failed")),
        (fix.not_seen, gettext("%(count)s not verified yet")),
    )
    return ", ".join(text % {"count": counted(number)} for number, text in outcomes if number)
