"""What was accepted of a policy as `setting:…` becomes an acceptance of the policy's finding, or of one place in it."""

from __future__ import annotations

import hashlib
from typing import Any

from django.db import migrations

PREFIX = "setting:"


def as_findings(apps: Any, schema_editor: Any) -> None:
    """One acceptance becomes one for each tenant in which the policy was ever judged; its unit becomes the place of that name."""
    acceptance = apps.get_model("posture", "Acceptance").everywhere
    result = apps.get_model("posture", "SettingResult").everywhere
    for row in acceptance.filter(control__startswith=PREFIX):
        policy, unit = row.control.removeprefix(PREFIX), row.group
        stood = result.filter(district_id=row.district_id, policy=policy)
        for tenant in sorted(set(stood.values_list("tenant", flat=True))):
            row.pk = None
            row.control, row.group, row.subject = policy, tenant, _place(tenant, unit) if unit else None
            row.save(force_insert=True)
    acceptance.filter(control__startswith=PREFIX).delete()


def _place(tenant: str, name: str) -> int:
    digest = hashlib.blake2b(f"{tenant}\x00{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


class Migration(migrations.Migration):
    """See `as_findings`."""

    dependencies = [("posture", "0003_school_results")]  # noqa: RUF012

    operations = [migrations.RunPython(as_findings, migrations.RunPython.noop)]  # noqa: RUF012
