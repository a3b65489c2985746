"""Reports over an assessed morning: the numbers of the pages, no needless personal data, self-contained files."""

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

from homeroom.apps.comply.reports.answers import AnsweringControl, describe_answer
from homeroom.apps.comply.reports.commands import export_report, write_report
from homeroom.apps.comply.reports.csv_export import render_csv_files, render_section_csv
from homeroom.apps.comply.reports.html import render_html
from homeroom.apps.comply.reports.kinds.board import _fold_areas
from homeroom.apps.comply.reports.kinds.insurance import get_questionnaire
from homeroom.apps.comply.reports.kinds.second_factor import build_building_rows
from homeroom.apps.comply.reports.pdf import render_pdf
from homeroom.apps.comply.reports.posting import build_operators, build_subcontractors
from homeroom.apps.comply.reports.queries import build_report, list_report_kinds
from homeroom.apps.comply.reports.report import DistrictReport, ReportColumn, ReportSection
from homeroom.apps.comply.reports.report_data import NotAssessed
from homeroom.apps.platform.audit.queries import list_audit_entries
from homeroom.apps.protect.posture.catalog.controls import load_all_controls
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.models import ControlResult
from homeroom.apps.protect.posture.published.queries import get_control_result, get_published_assessment
from homeroom.domain.comply.questionnaires import QuestionnaireItem
from homeroom.evidence.files.polars_schema import cast_to_table
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import TABLES, Privacy
from homeroom.library.protect.controls import load_controls
from tests.assessed_district import ASSESSED_AT, TODAY, build_snapshot, publish_assessments, publish_evidence
from tests.cast import Cast, create_cast

NAMES = (
    "administrators",
    "board",
    "expiry",
    "former-staff",
    "insurance",
    "not-in-assets",
    "posting-co",
    "posting-il",
    "posting-ny",
    "renewals",
    "roster-differences",
    "second-factor",
    "training",
    "unknown-people",
    "unreturned-devices",
    "vulnerabilities",
)
HOSTILE = '=cmd|"/c calc"!A1 <script>alert(1)</script> #eval("1") [x](y) $ & é'


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path
    sample_cast = create_cast()
    publish_assessments(sample_cast.district, publish_evidence(tmp_path / "evidence", district="maple-valley"))
    return sample_cast


def create_report(cast: Cast, name: str) -> DistrictReport:
    return build_report(district=cast.district, name=name, today=TODAY)


def parse_csv(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def create_sample_report(
    name: str = "sample", *, cells: tuple[Any, ...], privacy: Privacy = Privacy.PUBLIC, plain: bool = False
) -> DistrictReport:
    columns = tuple(ReportColumn(title=f"C{n}", privacy=privacy) for n in range(len(cells)))
    section = ReportSection(name="rows", title="Rows", columns=columns, rows=[cells], plain=plain)
    return DistrictReport(
        name=name,
        title=HOSTILE,
        lead=HOSTILE,
        district="Maple",
        timezone="America/Chicago",
        today=TODAY,
        as_of=ASSESSED_AT,
        sections=(section,),
    )


def test_every_report_is_there() -> None:
    assert tuple(list_report_kinds()) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_each_report_stands_in_every_form(cast: Cast, name: str, tmp_path: Path) -> None:
    document, files = write_report(district=cast.district, name=name, out=tmp_path / "out", today=TODAY, at=ASSESSED_AT)
    contents = {file.name: file.read_bytes() for file in files}
    assert contents[f"{name}.pdf"].startswith(b"%PDF-")
    assert b"pdfuaid" in contents[f"{name}.pdf"]
    text = contents[f"{name}.html"].decode()
    assert str(list_report_kinds()[name].title) in text
    assert not re.search(r"(src|href)=", text), "it fetches nothing"
    for figure in document.figures:
        assert figure.number in text
        assert figure.sources, "each figure says what it rests on"


@pytest.mark.parametrize("name", NAMES)
def test_every_figure_that_a_control_counted_is_the_number_of_its_page(cast: Cast, name: str) -> None:
    assessment = get_published_assessment(district=cast.district)
    assert assessment is not None
    document = create_report(cast, name)
    sheet = {row["Figure"]: row for row in parse_csv(render_csv_files(document)[f"{name}-figures.csv"])}
    for figure in document.figures:
        row = sheet[figure.label]
        assert (row["Number"], row["Of"], row["Unknown"]) == (
            str(figure.part), "" if figure.total is None else str(figure.total), str(figure.cannot_tell),
        )  # fmt: skip
        control_result = (
            get_control_result(district=cast.district, assessment=assessment, control=figure.control)
            if figure.control
            else None
        )
        if control_result is not None and not figure.label.startswith("Of these"):
            numbers = control_result.numbers
            assert (figure.part, figure.total, figure.cannot_tell) == (
                numbers.failing, numbers.population, numbers.cannot_tell,
            )  # fmt: skip


def test_former_staff_lists_who_is_no_student_and_the_figure_counts_the_rows(cast: Cast) -> None:
    document = create_report(cast, "former-staff")
    all_accounts, staff_accounts = document.figures
    assert len(document.sections[0].rows) == staff_accounts.part == 8
    assert staff_accounts.total == all_accounts.part == 8
    assert staff_accounts.label.startswith("Of these"), "it stands after what it is a part of"


@pytest.mark.parametrize("name", ["former-staff", "unknown-people"])
def test_directories_are_called_as_people_call_them(cast: Cast, name: str) -> None:
    (section,) = create_report(cast, name).sections
    (position,) = (n for n, column in enumerate(section.columns) if column.title == "Directory")
    assert section.rows
    assert {row[position] for row in section.rows} <= {"Google", "Microsoft", "Active Directory"}


def test_the_board_reads_no_name_of_anybody(cast: Cast) -> None:
    html = render_html(create_report(cast, "board")).decode()
    assert "17 of 814 · 214 unknown" in html
    for name in ("Castellan", "Ondaatje", "Berisha", "Valdez", "Whitfield", "Cart 7"):
        assert name not in html


def test_before_the_first_judgment_there_is_nothing_to_report(db: None, tmp_path: Path, settings: Any) -> None:
    settings.DATA = tmp_path
    with pytest.raises(NotAssessed):
        build_report(district=create_cast().district, name="board", today=TODAY)


def test_the_stranger_gets_nothing_of_this_district(cast: Cast) -> None:
    with pytest.raises(NotAssessed):
        build_report(district=cast.next_district, name="former-staff", today=TODAY)


def test_handing_over_leaves_an_entry_and_students_are_masked_for_who_may_not_see_them(cast: Cast) -> None:
    file, data = export_report(
        district=cast.district,
        name="unknown-people",
        form="csv",
        today=TODAY,
        at=ASSESSED_AT,
        actor="auditor",
        hide_students=True,
    )
    assert file == "unknown-people.csv"
    assert {row["Name"] for row in parse_csv(data)} == {"masked"}
    line = list_audit_entries(district=cast.district).lines[0]
    assert (line.actor, line.action, line.subject) == ("auditor", "hand over report", "unknown-people")
    assert line.detail == {"form": "csv", "students": 3, "masked": True}


def test_what_a_spreadsheet_would_run_or_a_browser_or_typesetter_read_stays_text() -> None:
    hostile = create_sample_report(cells=(HOSTILE, "-1", "@x", 7))
    cells = parse_csv(render_section_csv(hostile, hostile.sections[0]))[0]
    assert cells == {"C0": f"'{HOSTILE}", "C1": "'-1", "C2": "'@x", "C3": "7"}
    text = render_html(hostile).decode()
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert render_pdf(hostile).startswith(b"%PDF-")


def test_a_students_cell_is_masked_and_an_empty_one_stays_empty() -> None:
    document = create_sample_report(cells=("Ming", None), privacy=Privacy.STUDENT)
    assert parse_csv(render_section_csv(document, document.sections[0], hide_students=True)) == [
        {"C0": "masked", "C1": ""}
    ]
    assert "Ming" not in render_html(document, hide_students=True).decode()


def test_small_buildings_are_added_up_and_no_small_count_is_shown() -> None:
    by_school: Mapping[Any, Mapping[str, int]] = {
        "Lincoln": {"pass": 40, "fail": 3},
        "Cedar": {"pass": 20, "fail": 12, "cannot_tell": 11},
        "Tiny": {"pass": 4},
        None: {"pass": 5, "fail": 6},
        "Nobody": {"not_applicable": 900},
    }
    building_rows = build_building_rows(by_school)
    assert [row[:2] for row in building_rows] == [("Cedar", 43), ("Lincoln", 43), ("Small buildings, or none", 15)]
    visible_counts = [cell for row in building_rows for cell in row[2:] if isinstance(cell, int)]
    assert all(cell == 0 or cell >= 10 for cell in visible_counts)
    assert "not shown" in building_rows[1]


def test_what_is_hidden_of_a_building_is_never_a_small_number_that_can_be_subtracted() -> None:
    building_rows = build_building_rows(
        {"Aspen": {"pass": 59, "fail": 1, "cannot_tell": 2}, "Evergreen": {"pass": 190, "fail": 9, "cannot_tell": 2}}
    )
    for name, size, *cells in building_rows:
        rest = size - sum(cell for cell in cells if isinstance(cell, int))
        assert rest == 0 or rest >= 10, name


def test_what_is_left_after_the_large_buildings_is_never_fewer_than_ten() -> None:
    building_rows = build_building_rows({"Cedar": {"pass": 40}, "Lincoln": {"pass": 12}, "Tiny": {"pass": 4}})
    assert [row[:2] for row in building_rows] == [("Cedar", 40), ("Small buildings, or none", 16)]


def test_the_districts_own_small_count_is_told_by_no_form_of_the_report(cast: Cast, tmp_path: Path) -> None:
    ControlResult.objects.of(cast.district).filter(control="staff-second-factor").update(cannot_tell=4)
    document, files = write_report(
        district=cast.district, name="second-factor", out=tmp_path, today=TODAY, at=ASSESSED_AT
    )
    assert document.figures[0].number.endswith(" · fewer than 10 unknown")
    (sheet,) = (file for file in files if file.name == "second-factor-figures.csv")
    assert parse_csv(sheet.read_bytes())[0]["Unknown"] == "fewer than 10"


LEAVERS = {"title": "Former staff and students have no active account", "export": "the staff list"}
LEAVERS_FAIL = {**LEAVERS, "problem": "8 accounts of former staff or students are still active", "failing": 8}
BACKUPS = {"title": "Every system is backed up", "export": "the list of backups"}


@pytest.mark.parametrize(
    ("controls", "text"),
    [
        ([LEAVERS], "Unknown. To answer, load the staff list."),
        ([{**LEAVERS, "total": 0}], "Unknown. To answer, load the staff list."),
        ([{**LEAVERS, "total": 5, "cannot_tell": 5}], "Unknown. To answer, load the staff list."),
        ([LEAVERS, BACKUPS], "Unknown. To answer, load the staff list; the list of backups."),
        ([{**LEAVERS, "total": 5}], "Met: Former staff and students have no active account."),
        (
            [{**LEAVERS, "total": 1500, "cannot_tell": 1200}],
            "Met as far as known: Former staff and students have no active account. Unknown for 1,200 of "
            "1,500 (Former staff and students have no active account). The rest would come from the staff list.",
        ),
        ([{**LEAVERS_FAIL, "total": 9}], "Not met: 8 accounts of former staff or students are still active."),
        (
            [{**LEAVERS_FAIL, "total": 9}, BACKUPS],
            "Not met: 8 accounts of former staff or students are still active. Unknown: Every system is backed up. "
            "To answer, load the list of backups.",
        ),
        (
            [{**LEAVERS, "total": 9}, {**BACKUPS, "total": 4}],
            "Met: Former staff and students have no active account; Every system is backed up.",
        ),
    ],
)
def test_an_insurer_reads_what_is_true_and_which_export_is_missing(controls: list[dict[str, Any]], text: str) -> None:
    question = QuestionnaireItem(id="q", asks="?", controls=("a", "b")[: len(controls)])
    assert describe_answer(question, controls=[AnsweringControl(**control) for control in controls]) == text


def test_a_brief_answer_that_is_not_met_leaves_out_what_is_not_known_beside_it() -> None:
    controls = [AnsweringControl(**LEAVERS_FAIL, total=9), AnsweringControl(**BACKUPS)]
    question = QuestionnaireItem(id="q", asks="?", controls=("a", "b"))
    answer = describe_answer(question, controls=controls, brief=True)
    assert answer == "Not met: 8 accounts of former staff or students are still active."
    assert "To answer, load" in describe_answer(question, controls=controls[1:], brief=True)


def test_a_question_without_data_is_for_a_person() -> None:
    answer = describe_answer(QuestionnaireItem(id="q", asks="?"), controls=())
    assert answer.startswith("Someone has to answer this")


def test_a_measure_without_data_names_what_to_load() -> None:
    question = QuestionnaireItem(id="q", asks="?", measures=("late",))
    answer = describe_answer(question, controls=(), exports={"late": "a vulnerability scan"})
    assert answer == "Unknown. To answer, load a vulnerability scan."


def test_every_answer_of_the_insurance_and_the_board_is_in_words(cast: Cast) -> None:
    answers = {row[0]: row[1] for row in create_report(cast, "insurance").sections[0].rows}
    left = answers["Are accounts closed when staff and students leave?"]
    assert left.startswith("Not met: 8 accounts of former staff or students are still active.")
    assert all(
        answer.startswith(("Met: ", "Met as far", "Not met: ", "Someone has to answer this")) or "load" in answer
        for answer in answers.values()
    )
    board = create_report(cast, "board")
    (section,) = (section for section in board.sections if section.name == "answers")
    questions = {question.board: question.asks for question in get_questionnaire().questions if question.board}
    assert set(questions) == {row[0] for row in section.rows}
    assert all(answers[questions[name]].startswith(answer) for name, answer in section.rows)
    (areas,) = (section for section in board.sections if section.name == "areas")
    assert len(areas.rows) <= 7


def test_areas_beyond_one_page_are_summed_and_none_is_lost() -> None:
    rows = [(f"area {number}", 10, 9 - number, number, 1) for number in range(9)]
    folded = _fold_areas(rows)
    assert [row[0] for row in folded] == [*(f"area {number}" for number in range(3, 9)), "3 other areas"]
    assert [sum(row[column] for row in folded) for column in (1, 2, 3, 4)] == [90, 45, 36, 9]
    assert _fold_areas(rows[:7]) == rows[:7]


def test_figures_of_the_insurance_count_what_is_wrong(cast: Cast) -> None:
    figures = create_report(cast, "insurance").figures
    labels = [figure.label for figure in figures if figure.control == "leaver-account"]
    assert labels == ["8 accounts of former staff or students are still active"]
    titles = {control.title for control in load_all_controls().values()}
    assert not titles & {figure.label for figure in figures}


def test_a_tenant_with_too_many_administrators_is_described_by_their_number(cast: Cast, tmp_path: Path) -> None:
    assess_super_administrators(cast, tmp_path, counts={"google": 9})
    answer = answer_insurer(cast, "Do administrators use separate admin accounts")
    assert "Not met: the tenant has 9 super administrators." in answer
    assess_super_administrators(cast, tmp_path, counts={"google": 9, "google-hs": 1})
    answer = answer_insurer(cast, "Do administrators use separate admin accounts")
    assert "2 Google tenants have fewer than two or more than eight super administrators" in answer


def assess_super_administrators(cast: Cast, folder: Path, *, counts: Mapping[str, int]) -> None:
    """Assess the district with so many super administrators by tenant."""
    store = EvidenceStore(folder / "evidence", district="maple-valley")
    tenants = [tenant for tenant, count in counts.items() for _ in range(count)]
    accounts = pl.DataFrame(
        {
            "id": range(len(tenants)),
            "directory": ["google"] * len(tenants),
            "sources": [[tenant] for tenant in tenants],
            "enabled": [True] * len(tenants),
            "super_admin": [True] * len(tenants),
        }
    )
    tables = build_snapshot(0) | {"accounts": cast_to_table(accounts, table=TABLES["accounts"]).to_arrow()}
    store.publish_derived(tables, inputs=f"n{len(tenants)}", today=TODAY, at=ASSESSED_AT)
    controls = [control for control in load_controls() if control.id == "few-super-admins"]
    assess(district=cast.district, store=store, today=TODAY, at=ASSESSED_AT, controls=controls)


def answer_insurer(cast: Cast, question: str) -> str:
    """Return the answer to the insurer's question that begins so."""
    (answer,) = [row[1] for row in create_report(cast, "insurance").sections[0].rows if row[0].startswith(question)]
    return str(answer)


def test_devices_end_in_the_fiscal_year_that_holds_the_day(cast: Cast, tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
    days = ["2026-06-30", "2026-07-01", "2027-06-30", None]
    devices = pl.DataFrame(
        {
            "id": range(4), "platform": ["chromeos"] * 4, "active": [True] * 4, "school": ["Cedar Middle"] * 4,
            "funding": ["E-Rate", None, None, None], "expires_on": days,
        }
    ).with_columns(pl.col("expires_on").str.to_date())  # fmt: skip
    tables: dict[str, pa.Table] = build_snapshot(0) | {
        "devices": cast_to_table(devices, table=TABLES["devices"]).to_arrow()
    }
    store.publish_derived(tables, inputs="other", today=TODAY, at=ASSESSED_AT)
    select_newest_snapshot(cast, store)
    document = create_report(cast, "expiry")
    assert [row[:4] for row in document.sections[0].rows] == [
        ("Cedar Middle", "2026", "E-Rate", 1), ("Cedar Middle", "2027", "not recorded", 2),
    ]  # fmt: skip
    assert [(figure.part, figure.total, figure.cannot_tell) for figure in document.figures] == [
        (0, 4, 1),
        (1, 4, 1),
        (2, 4, 1),
    ]


def select_newest_snapshot(cast: Cast, store: EvidenceStore) -> None:
    """Point the published assessment at the newest snapshot."""
    from homeroom.apps.protect.posture.models import Assessment

    newest = store.get_latest_derived()
    assert newest is not None
    Assessment.objects.of(cast.district).update(derived=newest.id)


def test_a_withdrawn_students_homeroom_is_the_last_one_that_was_known(cast: Cast, tmp_path: Path) -> None:
    store = EvidenceStore(tmp_path / "evidence", district="maple-valley")
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
        snapshot_tables = build_snapshot(0) | {
            name: cast_to_table(frame, table=TABLES[name]).to_arrow() for name, frame in tables.items()
        }
        store.publish_derived(snapshot_tables, inputs=f"n{number}", today=TODAY, at=ASSESSED_AT)
    select_newest_snapshot(cast, store)
    create_holder_gone_finding(cast)
    document = create_report(cast, "unreturned-devices")
    assert [row[1:3] for row in document.sections[0].rows] == [("Room 8", "Ming Berisha")]
    assert document.students == 1
    assert "Room 8" not in render_html(document, hide_students=True).decode(), "a homeroom points at a student"


def create_holder_gone_finding(cast: Cast) -> None:
    """Create one open member of the control holder-gone: device 0."""
    from homeroom.apps.protect.posture.models import ControlResult, Finding, Member

    counts = {"population": 1, "passing": 0, "failing": 1, "cannot_tell": 0, "excepted": 0, "not_applicable": 0}
    ControlResult.objects.create(
        district=cast.district, assessment=2, control="holder-gone", severity="medium", **counts
    )
    finding = Finding.objects.create(
        district=cast.district, public="f-hg", control="holder-gone", group="", subject_kind="device", first_opened=1
    )
    Member.objects.create(district=cast.district, finding=finding, subject=0, since=TODAY, opened=1, snapshot="s")


def test_a_posting_names_what_an_agreement_allows_and_what_is_not_recorded() -> None:
    agreement = {
        "vendor": "Quizzy, Inc.", "product": "Quizzy", "address": None, "url": "https://agreements.example/1",
        "ends_on": TODAY, "data_kinds": ["Student DOB", "learning signals"], "purpose": None,
        "subprocessors": ["Hostly", "Maily"],
    }  # fmt: skip
    row = build_operators([agreement], name="operators", title="Operators").rows[0]
    assert row[2] == row[6] == "not recorded"
    assert row[5] == "Date of birth; learning signals"
    assert build_subcontractors([agreement]).rows == [("Quizzy, Inc.", "Quizzy", "Hostly; Maily")]
