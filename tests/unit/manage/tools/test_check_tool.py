"""The check before a tool is adopted finds it under any name, and names what nobody knows."""

from __future__ import annotations

from datetime import date

from homeroom.domain.manage.tools.adoption import ToolCheck
from tests.unit.manage.tools.checked_evidence import CheckedEvidence


def _get_doubts(check: ToolCheck) -> set[str]:
    return {doubt.about for doubt in check.doubts}


def test_a_tool_is_here_under_any_of_its_names():
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "CDW-G: Wren Math District Unlimited 1YR", vendor="CDW-G")
    evidence.add_use("WrenMath", 40, school="Oak Elementary")
    evidence.add_grant("1")
    for name in ("Wren Math", "wrenmath", "SHI: Wren Math 450 licenses"):
        check = evidence.check(name)
        assert check.tool is not None
        assert (check.is_here, check.tool.id, check.tool.runs) == (True, "wren-math", True)
        assert [(record.table, record.key, record.text) for record in check.records] == [
            ("app_use_records", "WrenMath", "WrenMath"),
            ("contract_records", "C-1", "CDW-G: Wren Math District Unlimited 1YR"),
        ]
    assert [record.key for record in evidence.check("77.apps.example").records] == ["77.apps.example"]


def test_a_tool_of_the_district_that_content_does_not_know_is_here_by_its_bare_name():
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "CDW-G: Brightpath Reading Site License 1YR")
    check = evidence.check("brightpath reading")
    assert check.tool is not None
    assert (check.is_here, check.tool.known, check.questions) == (True, "name", ())
    assert "same" in _get_doubts(check)


def test_a_near_name_is_not_here_and_is_asked_as_a_question_alone():
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "Brightpath Reading")
    check = evidence.check("Brightpath Readings")
    assert (check.is_here, check.tool, check.records, check.same, check.loses) == (False, None, (), (), ())
    assert [(tool.id, tool.here) for tool in check.questions] == [("brightpath-reading", True)]
    assert [(tool.name, tool.here) for tool in evidence.check("Lark Maths").questions] == [("Lark Math", False)]
    assert evidence.check("Zebra").questions == ()


def test_the_vendor_alone_asks_for_its_products():
    assert [tool.name for tool in CheckedEvidence().check("Kestrel").questions] == ["Kestrel Filter"]


def test_what_else_does_the_same_names_the_paid_first_then_what_comes_with_another():
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "Nest Courses", schools=["Oak Elementary"])
    evidence.add_contract("C-2", "Gull Meet", cost=0)
    check = evidence.check("Zebra Meet", does=["video-meeting"])
    assert [(tool.name, tool.costs, tool.comes_with, tool.schools) for tool in check.same] == [
        ("Nest Courses", True, True, ("Oak Elementary",)),
        ("Gull Meet", False, False, ("Ash High", "Elm Middle", "Oak Elementary")),
    ]
    assert [tool.year_minor for tool in check.same] == [100_000, 0]
    assert [tool.name for tool in evidence.check("Gull Meet").same] == ["Nest Courses"]


def test_a_tool_that_no_longer_runs_does_nothing_the_same():
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "Lark Math", ends_on=date(2026, 8, 1))
    assert evidence.check("Wren Math").same == ()
    ended = evidence.check("Lark Math")
    assert ended.tool is not None
    assert (ended.is_here, ended.tool.runs, [contract.runs for contract in ended.contracts]) == (True, False, [False])


def test_counts_by_school_under_ten_are_hidden_with_what_would_reveal_them():
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "Wren Math")
    for school, users in (("Oak Elementary", 40), ("Elm Middle", 12), ("Ash High", 3)):
        evidence.add_use("Wren Math", users, school=school)
    check = evidence.check("Wren Math")
    assert check.reach.users == 55
    assert {loss.school: (loss.users, loss.hidden) for loss in check.loses} == {
        "Ash High": (None, ("users",)), "Elm Middle": (None, ("users",)), "Oak Elementary": (40, ()),
    }  # fmt: skip


def test_a_total_under_ten_is_hidden_too():
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "Wren Math")
    evidence.add_use("Wren Math", 4, school="Oak Elementary")
    check = evidence.check("Wren Math")
    assert (check.reach.users, check.reach.hidden) == (None, ("users",))
    (loss,) = [loss for loss in check.loses if loss.school == "Oak Elementary"]
    assert (loss.users, loss.hidden) == (None, ("users",))


def test_a_school_that_the_list_lacks_has_unknown_users_and_not_none():
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "Wren Math")
    evidence.add_use("Wren Math", 40, school="Oak Elementary")
    evidence.add_use("Lark Math", 40, school="Elm Middle")
    losses = {loss.school: (loss.users, loss.hidden) for loss in evidence.check("Wren Math").loses}
    assert losses == {"Ash High": (None, ()), "Elm Middle": (0, ()), "Oak Elementary": (40, ())}


def test_people_of_a_list_by_address_are_counted_once_in_their_school():
    evidence = CheckedEvidence()
    for number in range(1, 21):
        for app in ("Wren Math", "WrenMath"):
            evidence.add_use(app, None, email=f"s{number}@maple.example")
    check = evidence.check("Wren Math")
    assert check.reach.users == 20
    assert [(loss.school, loss.users) for loss in check.loses] == [("Oak Elementary", 20)]


def test_accounts_devices_and_scopes_are_counted_by_school():
    evidence = CheckedEvidence()
    for number in range(1, 16):
        evidence.add_account(number, school="Ash High")
        evidence.add_grant(str(number))
    evidence.add_grant("", app="77.apps.example")
    check = evidence.check("Gull Meet")
    assert check.reach.accounts == 15
    (scope,) = check.reach.scopes
    assert (scope.scope, scope.accounts, scope.everybody) == ("https://www.googleapis.com/auth/drive", 15, True)
    assert [(loss.school, loss.accounts) for loss in check.loses] == [("Ash High", 15)]
    for number in range(1, 31):
        evidence.add_device(number, school="Elm Middle")
        evidence.add_covered(number)
    covered = evidence.check("Kestrel Filter")
    assert covered.reach.devices == 30
    assert {loss.school: loss.devices for loss in covered.loses}["Elm Middle"] == 30


def test_what_a_school_would_lose_is_what_nothing_else_does_there():
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "Kestrel Filter")
    evidence.add_contract("C-2", "Finch Class", schools=["Oak Elementary"])
    check = evidence.check("Kestrel Filter")
    assert {loss.school: loss.only_here for loss in check.loses} == {
        "Ash High": ("content-filter", "classroom-management"),
        "Elm Middle": ("content-filter", "classroom-management"),
        "Oak Elementary": ("content-filter",),
    }


def test_what_no_list_shows_is_a_doubt_and_never_zero():
    check = CheckedEvidence().check("Wren Math")
    assert check.reach.users is None
    assert _get_doubts(check) == {"same", "here"}
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "Wren Math", cost=None)
    check = evidence.check("Wren Math")
    assert check.tool is not None
    assert (check.tool.costs, check.tool.year_minor) == (None, None)
    assert _get_doubts(check) == {"users", "accounts"}
    evidence.add_use("Wren Math", 300)
    assert "users by school" in _get_doubts(evidence.check("Wren Math"))


def test_resellers_are_no_vendors_of_a_tool():
    evidence = CheckedEvidence()
    evidence.add_contract("C-1", "Kestrel Filter", vendor="CDW-G")
    evidence.add_contract("C-2", "Kestrel Filter", vendor="Kestrel Systems")
    assert evidence.check("Kestrel Filter").vendors == ("Kestrel", "Kestrel Systems")
