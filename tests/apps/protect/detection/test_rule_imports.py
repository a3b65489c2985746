"""A district's own imported rules are its alone, and the import is in the audit trail."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import LazySettings

from homeroom.apps.platform.audit.models import Entry
from homeroom.apps.protect.detection.rule_imports import import_rules, list_district_imports, load_district_imports
from tests.cast import Cast, create_cast

pytestmark = pytest.mark.django_db
AT = datetime(2026, 9, 8, 14, tzinfo=UTC)
RULE = """title: Log cleared
id: cleared
status: stable
level: high
author: Mara Quill
logsource: {product: windows, service: security}
detection:
  cleared: {EventID: 1102}
  condition: cleared
"""


@pytest.fixture
def cast(db: None) -> Cast:
    return create_cast()


def test_imported_rules_run_for_this_district_alone(cast: Cast, tmp_path: Path, settings: LazySettings) -> None:
    settings.DATA = tmp_path / "data"
    folder = tmp_path / "sigma"
    folder.mkdir()
    (folder / "cleared.yml").write_text(RULE, encoding="utf-8")
    import_rules(folder, default_license="DRL 1.1", district=cast.district, actor="technician", at=AT)
    assert [rule.author for rule in list_district_imports(district=cast.district)] == ["Mara Quill"]
    rules, _ = load_district_imports(district=cast.district)
    assert [rule.heading.id for rule in rules.rules] == ["cleared"]
    assert len(load_district_imports(district=cast.next_district)[0]) == 0
    (entry,) = Entry.objects.of(cast.district).filter(action="import rules")
    assert (entry.actor, entry.detail) == ("technician", {"file": "sigma", "rules": 1, "on": 1, "refused": 0})
