"""A search of selected rows finds what a search of all rows finds, in tables of any columns."""

from __future__ import annotations

import random

import pytest

from homeroom.domain.protect.loose.documents import TablePart
from homeroom.domain.protect.loose.recognizers import DocumentFindings, Roster, RosterStudent
from homeroom.engines.comply.privacy.recognizing.document_scan import StudentDataScan
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex
from homeroom.library.protect.recognizers.recognizer_files import load_recognizers

NAMES = [("Maria", "Lopez-Ruiz"), ("José", "Page"), ("Ed", "Lane"), ("Anna Lee", "Okafor"), ("D'Arcy", "May")]
NUMBERS = ["004512", "7004513", "7004514", "7004515", "88123"]
INDEX = RosterIndex(
    Roster(
        students=tuple(
            RosterStudent(id=number, names=((first, "Q", last),), numbers=(code,), emails=(f"s{number}@maple.example",))
            for number, ((first, last), code) in enumerate(zip(NAMES, NUMBERS, strict=True), 1)
        ),
        staff=(("Ed", "Lane"),),
    )
)
RECOGNIZERS = load_recognizers()
HEADINGS = [
    *("Name", "First Name", "Last Name", "Teacher", "Student ID", "Asset Tag", "SSN", "Invoice No.", "Card", "Account"),
    *("Routing", "Bank Account", "Password", "Note", "DOB", "Phone", "Address", "Email", "IEP", "Lunch", "Time", ""),
]
CELLS = [
    *("", " ", "531-21-7351", "531217351", "31217351", "123456789", "4111111111111111", "4111 1111 1111 1111"),
    *(
        "021000021",
        "4417238870",
        "Tiger-2041",
        "Password: Tiger-2041",
        "SSN",
        "SSN 531217352",
        "ssn:",
        "social 531217353",
    ),
    *(
        "Maria Lopez-Ruiz",
        "Lopez-Ruiz, Maria",
        "Maria",
        "Lopez Ruiz",
        "José Page",
        "PAGE",
        "jose",
        "Ed Lane",
        "Ed",
        "Lane",
    ),
    *(
        "Anna",
        "Lee",
        "Lee Okafor",
        "Anna Lee",
        "Okafor",
        "D’Arcy May",
        "opened the page",
        "in May",
        "Maria Q. Lopez-Ruiz",
    ),
    *(
        "4512",
        "7004513",
        "7004514.0",
        "Student ID 7004515",
        "#88123",
        "7,004,513",
        "70-04-513",
        "s2@maple.example",
        "<s3@maple.example>",
    ),
    *(
        "x@maple.example",
        "03/14/2012",
        "DOB 3/14/12",
        "(217) 555-0134",
        "2175550134",
        "12 Oak Lane",
        "12",
        "Oak Street",
    ),
    *(
        "suspended",
        "IEP",
        "yes",
        "no",
        "asthma",
        "free lunch",
        "direct deposit account 4417238871",
        "sample",
        "e.g. 531-21-7359",
    ),
    *(
        "DE89370400440532013000",
        "account",
        "routing",
        "Ms. Lane",
        "2026-03-02T09:00:00Z",
        "10.2.3.4",
        "sign-in",
        "ﬁeld",
        "İzmir",
    ),
]


def _scan(parts: list[TablePart], *, is_filtered: bool) -> DocumentFindings:
    scan = StudentDataScan(recognizers=RECOGNIZERS, index=INDEX, is_filtered=is_filtered)
    for part in parts:
        scan.add(part)
    return scan.finish()


def _make_parts(rng: random.Random) -> list[TablePart]:
    width = rng.randint(1, 7)
    choices = [rng.choices(CELLS, k=rng.randint(1, 12)) for _ in range(width)]
    rows = [
        [rng.choice(cells) for cells in choices][: rng.choice([width, width, width, max(1, width - 1)])]
        for _ in range(200)
    ]
    headings = rng.sample(HEADINGS, width)
    first = TablePart(rows=[headings, *rows[:20]])
    return [first, *(TablePart(rows=rows[at : at + 60], first_row=at + 2, continues=True) for at in (20, 80, 140))]


@pytest.mark.parametrize("seed", range(8))
def test_selected_rows_hold_what_all_rows_hold(seed: int):
    rng = random.Random(seed)
    kinds: set[str] = set()
    for _ in range(25):
        parts = _make_parts(rng)
        expected = _scan(parts, is_filtered=False)
        assert _scan(parts, is_filtered=True) == expected, (parts[0].rows[0], parts[1].rows[:3])
        kinds |= {item.what for item in expected.found}
    assert len(kinds) >= 10


def test_rows_without_anything_are_left_out():
    rows = [[f"lab{number}", "sign-in", "opened the page"] for number in range(500)]
    rows[77][2] = "SSN 531-21-7351"
    rows[78][1:] = ["Maria", "Lopez-Ruiz"]
    scan = StudentDataScan(recognizers=RECOGNIZERS, index=INDEX)
    scan.add(TablePart(rows=[["Account", "Event", "Note"], *rows[:1]]))
    selected = scan._selector.select(rows, scan._headings)
    assert list(selected) == [77, 78]
