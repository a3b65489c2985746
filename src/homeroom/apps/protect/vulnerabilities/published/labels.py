"""Labels and sentences about vulnerabilities: remedies, reasons, justifications, scopes, unmatched software."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.domain.ids import format_public_id

REASON_LABELS = {
    "exploited": gettext_lazy("known to be exploited"),
    "overdue": gettext_lazy("CISA due date passed"),
    "ransomware": gettext_lazy("used by ransomware"),
    "likely": gettext_lazy("among the likeliest to be used"),
    "public": gettext_lazy("answers from the internet"),
    "servers": gettext_lazy("on servers"),
    "administrators": gettext_lazy("used by administrators"),
    "beside_servers": gettext_lazy("in the network of a server"),
    "opens": gettext_lazy("used by staff with access to sensitive systems"),
    "everywhere": gettext_lazy("on a great part of all devices"),
    "staff": gettext_lazy("used by staff"),
}
REASON_ORDER = tuple(REASON_LABELS)
UNMATCHED_LABELS = {
    "unknown": gettext_lazy("Homeroom does not know the product"),
    "inside another program": gettext_lazy("A part of another program, which is compared by itself"),
    "version unreadable": gettext_lazy("Its version cannot be compared"),
    "distribution build": gettext_lazy("Built by a Linux distribution, whose own feed would tell"),
    "no feed": gettext_lazy("No loaded feed speaks of it"),
}
REMEDY_LABELS = {
    "exploited": gettext_lazy("Known to be exploited"),
    "update": gettext_lazy("Others that an update closes"),
    "none": gettext_lazy("No update is named"),
    "excepted": gettext_lazy("Excepted"),
}
JUSTIFICATION_LABELS = {
    "false_positive": gettext_lazy("False positive"),
    "not_reachable": gettext_lazy("Not exploitable here"),
    "accepted": gettext_lazy("Risk accepted for now"),
}
SCOPE_LABELS = {
    "everywhere": gettext_lazy("Every device"),
    "device": gettext_lazy("One device"),
    "school": gettext_lazy("A school"),
    "unit": gettext_lazy("An organizational unit and those below"),
    "cart": gettext_lazy("A cart"),
    "class": gettext_lazy("A class of device"),
}
DEVICE_CLASS_LABELS = {
    "chromebook": gettext_lazy("Chromebooks"),
    "laptop": gettext_lazy("Laptops"),
    "desktop": gettext_lazy("Desktop computers"),
    "tablet": gettext_lazy("Tablets"),
    "phone": gettext_lazy("Phones"),
    "server": gettext_lazy("Servers"),
    "switch": gettext_lazy("Switches"),
    "access_point": gettext_lazy("Access points"),
    "firewall": gettext_lazy("Firewalls"),
    "ups": gettext_lazy("Power supplies (UPS)"),
    "display": gettext_lazy("Displays"),
    "printer": gettext_lazy("Printers"),
    "other": gettext_lazy("Other devices"),
    "unknown": gettext_lazy("Devices of unknown kind"),
}


def why_first(reasons: Sequence[str]) -> str:
    """Return the reasons for a score as text, gravest first; empty if only the score is a reason."""
    ordered = sorted((reason for reason in reasons if reason in REASON_LABELS), key=REASON_ORDER.index)
    text = ", ".join(str(REASON_LABELS[reason]) for reason in ordered)
    return text[:1].upper() + text[1:]


def closes_what(remedy: Any) -> str:
    """Return a sentence about what an update fixes, or why there is none."""
    values = {"n": number_format(remedy.closes, force_grouping=True), "version": remedy.update_to or ""}
    if remedy.closes and remedy.update_to:
        text = ngettext(
            "Update to %(version)s: closes %(n)s flaw", "Update to %(version)s: closes %(n)s flaws", remedy.closes
        )
    elif remedy.closes:
        text = ngettext("An update closes %(n)s flaw", "An update closes %(n)s flaws", remedy.closes)
    elif remedy.update_to:  # all of it is let stand
        text = gettext("Update to %(version)s")
    else:
        text = remedy.remedy or gettext("No version that closes it is named")
        return str(text)
    return text % values


def silent_word(reason: str) -> str:
    """Return the label of a reason why software was compared with no feed."""
    return str(UNMATCHED_LABELS.get(reason, reason))


def show_word(kind: str) -> str:
    """Return the label of a kind of remedy."""
    return str(REMEDY_LABELS[kind])


def justification_word(justification: str) -> str:
    """Return the label of a justification of a suppression."""
    return str(JUSTIFICATION_LABELS[justification])


def scope_word(scope: str) -> str:
    """Return the label of a scope, without the name of the school, unit, cart or class."""
    return str(SCOPE_LABELS[scope])


def reached(suppression: Any) -> str:
    """Return the devices that a suppression covers, with the name."""
    if suppression.scope == "device":
        return gettext("Device %(id)s") % {"id": format_public_id("device", suppression.device)}
    name = class_word(suppression.value) if suppression.scope == "class" else suppression.value
    return f"{scope_word(suppression.scope)}: {name}" if name else scope_word(suppression.scope)


def class_word(kind: str) -> str:
    """Return the plural label of a class of device."""
    return str(DEVICE_CLASS_LABELS.get(kind, kind))


def ends_when(ending: Any) -> str:
    """Return the day of an end of support, or the month if devices end on several days; empty without a day."""
    if ending.ends_on is None:
        return ""
    return date_format(ending.ends_on, "M j, Y" if ending.last_on == ending.ends_on else "F Y")


def ends_told(ending: Any) -> str:
    """Return a sentence about an end of support; empty if it is neither over nor has a day."""
    if ending.ends_on is None:
        return gettext("Support is over.") if ending.ended else ""
    if ending.last_on != ending.ends_on:
        text = gettext("Support ended in %(when)s.") if ending.ended else gettext("Support ends in %(when)s.")
        return text % {"when": date_format(ending.ends_on, "F Y")}
    text = gettext("Support ended on %(when)s.") if ending.ended else gettext("Support ends on %(when)s.")
    return text % {"when": date_format(ending.ends_on, "F j, Y")}


def in_days(days: float) -> str:
    """Format a mean number of days, rounded."""
    return f"{days:.0f}" if days >= 10 else f"{days:.1f}".removesuffix(".0")
