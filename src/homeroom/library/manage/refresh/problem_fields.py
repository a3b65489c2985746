"""The keys and columns of a refresh problem: what each means, how it is parsed, and whether it must be there."""

from __future__ import annotations

from typing import Any

from homeroom.library.manage.refresh.values import (
    Unfit,
    build_whole_parser,
    parse_count_cell,
    parse_day_cell,
    parse_month_day,
    parse_name,
    parse_names,
    parse_number,
    parse_number_cell,
    parse_payments,
    parse_positive_cell,
    parse_share,
    parse_truth,
    parse_year_cell,
)
from homeroom.library.manage.refresh.yaml_document import DocumentField

FITS = "a mapping with homeroom: refresh, first_year, years, fleet, prices and funds"


def _parse_marker(value: Any) -> str:
    if value != "refresh":
        raise Unfit("is another kind of file", fits="homeroom: refresh")
    return "refresh"


def _parse_mapping(value: Any) -> dict[Any, Any]:
    if not isinstance(value, dict) or not value:
        raise Unfit("is no mapping", fits="names with their keys, such as {general: {amounts: [180000]}}")
    return value


def _defer(value: Any) -> Any:
    """Return the value, which is parsed where the years are known."""
    return value


def _declare(name: str, parse: Any, means: str, *, required: bool = False) -> DocumentField:
    return DocumentField(name=name, parse=parse, means=means, required=required)


PROBLEM = (
    _declare("homeroom", _parse_marker, "refresh: the kind of this file.", required=True),
    _declare(
        "first_year",
        build_whole_parser(2000, 2100),
        "The first fiscal year of the plan, named by the year in which it ends.",
        required=True,
    ),
    _declare("years", build_whole_parser(1, 20), "How many years the plan has.", required=True),
    _declare("fiscal_year_starts", build_whole_parser(1, 12), "The month in which fiscal years start.", required=True),
    _declare(
        "needed_until",
        parse_month_day,
        'A device is good for a year if its last good day is on or after this day of it, such as "05-31".',
        required=True,
    ),
    _declare("fleet", parse_name, "The CSV file with the devices.", required=True),
    _declare("prices", parse_name, "The CSV file with the kinds and their prices.", required=True),
    _declare("needs", parse_name, "The CSV file with how many devices are needed."),
    _declare("funds", _parse_mapping, "The funds by name.", required=True),
    _declare("ways", _parse_mapping, "The ways to pay by name; {buy: {payments: [1.0]}} if not set."),
    _declare("team", _defer, "The team's time; no limit if not set."),
)
FUND = (
    _declare("amounts", _defer, "Dollars, one amount for each year."),
    _declare("carries_over", parse_truth, "true: what is left over may be paid in later years. false if not set."),
    _declare("total", parse_number, "Dollars for all years together, against which prices count in full."),
    _declare("pays", parse_share, "With total: the share of the price that this fund pays."),
    _declare("match", parse_name, "With total: the fund that pays the rest in the same year."),
    _declare(
        "program", parse_name, "A [program](../manage/refresh-plan.md#programs) of content in place of total and kinds."
    ),
    _declare("students", build_whole_parser(1, 10_000_000), "With program: the students that it counts."),
    _declare("schools", parse_names, "The schools that it may pay for; all if not set."),
    _declare("kinds", parse_names, "The kinds that it may pay for; all if not set."),
)
WAY = (
    _declare("payments", parse_payments, "Shares of the price in the year and in those after it.", required=True),
    _declare("kinds", parse_names, "The kinds that may be paid this way; all if not set."),
    _declare("funds", parse_names, "The funds that may pay this way; all if not set."),
)
TEAM = (
    _declare("hours", _defer, "Hours of work, one number for each year.", required=True),
    _declare(
        "minutes_per_visit",
        parse_number,
        "Minutes of a visit beside those of its devices: a school and year in which anything is replaced or added.",
        required=True,
    ),
)


def _parse_name_cell(text: str) -> str:
    if not text:
        raise Unfit("is blank", fits="a name")
    return text


FLEET_COLUMNS = {
    "group": _parse_name_cell,
    "school": _parse_name_cell,
    "kind": _parse_name_cell,
    "count": parse_count_cell,
    "last_good": parse_day_cell,
}
PRICE_COLUMNS = {
    "kind": _parse_name_cell,
    "price": parse_number_cell,
    "life": parse_positive_cell,
    "minutes": parse_number_cell,
    "weight": parse_number_cell,
}
NEED_COLUMNS = {
    "school": _parse_name_cell,
    "kind": _parse_name_cell,
    "year": parse_year_cell,
    "needed": parse_count_cell,
}
