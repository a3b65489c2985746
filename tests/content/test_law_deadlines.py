"""Deadlines of the laws that ship, asked as a technician asks; each is counted by hand from its source."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from homeroom.cli.main import build_app
from tests.unit.comply.laws.law_documents import build_duty, build_law, write_law

NY = {"facts": {"state": "NY", "kind": "district"}, "timezone": "America/New_York", "incident": {"data": ["student"]}}
TX = {"facts": {"state": "TX"}, "timezone": "America/Chicago", "incident": {"affected_residents": 250}}
IL = {
    "facts": {"state": "IL", "enrollment": 1000, "fiscal_year_starts": "07-01"},
    "timezone": "America/Chicago",
    "incident": {"data": ["student"], "affected_students": 100},
}
CA = {"facts": {"state": "CA"}, "timezone": "America/Los_Angeles", "incident": {"data": ["student"]}}
CO = {"facts": {"state": "CO"}, "timezone": "America/Denver"}

# duty, district, moments, due, due in UTC, extended to
COUNTED: list[tuple[str, dict[str, Any], dict[str, str], str, str | None, str | None]] = [
    # Friday 6 March 2026, 22:30; 10 days on is a Monday. Clocks go forward on 8 March.
    ("us-ny-121:breach-to-state", NY, {"discovered": "2026-03-06T22:30:00-05:00"}, "2026-03-16", None, None),
    ("us-ny-121:breach-to-state", NY, {"vendor_notified": "2026-02-18"}, "2026-02-28", None, "2026-03-02"),
    ("us-ny-121:breach-to-state", NY, {"discovered": "2026-03-09", "vendor_notified": "2026-03-06"}, "2026-03-16",
     None, None),
    ("us-ny-121:breach-to-families", NY, {"discovered": "2026-03-06"}, "2026-05-05", None, None),
    ("us-ny-121:breach-to-families", NY, {"discovered": "2025-12-31"}, "2026-03-01", None, "2026-03-02"),
    ("us-ny-121:breach-to-families-after-delay", NY, {"delay_ended": "2026-11-19"}, "2026-11-26", None, "2026-11-27"),
    ("us-ny-121:vendor-tells-district", NY, {"vendor_discovered": "2026-03-06"}, "2026-03-13", None, None),
    ("us-ny-121:complaint-answered", NY, {"complained": "2026-05-05"}, "2026-07-04", None, "2026-07-06"),
    ("us-ny-gml-19c:incident-to-state", NY, {"believed": "2026-03-06T22:30:00-05:00"}, "2026-03-09",
     "2026-03-10T03:30:00Z", None),
    ("us-ny-gml-19c:incident-to-state", NY, {"believed": "2026-10-30"}, "2026-11-01", "2026-11-02T04:00:00Z", None),
    ("us-ny-gml-19c:ransom-paid", NY, {"ransom_paid": "2026-03-07T12:00"}, "2026-03-08", "2026-03-08T17:00:00Z", None),
    ("us-ny-gml-19c:ransom-reasons", NY, {"ransom_paid": "2026-03-07T12:00"}, "2026-04-06", None, None),
    ("us-tx-521:breach-to-people", TX, {"determined": "2026-01-01"}, "2026-03-02", None, None),
    ("us-tx-521:breach-to-attorney-general", TX, {"determined": "2026-01-30"}, "2026-03-01", None, None),
    ("us-tx-incidents:incident-to-state", TX, {"discovered": "2026-11-20T08:00-06:00"}, "2026-11-22",
     "2026-11-22T14:00:00Z", None),
    # Ten weekdays from Monday 16 November, without Thanksgiving; the Friday after it counts.
    ("us-tx-incidents:incident-closed", TX, {"recovered": "2026-11-16"}, "2026-12-01", None, None),
    # Columbus Day is no holiday in Texas.
    ("us-tx-incidents:incident-closed", TX, {"recovered": "2026-10-05"}, "2026-10-19", None, None),
    ("us-il-soppa:breach-to-parents", IL, {"determined": "2026-02-02"}, "2026-03-04", None, None),
    ("us-il-soppa:breach-to-parents", IL, {"determined": "2026-02-09", "vendor_notified": "2026-02-02"}, "2026-03-04",
     None, None),
    ("us-il-soppa:breach-listed", IL, {"determined": "2026-02-02"}, "2026-07-31", None, None),
    ("us-il-student-records:access", IL, {"requested": "2026-11-04"}, "2026-11-19", None, "2026-11-27"),
    ("us-ca-records:access", CA, {"requested": "2026-11-23"}, "2026-12-01", None, None),
    ("us-ferpa:access", CO, {"requested": "2026-01-15"}, "2026-03-01", None, None),
    ("us-coppa:vendor-retention", CO, {}, "2026-04-22", None, None),
    ("us-co-24-73-103:breach-to-residents", CO, {"determined": "2026-01-31"}, "2026-03-02", None, None),
]  # fmt: skip

# law, district, facts, first date if any, whether it is certain
BY_FACTS: list[tuple[str, dict[str, Any], str, str | None, bool]] = [
    ("us-ada-title-2:web-content", {"population": 50000, "special_district": False}, "yes", "2027-04-26", True),
    ("us-ada-title-2:web-content", {"population": 49999}, "yes", "2028-04-26", True),
    ("us-ada-title-2:web-content", {"population": 90000, "special_district": True}, "yes", "2028-04-26", True),
    ("us-ada-title-2:web-content", {}, "yes", "2027-04-26", False),
    ("us-hhs-504:web-content", {"employees": 15, "hhs_funds": True}, "yes", "2027-05-11", True),
    ("us-hhs-504:web-content", {"employees": 14, "hhs_funds": True}, "yes", "2028-05-10", True),
    ("us-hhs-504:web-content", {"employees": 15}, "cannot tell", "2027-05-11", False),
    ("us-hhs-504:web-content", {"employees": 15, "hhs_funds": False}, "no", None, False),
    ("us-circia:incident-to-cisa", {"enrollment": 5000}, "no", None, False),
    ("us-cipa:safety-policy", {"e_rate": True}, "yes", None, False),
]


def ask(tmp_path: Path, *cases: dict[str, Any] | str, options: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
    path = tmp_path / "cases.jsonl"
    lines = [case if isinstance(case, str) else json.dumps({"id": str(n), **case}) for n, case in enumerate(cases)]
    path.write_text("\n".join(lines), encoding="utf-8")
    result = CliRunner().invoke(build_app(), ["clocks", str(path), "--json", *options])
    return result.exit_code, json.loads(result.stdout)


def test_each_clock_counts_as_its_source_does(tmp_path: Path) -> None:
    cases = [{"duty": duty, "moments": moments, **district} for duty, district, moments, *_ in COUNTED]
    code, document = ask(tmp_path, *cases)
    assert (code, document["refused"]) == (0, [])
    for answer, (duty, _, moments, *expected) in zip(document["answers"], COUNTED, strict=True):
        counted = [answer["due"], answer["due_at"], answer["extended_to"]]
        assert (answer["duty"], answer["applies"], counted) == (duty, "yes", expected), moments
        assert answer["certain"], duty


def test_dates_by_facts(tmp_path: Path) -> None:
    _, document = ask(tmp_path, *({"duty": duty, "facts": facts} for duty, facts, *_ in BY_FACTS))
    for answer, (duty, facts, *expected) in zip(document["answers"], BY_FACTS, strict=True):
        assert [answer["applies"], answer["due"], answer["certain"]] == expected, (duty, facts)


def test_what_sources_differ_on_is_not_certain_and_the_earlier_counts(tmp_path: Path) -> None:
    breach = {"discovered": "2026-03-06"}
    _, document = ask(
        tmp_path,
        {"duty": "us-ca-1798-29:breach-to-residents", "moments": breach, **CA},
        {"duty": "us-ca-1798-29:breach-to-residents", "moments": {"discovered": "2025-12-31"}, **CA},
        {"duty": "us-il-soppa:agreement-posted", "moments": {"signed": "2026-12-18"}, **IL},
        {"duty": "us-il-soppa:lists-posted", "moments": {"signed": "2026-12-18"}, **IL},
        {"duty": "us-ny-gml-19c:incident-to-state", "moments": {"believed": "2025-07-01"}, **NY},
    )
    answers = document["answers"]
    assert [answer["due"] for answer in answers] == ["2026-04-05", None, "2026-12-28", "2027-01-30", "2025-07-04"]
    assert not any(answer["certain"] for answer in answers)
    assert answers[0]["readings"][0]["due"] is None, "without unreasonable delay"
    assert [reading["due"] for reading in answers[3]["readings"]] == ["2027-01-30", "2027-01-31"]
    assert answers[4]["applies"] == "cannot tell"


def test_who_is_not_meant_owes_nothing(tmp_path: Path) -> None:
    small = {**IL, "incident": {"data": ["student"], "affected_students": 99}}
    few = {**TX, "incident": {"affected_residents": 249}}
    city = {**NY, "facts": {"state": "NY", "kind": "district", "city": "New York"}}
    _, document = ask(
        tmp_path,
        {"duty": "us-il-soppa:breach-listed", "moments": {"determined": "2026-02-02"}, **small},
        {"duty": "us-tx-521:breach-to-attorney-general", "moments": {"determined": "2026-02-02"}, **few},
        {"duty": "us-ny-gml-19c:incident-to-state", "moments": {"believed": "2026-02-02"}, **city},
        {"duty": "us-ny-121:breach-to-state", "moments": {"discovered": "2026-02-02"}, **TX},
    )
    assert [(answer["applies"], answer["due"]) for answer in document["answers"]] == [("no", None)] * 4


def test_a_bad_line_is_refused_and_the_others_are_answered(tmp_path: Path) -> None:
    good = {"duty": "us-ferpa:access", "moments": {"requested": "2026-01-15"}}
    code, document = ask(tmp_path, good, "", "{", '"text"', {"duty": "us-ferpa:nope"}, '{"id": 1, "id": 2}', good)
    assert code == 1
    assert [answer["id"] for answer in document["answers"]] == ["0", "6"]
    assert [(item["line"], item["field"]) for item in document["refused"]] == [(3, ""), (4, ""), (5, "duty"), (6, "id")]
    assert all("would fit" in item["reason"] for item in document["refused"])
    assert "not legal advice" in document["note"]


def test_a_law_asks_all_of_its_duties(tmp_path: Path) -> None:
    code, document = ask(tmp_path, {"law": "us-ny-121", "moments": {"discovered": "2026-03-06"}, **NY})
    assert code == 0
    assert len(document["answers"]) == 14
    waiting = {answer["duty"]: answer["waits_for"] for answer in document["answers"] if answer["due"] is None}
    assert waiting["us-ny-121:complaint-answered"] == ["complained"]


def test_laws_of_a_folder_replace_those_that_ship(tmp_path: Path) -> None:
    write_law(tmp_path / "own", build_law(duties=[build_duty(within={"count": 3, "unit": "days"})]))
    own = {"duty": "us-test:first", "moments": {"discovered": "2026-03-06"}}
    shipped = {"duty": "us-ferpa:access", "moments": {"requested": "2026-01-15"}}
    code, document = ask(tmp_path, own, shipped, options=("--content", str(tmp_path / "own")))
    assert (code, document["answers"][0]["due"]) == (1, "2026-03-09")
    assert document["refused"][0]["field"] == "duty"


@pytest.mark.parametrize("arguments", [["missing.jsonl"], ["cases.jsonl", "--content", "empty"],
                                       ["cases.jsonl", "--content", "bad"]])  # fmt: skip
def test_what_cannot_be_read_at_all_is_refused(tmp_path: Path, arguments: list[str], monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("cases.jsonl").write_text('{"id": "a", "duty": "us-ferpa:access"}', encoding="utf-8")
    Path("empty").mkdir()
    write_law(Path("bad"), build_law(depth="deep"))
    result = CliRunner().invoke(build_app(), ["clocks", *arguments, "--json"])
    assert result.exit_code == 2
    reasons = json.loads(result.stdout)["errors"]
    assert reasons
    assert all(" ".join(reason.split()) in " ".join(result.stderr.split()) for reason in reasons)


def test_without_json_it_is_a_table_for_people(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(
        '{"id": "a", "duty": "us-ferpa:access", "moments": {"requested": "2026-01-15"}}\n5', encoding="utf-8"
    )
    result = CliRunner().invoke(build_app(), ["clocks", str(path)])
    assert result.exit_code == 1
    assert "2026-03-01" in result.stdout
    assert "not legal advice" in result.stdout
    assert "line 2" in result.stderr
