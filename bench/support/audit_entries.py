"""Add entries to the trail of the folder that HOMEROOM_DATA names, each in a transaction, and verify them.

Beside them as many unchained rows are added to a table of the same columns: what an entry cost without the chain.
"""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, datetime

AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
DETAIL = {"rows": 4_512, "masked": False, "asked": {"school": "Lincoln", "left": True}}


def main(amount: int) -> None:
    """Print the figures as one JSON document."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    import django

    django.setup()
    from homeroom.apps.platform.audit.verification import verify_trail
    from homeroom.apps.platform.districts.queries import list_districts

    (district,) = list_districts()
    plain = _add_plain_rows(amount)
    chained = _add_entries(district, amount)
    began = time.process_time()
    trail = verify_trail(district=district)
    verifying = time.process_time() - began
    figures = {
        "append_microseconds": chained / amount * 1e6,
        "append_ratio": chained / plain,
        "verify_seconds_for_100k": verifying / trail.entries * 100_000,
        "problems": len(trail.problems) + (trail.entries != amount),
    }
    print(json.dumps(figures))


def _add_entries(district: object, amount: int) -> float:
    from homeroom.apps.platform.audit.commands import record_audit_entry

    began = time.process_time()
    for number in range(amount):
        record_audit_entry(
            district=district,  # type: ignore[arg-type]
            at=AT,
            actor="technician",
            action="export list",
            subject_kind="list",
            subject=f"p-{number:06}",
            detail=DETAIL,
        )
    return time.process_time() - began


def _add_plain_rows(amount: int) -> float:
    """Add rows of the former trail, through Django as it was done."""
    from django.db import connection, models, transaction

    class PlainEntry(models.Model):
        district = models.ForeignKey("districts.District", on_delete=models.CASCADE, related_name="+")
        at = models.DateTimeField()
        actor = models.CharField(max_length=150)
        action = models.CharField(max_length=60)
        subject_kind = models.CharField(max_length=30)
        subject = models.CharField(max_length=80)
        detail = models.JSONField(default=dict)

        class Meta:
            app_label = "audit"

    with connection.schema_editor() as editor:
        editor.create_model(PlainEntry)
    values = {"district_id": 1, "at": AT, "actor": "technician", "action": "export list", "subject_kind": "list"}
    began = time.process_time()
    for number in range(amount):
        with transaction.atomic():
            PlainEntry.objects.create(**values, subject=f"p-{number:06}", detail=DETAIL)
    return time.process_time() - began


if __name__ == "__main__":
    main(int(sys.argv[1]))
