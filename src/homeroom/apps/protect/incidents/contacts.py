"""Whom a district calls in an incident, and when its first-hour sheet was printed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.incidents.models import Contact, SheetPrint
from homeroom.apps.protect.incidents.records import IncidentRefused
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.contacts import PUBLISHED, ContactKind

REPRINT_AFTER = timedelta(days=90)
_FIELDS = ("name", "phone", "email", "reference")
_LENGTHS = {"name": 200, "phone": 60, "email": 200, "reference": 200}


@dataclass(frozen=True, kw_only=True)
class ContactView:
    """A contact of the tree; empty where nobody filled it in. `reference` is a policy or member number."""

    kind: ContactKind
    name: str = ""
    phone: str = ""
    email: str = ""
    reference: str = ""
    address: str = ""

    @property
    def is_missing(self) -> bool:
        """Check whether nobody can be called."""
        return not self.phone and not self.email and not self.address


def list_contacts(*, district: District) -> tuple[ContactView, ...]:
    """Return the contact tree in the order of calling; MS-ISAC only if the district filled it in as a member."""
    rows = {row.kind: row for row in Contact.objects.of(district)}
    return tuple(
        _build_view(kind, rows.get(kind)) for kind in ContactKind if kind != ContactKind.MS_ISAC or kind in rows
    )


def list_missing_contacts(*, district: District) -> tuple[ContactKind, ...]:
    """Return the contacts that nobody can call."""
    return tuple(contact.kind for contact in list_contacts(district=district) if contact.is_missing)


def _build_view(kind: ContactKind, row: Contact | None) -> ContactView:
    published = PUBLISHED.get(kind)
    address = published.address if published else ""
    if row is not None:
        return ContactView(kind=kind, address=address, **{name: getattr(row, name) for name in _FIELDS})
    if published is not None:
        values = {"name": published.name, "phone": published.phone, "email": published.email}
        return ContactView(kind=kind, address=address, **values)
    return ContactView(kind=kind)


@transaction.atomic
def set_contact(
    *, district: District, kind: str, name: str, phone: str, email: str, reference: str, actor: str, at: datetime
) -> None:
    """Set a contact; one whose fields are all empty is removed. Raise IncidentRefused."""
    if kind not in set(ContactKind):
        raise IncidentRefused("kind", f"{kind!r}; {', '.join(ContactKind)} would fit")
    texts = {"name": name.strip(), "phone": phone.strip(), "email": email.strip(), "reference": reference.strip()}
    for field, text in texts.items():
        if len(text) > _LENGTHS[field]:
            raise IncidentRefused(field, f"{field}: at most {_LENGTHS[field]} characters would fit")
    rows = Contact.objects.of(district).filter(kind=kind)
    if any(texts.values()):
        if not rows.update(**texts, changed_by=actor, changed_at=at):
            row = Contact(district_id=district.pk, kind=kind, changed_by=actor, changed_at=at, **texts)
            row.save(force_insert=True)
    else:
        rows.delete()
    record_audit_entry(
        district=district, at=at, actor=actor, action="set incident contact", subject_kind="contact", subject=kind
    )


@transaction.atomic
def record_print(*, district: District, actor: str, at: datetime) -> None:
    """Record that somebody printed the first-hour sheet."""
    SheetPrint.objects.create(district_id=district.pk, printed_by=actor, printed_at=at)
    record_audit_entry(district=district, at=at, actor=actor, action="print first-hour sheet", subject_kind="contact")


def find_last_print(*, district: District) -> datetime | None:
    """Return when the first-hour sheet was printed last, or None."""
    row = SheetPrint.objects.of(district).order_by("-printed_at").first()
    return row.printed_at if row else None


def is_reprint_due(*, district: District, at: datetime) -> bool:
    """Check whether the first-hour sheet was printed once, and not for 90 days."""
    printed_at = find_last_print(district=district)
    return printed_at is not None and at - printed_at > REPRINT_AFTER
