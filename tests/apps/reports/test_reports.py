"""Reports over a judged morning: the numbers of the pages, nothing about a person too many, and files that stand alone."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pytest

from homeroom.apps.audit.queries import trail
from homeroom.apps.posture.models import ControlResult
from homeroom.apps.posture.queries import judgement, result
from homeroom.apps.reports.asking import NothingJudged
from homeroom.apps.reports.commands import handed, write_report
from homeroom.apps.reports.made.insurance import answer
from homeroom.apps.reports.made.second_factor import rows_of
from homeroom.apps.reports.pages import page
from homeroom.apps.reports.papers import paper
from homeroom.apps.reports.queries import report, report_kinds
from homeroom.apps.reports.report import Column, Figure, Report, Section
from homeroom.apps.reports.sheets import section_sheet, sheets
from homeroom.domain.questionnaires import Question
from homeroom.evidence.schema import fitted
from homeroom.evidence.store import Store
from homeroom.evidence.tables import TABLES, Privacy
from tests.cast import Cast, gather
from tests.scene import JUDGED, TODAY, evidence, judged, snapshot

NAMES = (
    "administrators", "board", "expiry", "former-staff", "insurance", "not-in-assets", "roster-differences", "second-factor", "unknown-people", "unreturned-devices",
    "vulnerabilities",
)  # fmt: skip
HOSTILE = '=cmd|"/c calc"!A1 <script>alert(1)</script> #eval("1") [x](y) $ & é'


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    made = gather()
    judged(made.district, evidence(tmp_path / "evidence", district="maple-valley"))
    return made


def made(cast: Cast, name: str) -> Report:
    return report(district=cast.district, name=name, today=TODAY)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def of(
    name: str = "sample", *, cells: tuple[Any, ...], privacy: Privacy = Privacy.PUBLIC, plain: bool = False
) -> Report:
    columns = tuple(Column(title=f"C{n}", privacy=privacy) for n in range(len(cells)))
    section = Section(name="rows", title="Rows", columns=columns, rows=[cells], plain=plain)
    return Report(
        name=name, title=HOSTILE, lead=HOSTILE, district="Maple", timezone="America/Chicago", today=TODAY, as_of=JUDGED, sections=(section,)
    )  # fmt: skip


def test_the_eleven_reports_are_there() -> None:
    assert tuple(report_kinds()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_report_stands_in_every_form(cast: Cast, name: str, tmp_path: Path) -> None:
    told, files = write_report(district=cast.district, name=name, out=tmp_path / "out", today=TODAY, at=JUDGED)
    written = {file.name: file.read_bytes() for file in files}
    assert written[f"{name}.pdf"].startswith(b"%PDF-")
    assert b"pdfuaid" in written[f"{name}.pdf"]
    text = written[f"{name}.html"].decode()
    assert str(report_kinds()[name].title) in text
    assert not re.search(r"(src|href)=", text), "it fetches nothing"
    for figure in told.figures:
        assert figure.number in text
        assert figure.sources, "each figure says what it rests on"


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_that_a_control_counted_is_the_number_of_its_page(cast: Cast, name: str) -> None:
    now = judgement(district=cast.district)
    assert now is not None
    told = made(cast, name)
    sheet = {row["Figure"]: row for row in rows(sheets(told)[f"{name}-figures.csv"])}
    for figure in told.figures:
        row = sheet[figure.label]
        assert (row["Number"], row["Of"], row["Cannot tell"]) == (
            str(figure.part), "" if figure.whole is None else str(figure.whole), str(figure.cannot_tell),
        )  # fmt: skip
        found = result(district=cast.district, of=now, control=figure.control) if figure.control else None
        if found is not None and not figure.label.startswith("Of these"):
            numbers = found.numbers
            assert (figure.part, figure.whole, figure.cannot_tell) == (
                numbers.failing, numbers.population, numbers.cannot_tell,
            )  # fmt: skip


def test_former_staff_lists_who_is_no_pupil_and_the_figure_counts_the_rows(cast: Cast) -> None:
    told = made(cast, "former-staff")
    every, staff = told.figures
    assert len(told.sections[0].rows) == staff.part == 8
    assert staff.whole == every.part == 8
    assert staff.label.startswith("Of these"), "it stands after what it is a part of"


@pytest.mark.parametrize("name", ["former-staff", "unknown-people"])
def test_directories_are_called_as_people_call_them(cast: Cast, name: str) -> None:
    (section,) = made(cast, name).sections
    (place,) = (n for n, column in enumerate(section.columns) if column.title == "Directory")
    assert section.rows
    assert {row[place] for row in section.rows} <= {"Google", "Microsoft", "Active Directory"}


def test_the_board_reads_no_name_of_anybody(cast: Cast) -> None:
    told = page(made(cast, "board")).decode()
    assert "17 of 814; 214 cannot tell" in told
    for name in ("Castellan", "Ondaatje", "Berisha", "Valdez", "Whitfield", "Cart 7"):
        assert name not in told


def test_before_the_first_judgement_there_is_nothing_to_report(db: None, tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    with pytest.raises(NothingJudged):
        report(district=gather().district, name="board", today=TODAY)


def test_the_stranger_gets_nothing_of_this_district(cast: Cast) -> None:
    with pytest.raises(NothingJudged):
        report(district=cast.next_district, name="former-staff", today=TODAY)


def test_handing_over_leaves_an_entry_and_pupils_are_masked_for_who_may_not_see_them(cast: Cast) -> None:
    file, data = handed(
        district=cast.district, name="unknown-people", form="csv", today=TODAY, at=JUDGED, actor="auditor", hide_pupils=True
    )  # fmt: skip
    assert file == "unknown-people.csv"
    assert {row["Name"] for row in rows(data)} == {"masked"}
    line = trail(district=cast.district).lines[0]
    assert (line.actor, line.action, line.subject) == ("auditor", "hand over report", "unknown-people")
    assert line.detail == {"form": "csv", "pupils": 3, "masked": True}


def test_what_a_spreadsheet_would_run_or_a_browser_or_typesetter_read_stays_text() -> None:
    hostile = of(cells=(HOSTILE, "-1", "@x", 7))
    cells = rows(section_sheet(hostile, hostile.sections[0]))[0]
    assert cells == {"C0": f"'{HOSTILE}", "C1": "'-1", "C2": "'@x", "C3": "7"}
    text = page(hostile).decode()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert paper(hostile).startswith(b"%PDF-")


def test_a_pupils_cell_is_masked_and_an_empty_one_stays_empty() -> None:
    told = of(cells=("Ming", None), privacy=Privacy.STUDENT)
    assert rows(section_sheet(told, told.sections[0], hide_pupils=True)) == [{"C0": "masked", "C1": ""}]
    assert "Ming" not in page(told, hide_pupils=True).decode()


def test_small_buildings_are_added_up_and_no_small_count_is_shown() -> None:
    by_school: Mapping[Any, Mapping[str, int]] = {
        "Lincoln": {"pass": 40, "fail": 3},
        "Cedar": {"pass": 20, "fail": 12, "cannot_tell": 11},
        "Tiny": {"pass": 4},
        None: {"pass": 5, "fail": 6},
        "Nobody": {"not_applicable": 900},
    }
    told = rows_of(by_school)
    assert [row[:2] for row in told] == [("Cedar", 43), ("Lincoln", 43), ("Small buildings, or none", 15)]
    shown = [cell for row in told for cell in row[2:] if isinstance(cell, int)]
    assert all(cell == 0 or cell >= 10 for cell in shown)
    assert "not shown" in told[1]


def test_what_is_hidden_of_a_building_is_never_a_small_number_that_can_be_subtracted() -> None:
    told = rows_of(
        {"Aspen": {"pass": 59, "fail": 1, "cannot_tell": 2}, "Evergreen": {"pass": 190, "fail": 9, "cannot_tell": 2}}
    )
    for name, size, *cells in told:
        rest = size - sum(cell for cell in cells if isinstance(cell, int))
        assert rest == 0 or rest >= 10, name


def test_what_is_left_after_the_large_buildings_is_never_fewer_than_ten() -> None:
    told = rows_of({"Cedar": {"pass": 40}, "Lincoln": {"pass": 12}, "Tiny": {"pass": 4}})
    assert [row[:2] for row in told] == [("Cedar", 40), ("Small buildings, or none", 16)]


def test_the_districts_own_small_count_is_told_by_no_form_of_the_report(cast: Cast, tmp_path: Path) -> None:
    ControlResult.objects.of(cast.district).filter(control="staff-second-factor").update(cannot_tell=4)
    told, files = write_report(district=cast.district, name="second-factor", out=tmp_path, today=TODAY, at=JUDGED)
    assert told.figures[0].number.endswith("; fewer than 10 cannot tell")
    (sheet,) = (file for file in files if file.name == "second-factor-figures.csv")
    assert rows(sheet.read_bytes())[0]["Cannot tell"] == "fewer than 10"


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ([], "Cannot tell"),
        ([(0, 0, 0)], "Cannot tell"),
        ([(0, 5, 5)], "Cannot tell"),
        ([(0, 5, 0)], "Yes"),
        ([(0, 5, 1)], "As far as it can be told"),
        ([(1, 5, 0)], "Not everywhere"),
        ([(0, 5, 0), (2, 9, 1)], "Not everywhere"),
        ([(0, 5, 0), (0, 0, 0)], "As far as it can be told"),
    ],
)
def test_an_insurer_hears_yes_only_where_everybody_was_judged_and_nobody_fails(
    figures: list[tuple[int, int, int]], said: str
) -> None:
    question = Question(id="q", asks="?", controls=("a", "b")[: len(figures) or 1])
    told = tuple(Figure(label="x", part=part, whole=whole, cannot_tell=unknown) for part, whole, unknown in figures)
    assert answer(question, told) == said


def test_a_question_without_data_is_for_a_person() -> None:
    assert answer(Question(id="q", asks="?"), ()).startswith("To be answered by a person")


def test_devices_end_in_the_fiscal_year_that_holds_the_day(cast: Cast, tmp_path: Path) -> None:
    store = Store(tmp_path / "evidence", district="maple-valley")
    days = ["2026-06-30", "2026-07-01", "2027-06-30", None]
    devices = pl.DataFrame(
        {
            "id": range(4), "platform": ["chromeos"] * 4, "active": [True] * 4, "school": ["Cedar Middle"] * 4,
            "funding": ["E-Rate", None, None, None], "expires_on": days,
        }
    ).with_columns(pl.col("expires_on").str.to_date())  # fmt: skip
    given: dict[str, pa.Table] = snapshot(0) | {"devices": fitted(devices, table=TABLES["devices"]).to_arrow()}
    store.publish_derived(given, inputs="other", today=TODAY, at=JUDGED)
    judged_again(cast, store)
    told = made(cast, "expiry")
    assert [row[:4] for row in told.sections[0].rows] == [
        ("Cedar Middle", "2026", "E-Rate", 1), ("Cedar Middle", "2027", "not recorded", 2),
    ]  # fmt: skip
    assert [(one.part, one.whole, one.cannot_tell) for one in told.figures] == [(0, 4, 1), (1, 4, 1), (2, 4, 1)]


def judged_again(cast: Cast, store: Store) -> None:
    """Points the published judgement at the newest snapshot."""
    from homeroom.apps.posture.models import Assessment

    newest = store.latest_derived()
    assert newest is not None
    Assessment.objects.of(cast.district).update(derived=newest.id)


def test_a_withdrawn_pupils_homeroom_is_the_last_one_that_was_known(cast: Cast, tmp_path: Path) -> None:
    store = Store(tmp_path / "evidence", district="maple-valley")
    for number, homeroom in enumerate(("Room 7", "Room 8", None)):
        people = pl.DataFrame(
            {
                "id": [5],
                "name": ["Ming Berisha"],
                "kind": ["student"],
                "left": [homeroom is None],
                "homeroom": [homeroom],
            }
        )
        devices = pl.DataFrame(
            {"id": [0], "holder": [5], "holder_kind": ["student"], "holder_left": [True], "serial": ["5CD0"]}
        )
        tables = {"people": people.with_columns(pl.col("homeroom").cast(pl.String)), "devices": devices}
        given = snapshot(0) | {name: fitted(frame, table=TABLES[name]).to_arrow() for name, frame in tables.items()}
        store.publish_derived(given, inputs=f"n{number}", today=TODAY, at=JUDGED)
    judged_again(cast, store)
    holder_gone(cast)
    told = made(cast, "unreturned-devices")
    assert [row[1:3] for row in told.sections[0].rows] == [("Room 8", "Ming Berisha")]
    assert told.pupils == 1
    assert "Room 8" not in page(told, hide_pupils=True).decode(), "a homeroom points at a pupil"


def holder_gone(cast: Cast) -> None:
    """One open member of holder-gone: device 0."""
    from homeroom.apps.posture.models import ControlResult, Finding, Member

    counts = {"population": 1, "passing": 0, "failing": 1, "cannot_tell": 0, "excepted": 0, "not_applicable": 0}
    ControlResult.objects.create(
        district=cast.district, assessment=2, control="holder-gone", severity="medium", **counts
    )
    finding = Finding.objects.create(
        district=cast.district, public="f-hg", control="holder-gone", group="", subject_kind="device", first_opened=1
    )
    Member.objects.create(district=cast.district, finding=finding, subject=0, since=TODAY, opened=1, snapshot="s")
