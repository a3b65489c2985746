"""Labels of how a session began and why it ended."""

from __future__ import annotations

from django.utils.translation import gettext_lazy

from homeroom.apps.accounts.sessions import CHANGED, DEACTIVATED, ENDED, EXPIRED, RESET, SIGNED_OUT

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
