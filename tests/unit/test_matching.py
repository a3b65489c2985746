"""Test the matcher: Sigma's operators, three-valued logic, and equal results in Python, SQL and polars."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from homeroom.domain.know.software.versions import compute_version_key
from homeroom.domain.matching import InvalidPattern, evaluate_pattern, parse_pattern
from homeroom.evidence.query.pattern_sql import build_pattern_sql
from tests.amounts import choose_amount

TODAY = date(2026, 1, 15)
FIELDS = {
    "name": "text",
    "roles": "texts",
    "count": "integer",
    "enabled": "truth",
    "ends": "date",
    "seen": "time",
    "today": "date",
}
SCHEMA = pa.schema(
    [
        ("name", pa.string()),
        ("roles", pa.list_(pa.string())),
        ("count", pa.int64()),
        ("enabled", pa.bool_()),
        ("ends", pa.date32()),
        ("seen", pa.timestamp("us", tz="UTC")),
    ]
)
# Letters with a one-letter lowercase form in every library, plus quotes, blanks, line ends and regex metacharacters.
LETTERS = st.sampled_from("abAB'\"\\%_*.+$^ \nåÅ9-")
TEXT_VALUES = st.text(LETTERS, max_size=4)
VERSIONS = st.from_regex(r"([0-9]:)?[0-9]{1,3}([.][0-9a\-]{0,2}){0,3}", fullmatch=True) | st.sampled_from(
    ["v1.2", "", "1.0.0", "0", "1" * 18, "1" * 19, "0" * 18 + "1", "1." + "1" * 19, "24.09 (x64)", "1:2:3", "1.٣"]
)
DAYS = st.dates(date(2025, 12, 1), date(2026, 3, 1))
TIMES = st.datetimes(datetime(2025, 12, 1), datetime(2026, 3, 1), timezones=st.just(UTC))  # noqa: DTZ001
ROWS = st.fixed_dictionaries(
    {
        "name": st.none() | TEXT_VALUES | VERSIONS,
        "roles": st.none() | st.lists(TEXT_VALUES, max_size=3),
        "count": st.none() | st.integers(-5, 5),
        "enabled": st.none() | st.booleans(),
        "ends": st.none() | DAYS,
        "seen": st.none() | TIMES,
    }
)
DATE_VALUES = (
    DAYS.map(str) | DAYS | st.sampled_from(["today", "today-30d", "today+1m", "today-2w", "today+1y", "today-1m"])
)
EXPRESSIONS = st.sampled_from(
    ["^a", "b$", "a.b", "[ab]+", r"\d", r"\w\s", "(a|å)*b", r"\.", r"[\w-]{2,3}", "a*?B", "^$"]
)


def _extend_with_lists(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3)


def _build_test(field: str, operators: list[str], values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, Any]]:
    suffixes = st.sampled_from(["", "|not", "|maybe", "|maybe|not", "|all", "|not|all"])
    return st.tuples(
        st.tuples(st.sampled_from(operators), suffixes).map(lambda pair: field + pair[0] + pair[1]),
        _extend_with_lists(values),
    )


TESTS = st.one_of(
    _build_test("name", ["", "|contains", "|startswith", "|endswith"], TEXT_VALUES),
    _build_test("roles", ["", "|contains", "|startswith", "|endswith"], TEXT_VALUES),
    _build_test("name", ["|re"], EXPRESSIONS),
    _build_test("roles", ["|re"], EXPRESSIONS),
    _build_test(
        "name", ["|version_lt", "|version_gte"], VERSIONS.filter(lambda item: compute_version_key(item) is not None)
    ),
    _build_test("count", ["", "|lt", "|lte", "|gt", "|gte"], st.integers(-5, 5)),
    _build_test("enabled", [""], st.booleans()),
    _build_test("ends", ["", "|lt", "|lte", "|gt", "|gte", "|before", "|after"], DATE_VALUES),
    _build_test("seen", ["", "|lt", "|lte", "|gt", "|gte", "|before", "|after"], DATE_VALUES),
    _build_test("today", ["", "|before", "|gte"], DATE_VALUES),
    st.tuples(st.sampled_from([f"{name}|exists" for name in SCHEMA.names]), st.booleans()),
)
MAPPINGS = st.lists(TESTS, max_size=3).map(dict)
PATTERNS = MAPPINGS | st.lists(MAPPINGS, min_size=1, max_size=3)
CONNECTION = duckdb.connect(":memory:")
CONNECTION.execute("SET TimeZone='UTC'")


@settings(deadline=None, max_examples=choose_amount(brief=100, thorough=600))
@given(pattern=PATTERNS, rows=st.lists(ROWS, min_size=1, max_size=6), ignore_case=st.booleans())
def test_python_and_sql_always_give_the_same_answer(pattern: Any, rows: list[Any], ignore_case: bool) -> None:
    parsed = parse_pattern(pattern, fields=FIELDS, ignore_case=ignore_case)
    expected = [evaluate_pattern(parsed, row, today=TODAY) for row in rows]
    table = pa.Table.from_pylist(rows, schema=SCHEMA)
    CONNECTION.register("rows", table)
    sql_rows = CONNECTION.execute(f"SELECT {build_pattern_sql(parsed, today=TODAY)} FROM rows").fetchall()
    CONNECTION.unregister("rows")
    assert [row[0] for row in sql_rows] == expected


def evaluate_row(pattern: Any, **row: Any) -> bool | None:
    return evaluate_pattern(parse_pattern(pattern, fields=FIELDS), row, today=TODAY)


def test_a_missing_value_is_neither_true_nor_false() -> None:
    assert evaluate_row({"enabled": True}, enabled=None) is None
    assert evaluate_row({"enabled|not": True}, enabled=None) is None


def test_exists_always_knows() -> None:
    assert evaluate_row({"enabled|exists": True}, enabled=None) is False
    assert evaluate_row({"enabled|exists": False}, enabled=None) is True


def test_one_false_test_settles_an_and_whatever_else_is_unknown() -> None:
    assert evaluate_row({"enabled": True, "count|gt": 3}, enabled=None, count=1) is False


def test_one_true_test_settles_an_or_whatever_else_is_unknown() -> None:
    assert evaluate_row([{"enabled": True}, {"count|gt": 3}], enabled=None, count=4) is True
    assert evaluate_row([{"enabled": True}, {"count|gt": 3}], enabled=None, count=1) is None


def test_maybe_counts_the_unknown_as_a_match_and_the_known_as_itself() -> None:
    assert [evaluate_row({"enabled|maybe": True}, enabled=value) for value in (True, None, False)] == [
        True,
        True,
        False,
    ]


def test_a_list_is_any_of_and_all_asks_for_every_one() -> None:
    assert evaluate_row({"roles": ["coach", "teacher"]}, roles=["teacher"]) is True
    assert evaluate_row({"roles|all": ["coach", "teacher"]}, roles=["teacher"]) is False


def test_text_compares_exactly_unless_the_question_is_sigmas() -> None:
    assert evaluate_row({"name": "Lincoln"}, name="lincoln") is False
    pattern = parse_pattern({"name": "Lincoln"}, fields=FIELDS, ignore_case=True)
    assert evaluate_pattern(pattern, {"name": "lincoln"}, today=TODAY) is True


@pytest.mark.parametrize(
    ("version", "floor", "older"),
    [
        ("9.9", "9.10", True),
        ("9.10", "9.9", False),
        ("24.09", "24.9.0", False),
        ("128.14.0esr", "128.14", False),
        ("7.13b2", "7.13", False),
        ("7", "7.0.1", True),
        ("1:115.3-2ubuntu1", "115.4", True),
        ("139.0.7258.66-1", "139.0.7258.154", True),
        ("unknown", "1", None),
        (None, "1", None),
    ],
)
def test_versions_compare_by_their_numbers_and_what_cannot_be_read_is_unknown(
    version: str | None, floor: str, older: bool | None
) -> None:
    assert evaluate_row({"name|version_lt": floor}, name=version) is older
    assert evaluate_row({"name|version_gte": floor}, name=version) is (None if older is None else not older)


def test_a_month_from_the_end_of_january_is_the_end_of_february() -> None:
    pattern = parse_pattern({"ends": "today+1m"}, fields=FIELDS)
    assert evaluate_pattern(pattern, {"ends": date(2026, 2, 28)}, today=date(2026, 1, 31)) is True


def test_a_time_late_in_the_day_is_still_that_day() -> None:
    assert evaluate_row({"seen|after": "today"}, seen=datetime(2026, 1, 15, 23, 59, tzinfo=UTC)) is False
    assert evaluate_row({"seen|lte": "today"}, seen=datetime(2026, 1, 15, 23, 59, tzinfo=UTC)) is True


@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({"serail": "x"}, "there is no column 'serail'; there are name, roles"),
        ({"count|contains": 3}, "'contains' does not fit a integer column; not, maybe, all, exists, lt"),
        ({"name": 10}, "10 is not text; write it in quotes"),
        ({"enabled": "yes"}, "'yes' is not true or false"),
        ({"count": True}, "True is not a whole number"),
        ({"ends|before": "yesterday"}, "today-90d"),
        ({"ends|before": "today-9999y"}, "at most 100y would fit"),
        ({"name": None}, "name|exists: false would fit"),
        ({"name": []}, "one or more values would fit"),
        ([], "one or more mappings would fit"),
        ("name", "a mapping of field to value"),
        ({"name|exists": "yes"}, "true or false would fit"),
        ({"name|contains|startswith": "x"}, "cannot stand together"),
        ({"name|not|not": "x"}, "stands twice"),
        ({"name|re": "(?=x)"}, "plain groups"),
        ({"name|re": r"(a)\1"}, "engines read differently"),
        ({"name|re": "a++"}, "single repetitions"),
        ({"name|re": "[a"}, "close it with ]"),
        ({"name|re": "(a"}, "not a regular expression"),
        ({"name": "a\x00"}, "NUL"),
        ({"name|version_lt": "newest"}, "24.7 or 139.0.7258.154 would fit"),
        ({"roles|version_lt": "1"}, "does not fit a texts column"),
    ],
)
def test_what_does_not_fit_is_refused_with_what_would(pattern: Any, message: str) -> None:
    with pytest.raises(InvalidPattern) as refused:
        parse_pattern(pattern, fields=FIELDS, location="identity/example.yaml: requires")
    assert message in str(refused.value)
    assert str(refused.value).startswith("identity/example.yaml: requires")
