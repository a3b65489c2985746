"""The coverage of a district follows the events that it has, and is its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings

from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.detection.coverage import measure_district_coverage
from homeroom.apps.protect.detection.judging.alert_rules import load_alert_rules, load_district_rules
from homeroom.apps.protect.detection.rule_imports import import_rules
from tests.apps.protect.detection.test_rule_imports import RULE
from tests.cast import Cast, create_cast
from tests.unit.evidence.event_loads import build_rows, load_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: LazySettings) -> Cast:
    settings.DATA = tmp_path / "data"
    return create_cast()


def test_rules_see_with_the_events_of_seven_days(cast: Cast) -> None:
    rows = build_rows(3, range(4), log="login")
    load_rows(get_evidence_store(district=cast.district), rows)
    newest = max(row["at"] for row in rows)
    coverage = measure_district_coverage(district=cast.district, now=newest)
    assert coverage.seen == {"google-login": 4}
    assert 0 < coverage.seeing < len(coverage.rules)
    assert coverage.gains[0].rules > 0
    assert measure_district_coverage(district=cast.next_district, now=newest).seeing == 0
    assert measure_district_coverage(district=cast.district, now=newest + timedelta(days=8)).seeing == 0


def test_imported_rules_judge_too(cast: Cast, tmp_path: Path) -> None:
    assert load_district_rules(cast.district) is load_alert_rules()
    folder = tmp_path / "sigma"
    folder.mkdir()
    (folder / "cleared.yml").write_text(RULE, encoding="utf-8")
    at = datetime(2026, 9, 8, 14, tzinfo=UTC)
    import_rules(folder, default_license="DRL 1.1", district=cast.district, actor="technician", at=at)
    rules = load_district_rules(cast.district)
    assert "cleared" in {rule.heading.id for rule in rules.rules.rules}
    assert rules.texts["cleared"].title == "Log cleared"
    assert "cleared" in {rule.heading.id for rule in measure_district_coverage(district=cast.district, now=at).rules}
    assert load_district_rules(cast.next_district) is load_alert_rules()
