"""How pages write shares, how a goal is known, and how a question stands."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import pgettext_lazy as worded

from homeroom.engines.frameworks.standing import Check
from homeroom.web.templatetags.homeroom import counted

register = template.Library()

KNOWN = {
    "measured": gettext_lazy("Measured"),
    "attested": gettext_lazy("Attested"),
    "nothing yet": gettext_lazy("Nothing yet"),
    "does not apply": gettext_lazy("Does not apply"),
}
STANDS = {
    "waiting": gettext_lazy("waits"),
    "overdue": gettext_lazy("overdue"),
    "holds": gettext_lazy("holds"),
    "expired": gettext_lazy("expired"),
}
SAID = {
    "yes": worded("answer", "Yes"),
    "partly": worded("answer", "Partly"),
    "no": worded("answer", "No"),
    "does not apply": worded("answer", "Does not apply"),
}


@register.filter
def known_word(value: str) -> str:
    """How a goal's standing is known, in a word."""
    return str(KNOWN.get(value, value))


@register.filter
def attested_word(value: str) -> str:
    """How a question stands, in a word."""
    return str(STANDS.get(value, value))


@register.filter
def said_word(value: str) -> str:
    """An answer in words."""
    return str(SAID.get(value, value))


@register.filter
def share(value: float) -> str:
    """A share as percent, rounded so that only all of it is 100 % and only none of it 0 %."""
    percent = round(100 * value)
    if percent == 100 and value < 1:
        return "99 %"
    return "1 %" if percent == 0 and value > 0 else f"{percent} %"


@register.filter
def points(value: float) -> str:
    """What a share grows by, in percentage points with a decimal."""
    percent = round(100 * value, 1)
    return f"+{number_format(percent, 1)} %" if percent else "<0.1 %"


@register.filter
def span(goal: Any) -> str:
    """From at least to at most, once where both read the same."""
    low, high = share(goal.low), share(goal.high)
    return low if low == high else gettext("%(low)s to %(high)s") % {"low": low, "high": high}


@register.simple_tag
def check_title(check: Check) -> SafeString:
    """The title of what measures a goal, which leads to its page: what was not judged yet stands among the tenant's settings."""
    name, _, tenant = check.id.partition("@")
    return format_html(
        '<a href="{}">{}</a>', reverse("setting-of-tenants" if tenant else "control", args=[name]), check.title
    )


@register.simple_tag
def check_rows(check: Check, state: str, number: int) -> SafeString | str:
    """How many stand in a state, which opens them where there are any and the newest judgement has them."""
    told = counted(number)
    if not number or "@" in check.id:
        return told
    return format_html('<a href="{}">{}</a>', reverse("state", args=[check.id, state]), told)
