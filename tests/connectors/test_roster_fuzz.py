"""Whatever a roster contains, its reader returns rows that fit their table, passes no secret and never breaks."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.tables import TABLES
from homeroom.ingest.contract.connector import Connector, CsvKind, FileKind, Reading, XmlKind
from homeroom.library.know.connectors import load_connectors
from tests.amounts import choose_amount

pytestmark = pytest.mark.scale
ROSTERS = tuple(
    connector for connector in load_connectors() if connector.name in ("oneroster", "clever", "sds", "edfi")
)
CSV = [(connector, kind) for connector in ROSTERS for kind in connector.kinds if isinstance(kind, CsvKind)]
XML = [(connector, kind) for connector in ROSTERS for kind in connector.kinds if isinstance(kind, XmlKind)]
SECRET = "Tulip-4471"
_CELLS = (
    st.none()
    | st.sampled_from(
        [
            "1",
            "k1",
            "true",
            "2026-08-15",
            "8/15/2026",
            "0/0/0",
            "9999-12-31",
            "a,b",
            "{SIS:1},{SSN:123-45-6789}",
            "123-45-6789",
            "KG",
            "student",
            "ext:coach",
            "x@maple.example",
            "\u0000",
            "\U0001f98a",
            "'",
            '"',
            "=1+1",
            " ",
            "-",
            "1.2E+11",
        ]
    )
    | st.text(max_size=6)
)
_EXTRA_COLUMNS = (
    "status",
    "dateLastModified",
    "roleType",
    "primary",
    "grades",
    "agentSourcedIds",
    "identifier",
    "Grade",
    "Term_start",
    "Teacher_2_id",
    "Period",
    "DOB",
)
_NAMES = (
    "StudentUniqueId", "StaffUniqueId", "SchoolId", "SectionIdentifier", "LocalCourseCode", "SessionName", "SchoolYear",
    "BeginDate", "EndDate", "EntryDate", "Name", "FirstName", "LastSurname", "ElectronicMail", "ElectronicMailAddress",
    "StaffReference", "StaffIdentity", "StudentReference", "StudentIdentity", "SchoolReference", "SchoolIdentity",
    "SectionReference", "SectionIdentity", "CourseOfferingReference", "CourseOfferingIdentity", "SessionReference",
    "SessionIdentity", "EducationOrganizationReference", "LocalEducationAgencyReference", "IdentificationCode", "Term",
    "StaffClassification", "StaffIdentificationCode", "StaffIdentificationSystem", "BirthDate",
)  # fmt: skip


def _assert_valid(read: Reading, kind: FileKind) -> None:
    assert set(read.tables) <= set(kind.tables)
    for table, frame in read.tables.items():
        text = cast_to_table(frame, table=TABLES[table]).write_json()
        assert "_line" in frame.columns
        assert SECRET not in text
        people = [
            name for name in ("key", "person_key", "identifier", "other_ids", "agent_keys") if name in frame.columns
        ]
        if table in ("person_records", "role_records", "enrollments"):
            assert '"123-45-6789"' not in frame.select(people).write_json()
    assert SECRET not in read.rejects.write_json()


@settings(
    max_examples=choose_amount(brief=30, thorough=120), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_cells(data: st.DataObject) -> None:
    connector, kind = data.draw(st.sampled_from(CSV))
    names = [*kind.needs, *data.draw(st.lists(st.sampled_from([*kind.any_of, *_EXTRA_COLUMNS]), max_size=8))]
    names = [name for name in dict.fromkeys(names) if name not in kind.never]
    height = data.draw(st.integers(0, 4))
    columns = {name: [data.draw(_CELLS) or None for _ in range(height)] for name in names}
    columns["Password" if connector.name == "clever" else "password"] = [SECRET] * height
    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
        pl.int_range(2, height + 2, dtype=pl.Int64).alias("_line")
    )
    _assert_valid(connector.readers[kind.reader](frame), kind)


def _build_element(depth: int) -> st.SearchStrategy[str]:
    text = st.sampled_from(["1", "310", "2026-08-15", "soon", "uri://ed-fi.org/X#Ninth grade", "123-45-6789", "", "é"])
    content = text if depth == 0 else text | st.lists(_build_element(depth - 1), max_size=4).map("".join)
    return st.tuples(st.sampled_from(_NAMES), content).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>")


@settings(
    max_examples=choose_amount(brief=30, thorough=120), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(data=st.data())
def test_any_elements(data: st.DataObject) -> None:
    connector, kind = data.draw(st.sampled_from(XML))
    records = data.draw(st.lists(st.tuples(st.sampled_from(kind.record.split()), _build_element(4)), max_size=3))
    root = etree.fromstring("<Root>" + "".join(f"<{name}>{inside}</{name}>" for name, inside in records) + "</Root>")
    read = _read_elements(connector, kind, root)
    _assert_valid(read, kind)


def _read_elements(connector: Connector, kind: FileKind, root: etree._Element) -> Reading:
    return connector.readers[kind.reader](list(root), {})
