"""Template filters for sessions of users."""

from __future__ import annotations

from django import template
from django.utils.translation import gettext_lazy

from homeroom.apps.platform.accounts.sessions import CHANGED, DEACTIVATED, ENDED, EXPIRED, RESET, SIGNED_OUT

register = template.Library()
METHODS = {
    "passphrase": gettext_lazy("Password"),
    "passkey": gettext_lazy("Passkey"),
    "code": gettext_lazy("Printed code"),
    "google": gettext_lazy("Google"),
    "microsoft": gettext_lazy("Microsoft"),
}
REASONS = {
    SIGNED_OUT: gettext_lazy("Signed out"),
    ENDED: gettext_lazy("Ended by a user"),
    EXPIRED: gettext_lazy("Expired"),
    RESET: gettext_lazy("Password reset"),
    DEACTIVATED: gettext_lazy("User deactivated"),
    CHANGED: gettext_lazy("Password changed"),
}


@register.filter
def method_word(method: str) -> str:
    """Return the label of a sign-in method; a dash for an unknown one."""
    return str(METHODS.get(method, method or "–"))


@register.filter
def end_word(reason: str) -> str:
    """Return the label of why a session ended."""
    return str(REASONS.get(reason, reason))
