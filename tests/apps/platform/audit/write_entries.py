"""Write entries to the trail of a data folder, in a process of its own."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
AMOUNT = 60


def write_entries(name: str, amount: int = AMOUNT) -> None:
    """Write entries, and roll back each fifth with the change that it is about."""
    from django.db import transaction

    from homeroom.apps.platform.audit.commands import record_audit_entry
    from homeroom.apps.platform.districts.queries import list_districts

    (district, *_) = list_districts()
    for number in range(amount):
        with transaction.atomic():
            record_audit_entry(district=district, at=AT, actor=name, action="open person", subject=f"p-{number}")
            transaction.set_rollback(number % 5 == 4)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    import django

    django.setup()
    write_entries(sys.argv[1])
