"""What is nobody's: telephones, domains and addresses of the district itself, and addresses of its staff."""

from __future__ import annotations

from homeroom.domain.protect.loose.recognizers import Recognizer, ValueForm
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex

_MACHINES = ("noreply", "no-reply", "donotreply", "do-not-reply", "support", "helpdesk", "info", "office", "admin")


def is_own(index: RosterIndex, recognizer: Recognizer, form: ValueForm, value: str) -> bool:
    """Check whether a value of a kind that counts beside a student is the district's own or of its staff."""
    if not recognizer.beside_student:
        return False
    check, roster = form.check, index.roster
    if check == "phone":
        return value in roster.own_phones
    if check == "email":
        name, _, domain = value.partition("@")
        if value in index.emails:
            return False
        return value in roster.staff_emails or domain in roster.own_domains or name in _MACHINES
    return check == "text" and any(value.startswith(address) for address in roster.own_addresses)
