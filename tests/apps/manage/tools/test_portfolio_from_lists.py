"""From the lists that a district has to its portfolio, as `homeroom tools` does it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from homeroom.apps.know.inventory.commands import resolve
from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.manage.tools.queries import (
    ToolsNotResolved,
    build_portfolio_document,
    load_portfolio,
    load_tool_content,
)
from homeroom.apps.manage.tools.stated_files import find_problems
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.domain.manage.tools.portfolio import KnownBy, Overlap, OverlapKind, Portfolio, Tool
from homeroom.engines.manage.tools.finding_tables import build_finding_tables
from homeroom.engines.manage.tools.portfolio import build_portfolio
from homeroom.engines.manage.tools.stored_portfolio import read_portfolio
from homeroom.engines.manage.tools.tables import build_tools_table
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.evidence.tables.tools import TOOLS
from tests.tool_mappings import CONTRACT_MAPPING, PEOPLE_MAPPING, USE_MAPPING

pytestmark = pytest.mark.django_db
AT, TODAY = datetime(2026, 11, 28, 12, tzinfo=UTC), date(2026, 11, 28)
PEOPLE = "ID,First,Last,Email,School\n" + "".join(
    f"{number},Ana,Ray{number},s{number}@maple.example,{'Oak Elementary' if number < 4 else 'Elm Middle'}\n"
    for number in range(1, 7)
)
CONTRACTS = """\
Contract,Product,Sold By,Seats,Price,First Day,Last Day,Auto-Renews,Notice By,Schools
C-1,CDW-G: Kami District Unlimited 1YR,CDW-G,,"$1,200.00",2026-07-01,2027-06-30,Yes,2027-04-01,
C-2,Canvas LMS FY27,Instructure,500,"$9,000.00",2026-07-01,2027-06-30,Yes,2027-01-15,
C-3,Brightpath Math,Brightpath,100,"$3,000.00",2026-01-01,2026-12-31,No,,Oak
"""
USE = """\
App Name,School,From,Through,Active Users
Canvas,Oak Elementary,2026-09-01,2026-10-30,2
Canvas,Elm Middle,2026-09-01,2026-10-30,1
bpmath.example,Oak Elementary,2026-09-01,2026-10-30,60
"""
STATED = """\
homeroom: tools
needs:
  lms: {for: students}
  math-practice: {for: students}
  content-filter:
tools:
  - {name: Brightpath Math, also: [bpmath.example], does: [math-practice], also_does: []}
"""
DISTRICT = "homeroom: district\nname: Maple\ncalendar: {first_day: 2026-08-17, last_day: 2027-05-28}\n"
EXTENSIONS = {"installedApps": [
    {"appId": "iecdmfkahfbdlgaglfeffhbnfdcnalbl", "displayName": "Kami for Google Chrome", "appType": "EXTENSION",
     "appInstallType": "ADMIN", "appSource": "CHROME_WEBSTORE", "browserDeviceCount": "12", "osUserCount": "300"},
], "totalSize": 1}  # fmt: skip


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


@pytest.fixture
def store(tmp_path: Path, district: District) -> EvidenceStore:
    return EvidenceStore(tmp_path / "store", district=district.slug)


@pytest.fixture
def lists(tmp_path: Path) -> Path:
    folder = tmp_path / "lists"
    folder.mkdir()
    files = {
        "people.csv": PEOPLE, "people.mapping.yaml": PEOPLE_MAPPING, "contracts.csv": CONTRACTS,
        "contracts.mapping.yaml": CONTRACT_MAPPING, "use.csv": USE, "use.mapping.yaml": USE_MAPPING,
        "tools.yaml": STATED, "district.yaml": DISTRICT, "extensions.json": json.dumps(EXTENSIONS),
    }  # fmt: skip
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _load(lists: Path, store: EvidenceStore, district: District) -> dict[str, Any]:
    report = load_files([lists], district=district, store=store, at=AT)
    assert report.clean, [str(problem) for problem in report.refused]
    resolve(district=district, store=store, today=TODAY, at=AT)
    return build_portfolio_document(load_portfolio(store=store))


def test_lists_of_a_district_become_its_portfolio(lists: Path, store: EvidenceStore, district: District):
    document = _load(lists, store, district)
    assert list(document) == ["tools", "overlaps", "gaps", "hollow", "cannot_tell", "renewals"]
    tools = {tool["id"]: tool for tool in document["tools"]}
    assert tools["brightpath-math"] == {
        "id": "brightpath-math", "name": "Brightpath Math", "known": "stated", "does": ["math-practice"],
        "also_does": [], "schools": ["Oak Elementary"], "users": 60, "seats": 100,
        "records": [
            {"table": "app_use_records", "key": "bpmath.example"}, {"table": "contract_records", "key": "C-3"},
        ],
        "contracts": {"C-3": 300_000},
    }  # fmt: skip
    assert {"table": "extension_records", "key": "iecdmfkahfbdlgaglfeffhbnfdcnalbl"} in tools["kami"]["records"]
    assert tools["kami"]["contracts"] == {"C-1": 120_000}
    assert [(gap["capability"], gap["for"], gap["kind"], gap["schools"]) for gap in document["gaps"]] == [
        ("content-filter", "students", "none", None), ("math-practice", "students", "part", ["Elm Middle"]),
    ]  # fmt: skip
    assert document["hollow"] == [
        {"tool": "canvas", "kind": "not used", "of": 500, "working": 3, "dollars_minor": 900_000}
    ]
    assert [(entry["about"], entry["id"]) for entry in document["cannot_tell"]] == [("tool", "kami")]
    assert [(renewal["contract"], renewal["suggestion"], renewal["seats"]) for renewal in document["renewals"]] == [
        ("C-3", "fewer", 66), ("C-2", "drop", None),
    ]  # fmt: skip
    assert set(document["renewals"][0]) == {
        "contract", "tool", "suggestion", "seats", "notice_on", "dollars_minor", "why",
    }  # fmt: skip


def test_without_anything_loaded_there_is_no_portfolio(store: EvidenceStore):
    with pytest.raises(ToolsNotResolved):
        load_portfolio(store=store)


def test_a_mistake_in_the_stated_tools_is_found_before_anything_is_loaded(lists: Path):
    assert find_problems([lists]) == ()
    (lists / "tools.yaml").write_text(STATED.replace("math-practice: {", "math-practise: {"), encoding="utf-8")
    (problem,) = find_problems([lists])
    assert (problem.file, problem.field) == ("tools.yaml", "needs.math-practise")
    assert problem.fits.startswith("math-practice")


def test_tools_and_what_they_cover_are_derived_with_the_people(lists: Path, store: EvidenceStore, district: District):
    _load(lists, store, district)
    newest = store.get_latest_derived()
    assert newest is not None
    with open_session(store.pin_snapshot(derived=newest.id)) as session:
        tools = session.execute("SELECT tool, runs, users, year_minor, hollow FROM tools ORDER BY tool").fetchall()
        cover = session.execute(
            "SELECT capability, school, audience, main FROM tool_cover WHERE main ORDER BY ALL"
        ).fetchall()
    assert ("canvas", True, 3, 900_000, "not used") in tools
    assert ("math-practice", "Oak Elementary", "students", True) in cover
    assert ("lms", "Elm Middle", "students", True) in cover
    assert ("math-practice", "Elm Middle", "students", True) not in cover


def test_the_stored_portfolio_is_the_portfolio_that_was_built(lists: Path, store: EvidenceStore, district: District):
    _load(lists, store, district)
    newest = store.get_latest_derived()
    assert newest is not None
    with open_session(store.pin_snapshot(derived=newest.id)) as session:
        built = build_portfolio(session, content=load_tool_content(), today=TODAY)
        stored = read_portfolio(session)
    assert all((built.needs, built.gaps, built.hollow, built.renewals, built.cannot_tell))
    assert stored == built


def test_stored_overlaps_are_read_as_they_were_found():
    overlaps = tuple(
        Overlap(
            capability="lms", kind=kind, tools=("canvas", "schoology"), schools=schools, people=3, dollars_minor=cost
        )
        for kind, schools, cost in (
            (OverlapKind.OWNED_ALREADY, (), None),
            (OverlapKind.PAID_TWICE, ("Elm", "Oak"), 900),
        )
    )
    tools = tuple(Tool(id=name, name=name.title(), known=KnownBy.NAME) for name in ("canvas", "schoology"))
    portfolio = Portfolio(tools=tools, overlaps=overlaps, gaps=(), hollow=(), cannot_tell=(), renewals=())
    with duckdb.connect() as session:
        for name, table in {TOOLS.name: build_tools_table(portfolio), **build_finding_tables(portfolio)}.items():
            session.register(name, table)
        assert read_portfolio(session) == portfolio
