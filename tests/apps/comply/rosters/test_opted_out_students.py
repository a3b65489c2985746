"""A roster for others is without the students who opted out of directory information."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from homeroom.apps.comply.privacy.opt_outs.commands import add_opt_outs
from homeroom.apps.comply.rosters.commands import export_oneroster
from tests.apps.comply.privacy.conftest import ANA, NOON, TODAY, FamilyDistrict, family
from tests.assessed_district import publish_load

pytestmark = pytest.mark.django_db
__all__ = ["family"]


@pytest.fixture
def roster(family: FamilyDistrict) -> FamilyDistrict:
    orgs = [{"key": "o-1", "name": "Cedar Middle", "kind": "school"}]
    roles = [{"person_key": key, "role": "student", "org_key": "o-1"} for key in ("s-ana", "s-ben")]
    classes = [{"key": f"c-{n}", "title": "Math", "org_key": "o-1", "kind": "scheduled"} for n in range(3)]
    for table, rows in (("orgs", orgs), ("role_records", roles), ("classes", classes)):
        publish_load(family.store, "oneroster", f"oneroster.{table}", table, rows, at=NOON)
    return family


def export(roster: FamilyDistrict, out: Path, *, official: bool = False) -> tuple[set[str], dict[str, int]]:
    result = export_oneroster(
        district=roster.cast.district,
        store=roster.store,
        source="oneroster",
        out=out,
        today=TODAY,
        at=NOON,
        for_school_official=official,
    )
    with (out / "users.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["sourcedId"] for row in csv.DictReader(file)}, dict(result.left_out)


def test_who_opted_out_is_in_no_file_of_the_bundle_but_for_a_school_official(
    roster: FamilyDistrict, tmp_path: Path
) -> None:
    assert {"s-ana", "s-ben"} <= export(roster, tmp_path / "before")[0]
    students = {roster.get_id(ANA): ("directory",)}
    add_opt_outs(students=students, since=date(2026, 1, 5), source="list.csv", **roster.common)
    users, left_out = export(roster, tmp_path / "after")
    assert users == {"s-ben"}
    assert left_out["a student who opted out of directory information"] == 1
    for file in (tmp_path / "after").iterdir():
        assert b"s-ana" not in file.read_bytes(), file.name
    assert "s-ana" in export(roster, tmp_path / "official", official=True)[0]
