"""What is said of flaws in words: what to do, why it comes first, why it may stand and where, why software was not compared."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.formats import date_format, number_format
from django.utils.translation import gettext, gettext_lazy, ngettext

from homeroom.domain.ids import public_id

REASONS = {
    "exploited": gettext_lazy("known to be exploited"),
    "overdue": gettext_lazy("the day of CISA's catalogue has passed"),
    "ransomware": gettext_lazy("used by ransomware"),
    "likely": gettext_lazy("among the likeliest to be used"),
    "public": gettext_lazy("answers from the internet"),
    "servers": gettext_lazy("on servers"),
    "administrators": gettext_lazy("used by somebody who administers"),
    "beside_servers": gettext_lazy("in the network of a server"),
    "opens": gettext_lazy("used by somebody who opens systems with the data of others"),
    "everywhere": gettext_lazy("on a great part of all devices"),
    "staff": gettext_lazy("used by staff"),
}
ORDER = tuple(REASONS)
SILENT = {
    "unknown": gettext_lazy("Homeroom does not know the product"),
    "inside another program": gettext_lazy("A part of another program, which is compared by itself"),
    "version unreadable": gettext_lazy("Its version cannot be compared"),
    "distribution build": gettext_lazy("Built by a Linux distribution, whose own feed would tell"),
    "no feed": gettext_lazy("No loaded feed speaks of it"),
}
SHOWS = {
    "exploited": gettext_lazy("Known to be exploited"),
    "update": gettext_lazy("Others that an update closes"),
    "none": gettext_lazy("No update is named"),
    "excepted": gettext_lazy("Excepted"),
}
JUSTIFICATIONS = {
    "false_positive": gettext_lazy("False alarm: the flaw is not there"),
    "not_reachable": gettext_lazy("Not reachable: nobody gets at it"),
    "accepted": gettext_lazy("Accepted for now: the risk is known"),
}
SCOPES = {
    "everywhere": gettext_lazy("Every device"),
    "device": gettext_lazy("One device"),
    "school": gettext_lazy("A school"),
    "unit": gettext_lazy("An organisational unit and those below"),
    "cart": gettext_lazy("A cart"),
    "class": gettext_lazy("A class of device"),
}
CLASSES = {
    "chromebook": gettext_lazy("Chromebooks"),
    "laptop": gettext_lazy("Laptops"),
    "desktop": gettext_lazy("Desktop computers"),
    "tablet": gettext_lazy("Tablets"),
    "phone": gettext_lazy("Phones"),
    "server": gettext_lazy("Servers"),
    "other": gettext_lazy("Other devices"),
    "unknown": gettext_lazy("Devices of unknown kind"),
}


def why_first(reasons: Sequence[str]) -> str:
    """Why something weighs what it does, in words, the gravest first; empty where nothing but its score speaks for it."""
    known = sorted((one for one in reasons if one in REASONS), key=ORDER.index)
    told = ", ".join(str(REASONS[one]) for one in known)
    return told[:1].upper() + told[1:]


def closes_what(remedy: Any) -> str:
    """What an update closes in a sentence, and what stays open."""
    many = {"n": number_format(remedy.closes, force_grouping=True), "version": remedy.update_to or ""}
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
    return text % many


def silent_word(reason: str) -> str:
    """Why software was compared with nothing."""
    return str(SILENT.get(reason, reason))


def show_word(kind: str) -> str:
    """The word for a kind of remedy."""
    return str(SHOWS[kind])


def justification_word(word: str) -> str:
    """Why flaws are let stand."""
    return str(JUSTIFICATIONS[word])


def scope_word(word: str) -> str:
    """On which devices, without the name of the school, unit, cart or class."""
    return str(SCOPES[word])


def reached(one: Any) -> str:
    """On which devices a suppression holds, with the name."""
    if one.scope == "device":
        return gettext("Device %(id)s") % {"id": public_id("device", one.device)}
    name = class_word(one.value) if one.scope == "class" else one.value
    return f"{scope_word(one.scope)}: {name}" if name else scope_word(one.scope)


def class_word(kind: str) -> str:
    """A class of device in the plural."""
    return str(CLASSES.get(kind, kind))


def ends_when(one: Any) -> str:
    """The day of an end of support, or the month where devices end on several days of it; empty where no day is set."""
    if one.ends_on is None:
        return ""
    return date_format(one.ends_on, "M j, Y" if one.last_on == one.ends_on else "F Y")


def ends_told(one: Any) -> str:
    """An end of support in a sentence; empty where it is neither over nor has a day."""
    if one.ends_on is None:
        return gettext("Support is over.") if one.ended else ""
    if one.last_on != one.ends_on:
        words = gettext("Support ended in %(when)s.") if one.ended else gettext("Support ends in %(when)s.")
        return words % {"when": date_format(one.ends_on, "F Y")}
    words = gettext("Support ended on %(when)s.") if one.ended else gettext("Support ends on %(when)s.")
    return words % {"when": date_format(one.ends_on, "F j, Y")}


def in_days(many: float) -> str:
    """Days, rounded, as a mean is written."""
    return f"{many:.0f}" if many >= 10 else f"{many:.1f}".removesuffix(".0")
