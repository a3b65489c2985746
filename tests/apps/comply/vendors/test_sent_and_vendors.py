"""From files that a vendor was given to what it has beyond its agreement."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from homeroom.apps.comply.rosters.commands import BundleNotWritten, export_oneroster
from homeroom.apps.comply.vendors.queries import build_vendors_document, list_vendor_reviews
from homeroom.apps.comply.vendors.record_sent import NothingSent, SentReport, record_sent
from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.ingest.oneroster.exporter import export_bundle
from homeroom.ingest.oneroster.withholding import withhold_elements
from homeroom.library.comply.privacy.elements import load_elements
from tests.unit.ingest.oneroster.bundle_builder import build_valid_bundle

pytestmark = pytest.mark.django_db
AT, TODAY = datetime(2026, 11, 24, 12, tzinfo=UTC), date(2026, 11, 24)
AGREEMENTS = """\
No,Vendor,Product,Signed,Ends,Elements,Status
1,"Quizzy Learning, Inc.",Quizzy,2026-01-05,2027-06-30,Student name; SIS ID; Student number; School; Grade level,
2,Acme Reading LLC,All products,2026-01-05,2027-06-30,"Names, e-mail and learner telemetry",
3,Oldworks,Oldworks,2024-01-05,2026-06-30,Names,
"""
MAPPING = """\
homeroom: mapping
name: list
connector: agreements
table: agreement_records
needs: [Signed, Elements]
columns:
  key: {from: No}
  vendor: {from: Vendor}
  product: {from: Product}
  signed_on: {from: Signed}
  ends_on: {from: Ends}
  data_kinds: {from: Elements}
  status_word: {from: Status}
"""


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path, district: District) -> EvidenceStore:
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "agreements.csv").write_text(AGREEMENTS, encoding="utf-8")
    (folder / "agreements.mapping.yaml").write_text(MAPPING, encoding="utf-8")
    store = EvidenceStore(tmp_path / "evidence", district="maple")
    assert load_files([folder], district=district, store=store, at=AT).clean
    return store


def send(path: Path, *, to: str, district: District, store: EvidenceStore, on: date = TODAY) -> SentReport:
    return record_sent([path], district=district, store=store, recipient=to, sent_on=on, today=TODAY, at=AT)


def review(district: District, store: EvidenceStore) -> dict[str, dict[str, Any]]:
    resolve(district=district, store=store, today=TODAY, at=AT)
    document = build_vendors_document(list_vendor_reviews(store=store, today=TODAY))
    return {entry["product"] or entry["vendor"]: entry for entry in document["vendors"]}


def write_sheet(path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def test_a_bundle_is_counted_by_element_and_goes_beyond_its_agreement(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    bundle = build_valid_bundle("1.2").write(tmp_path / "bundle")
    report = send(bundle, to="quizzy", district=district, store=store)
    elements = {entry.element for entry in report.counts.roster}
    assert {"name", "sis-id", "schedule", "grade-level"} <= elements
    entry = review(district, store)["Quizzy"]
    assert {item["kind"] for item in entry["overreach"]} == {"not allowed"}
    beyond = {item["element"] for item in entry["overreach"]}
    assert "schedule" in beyond
    assert beyond.isdisjoint({"name", "sis-id", "school", "grade-level"})
    assert {name for count in report.counts.roster for name, _ in count.schools}
    with open_session(store.pin_snapshot()) as session:
        stored = session.execute("SELECT schools, school_children, children FROM sent_records").fetchall()
    assert all(schools and sum(map(int, numbers)) == children for schools, numbers, children in stored)
    assert "record what was sent" in [item.action for item in list_audit_entries(district=district).lines]


def test_no_value_is_stored_whatever_the_sheet(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    text = "Student Name,DOB,Teacher Phone,Médecin,Home Phone\nMarisol Végà,2012-03-04,555-0101,Dr. Lindqvist,\n"
    sheet = write_sheet(tmp_path / "sheet.csv", text, encoding="latin-1")
    report = send(sheet, to="Acme Reading", district=district, store=store)
    assert {entry.element: entry.students for entry in report.counts.sheets} == {"name": 1, "birth-date": 1}
    assert report.counts.uncounted == 2
    stored = b"".join(path.read_bytes() for path in store.folder.rglob("*") if path.is_file())
    for value in ("Marisol", "2012-03-04", "555-0101", "Lindqvist"):
        assert value.encode() not in stored
    entry = review(district, store)["Acme Reading LLC"]
    assert (entry["overreach"], entry["cannot_tell"]) == ([], ("birth-date",))
    assert entry["not_understood"] == ("learner telemetry",)


def test_a_list_of_teachers_a_blank_column_and_a_header_alone_are_no_flow(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    teachers = write_sheet(tmp_path / "teachers.csv", "Name,Email,Phone,Job Title\nA B,a@b.example,555-0101,Teacher\n")
    assert send(teachers, to="Quizzy", district=district, store=store).counts.sheets == ()
    employees = write_sheet(tmp_path / "employees.csv", "Employee ID,Name,DOB,Home Address\n7,A B,1980-01-01,2 Oak\n")
    assert send(employees, to="Quizzy", district=district, store=store).counts.sheets == ()
    homerooms = write_sheet(tmp_path / "rooms.csv", "Last,First,DOB,Teacher\nVega,Marisol,2012-03-04,Ms. Ort\n")
    kinds = {entry.element for entry in send(homerooms, to="Quizzy", district=district, store=store).counts.sheets}
    assert kinds == {"name", "birth-date"}
    header = write_sheet(tmp_path / "header.csv", "Student Name,Date of Birth\n")
    assert send(header, to="Quizzy", district=district, store=store).counts.sheets == ()
    blank = write_sheet(tmp_path / "blank.csv", "Student Name,Date of Birth\nMarisol Vega,\nSam Ort, \n")
    assert [entry.element for entry in send(blank, to="Quizzy", district=district, store=store).counts.sheets] == [
        "name"
    ]
    mixed = write_sheet(
        tmp_path / "mixed.csv",
        "Role,First Name,Email,Cell Phone\nStudent,Marisol,m@a.example,\nTeacher,Dana,d@a.example,555-0101\n"
        "Guardian,Rosa,r@a.example,555-0102\n",
    )
    counts = {entry.element: entry for entry in send(mixed, to="Quizzy", district=district, store=store).counts.sheets}
    assert set(counts) == {"name", "email", "parent-name", "parent-email", "parent-phone"}
    assert (counts["name"].students, counts["parent-phone"].guardians) == (1, 1)


def test_what_was_sent_after_the_last_day_is_beyond_an_agreement_that_ended(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    sheet = write_sheet(tmp_path / "names.csv", "Student Name,School\nMarisol Vega,Maple\n")
    send(sheet, to="Oldworks", district=district, store=store, on=date(2026, 6, 30))
    assert review(district, store)["Oldworks"]["overreach"] == [
        {"kind": "not allowed", "element": "school", "children": 1, "since": date(2026, 6, 30)}
    ]
    send(sheet, to="Oldworks", district=district, store=store, on=date(2026, 7, 1))
    kinds = {item["kind"] for item in review(district, store)["Oldworks"]["overreach"]}
    assert "ended" in kinds


def test_a_file_without_headings_is_refused_without_its_first_row(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    sheet = write_sheet(tmp_path / "rows.csv", "Vega,Marisol,2012-03-04\nOrt,Sam,2012-05-06\n")
    with pytest.raises(NothingSent) as refusal:
        send(sheet, to="Quizzy", district=district, store=store)
    assert "Vega" not in f"{refusal.value} {refusal.value.problems}"
    with pytest.raises(NothingSent, match="in the future"):
        send(sheet, to="Quizzy", district=district, store=store, on=date(2026, 12, 1))


def test_a_roster_for_a_product_has_only_what_its_agreement_names(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    bundle = build_valid_bundle("1.2").write(tmp_path / "bundle")
    assert load_files([bundle], district=district, store=store, at=AT, source="sis").clean
    export = partial(export_oneroster, district=district, store=store, source="sis", today=TODAY, at=AT)
    export(out=tmp_path / "all")
    export(out=tmp_path / "quizzy", product="QUIZZY")
    report = send(tmp_path / "quizzy", to="Quizzy", district=district, store=store)
    assert {entry.element for entry in report.counts.roster} <= {
        "name",
        "sis-id",
        "student-number",
        "school",
        "grade-level",
    }
    assert review(district, store)["Quizzy"]["overreach"] == []
    everything = send(tmp_path / "all", to="Quizzy", district=district, store=store)
    assert "schedule" in {entry.element for entry in everything.counts.roster}
    with pytest.raises(BundleNotWritten, match="ended"):
        export(out=tmp_path / "old", product="Oldworks")


def test_a_roster_for_an_agreement_of_one_school_has_that_school_alone(
    tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    draft = build_valid_bundle("1.2")
    draft.set_value("orgs", 1, "name", "Maple Upper")
    draft.set_value("orgs", 2, "name", "Maple Lower")
    bundle = draft.write(tmp_path / "bundle")
    assert load_files([bundle], district=district, store=store, at=AT, source="sis").clean
    folder = tmp_path / "more"
    folder.mkdir()
    schools = {"Readly": "Maple Upper", "Lowly": "Maple Lower", "Farly": "Harbor High"}
    rows = [f"{name},{name},{name},2026-01-05,2027-06-30,Names; SIS ID; School,,{at}" for name, at in schools.items()]
    (folder / "more.csv").write_text("\n".join([AGREEMENTS.splitlines()[0] + ",Schools", *rows]), encoding="utf-8")
    mapping = MAPPING.replace("name: list", "name: more") + "  schools: {from: Schools}\n"
    (folder / "more.mapping.yaml").write_text(mapping, encoding="utf-8")
    assert load_files([folder], district=district, store=store, at=AT).clean
    export = partial(export_oneroster, district=district, store=store, source="sis", today=TODAY, at=AT)
    exported = export(out=tmp_path / "readly", product="Readly")
    assert exported.left_out["a class of a school that the agreement is not for"] == 1
    assert "Maple Lower" not in "".join(path.read_text(encoding="utf-8") for path in exported.files)
    for product, problem in (
        ("Lowly", "no student is at Maple Lower"),
        ("Farly", "Maple Lower, Maple Upper would fit"),
    ):
        with pytest.raises(BundleNotWritten, match=problem):
            export(out=tmp_path / product, product=product)
        assert not (tmp_path / product).exists()


def test_directory_information_of_a_student_who_opted_out_is_in_no_exported_row(tmp_path: Path) -> None:
    tables = {
        "person_records": pl.DataFrame(
            {"key": ["p1", "p2"], "given_name": ["Marisol", "Sam"], "family_name": ["Vega", "Ort"],
             "email": ["m@maple.example", "s@maple.example"], "username": ["mvega", "sort"]}
        ),
        "role_records": pl.DataFrame(
            {"person_key": ["p1", "p2"], "role": ["student"] * 2, "org_key": ["s1"] * 2, "org_name": ["Maple"] * 2}
        ),
    }  # fmt: skip
    bundle = export_bundle(tables, district="Maple", year=(date(2026, 7, 1), date(2027, 6, 30)))
    elements = {entry.id: entry for entry in load_elements()}
    withhold_elements(bundle, elements=elements, allowed=elements, opted_out={"p1"})
    text = "".join(frame.write_csv() for frame in bundle.members.values())
    assert not [value for value in ("Marisol", "Vega", "mvega", "m@maple") if value in text]
    assert not [value for value in ("Sam", "Ort", "s@maple.example") if value not in text]
    assert bundle.left_out["directory information of a student who opted out"] == 1
