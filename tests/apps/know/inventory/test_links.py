"""Two lists of one shape as two sources: people are matched, and each record is named by its source."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from homeroom.apps.know.inventory.commands import export_links, resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.platform.districts.commands import create_district
from homeroom.evidence.loads.store import EvidenceStore

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 24, 12, tzinfo=UTC)
MAPPING = """homeroom: mapping
name: camp
connector: camp
table: person_records
columns:
  key: {from: rec_id}
  given_name: {from: given_name}
  family_name: {from: surname}
  street: {from: address_1}
  birth_date: {from: date_of_birth, as: date, format: "%Y%m%d"}
"""
HEAD = "rec_id, given_name, surname, address_1, date_of_birth\n"
FIRST = HEAD + "1, amara, abara, oak street, 20120304\n2, bao, ito, elm street, 20130506\n"
SECOND = (
    HEAD
    + "1, bao, iot, elm street, 20130506\n2, amarra, abara, oak street, 20120403\n3, dara, kim, fir street, 20110101\n"
)


def test_two_lists_of_one_shape_are_told_apart_by_their_sources(tmp_path: Path) -> None:
    district, store = (
        create_district(slug="maple", name="Maple"),
        EvidenceStore(tmp_path / "evidence", district="maple"),
    )
    (tmp_path / "camp.yaml").write_text(MAPPING, encoding="utf-8")
    for source, text in (("last year", FIRST), ("this year", SECOND)):
        (tmp_path / "camp.csv").write_text(text, encoding="utf-8")
        paths = [tmp_path / "camp.csv", tmp_path / "camp.yaml"]
        report = load_files(paths, district=district, store=store, at=AT, source=source, actor="technician")
        assert (report.problems, [load_result.outcome for load_result in report.loaded]) == ((), ["new"])
    resolve(district=district, store=store, today=date(2026, 11, 24), at=AT)
    links = sorted(sorted((row["source"], row["key"]) for row in line["records"]) for line in export_links(store))
    assert links == [
        [("last year", "1"), ("this year", "2")],
        [("last year", "2"), ("this year", "1")],
        [("this year", "3")],
    ]
