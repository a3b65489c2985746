"""How pages speak of fix files: their states, what stands out about a row, why a member stays out, and what became of it."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.apps.fixes.queries import Fix
from homeroom.web.templatetags.homeroom import counted

FLAGS = {
    "administrator": gettext_lazy("administrator"),
    "recent": gettext_lazy("used within 7 days"),
    "shared": gettext_lazy("shared or service account"),
    "here": gettext_lazy("belongs to somebody who is here"),
    "pupil": gettext_lazy("a pupil’s"),
}
OUTCOMES = {"worked": gettext_lazy("worked"), "did not": gettext_lazy("did not"), "": gettext_lazy("not seen yet")}
STATES = {
    "prepared": gettext_lazy("Waits for review"),
    "reviewed": gettext_lazy("Reviewed, not handed out"),
    "handed out": gettext_lazy("Handed out"),
    "proved": gettext_lazy("Proved"),
}
LEFT = {
    "excepted": gettext_lazy("excepted"),
    "no_record": gettext_lazy("without a record in %(system)s"),
    "odd_handle": gettext_lazy("whose id %(system)s could take for something else"),
    "no_target": gettext_lazy("for whom no value could be proposed"),
    "already": gettext_lazy("that are so already"),
    "twice": gettext_lazy("that have the same id as another row"),
    "recent": gettext_lazy("used within 7 days"),
    "administrator": gettext_lazy("administrators"),
    "no_serial": gettext_lazy("whose serial number is a maker’s placeholder"),
    "no_model": gettext_lazy("without a model"),
    "tag_taken": gettext_lazy("whose tag another asset has"),
}


def left_words(fix: Fix) -> tuple[tuple[int, str], ...]:
    """(how many, who) stay out of the file."""
    system = {"google": "Google", "microsoft": "Microsoft", "snipeit": "Snipe-IT"}.get(
        fix.action.system if fix.action else "", "Active Directory"
    )
    return tuple((number, str(LEFT.get(why, why)) % {"system": system}) for why, number in sorted(fix.left.items()))


def outcome_words(fix: Fix) -> str:
    """Where a file stands, in words: "38 worked, 2 did not, 1 not seen yet" once it was handed out."""
    if fix.state in ("prepared", "reviewed"):
        rows = ngettext("%(count)s row", "%(count)s rows", fix.rows) % {"count": counted(fix.rows)}
        return f"{STATES[fix.state]}: {rows}"
    told = (
        (fix.worked, gettext("%(count)s worked")),
        (fix.did_not, gettext("%(count)s did not")),
        (fix.not_seen, gettext("%(count)s not seen yet")),
    )
    return ", ".join(text % {"count": counted(number)} for number, text in told if number)
