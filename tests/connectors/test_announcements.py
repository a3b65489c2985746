"""Announced work and canaries: an entry that does not fit is rejected with its reason, and all others load."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.connectors.district.readers import read_canaries, read_district, read_expected
from homeroom.ingest.contract.errors import FileRefused
from homeroom.library.know.mappings import read_document
from tests.connectors.raw_frames import list_rows

EXPECTED = r"""
homeroom: expected
entries:
  - {who: [backup-svc], hosts: [FILE01], addresses: [10.1.2.3, 10.2.0.0/16], daily: "23:30-00:30", reason: Backup.}
  - {who: [ana@maple.example], countries: [mx, no], from: 2026-12-19, until: 2027-01-04, reason: Winter break.}
  - {targets: [ben@maple.example], from: 2026-09-01T10:00:00-05:00, reason: Ben joins the team.}
  - {reason: Everything.}
  - {who: ana, reason: No list.}
  - {who: [ana], daily: at night, reason: No time.}
  - {who: [ana], addresses: [300.1.1.1], reason: No address.}
  - {who: [ana], hosts: [file01.maple.example], reason: No short name.}
  - {who: [ana], countries: [Mexico], reason: No code.}
  - {who: [ana], from: 2026-12-19, until: 2026-12-18, reason: Backwards.}
  - {who: [ana], from: soon, reason: No day.}
  - {who: [ana]}
  - {who: [ana], whom: [ben], reason: Unknown field.}
  - just text
"""


def test_announced_work_is_read_and_each_bad_entry_is_rejected_by_itself():
    read = read_document(EXPECTED, file="expected.yaml", reader=read_expected)
    rows = list_rows(read, "expected_activities")
    assert [(row["reason"], row.get("who"), row.get("countries")) for row in rows] == [
        ("Backup.", ["backup-svc"], None), ("Winter break.", ["ana@maple.example"], ["MX", "NO"]),
        ("Ben joins the team.", None, None),
    ]  # fmt: skip
    assert rows[0]["addresses"] == ["10.1.2.3/32", "10.2.0.0/16"]
    assert (rows[0]["daily_from"], rows[0]["daily_until"]) == ("23:30", "00:30")
    assert (rows[1]["starts"], rows[1]["ends"]) == ("2026-12-19", "2027-01-04")
    assert rows[2]["starts"] == "2026-09-01T10:00:00-05:00"
    rejects = read.rejects.select("line", "field").rows()
    assert rejects == [
        (4, "entries"), (5, "who"), (6, "daily"), (7, "addresses"), (8, "hosts"), (9, "countries"), (10, "until"),
        (11, "from"), (12, "reason"), (13, "whom"), (14, "entries"),
    ]  # fmt: skip
    assert all(read.rejects["row_lost"])


CANARIES = r"""
homeroom: canaries
accounts: [svc-print-old, svc-print-old]
documents: [1AbC_dEf, 12345]
files: ['office\payroll\accounts.xlsx', '/office/keys.txt', lost.txt]
"""


def test_canaries_are_read_and_a_file_without_its_share_is_rejected():
    read = read_document(CANARIES, file="canaries.yaml", reader=read_canaries)
    assert [(row["kind"], row["value"]) for row in list_rows(read, "canaries")] == [
        ("account", "svc-print-old"), ("document", "1AbC_dEf"), ("document", "12345"),
        ("file", "office\\payroll\\accounts.xlsx"), ("file", "office\\keys.txt"),
    ]  # fmt: skip
    assert read.rejects.select("line", "field", "reason").rows() == [
        (3, "files", "names no share; share\\path would fit")
    ]


@pytest.mark.parametrize(("text", "field"), [
    ("homeroom: expected\nentries: none\n", "entries"),
    ("homeroom: expected\nentries: []\nmore: 1\n", "more"),
])  # fmt: skip
def test_a_file_of_another_form_is_refused(text: str, field: str):
    with pytest.raises(FileRefused) as refused:
        read_document(text, file="expected.yaml", reader=read_expected)
    assert refused.value.problems[0].field == field


def test_the_districts_facts_declare_its_own_networks():
    facts = "homeroom: district\nnetworks: [203.0.113.0/24, 2001:db8::/32, 203.0.113.0/24]\n"
    read = read_document(facts, file="district.yaml", reader=read_district)
    assert [row["network"] for row in list_rows(read, "own_networks")] == ["203.0.113.0/24", "2001:db8::/32"]
    with pytest.raises(FileRefused):
        read_document("homeroom: district\nnetworks: [school]\n", file="district.yaml", reader=read_district)


def test_files_are_known_by_the_word_after_homeroom(tmp_path: Path):
    from homeroom.ingest.detection.detect import detect_packages
    from homeroom.library.know.connectors import load_connectors

    (tmp_path / "expected.yaml").write_text(EXPECTED, encoding="utf-8")
    (tmp_path / "canaries.yaml").write_text(CANARIES, encoding="utf-8")
    (tmp_path / "odd.yaml").write_text("homeroom: canaries\nentries: []\n", encoding="utf-8")
    outcome = detect_packages([tmp_path], connectors=load_connectors())
    assert {package.stream for package in outcome.packages} == {"district.expected", "district.canaries"}
    assert [problem.file for problem in outcome.problems] == ["odd.yaml"]
