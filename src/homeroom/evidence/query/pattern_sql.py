"""Compile patterns of `homeroom.domain.matching` to DuckDB SQL and to polars expressions.

All give the same results as in Python: true, false or null.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import and_, or_

import polars as pl

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
from homeroom.domain.software.versions import (
    EMPTY_PARTS,
    EPOCH,
    LEADING,
    MAX_DIGITS,
    READABLE,
    TOO_LONG,
    compute_version_key,
)
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


def build_pattern_expression(form: PatternNode, *, today: date) -> pl.Expr:
    """Return a polars expression that is true, false or null for each row."""
    match form:
        case FieldTest():
            return _test_expression(form, today)
        case Not(part=part):
            return ~build_pattern_expression(part, today=today)
        case Maybe(part=part):
            return build_pattern_expression(part, today=today).fill_null(True)
        case AllOf(parts=parts):
            return reduce(and_, (build_pattern_expression(part, today=today) for part in parts), pl.lit(True))
        case AnyOf(parts=parts):
            return reduce(or_, (build_pattern_expression(part, today=today) for part in parts))


def _test_expression(test: FieldTest, today: date) -> pl.Expr:
    column = pl.lit(today) if test.field == TODAY else pl.col(test.field)
    if test.operator == "exists":
        return column.is_not_null() if test.values[0] else column.is_null()
    join: Callable[[pl.Expr, pl.Expr], pl.Expr] = and_ if test.match_all else or_
    if test.type == Type.TEXTS:
        element = pl.element()
        element_tests = (
            column.list.eval(_value_expression(test, element, value, today)).list.any() for value in test.values
        )
        return reduce(join, element_tests)
    return reduce(join, (_value_expression(test, column, value, today) for value in test.values))


def _value_expression(test: FieldTest, column: pl.Expr, value: MatchValue, today: date) -> pl.Expr:
    if isinstance(value, RelativeDate):
        return _day_expression(test, column, value.resolve(today))
    if test.operator == "re":
        return column.str.contains(("(?i)" if test.ignore_case else "") + str(value))
    if test.operator in VERSION_OPERATORS:
        key, threshold = _version_expression(column), pl.lit(compute_version_key(str(value)) or "")
        return key < threshold if test.operator == "version_lt" else key >= threshold
    if isinstance(value, str):
        left, right = (column.str.to_lowercase(), value.lower()) if test.ignore_case else (column, value)
        return _text_expression(test.operator, left, right)
    return _comparison_expression(test.operator, column, pl.lit(value))


def _version_expression(column: pl.Expr) -> pl.Expr:
    number = pl.element().str.extract(f"({LEADING})").fill_null("0").str.zfill(MAX_DIGITS)
    key = column.str.replace(EPOCH, "").str.split(".").list.eval(number).list.join("").str.replace(EMPTY_PARTS, "")
    readable = column.str.contains(READABLE) & ~column.str.contains(TOO_LONG)
    return pl.when(readable).then(key)


def _text_expression(operator: str, left: pl.Expr, right: str) -> pl.Expr:
    match operator:
        case "contains":
            return left.str.contains(right, literal=True)
        case "startswith":
            return left.str.starts_with(right)
        case "endswith":
            return left.str.ends_with(right)
    return left == pl.lit(right)


def _day_expression(test: FieldTest, column: pl.Expr, day: date) -> pl.Expr:
    if test.type == Type.DATE:
        return _comparison_expression(test.operator, column, pl.lit(day))
    day_start, day_end = (pl.lit(datetime.combine(boundary, time(), UTC)) for boundary in (day, _get_next_day(day)))
    return {
        "lt": column < day_start,
        "lte": column < day_end,
        "gt": column >= day_end,
        "gte": column >= day_start,
        "eq": (column >= day_start) & (column < day_end),
    }[test.operator]


def _comparison_expression(operator: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return {"eq": left == right, "lt": left < right, "lte": left <= right, "gt": left > right, "gte": left >= right}[
        operator
    ]
