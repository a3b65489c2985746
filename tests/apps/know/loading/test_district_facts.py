"""What district.yaml calls the district, and its time zone, is what pages and reports show from then on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.sources.commands import approve, load_files
from homeroom.apps.know.sources.district_facts import apply_district_facts
from homeroom.apps.know.sources.load_report import LoadReport
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.commands import create_district, rename_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
CALENDAR = "calendar: {first_day: 2026-08-18, last_day: 2027-05-28}\n"


class NamedDistrict:
    """A new district, and the facts that its office writes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.row = create_district(slug="maple", name="Our district")
        self.store = EvidenceStore(folder / "evidence", district="maple")
        self.loads = 0

    def load_facts(self, facts: str, *, approved: bool = True) -> LoadReport:
        """Load district.yaml with these lines."""
        self.loads += 1
        file = self.folder / "district.yaml"
        file.write_text(f"homeroom: district\n{facts}{CALENDAR}", encoding="utf-8")
        return load_files(
            [file], district=self.read(), store=self.store, at=AT + timedelta(days=self.loads), approved=approved
        )

    def read(self) -> District:
        """Return the district as it is stored now."""
        return District.objects.get(pk=self.row.pk)


@pytest.fixture
def town(tmp_path: Path) -> NamedDistrict:
    return NamedDistrict(tmp_path)


def test_a_district_is_called_as_its_facts_call_it_and_the_audit_trail_has_it(town: NamedDistrict) -> None:
    assert town.load_facts("name: Cedar County Schools\ntimezone: America/Denver\n").clean
    assert (town.read().name, town.read().timezone) == ("Cedar County Schools", "America/Denver")
    lines = [line for line in list_audit_entries(district=town.read()).lines if line.action == "name district"]
    assert [line.detail for line in lines] == [{"name": "Cedar County Schools", "timezone": "America/Denver"}]


def test_facts_without_a_name_change_none(town: NamedDistrict) -> None:
    assert town.load_facts("").clean
    assert (town.read().name, town.read().timezone) == ("Our district", "America/New_York")


def test_a_new_name_in_the_facts_replaces_the_old_one(town: NamedDistrict) -> None:
    for name in ("Cedar County Schools", "Cedar Unified"):
        town.load_facts(f"name: {name}\n")
    assert town.read().name == "Cedar Unified"


def test_a_name_that_somebody_set_since_stays_until_facts_change(town: NamedDistrict) -> None:
    town.load_facts("name: Cedar County Schools\n")
    rename_district(district=town.row, name="Cedar Unified", timezone="America/Denver")
    town.load_facts("name: Cedar County Schools\n")
    assert town.read().name == "Cedar Unified"


def test_a_name_without_its_audit_entry_is_not_given(town: NamedDistrict) -> None:
    town.load_facts("name: Cedar County Schools\n")
    rename_district(district=town.row, name="Cedar Unified", timezone="America/Denver")
    no_time: Any = None  # an entry that cannot be written, as when the program is killed there
    with pytest.raises(AttributeError):
        apply_district_facts(
            district=town.read(), store=town.store, loads=town.store.list_all_loads(), actor="", at=no_time
        )
    assert town.read().name == "Cedar Unified"


def test_facts_that_wait_for_a_person_name_nothing_until_they_are_approved(town: NamedDistrict) -> None:
    town.load_facts("name: Cedar County Schools\n")
    (town.folder / "district.yaml").write_text("homeroom: district\nname: Elm Schools\n", encoding="utf-8")
    report = load_files([town.folder / "district.yaml"], district=town.read(), store=town.store, at=AT)
    (held,) = report.held
    assert held.load is not None
    assert town.read().name == "Cedar County Schools"
    approve(district=town.read(), store=town.store, load_id=held.load.id, actor="director", at=AT)
    assert town.read().name == "Elm Schools"


@pytest.mark.parametrize("name", ["5", "[Cedar]", f"'{'x' * 201}'"])
def test_a_name_that_is_none_is_refused_with_its_field(town: NamedDistrict, name: str) -> None:
    (problem,) = town.load_facts(f"name: {name}\n").refused
    assert problem.field == "name"
    assert town.read().name == "Our district"


def test_another_district_keeps_its_name(town: NamedDistrict) -> None:
    other = create_district(slug="next", name="The next district")
    town.load_facts("name: Cedar County Schools\n")
    other.refresh_from_db()
    assert other.name == "The next district"
