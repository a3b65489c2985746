"""All duties of an invented district of New York, of Texas and of Illinois, each against a day counted by hand.

The days were counted on paper from the sources that each law names, from one evening: Friday 6 November 2026, 18:00.
After it come Veterans Day (Wednesday the 11th), Thanksgiving (Thursday the 26th) and Christmas (a Friday).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from homeroom.cli.main import build_app
from homeroom.domain.comply.laws.clocks import PromptClock
from homeroom.library.comply.laws.law_files import load_laws
from homeroom.library.protect.controls import load_controls

TODAY = "2026-11-28"
FRIDAY = "2026-11-06T18:00"
INCIDENT = {"data": ["student", "staff"], "affected_residents": 501, "affected_students": 100}
COMMON = {"hhs_funds": True, "e_rate": True, "kind": "district"}
DISTRICTS: Mapping[str, dict[str, Any]] = {
    "NY": {
        "timezone": "America/New_York",
        "calendar": {"first_day": "2026-09-08", "last_day": "2027-06-25"},
        "facts": {**COMMON, "state": "NY", "city": "Cedar Falls", "population": 31_000, "special_district": False,
                  "enrollment": 4200, "employees": 620, "fiscal_year_starts": "07-01"},
    },
    "TX": {
        "timezone": "America/Chicago",
        "calendar": {"first_day": "2026-08-12", "last_day": "2027-05-27"},
        "facts": {**COMMON, "state": "TX", "population": 60_000, "special_district": False, "enrollment": 9000,
                  "employees": 1200, "fiscal_year_starts": "09-01"},
    },
    "IL": {
        "timezone": "America/Chicago",
        "calendar": {"first_day": "2026-08-19", "last_day": "2027-05-28"},
        "facts": {**COMMON, "state": "IL", "population": 49_999, "special_district": True, "enrollment": 1000,
                  "employees": 80, "fiscal_year_starts": "07-01"},
    },
}  # fmt: skip

# Duties without a day in their law that hold all the time: somebody owes them now.
ALL_THE_TIME = {
    "US": """
us-ferpa: disclosures-recorded redisclosure-notice directory-information-notice transfer-notice
us-idea: access-list access-recorded
us-coppa: consent-recorded third-party-consent
us-cipa: safety-policy content-filter online-behavior-lessons public-meeting certification
us-ppra: annual-notice policies
us-ada-title-2: coordinator
us-e-rate: form-486 documents-retained
""",
    "NY": """
us-ny-121: bill-of-rights contract-information-posted data-protection-officer
""",
    "TX": """
us-tx-11-175: policy coordinator
us-tx-26: directory-information-notice
us-tx-2063: training-reported
""",
    "IL": """
us-il-soppa: contract-before-data data-use-explained parent-procedures-posted
us-il-student-records: custodian entries-signed permanent-records-retained temporary-records-retained
us-il-student-records: temporary-records-reviewed destruction-schedule-notice
us-il-foia: directory-posted
""",
}

# Duties without a day in their law that an event starts: nobody owes them before it.
AFTER_AN_EVENT: Mapping[str, Mapping[str, str]] = {
    "US": {
        "us-ferpa:amendment-decided": "requested",
        "us-ferpa:amendment-refused": "refused",
        "us-ferpa:amendment-heard": "appealed",
        "us-idea:destruction-notice": "no_longer_needed",
        "us-idea:access-before-meeting": "requested",
        "us-idea:amendment-decided": "requested",
        "us-idea:amendment-refused": "refused",
        "us-idea:statement-retained": "appealed",
        "us-ppra:survey-consent": "survey_planned",
        "us-ppra:survey-opt-out": "survey_planned",
        "us-ppra:policy-change-notice": "policy_changed",
        "us-ppra:instruments-shown": "requested",
    },
    "NY": {
        "us-ny-121:complaint-acknowledged": "complained",
        "us-ny-121:complaints-recorded": "complained",
        "us-ny-foil:denial-in-writing": "refused",
        "us-ny-foil:appeal-decided": "appealed",
    },
    "TX": {
        "us-tx-11-175:breach-to-agency": "discovered vendor_notified",
        "us-tx-11-175:breach-to-parents": "discovered vendor_notified",
        "us-tx-26:access": "requested",
        "us-tx-552:information-produced": "requested",
    },
    "IL": {
        "us-il-soppa:breach-list-retained": "determined vendor_notified",
        "us-il-pipa:breach-to-residents": "discovered vendor_notified determined",
        "us-il-foia:denial-in-writing": "refused",
    },
}

# Duty: the moment on Friday evening, the day due, the time in UTC if it is in hours, and the day with an extension.
type Counted = Mapping[str, tuple[str | None, str, str | None, str | None]]
FEDERAL: Counted = {
    # 45 days: 24 to the end of November, 21 of December.
    "us-ferpa:access": ("requested", "2026-12-21", None, None),
    "us-idea:access": ("requested", "2026-12-21", None, None),
    "us-coppa:vendor-retention": (None, "2026-04-22", None, None),
    "us-coppa:vendor-security-program": (None, "2026-04-22", None, None),
    "us-coppa:vendor-risk-assessed": (None, "2026-12-31", None, None),
}
WITH_A_DAY: Mapping[str, Counted] = {
    "NY": {
        **FEDERAL,
        "us-ferpa:annual-notice": (None, "2027-06-25", None, None),
        "us-ada-title-2:web-content": (None, "2028-04-26", None, None),
        "us-hhs-504:web-content": (None, "2027-05-11", None, None),
        "us-ny-121:breach-to-state": ("discovered", "2026-11-16", None, None),
        # 60 days: 24 of November, 31 of December, 5 of January.
        "us-ny-121:breach-to-families": ("vendor_notified", "2027-01-05", None, None),
        "us-ny-121:breach-to-families-after-delay": ("delay_ended", "2026-11-13", None, None),
        "us-ny-121:vendor-tells-district": ("vendor_discovered", "2026-11-13", None, None),
        "us-ny-121:complaint-answered": ("complained", "2027-01-05", None, None),
        "us-ny-121:access": ("requested", "2026-12-21", None, None),
        "us-ny-121:access-notice": (None, "2027-06-25", None, None),
        "us-ny-121:privacy-training": (None, "2027-06-25", None, None),
        "us-ny-121:security-policy": (None, "2020-10-01", None, None),
        "us-ny-gml-19c:incident-to-state": ("believed", "2026-11-09", "2026-11-09T23:00:00Z", None),
        "us-ny-gml-19c:ransom-paid": ("ransom_paid", "2026-11-07", "2026-11-07T23:00:00Z", None),
        # 30 days end on Sunday 6 December.
        "us-ny-gml-19c:ransom-reasons": ("ransom_paid", "2026-12-06", None, "2026-12-07"),
        "us-ny-stt-103f:annual-training": (None, "2026-12-31", None, None),
        # 9, 10, 12, 13, 16 November; twenty more without Thanksgiving end on 15 December.
        "us-ny-foil:request-answered": ("requested", "2026-11-16", None, "2026-12-15"),
    },
    "TX": {
        **FEDERAL,
        "us-ferpa:annual-notice": (None, "2027-05-27", None, None),
        "us-ada-title-2:web-content": (None, "2027-04-26", None, None),
        "us-hhs-504:web-content": (None, "2027-05-11", None, None),
        "us-tx-521:breach-to-people": ("determined", "2027-01-05", None, None),
        "us-tx-521:breach-to-attorney-general": ("determined", "2026-12-06", None, None),
        "us-tx-incidents:incident-to-state": ("discovered", "2026-11-08", "2026-11-09T00:00:00Z", None),
        # 9, 10, 12, 13, 16, 17, 18, 19, 20, 23 November.
        "us-tx-incidents:incident-closed": ("recovered", "2026-11-23", None, None),
        "us-tx-2063:annual-training": (None, "2027-08-31", None, None),
        "us-tx-552:delay-certified": ("requested", "2026-11-23", None, None),
        "us-tx-552:decision-requested": ("requested", "2026-11-23", None, None),
        "us-tx-552:requestor-notified": ("requested", "2026-11-23", None, None),
        # 24, 25, 27, 30 November, 1 December.
        "us-tx-552:arguments-submitted": ("requested", "2026-12-01", None, None),
    },
    "IL": {
        **FEDERAL,
        "us-ferpa:annual-notice": (None, "2027-05-28", None, None),
        "us-ada-title-2:web-content": (None, "2028-04-26", None, None),
        "us-hhs-504:web-content": (None, "2027-05-11", None, None),
        "us-il-soppa:breach-to-parents": ("determined", "2026-12-06", None, None),
        "us-il-soppa:breach-listed": ("determined", "2027-01-30", None, None),
        # Ten days, earlier than ten business days (23 November).
        "us-il-soppa:agreement-posted": ("signed", "2026-11-16", None, None),
        "us-il-soppa:lists-posted": (None, "2027-01-30", None, None),
        "us-il-student-records:access": ("requested", "2026-11-23", None, "2026-12-01"),
        "us-il-pipa:breach-to-attorney-general": ("determined", "2026-12-21", None, None),
        "us-il-foia:request-answered": ("requested", "2026-11-16", None, "2026-11-23"),
        # The tenth is 23 November; 24, 25, 27, 30 November, 1, 2, 3, 4, 7, 8, 9 December.
        "us-il-foia:commercial-request-answered": ("requested", "2026-12-09", None, None),
    },
}
IN_DOUBT = {"us-il-soppa:breach-listed", "us-il-soppa:agreement-posted", "us-il-soppa:lists-posted",
            "us-il-pipa:breach-to-attorney-general"}  # fmt: skip
"""Duties on whose day sources differ: both readings are shown, the earlier counts, and the answer is not certain."""


def list_all_the_time(state: str) -> set[str]:
    lines = (ALL_THE_TIME["US"] + ALL_THE_TIME[state]).strip().splitlines()
    parts = [line.partition(": ") for line in lines if line]
    return {f"{law}:{duty}" for law, _, duties in parts for duty in duties.split()}


def list_after_an_event(state: str) -> dict[str, list[str]]:
    return {duty: moments.split() for duty, moments in {**AFTER_AN_EVENT["US"], **AFTER_AN_EVENT[state]}.items()}


def ask(folder: Path, cases: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    path = folder / "cases.jsonl"
    path.write_text("\n".join(json.dumps(case) for case in cases), encoding="utf-8")
    result = CliRunner().invoke(build_app(), ["clocks", str(path), "--json", "--today", TODAY])
    assert result.exit_code == 0, result.stdout
    return {answer["duty"]: answer for answer in json.loads(result.stdout)["answers"]}


@pytest.mark.parametrize("state", DISTRICTS)
def test_a_district_owes_exactly_the_duties_of_the_table_and_at_least_thirty(state: str, tmp_path: Path):
    laws = [{"id": law.id, "law": law.id, "incident": INCIDENT, **DISTRICTS[state]} for law in load_laws()]
    owed = {duty for duty, answer in ask(tmp_path, laws).items() if answer["applies"] == "yes"}
    assert owed == list_all_the_time(state) | set(list_after_an_event(state)) | set(WITH_A_DAY[state])
    assert len(owed) >= 30


@pytest.mark.parametrize("state", DISTRICTS)
def test_each_duty_is_due_on_the_day_counted_by_hand(state: str, tmp_path: Path):
    table = WITH_A_DAY[state]
    cases = [
        {
            "id": duty,
            "duty": duty,
            "incident": INCIDENT,
            **DISTRICTS[state],
            **({"moments": {moment: FRIDAY}} if moment else {}),
        }
        for duty, (moment, *_) in table.items()
    ]
    for duty, answer in ask(tmp_path, cases).items():
        assert [answer["due"], answer["due_at"], answer["extended_to"]] == list(table[duty][1:]), duty
        assert answer["certain"] == (duty not in IN_DOUBT), duty


def ask_about(state: str, duties: Iterable[str], folder: Path, **moments: str) -> dict[str, dict[str, Any]]:
    cases = [
        {"id": duty, "duty": duty, "incident": INCIDENT, "moments": moments, **DISTRICTS[state]} for duty in duties
    ]
    return ask(folder, cases)


@pytest.mark.parametrize("state", DISTRICTS)
def test_a_duty_that_holds_all_the_time_gives_no_day_and_waits_for_nothing(state: str, tmp_path: Path):
    for duty, answer in ask_about(state, sorted(list_all_the_time(state)), tmp_path).items():
        assert (answer["due"], answer["certain"], answer["waits_for"]) == (None, False, []), duty
        assert answer["because"], duty


@pytest.mark.parametrize("state", DISTRICTS)
def test_a_duty_that_an_event_starts_waits_for_its_moment_and_gives_no_day_after_it(state: str, tmp_path: Path):
    table = list_after_an_event(state)
    for duty, answer in ask_about(state, table, tmp_path).items():
        assert (answer["due"], answer["certain"], answer["waits_for"]) == (None, False, table[duty]), duty
        assert answer["because"], duty
    for moment in {moment for moments in table.values() for moment in moments}:
        duties = [duty for duty, moments in table.items() if moment in moments]
        for duty, answer in ask_about(state, duties, tmp_path, **{moment: FRIDAY}).items():
            assert (answer["due"], answer["certain"], answer["waits_for"]) == (None, False, []), duty


def test_a_duty_that_holds_all_the_time_can_be_shown_to_be_met_by_a_question_or_a_control():
    named = {goal for control in load_controls() for goal in control.satisfies}
    unproven = {
        f"{law.id}:{duty.id}"
        for law in load_laws()
        for duty in law.duties
        if isinstance(duty.clock, PromptClock) and not duty.clock.starts and not (duty.attested_by or duty.proven_by)
    }
    assert unproven <= named


def test_what_the_sources_differ_on_is_shown_as_doubt():
    doubtful = {f"{law.id}:{duty.id}": duty.doubt.text for law in load_laws() for duty in law.duties if duty.doubt}
    expected = {
        "us-il-soppa:agreement-posted": "business days",
        "us-il-soppa:lists-posted": "31 January",
        "us-tx-incidents:incident-to-state": "chapter 2063",
        "us-tx-incidents:incident-closed": "chapter 2063",
        "us-ca-1798-29:breach-to-residents": "thirty days",
        "us-ada-title-2:web-content": "K-12",
        "us-co-24-73-103:breach-to-residents": "copy",
    }
    assert {duty: text for duty, text in expected.items() if text not in doubtful.get(duty, "")} == {}
    [article] = [law for law in load_laws() if law.id == "us-ny-gml-19c"]
    assert article.doubt
    assert "28 July 2025" in article.doubt.text
