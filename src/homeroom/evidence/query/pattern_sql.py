"""Compile patterns of `homeroom.domain.matching` to DuckDB SQL, with the results of Python: true, false or null."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from homeroom.domain.know.software.versions import (
    EMPTY_PARTS,
    EPOCH,
    LEADING,
    MAX_DIGITS,
    READABLE,
    TOO_LONG,
    compute_version_key,
)
from homeroom.domain.matching import (
    TODAY,
    VERSION_OPERATORS,
    AllOf,
    AnyOf,
    FieldTest,
    MatchValue,
    Maybe,
    Not,
    PatternNode,
)
from homeroom.domain.relative_dates import RelativeDate
from homeroom.evidence.tables import Table, Type

_OPERATORS = {"eq": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_VERSION_OPERATORS = {"version_lt": "<", "version_gte": ">="}
_TEXT_FUNCTIONS = {"contains": "contains", "startswith": "starts_with", "endswith": "ends_with"}


def list_pattern_fields(table: Table) -> dict[str, str]:
    """Return the columns that a pattern over the table may name, with their types; `today` is the day of the query."""
    return {**{column.name: column.type.value for column in table.columns}, TODAY: Type.DATE.value}


def quote_sql_literal(text: str) -> str:
    """Return the text as a SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def build_pattern_sql(form: PatternNode, *, today: date) -> str:
    """Return a DuckDB expression that is true, false or null for each row; every value is quoted."""
    match form:
        case FieldTest():
            return _test_sql(form, today)
        case Not(part=part):
            return f"(NOT {build_pattern_sql(part, today=today)})"
        case Maybe(part=part):
            return f"coalesce({build_pattern_sql(part, today=today)}, true)"
        case AllOf(parts=parts):
            return "(" + (" AND ".join(build_pattern_sql(part, today=today) for part in parts) or "true") + ")"
        case AnyOf(parts=parts):
            return "(" + " OR ".join(build_pattern_sql(part, today=today) for part in parts) + ")"


def _test_sql(test: FieldTest, today: date) -> str:
    column = f"DATE '{today}'" if test.field == TODAY else f'"{test.field}"'
    if test.operator == "exists":
        return f"({column} IS {'NOT ' if test.values[0] else ''}NULL)"
    if test.type == Type.TEXTS:
        element_tests = (
            f"(len(list_filter({column}, lambda x: {_value_sql(test, 'x', value, today)})) > 0)"
            for value in test.values
        )
        return _join_conditions(list(element_tests), match_all=test.match_all)
    if test.type == Type.TEXT and test.operator == "eq" and not test.match_all and not test.ignore_case:
        return f"({column} IN ({', '.join(quote_sql_literal(str(value)) for value in test.values)}))"
    return _join_conditions([_value_sql(test, column, value, today) for value in test.values], match_all=test.match_all)


def _join_conditions(parts: Sequence[str], *, match_all: bool) -> str:
    return "(" + (" AND " if match_all else " OR ").join(parts) + ")"


def _value_sql(test: FieldTest, column: str, value: MatchValue, today: date) -> str:
    if isinstance(value, RelativeDate):
        return _day_sql(test, column, value.resolve(today))
    if test.operator == "re":
        return f"regexp_matches({column}, {quote_sql_literal(('(?i)' if test.ignore_case else '') + str(value))})"
    if test.operator in VERSION_OPERATORS:
        return (
            f"({_version_sql(column)} {_VERSION_OPERATORS[test.operator]} "
            f"{quote_sql_literal(compute_version_key(str(value)) or '')})"
        )
    if isinstance(value, str):
        left, right = (
            (f"lower({column})", quote_sql_literal(value.lower()))
            if test.ignore_case
            else (column, quote_sql_literal(value))
        )
        return (
            f"{_TEXT_FUNCTIONS[test.operator]}({left}, {right})"
            if test.operator in _TEXT_FUNCTIONS
            else f"({left} = {right})"
        )
    return f"({column} {_OPERATORS[test.operator]} {str(value).lower()})"


def _version_sql(column: str) -> str:
    number = f"lpad(regexp_extract(x, '{LEADING}'), {MAX_DIGITS}, '0')"
    parts = f"list_transform(string_split(regexp_replace({column}, '{EPOCH}', ''), '.'), lambda x: {number})"
    readable = f"regexp_matches({column}, '{READABLE}') AND NOT regexp_matches({column}, '{TOO_LONG}')"
    return f"CASE WHEN {readable} THEN regexp_replace(array_to_string({parts}, ''), '{EMPTY_PARTS}', '') END"


def _day_sql(test: FieldTest, column: str, day: date) -> str:
    if test.type == Type.DATE:
        return f"({column} {_OPERATORS[test.operator]} DATE '{day}')"
    day_start, day_end = (f"TIMESTAMPTZ '{boundary} 00:00:00+00'" for boundary in (day, _get_next_day(day)))
    return {
        "lt": f"({column} < {day_start})",
        "lte": f"({column} < {day_end})",
        "gt": f"({column} >= {day_end})",
        "gte": f"({column} >= {day_start})",
        "eq": f"({column} >= {day_start} AND {column} < {day_end})",
    }[test.operator]


def _get_next_day(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)
