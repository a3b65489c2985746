"""Template filters for shares, the basis of a goal's result, and the state of a question."""

from __future__ import annotations

from typing import Any

from django import template
from django.urls import reverse
from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import pgettext_lazy as worded

from homeroom.engines.protect.frameworks.compliance import ComplianceCheck
from homeroom.web.templatetags.homeroom import counted

register = template.Library()

BASIS_LABELS = {
    "measured": gettext_lazy("Measured"),
    "attested": gettext_lazy("Attested"),
    "nothing yet": gettext_lazy("Nothing yet"),
    "does not apply": gettext_lazy("Does not apply"),
}
ATTESTATION_STATE_LABELS = {
    "waiting": gettext_lazy("waits"),
    "overdue": gettext_lazy("overdue"),
    "holds": gettext_lazy("holds"),
    "expired": gettext_lazy("expired"),
}
ANSWER_LABELS = {
    "yes": worded("answer", "Yes"),
    "partly": worded("answer", "Partly"),
    "no": worded("answer", "No"),
    "does not apply": worded("answer", "Does not apply"),
}


@register.filter
def known_word(value: str) -> str:
    """Return the label of the basis of a goal's result."""
    return str(BASIS_LABELS.get(value, value))


@register.filter
def attested_word(value: str) -> str:
    """Return the label of the state of a question."""
    return str(ATTESTATION_STATE_LABELS.get(value, value))


@register.filter
def said_word(value: str) -> str:
    """Return the label of an answer."""
    return str(ANSWER_LABELS.get(value, value))


@register.filter
def share(value: float) -> str:
    """Format a share as percent, rounded so that only all of it is 100% and only none of it 0%."""
    percent = round(100 * value)
    if percent == 100 and value < 1:
        return "99%"
    return "1%" if percent == 0 and value > 0 else f"{percent}%"


@register.filter
def points(value: float) -> str:
    """Format the growth of a share in percentage points with one decimal."""
    percent = round(100 * value, 1)
    return f"+{number_format(percent, 1)}%" if percent else "<0.1%"


@register.filter
def span(goal: Any) -> str:
    """Format the range from minimum to maximum, or a single value if both read the same."""
    low, high = share(goal.low), share(goal.high)
    return low if low == high else gettext("%(low)s to %(high)s") % {"low": low, "high": high}


@register.simple_tag
def check_title(check: ComplianceCheck) -> SafeString:
    """Render what is wrong under a goal's check, or its title if nothing fails, as a link to its page.

    A check that has not been assessed yet links to the tenant settings.
    """
    name, _, tenant = check.id.partition("@")
    address = reverse("setting-of-tenants" if tenant else "control", args=[name])
    return format_html('<a href="{}" title="{}">{}</a>', address, check.title, check.problem or check.title)


@register.simple_tag
def check_rows(check: ComplianceCheck, state: str, number: int) -> SafeString | str:
    """Render the count of subjects in a state.

    The count is a link if there are any and the newest assessment has them.
    """
    text = counted(number)
    if not number or "@" in check.id:
        return text
    return format_html('<a href="{}">{}</a>', reverse("state", args=[check.id, state]), text)
