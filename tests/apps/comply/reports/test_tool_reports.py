"""What the portfolio finds becomes findings, the renewal sheet, and the board's page about tools."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.comply.reports.html import build_context, render_html
from homeroom.apps.comply.reports.pdf import render_pdf
from homeroom.apps.comply.reports.queries import build_report
from homeroom.apps.comply.reports.report import DistrictReport
from homeroom.apps.comply.reports.tool_findings import describe_suggestion, format_money, format_people
from homeroom.apps.comply.reports.tool_page import build_years_section
from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.apps.protect.posture.catalog.problems import describe_problem
from homeroom.apps.protect.posture.commands import assess
from homeroom.apps.protect.posture.published.queries import get_published_assessment, list_open_findings
from homeroom.apps.protect.posture.rows.evidence_rows import iter_finding_pages
from homeroom.domain.manage.tools.portfolio import Suggestion
from tests.assessed_district import ASSESSED_AT, TODAY
from tests.cast import Cast, create_cast
from tests.tool_mappings import CONTRACT_MAPPING, PEOPLE_MAPPING, USE_MAPPING

PEOPLE = "ID,First,Last,Email,School\n" + "".join(
    f"{number},Ana,Ray{number},s{number}@maple.example,{'Oak Elementary' if number < 4 else 'Elm Middle'}\n"
    for number in range(1, 7)
)
CONTRACTS = """\
Contract,Product,Sold By,Seats,Price,First Day,Last Day,Auto-Renews,Notice By,Schools
C-1,Wren Math,Wren,100,"$3,000.00",2025-07-01,2026-06-30,Yes,2026-02-01,
C-2,Lark Math,Lark,100,"$2,000.00",2025-07-01,2026-06-30,Yes,2026-02-15,
C-3,Nest Books,Nest,100,"$900.00",2025-07-01,2026-03-31,No,,
C-4,Gull Quiz,Gull,200,"$400.00",2025-07-01,2026-04-15,No,,
C-5,Finch Maps,Finch,50,,2025-07-01,2026-04-20,No,,
C-6,Owl Maze,Owl,50,"$100.00",2025-07-01,2026-08-20,No,,
"""
USE = """\
App Name,School,From,Through,Active Users
Wren Math,,2025-11-01,2025-12-19,90
Lark Math,,2025-11-01,2025-12-19,90
Nest Books,,2025-11-01,2025-12-19,7
Gull Quiz,,2025-11-01,2025-12-19,60
Owl Maze,,2025-11-01,2025-12-19,40
"""
STATED = """\
homeroom: tools
needs:
  math-practice: {for: students}
  typing: {for: students}
tools:
  - {name: Wren Math, does: [math-practice], also_does: []}
  - {name: Lark Math, does: [math-practice], also_does: []}
  - {name: Nest Books, does: [digital-books], also_does: []}
  - {name: Gull Quiz, does: [quiz-game], also_does: []}
  - {name: Finch Maps, does: [maps-geography], also_does: []}
"""
DISTRICT = "homeroom: district\nname: Maple\ncalendar: {first_day: 2025-08-18, last_day: 2026-05-28}\n"


@pytest.fixture
def cast(db: None, tmp_path: Path, settings: Any) -> Cast:
    settings.DATA = tmp_path / "data"
    folder = tmp_path / "lists"
    folder.mkdir()
    files = {
        "people.csv": PEOPLE, "people.mapping.yaml": PEOPLE_MAPPING, "contracts.csv": CONTRACTS,
        "contracts.mapping.yaml": CONTRACT_MAPPING, "use.csv": USE, "use.mapping.yaml": USE_MAPPING,
        "tools.yaml": STATED, "district.yaml": DISTRICT,
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    members = create_cast()
    store = get_evidence_store(district=members.district)
    report = load_files([folder], district=members.district, store=store, at=ASSESSED_AT)
    assert report.clean, [str(problem) for problem in report.refused]
    resolve(district=members.district, store=store, today=TODAY, at=ASSESSED_AT)
    assess(district=members.district, store=store, today=TODAY, at=ASSESSED_AT)
    return members


def list_rows(report: DistrictReport, name: str) -> list[tuple[str, ...]]:
    (section,) = (entry for entry in build_context(report)["sections"] if entry.name == name)
    return [tuple(text for _title, text, _number in row.cells) for row in section.rows]


def check_small_counts(report: DistrictReport) -> None:
    html = render_html(report).decode()
    assert "Not used: fewer than 10 of 100" in html
    assert "7 of 100" not in html
    assert render_pdf(report).startswith(b"%PDF-")


def test_what_is_found_of_tools_becomes_findings_with_their_problem_in_words(cast: Cast) -> None:
    assessment = get_published_assessment(district=cast.district)
    assert assessment is not None
    findings = list_open_findings(district=cast.district, assessment=assessment)
    problems = {
        finding.control.id: describe_problem(finding.control, count=finding.members)
        for finding in findings
        if finding.control.area == "tools"
    }
    assert problems == {
        "need-covered": "1 need is covered by no tool, or not in all schools",
        "renewal-decided": "4 renewals in the next 120 days need a decision",
        "tool-not-paid-twice": "2 paid tools do the same job as others in a school",
        "tool-used": "1 paid tool is not used",
    }

    (unused,) = (finding for finding in findings if finding.control.id == "tool-used")
    (page,) = iter_finding_pages(district=cast.district, assessment=assessment, finding=unused)
    line = dict(zip(page.titles, page.rows[0].cells, strict=True))
    assert (line["Name"], line["Cost a year"], line["Currency"]) == ("Nest Books", "900.00", "USD")


def test_the_renewal_sheet_has_a_line_a_contract_with_why_and_what_else_does_the_same(cast: Cast) -> None:
    report = build_report(district=cast.district, name="renewals", today=TODAY)
    rows = {row[1]: row for row in list_rows(report, "renewals")}
    assert {key: row[5] for key, row in rows.items()} == {
        "C-1": "Choose one", "C-2": "Choose one", "C-3": "Drop", "C-4": "Fewer seats: 66", "C-5": "Unknown",
    }  # fmt: skip
    assert rows["C-1"][0] == "Wren Math"
    assert rows["C-1"][2:4] == ("$3,000", "Feb 1, 2026")
    assert rows["C-1"][6:] == ("Lark Math does the same", "90 of 100", "Lark Math")
    assert rows["C-4"][6:8] == ("at most 60 of 200 seats were ever used", "60 of 200")
    assert rows["C-5"][2] == "unknown"
    assert len(report.sections[0].opens) == len(rows)
    assert all(public.startswith("k-") for public in report.sections[0].opens), "each line opens its tool"
    check_small_counts(report)
    assert report.sections[0].note == "To drop, choose or shrink: $6,300 a year."
    assert [row[0] for row in list_rows(report, "unknown")] == ["Finch Maps"]


def test_the_board_reads_what_is_paid_twice_missing_hollow_and_unknown_on_a_page_of_its_own(cast: Cast) -> None:
    report = build_report(district=cast.district, name="board", today=TODAY)
    assert list_rows(report, "paid-twice") == [
        ("Practices math", "Lark Math, Wren Math", "paid twice", "Elm Middle, Oak Elementary", "$2,000")
    ]
    assert [row[:3] for row in list_rows(report, "missing")] == [("Teaches typing", "students", "nowhere")]
    assert list_rows(report, "hollow") == [("Nest Books", "Not used: fewer than 10 of 100", "$900")]
    assert list_rows(report, "years") == [("the next five", "unknown: no refresh plan was made")]
    assert [row[1:] for row in list_rows(report, "unknown")] == [
        ("1", "Finch Maps"), ("1", "Owl Maze"), ("1", "Finch Maps"),
    ]  # fmt: skip
    assert [section.name for section in report.sections if section.starts_page] == ["paid-twice"]
    check_small_counts(report)
    assert all(len(section.columns) <= 6 for section in report.sections), "more would turn the sheet"


def test_a_missing_price_is_never_nothing_and_currencies_have_their_name() -> None:
    assert format_money(None) == "unknown"
    assert format_money(0) == "$0"
    assert format_money(123_456) == "$1,235"
    assert format_money(100_000, currency="CAD") == "1,000 CAD"


def test_few_people_are_no_number() -> None:
    assert (format_people(9), format_people(10), format_people(0)) == ("fewer than 10", "10", "0")
    assert describe_suggestion(Suggestion.FEWER, seats=5) == "Fewer seats: up to 10"


def test_the_years_cost_what_all_funds_of_the_plan_pay() -> None:
    plan = {
        "years": [2028, 2029], "paid": {"general": {"2028": 1_000_000, "2029": 500_000}, "bond": {"2028": 250_000}},
        "committed": {"general": {"2030": 90_000}}, "past_support": 12, "missing": 3,
    }  # fmt: skip
    assert list(build_years_section(plan).rows) == [
        ("2028", "$12,500"), ("2029", "$5,000"), ("later, already agreed to", "$900"),
        ("what that leaves", "15 device-years past support or missing"),
    ]  # fmt: skip
    assert list(build_years_section(None).rows) == [("the next five", "unknown: no refresh plan was made")]
