"""What somebody enters in the setup forms becomes district facts, and an error names what does not fit."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from homeroom.apps.manage.setup.answers import (
    InvalidSetupForm,
    format_closures,
    parse_authority,
    parse_calendar,
    parse_closures,
    parse_sign_in_rules,
)
from homeroom.connectors.district.readers import read_district

YEAR = {"first_day": ["2025-08-18"], "last_day": ["2026-05-29"]}
CHOICES = {"staff": ["hr"], "student": ["oneroster", "powerschool"]}


def test_days_are_read_as_people_write_them() -> None:
    parsed, problem = parse_closures(
        "2025-12-22 to 2026-01-02 Winter break\n\n9/1/2025 Labor Day\n10/13/2025 - 10/14/2025, Teacher workdays"
    )
    assert not problem
    assert [closure.convert_to_fact() for closure in parsed] == [
        {"from": "2025-12-22", "to": "2026-01-02", "kind": "break", "title": "Winter break"},
        {"on": "2025-09-01", "kind": "closed", "title": "Labor Day"},
        {"from": "2025-10-13", "to": "2025-10-14", "kind": "staff", "title": "Teacher workdays"},
    ]


def test_what_was_written_is_shown_again_and_reads_the_same() -> None:
    parsed, _ = parse_closures("12/22/2025 – 1/2/2026 Winter break\n2025-09-01 Labor Day")
    again, _ = parse_closures(format_closures([closure.convert_to_fact() for closure in parsed]))
    assert again == parsed


@pytest.mark.parametrize(
    "line", ["Winter break", "2025-02-30 Nothing", "2026-01-02 to 2025-12-22 Backwards", "13/13/2025"]
)
def test_a_line_that_is_no_day_is_named_by_its_number(line: str) -> None:
    _, problem = parse_closures(f"2025-09-01 Labor Day\n{line}")
    assert problem == "Line 2: use 12/22/2025 – 1/2/2026 Winter break."


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        ({"first_day": ["2025-08-18"]}, "last_day"),
        ({"last_day": ["2025-08-18"]}, "first_day"),
        ({"first_day": ["2026-08-18"], "last_day": ["2026-05-29"]}, "last_day"),
        ({**YEAR, "closed": ["2027-01-01 New Year"]}, "closed"),
        ({**YEAR, "closed": ["soon"]}, "closed"),
        ({"first_day": ["2025-08-18"], "last_day": ["9999-05-29"]}, "last_day"),
        ({"closed": ["2025-09-01 Labor Day"]}, "first_day"),
    ],
)
def test_a_calendar_that_does_not_fit_names_its_field(entered: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidSetupForm) as wrong:
        parse_calendar(entered)
    assert field in wrong.value.problems


def test_no_calendar_is_an_answer_too() -> None:
    assert parse_calendar({}) == {}


def test_the_facts_that_come_of_it_are_read_by_the_connector() -> None:
    document = {
        "homeroom": "district",
        "authority": parse_authority({"staff": ["hr"], "student": ["powerschool"]}, choices=CHOICES),
        "sign_in": parse_sign_in_rules(
            {"directory-0": ["google"], "unit-0": ["/Staff"], "provider-0": ["microsoft"]}, directories=["google"]
        ),
        "calendar": parse_calendar({**YEAR, "closed": ["2025-12-22 to 2026-01-02 Winter break"]}),
    }
    tables = read_district(yaml.safe_load(yaml.safe_dump(document))).tables
    assert tables["authorities"].rows() == [("staff", "hr", 1), ("student", "powerschool", 1)]
    assert tables["sign_in_rules"].select("directory", "org_unit", "provider").rows() == [
        ("google", "/Staff", "microsoft")
    ]
    kinds = dict(tables["calendar_days"].group_by("kind").len().rows())
    assert kinds["break"] == 12


def test_a_list_that_the_district_has_not_may_not_decide() -> None:
    with pytest.raises(InvalidSetupForm) as wrong:
        parse_authority({"staff": ["payroll"]}, choices=CHOICES)
    assert list(wrong.value.problems) == ["staff"]


def test_a_rule_needs_whose_accounts_it_is_about_and_another_provider() -> None:
    with pytest.raises(InvalidSetupForm) as wrong:
        parse_sign_in_rules(
            {"provider-0": ["google"], "directory-1": ["google"], "provider-1": ["google"]}, directories=["google"]
        )
    assert set(wrong.value.problems) == {"directory-0", "provider-1"}


def test_a_row_that_says_nothing_is_no_rule() -> None:
    assert parse_sign_in_rules({"directory-0": [""], "unit-0": [" "], "provider-0": [""]}, directories=["google"]) == []


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"directory-0": ["google"], "unit-0": ["/Staff"]}, "provider-0"),
        ({"directory-0": ["google"]}, "provider-0"),
        ({"unit-0": ["/Staff"], "provider-0": ["microsoft"]}, "directory-0"),
        ({"directory-0": ["google"], "domain-0": ["https://x y/"], "provider-0": ["microsoft"]}, "domain-0"),
    ],
)
def test_a_rule_that_is_half_written_is_told_and_never_dropped(row: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidSetupForm) as wrong:
        parse_sign_in_rules(row, directories=["google"])
    assert list(wrong.value.problems) == [field]


def test_a_unit_and_a_domain_are_kept_as_the_connector_reads_them() -> None:
    form = {
        "directory-0": ["google"],
        "unit-0": ["Staff/"],
        "domain-0": ["@Cedar.example"],
        "provider-0": ["microsoft"],
    }
    rules = parse_sign_in_rules(form, directories=["google"])
    assert rules == [{"directory": "google", "unit": "/Staff", "domain": "cedar.example", "provider": "microsoft"}]
    rule_table = read_district({"homeroom": "district", "sign_in": rules}).tables["sign_in_rules"]
    assert rule_table.select("org_unit", "domain").rows() == [("/Staff", "cedar.example")]


@pytest.mark.parametrize("line", ["11/25/2026-11/27/2026 Thanksgiving", "2026-11-25-2026-11-27 Thanksgiving"])
def test_a_span_needs_no_blanks_around_its_dash(line: str) -> None:
    parsed, problem = parse_closures(line)
    assert not problem
    assert parsed[0].convert_to_fact() == {
        "from": "2026-11-25",
        "to": "2026-11-27",
        "kind": "break",
        "title": "Thanksgiving",
    }


def test_a_calendar_is_never_longer_than_the_connector_reads() -> None:
    at_most = parse_calendar({"first_day": ["2025-08-18"], "last_day": ["2027-10-27"]})
    assert read_district({"homeroom": "district", "calendar": at_most}).tables["calendar_days"].height == 801
    with pytest.raises(InvalidSetupForm) as wrong:
        parse_calendar({"first_day": ["2025-08-18"], "last_day": ["2027-10-28"]})
    assert list(wrong.value.problems) == ["last_day"]
