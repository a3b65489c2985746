"""The portfolio judges tools as its rules say, and is silent about what only nearly fits them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from homeroom.domain.manage.tools.portfolio import HollowKind, Portfolio, Suggestion, ToolRecord
from tests.unit.manage.tools.portfolio_evidence import STUDENTS, TODAY, PortfolioEvidence


def _list_overlaps(portfolio: Portfolio) -> list[tuple[str, str, tuple[str, str]]]:
    return [(overlap.capability, str(overlap.kind), overlap.tools) for overlap in portfolio.overlaps]


def _list_hollow(portfolio: Portfolio) -> dict[str, tuple[str, int, int]]:
    return {entry.tool: (str(entry.kind), entry.working, entry.of) for entry in portfolio.hollow}


def _get_unknown(portfolio: Portfolio) -> dict[str, str]:
    return {entry.id: entry.why for entry in portfolio.cannot_tell}


def _get_suggestions(portfolio: Portfolio) -> dict[str, str]:
    return {renewal.contract: str(renewal.suggestion) for renewal in portfolio.renewals}


def test_records_of_one_tool_meet_by_its_name_or_its_ids():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "CDW-G: Wren Math District Unlimited 1YR")
    evidence.add_use("WrenMath", 5, school="Oak Elementary")
    evidence.add_row("app_grants", account_key="1", app_key="77.apps.example", app_name="Sign in", kind="delegated")
    evidence.add_row("extension_records", app_key="abcdefghijklmnopabcdefghijklmnop", name="KF", org_unit="")
    evidence.add_row("agreement_records", key="A-1", vendor="Wren", product="Wren Math")
    evidence.add_row("software_records", device_key="1", name="Owl Backup Agent", version="1", kind="programs")
    tools = {tool.id: tool for tool in evidence.build().tools}
    assert tools["wren-math"].records == (
        ToolRecord(table="agreement_records", key="A-1"),
        ToolRecord(table="app_use_records", key="WrenMath"),
        ToolRecord(table="contract_records", key="C-1"),
    )
    assert tools["gull-meet"].records == (ToolRecord(table="app_grants", key="77.apps.example"),)
    assert [record.table for record in tools["kestrel-filter"].records] == ["extension_records"]
    assert [record.key for record in tools["owl-backup"].records] == ["Owl Backup Agent"]


def test_what_holds_no_known_name_is_a_tool_of_its_own_by_its_bare_text():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "CDW-G: Brightpath Reading Site License 1YR")
    evidence.add_use("Brightpath Reading", 5)
    evidence.add_use("Brightpath Readings", 5)  # nearly the same name is another tool
    tools = {tool.id: tool for tool in evidence.build().tools}
    assert {tool.known for tool in tools.values()} == {"name"}
    assert [record.key for record in tools["brightpath-reading"].records] == ["Brightpath Reading", "C-1"]
    assert [record.key for record in tools["brightpath-readings"].records] == ["Brightpath Readings"]


def test_what_the_district_states_replaces_content():
    evidence = PortfolioEvidence()
    evidence.add_row("tool_records", name="Lark Math", also=["larkmath.example"], does=["quiz-game"])
    evidence.add_row("tool_records", name="Brightpath", does=["math-practice"], also_does=[])
    evidence.add_contract("C-1", "larkmath.example")
    evidence.add_contract("C-2", "Brightpath FY27")
    tools = {tool.id: tool for tool in evidence.build().tools}
    assert (tools["lark-math"].known, tools["lark-math"].does) == ("stated", ("quiz-game",))
    assert (tools["brightpath"].known, tools["brightpath"].does) == ("stated", ("math-practice",))


def test_a_loaded_console_is_evidence_of_its_tool():
    evidence = PortfolioEvidence(consoles={"nest": "Nest Courses"})
    evidence.add_contract("C-1", "Wren Math")
    portfolio = evidence.build()
    tool = next(tool for tool in portfolio.tools if tool.id == "nest")
    assert tool.runs
    assert "lms" not in {gap.capability for gap in portfolio.gaps}


@pytest.mark.parametrize(
    ("starts", "ends", "year"),
    [
        (date(2026, 7, 1), date(2027, 6, 30), 300_000),
        (date(2024, 1, 1), date(2024, 12, 31), 300_000),  # 366 days are a year
        (date(2026, 7, 1), date(2026, 12, 31), 300_000),  # a shorter term is not stretched
        (date(2024, 7, 1), date(2027, 6, 30), 100_068),  # 1,095 days
        (date(2026, 7, 1), date(2027, 7, 2), 298_569),  # 367 days
        (None, date(2027, 6, 30), 300_000),
        (date(2024, 7, 1), None, 300_000),
    ],
)
def test_a_years_cost_is_the_price_or_its_share_of_a_longer_term(starts: Any, ends: Any, year: int):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", cost=300_000, starts_on=starts, ends_on=ends)
    assert evidence.build().tools[0].contracts == {"C-1": year}


def test_a_contract_runs_from_its_first_to_its_last_day():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", ends_on=TODAY)
    evidence.add_contract("C-2", "Lark Math", starts_on=TODAY, ends_on=None)
    evidence.add_contract("C-3", "Spring Math", ends_on=date(2026, 11, 27))
    evidence.add_contract("C-4", "Nest Courses", starts_on=date(2026, 11, 29))
    assert [tool.id for tool in evidence.build().tools if tool.runs] == ["lark-math", "wren-math"]


def test_schools_are_those_of_running_contracts_else_those_with_users():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", schools=["oak", "Elm Middle"])
    evidence.add_use("Wren Math", 9, school="Ash High")
    evidence.add_contract("C-2", "Lark Math")
    evidence.add_use("Nest Courses", 9, school="Elm Middle", since=date(2026, 5, 1), until=date(2026, 5, 31))
    evidence.add_use("Nest Courses", 9, school="Ash High")
    evidence.add_use("Nest Courses", 0, school="Oak Elementary")
    schools = {tool.id: tool.schools for tool in evidence.build().tools}
    assert schools == {
        "wren-math": ("Elm Middle", "Oak Elementary"), "lark-math": tuple(sorted(STUDENTS)), "nest": ("Ash High",),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "schools"),
    [
        (["OAK ELEMENTARY", " elm "], ("Elm Middle", "Oak Elementary")),
        (["Oak, Elm Middle"], ("Elm Middle", "Oak Elementary")),
        (["All schools"], tuple(sorted(STUDENTS))),
        (["District-wide"], tuple(sorted(STUDENTS))),
        ([], tuple(sorted(STUDENTS))),
        (["Oakwood"], ("Oakwood",)),
    ],
)
def test_schools_are_known_by_name_and_not_by_likeness(cell: list[str], schools: tuple[str, ...]):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", schools=cell)
    assert evidence.build().tools[0].schools == schools


def test_a_list_without_a_period_counts_its_users_and_shows_no_more():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math")
    for number in (1, 2, 3):
        used = datetime(2026, 11, number, tzinfo=UTC)
        evidence.add_use("Wren Math", None, email=f"s{number}@maple.example", since=None, until=None, last_used=used)
    portfolio = evidence.build()
    assert portfolio.tools[0].users == 3
    assert "no first and last day" in _get_unknown(portfolio)["wren-math"]


def test_use_up_to_the_end_of_a_contract_does_not_show_that_the_tool_runs():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Nest Courses", ends_on=date(2026, 10, 30))
    evidence.add_use_everywhere("Nest Courses", 50)
    assert [tool.runs for tool in evidence.build().tools] == [False]


def test_an_extension_shows_that_a_tool_runs_only_where_an_administrator_installed_it():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math")
    extension = {"app_key": "abcdefghijklmnopabcdefghijklmnop", "name": "Kestrel", "org_unit": "", "browsers": 9}
    evidence.add_row("extension_records", install_kind="normal", **extension)
    assert "content-filter" in {gap.capability for gap in evidence.build().gaps}
    evidence.add_row("extension_records", install_kind="admin", **extension)
    assert "content-filter" not in {gap.capability for gap in evidence.build().gaps}


def test_a_permission_does_not_show_that_a_district_has_a_tool():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math")
    evidence.add_row("app_grants", account_key="1", app_key="k", app_name="Nest Courses", kind="delegated")
    assert "lms" in {gap.capability for gap in evidence.build().gaps}


def test_two_paid_tools_for_the_same_overlap_where_they_meet():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", cost=100_000)
    evidence.add_contract("C-2", "Lark Math", cost=40_000, schools=["Oak Elementary", "Elm Middle"])
    (overlap,) = evidence.build().overlaps
    assert (overlap.kind, overlap.tools) == ("paid twice", ("lark-math", "wren-math"))
    assert overlap.schools == ("Elm Middle", "Oak Elementary")
    assert (overlap.people, overlap.dollars_minor) == (500, 40_000)  # half of Wren's would be 50,000


@pytest.mark.parametrize(
    "other",
    [
        {"cost": 0},
        {"cost": None},
        {"ends_on": date(2026, 11, 1)},
        {"schools": ["Ash High"]},
        {"product": "Kestrel Filter"},
    ],
    ids=["free", "no price", "ended", "elsewhere", "for something else"],
)
def test_what_only_nearly_is_paid_twice_is_no_overlap(other: dict[str, Any]):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", schools=["Oak Elementary"])
    evidence.add_contract("C-2", other.pop("product", "Lark Math"), **other)
    assert evidence.build().overlaps == ()


def test_currencies_are_never_compared_or_added():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math")
    evidence.add_contract("C-2", "Lark Math", currency="CAD")
    evidence.add_contract("C-3", "Nest Courses")
    evidence.add_contract("C-4", "Nest Courses", currency="CAD")
    evidence.add_use_everywhere("Nest Courses", 1)
    portfolio = evidence.build()
    assert [overlap.dollars_minor for overlap in portfolio.overlaps] == [None]
    assert [(entry.tool, entry.dollars_minor) for entry in portfolio.hollow] == [("nest", None)]


def test_a_paid_tool_is_owned_already_where_another_does_all_of_it_in_its_schools():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Finch Class", cost=50_000, schools=["Oak Elementary"])
    evidence.add_contract("C-2", "Kestrel Filter", cost=0, schools=["Oak Elementary", "Elm Middle"])
    (overlap,) = evidence.build().overlaps
    assert (overlap.kind, overlap.tools, overlap.dollars_minor) == (
        "owned already", ("finch-class", "kestrel-filter"), 50_000,
    )  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [
        {"paid": {"schools": ["Oak Elementary", "Ash High"]}},
        {"paid": {"schools": None}},
        {"paid": {"cost": 0}},
        {"owner": {"ends_on": date(2026, 11, 1)}},
        {"stated": ["classroom-management", "quiz-game"]},
    ],
    ids=["a school without the owner", "all schools", "free", "the owner ended", "does more"],
)
def test_what_only_nearly_is_owned_already_is_no_overlap(change: dict[str, Any]):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Finch Class", **{"schools": ["Oak Elementary"], **change.get("paid", {})})
    evidence.add_contract("C-2", "Kestrel Filter", **{"schools": ["Oak Elementary"], **change.get("owner", {})})
    if "stated" in change:
        evidence.add_row("tool_records", name="Finch Class", does=change["stated"])
    assert evidence.build().overlaps == ()


def test_a_need_is_a_gap_where_no_running_tool_meets_it():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Kestrel Filter", schools=["Oak Elementary", "Elm Middle"])
    evidence.add_contract("C-2", "Nest Courses", ends_on=date(2026, 11, 1))
    evidence.add_backup("sis", days=1)
    gaps = {gap.capability: gap for gap in evidence.build().gaps}
    assert set(gaps) == {"content-filter", "lms"}
    assert (gaps["content-filter"].kind, gaps["content-filter"].schools) == ("part", ("Ash High",))
    assert (gaps["lms"].kind, gaps["lms"].schools, gaps["lms"].because) == ("none", None, "Courses need a place")


def test_stated_needs_replace_those_of_content():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math")
    evidence.add_row("need_records", capability="quiz-game", audience="students")
    evidence.add_row("need_records", capability="math-practice", audience="students")
    evidence.add_row("need_records", capability="password-manager", audience=None)
    assert [(gap.capability, gap.audience) for gap in evidence.build().gaps] == [
        ("password-manager", "staff"), ("quiz-game", "students"),
    ]  # fmt: skip


def test_a_tool_that_only_its_lists_know_does_what_they_show():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math")
    evidence.add_backup("sis", days=1, tool="Vaultline")
    evidence.add_device(1)
    evidence.add_covered(1, tool="Content filter")
    evidence.add_covered(2, tool=None, purpose="video-meeting")
    portfolio = evidence.build()
    assert [gap.capability for gap in portfolio.gaps] == ["lms"]
    assert {tool.id: tool.does for tool in portfolio.tools if tool.known == "name"} == {
        "content-filter": ("content-filter",), "vaultline": ("backup-servers",), "video-meeting": ("video-meeting",),
    }  # fmt: skip


def test_a_hollow_tool_is_no_gap():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Nest Courses")
    evidence.add_use_everywhere("Nest Courses", 1)
    portfolio = evidence.build()
    assert _list_hollow(portfolio) == {"nest": ("not used", 3, 100)}
    assert "lms" not in {gap.capability for gap in portfolio.gaps}


def test_without_contracts_nobody_can_tell_of_needs():
    evidence = PortfolioEvidence()
    evidence.add_backup("sis", days=1)
    portfolio = evidence.build()
    assert portfolio.gaps == ()
    assert set(_get_unknown(portfolio)) == {"content-filter", "lms"}


@pytest.mark.parametrize(("users", "is_hollow"), [(9, True), (10, False)])
def test_a_tool_is_not_used_under_a_tenth_of_its_seats(users: int, is_hollow: bool):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", seats=100)
    evidence.add_use("Wren Math", users)
    portfolio = evidence.build()
    assert _list_hollow(portfolio) == ({"wren-math": ("not used", users, 100)} if is_hollow else {})
    assert _get_unknown(portfolio).keys() <= {"content-filter", "lms", "backup-servers"}


@pytest.mark.parametrize(("users", "is_hollow"), [(49, True), (50, False)])
def test_without_seats_the_people_in_its_schools_count(users: int, is_hollow: bool):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", seats=None, schools=["Oak Elementary", "Elm Middle"])
    evidence.add_use("Wren Math", users, school="Oak Elementary")
    evidence.add_use("Lark Math", 1, school="Elm Middle")  # the list tells of Elm through another app
    assert _list_hollow(evidence.build()) == ({"wren-math": ("not used", users, 500)} if is_hollow else {})


@pytest.mark.parametrize(
    ("product", "contract", "use", "reason"),
    [
        ("Wren Math", {}, {"since": date(2026, 10, 19)}, "10 school days"),  # 19 to 30 October: exactly ten
        ("Wren Math", {}, {"since": date(2026, 10, 20)}, "9 school days"),
        ("Wren Math", {"starts_on": date(2026, 8, 31)}, {}, ""),
        ("Wren Math", {"starts_on": date(2026, 9, 1)}, {}, "within 60 days"),
        ("Wren Math", {"starts_on": None}, {}, "no first day"),
        ("Spring Math", {}, {}, "not in its season"),
        ("Wren Math", {}, {"since": None}, "no first and last day"),
    ],
    ids=["ten days", "nine days", "sixty days", "59 days", "no start", "out of season", "no period"],
)
def test_use_is_judged_only_where_the_period_shows_it(
    product: str, contract: dict[str, Any], use: dict[str, Any], reason: str
):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", product, **contract)
    evidence.add_use_everywhere(product, 1, **use)
    portfolio = evidence.build()
    tool = portfolio.tools[0].id
    if reason in ("", "10 school days"):
        assert tool in _list_hollow(portfolio)
    else:
        assert reason in _get_unknown(portfolio)[tool]
        assert not portfolio.hollow


def test_in_its_season_a_tool_is_judged():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Spring Math")
    evidence.add_use_everywhere("Spring Math", 1, since=date(2027, 4, 1), until=date(2027, 5, 28))
    assert _list_hollow(evidence.build(today=date(2027, 6, 1))) == {"spring-math": ("not used", 3, 100)}


def test_a_list_that_does_not_tell_of_a_school_cannot_show_that_nobody_uses_a_tool():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", schools=["Oak Elementary", "Elm Middle"])
    evidence.add_use("Wren Math", 1, school="Oak Elementary")
    evidence.add_use("Lark Math", 1, school="Elm Middle", instance="another list")
    assert "Elm Middle" in _get_unknown(evidence.build())["wren-math"]


def test_users_are_counted_once_though_they_come_by_several_names():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math")
    for number in range(1, 12):
        evidence.add_use("Wren Math", None, email=f"s{number}@maple.example")
        evidence.add_use("WrenMath", None, email=f"s{number}@maple.example")
    evidence.add_use("Wren Math", 0, email="s400@maple.example")
    evidence.add_use("Wren Math", 0, email="s900@maple.example")
    portfolio = evidence.build()
    assert [(tool.users, tool.schools) for tool in portfolio.tools] == [(11, tuple(sorted(STUDENTS)))]
    assert portfolio.hollow == ()


@pytest.mark.parametrize(("old", "is_hollow"), [(2, False), (3, True)])
def test_a_backup_tool_does_not_work_where_over_half_of_its_systems_are_old(old: int, is_hollow: bool):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Owl Backup")
    for number in range(4):
        evidence.add_backup(f"system {number}", days=8 if number < old else 7)
    evidence.add_backup("system 0", days=100, job="monthly")
    portfolio = evidence.build()
    assert _list_hollow(portfolio) == ({"owl-backup": ("not working", 1, 4)} if is_hollow else {})
    assert "owl-backup" not in _get_unknown(portfolio)


def test_a_newer_job_of_the_same_system_counts():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Owl Backup")
    evidence.add_backup("sis", days=20, job="full")
    evidence.add_backup("sis", days=1, job="daily")
    assert evidence.build().hollow == ()


@pytest.mark.parametrize(("covered", "is_hollow"), [(4, True), (5, False)])
def test_a_tool_is_not_deployed_under_half_of_its_audiences_devices(covered: int, is_hollow: bool):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Kestrel Filter")
    for number in range(10):
        evidence.add_device(number)
    evidence.add_device(90, holder_kind="staff")
    evidence.add_device(91, resting=True)
    evidence.add_device(92, retired=True)
    for number in (*range(covered), 90, 91, 92):
        evidence.add_covered(number)
    evidence.add_covered(9, covered=False)
    portfolio = evidence.build()
    assert _list_hollow(portfolio) == ({"kestrel-filter": ("not deployed", 4, 10)} if is_hollow else {})
    assert "kestrel-filter" not in _get_unknown(portfolio)


@pytest.mark.parametrize(("kind", "is_hollow"), [("switch", False), ("printer", False), ("laptop", True)])
def test_gear_of_buildings_is_no_device_of_an_audience(kind: str, is_hollow: bool):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Gull Meet")
    for number in range(10):
        evidence.add_device(number, kind="laptop", platform="windows")
    for number in range(10, 21):
        evidence.add_device(number, kind=kind, platform=None)
    for number in range(10):
        evidence.add_covered(number, tool="Gull Meet", purpose="video-meeting")
    assert ("gull-meet" in _list_hollow(evidence.build())) is is_hollow


def test_devices_of_other_schools_do_not_count():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Kestrel Filter", schools=["Elm Middle"])
    for number in range(10):
        evidence.add_device(number, school="Elm Middle" if number < 2 else "Ash High")
    evidence.add_covered(0)
    assert evidence.build().hollow == ()


@pytest.mark.parametrize(("silent", "is_hollow"), [(4, False), (5, True)])
def test_a_tool_is_silent_where_half_of_its_devices_last_reported_over_14_school_days_ago(silent: int, is_hollow: bool):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Kestrel Filter")
    for number in range(10):
        evidence.add_device(number)
        evidence.add_covered(number, seen=22 if number < silent else 18)  # 15 and 14 school days
    assert _list_hollow(evidence.build()) == ({"kestrel-filter": ("silent", 5, 10)} if is_hollow else {})


def test_the_first_reason_counts():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Kestrel Filter")
    for number in range(10):
        evidence.add_device(number)
    evidence.add_covered(1, seen=60)
    evidence.add_use_everywhere("Kestrel Filter", 0)
    assert _list_hollow(evidence.build()) == {"kestrel-filter": ("not deployed", 1, 10)}


def test_only_what_costs_money_is_hollow_and_a_missing_cost_cannot_tell():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", cost=0)
    evidence.add_use_everywhere("Wren Math", 0)
    evidence.add_contract("C-2", "Lark Math", cost=None, notice_on=date(2027, 1, 15))
    evidence.add_use_everywhere("Lark Math", 0)
    portfolio = evidence.build()
    assert portfolio.hollow == ()
    assert "C-2" in _get_unknown(portfolio)["lark-math"]
    assert "wren-math" not in _get_unknown(portfolio)
    assert [(renewal.suggestion, renewal.dollars_minor) for renewal in portfolio.renewals] == [("cannot tell", None)]


@pytest.mark.parametrize(
    ("values", "is_due"),
    [
        ({"ends_on": date(2027, 3, 28)}, True),  # 120 days
        ({"ends_on": date(2027, 3, 29)}, False),
        ({"notice_on": date(2027, 3, 28)}, True),
        ({"notice_on": date(2027, 3, 29), "ends_on": date(2027, 4, 30)}, False),
        ({"notice_on": date(2026, 11, 28)}, True),
        ({"ends_on": None}, False),
    ],
)
def test_renewals_are_those_whose_notice_else_last_day_is_within_120_days(values: dict[str, Any], is_due: bool):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", **values)
    assert bool(evidence.build().renewals) is is_due


@pytest.mark.parametrize(
    ("values", "suggestion"),
    [
        ({"notice_on": date(2026, 11, 27), "renews": True, "ends_on": date(2027, 3, 28)}, "too late"),
        ({"notice_on": date(2026, 11, 28), "renews": True, "ends_on": date(2027, 3, 28)}, "drop"),
        ({"notice_on": date(2026, 11, 27), "renews": False, "ends_on": date(2027, 3, 28)}, "drop"),
        ({"notice_on": date(2026, 11, 27), "renews": True, "ends_on": date(2027, 3, 29)}, None),
    ],
    ids=["passed", "today", "does not renew", "ends later"],
)
def test_it_is_too_late_where_notice_has_passed_and_it_renews_soon(values: dict[str, Any], suggestion: str | None):
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", **values)
    evidence.add_use_everywhere("Wren Math", 1)
    assert _get_suggestions(evidence.build()).get("C-1") == suggestion


def test_the_first_suggestion_that_holds_is_made():
    evidence = PortfolioEvidence()
    due = {"notice_on": date(2027, 1, 15)}
    evidence.add_contract("drop", "Wren Math", **due)
    evidence.add_contract("choose", "Lark Math", **due)
    evidence.add_contract("cannot tell", "Nest Courses", **due)
    evidence.add_contract("fewer", "Gull Meet", seats=200, **due)
    evidence.add_contract("keep", "Kestrel Filter", seats=200, **due)
    evidence.add_row("tool_records", name="Nest Courses", also_does=[])
    evidence.add_use_everywhere("Wren Math", 1)
    evidence.add_use_everywhere("Lark Math", 20)
    evidence.add_use_everywhere("Gull Meet", 21)
    evidence.add_use_everywhere("Gull Meet", 35, since=date(2026, 8, 17), until=date(2026, 8, 31))
    evidence.add_use_everywhere("Kestrel Filter", 47)  # 141 of 200 are over 70 percent
    portfolio = evidence.build()
    assert _get_suggestions(portfolio) == {suggestion: suggestion for suggestion in _get_suggestions(portfolio)}
    assert set(_get_suggestions(portfolio)) == {"drop", "choose", "cannot tell", "fewer", "keep"}
    seats = {renewal.suggestion: renewal.seats for renewal in portfolio.renewals}
    assert seats[Suggestion.FEWER] == 116  # the most of any period, 105, and a tenth, rounded up
    assert seats[Suggestion.KEEP] is None


def test_a_tool_has_the_result_of_each_check_up_to_the_first_that_fails():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Wren Math", seats=100)
    evidence.add_use_everywhere("Wren Math", 20)
    evidence.add_contract("C-2", "Lark Math", schools=["Oak Elementary"])
    evidence.add_contract("C-3", "Finch Class", cost=0)
    checks = {tool.id: dict(tool.checks) for tool in evidence.build().tools}
    assert checks["wren-math"] == {HollowKind.NOT_USED: True}
    assert checks["lark-math"] == {HollowKind.NOT_USED: None}
    assert checks["finch-class"] == {}


def test_use_of_a_backup_tool_is_not_asked_for():
    evidence = PortfolioEvidence()
    evidence.add_contract("C-1", "Owl Backup")
    evidence.add_backup("sis", days=1, tool="Owl Backup")
    assert {tool.id: dict(tool.checks) for tool in evidence.build().tools}["owl-backup"] == {
        HollowKind.NOT_WORKING: True
    }
