"""Patterns of `homeroom.domain.matching` as DuckDB SQL and as polars expressions: the same three answers as in Python."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import and_, or_

import polars as pl

from homeroom.domain.matching import TODAY, VERSION_WORDS, Both, Either, Form, Maybe, Not, Test, Value
from homeroom.domain.moments import Moment
from homeroom.domain.versions import EMPTY_PARTS, EPOCH, LEADING, READABLE, TOO_LONG, WIDTH, version_key
from homeroom.evidence.tables import Table, Type

_SIGN = {"eq": "=", "lt": "<", "lte": "<=", "gt": ">", "gte": ">="}
_VERSION_SIGN = {"version_lt": "<", "version_gte": ">="}
_SPELT = {"contains": "contains", "startswith": "starts_with", "endswith": "ends_with"}


def fields_of(table: Table) -> dict[str, str]:
    """The columns that a pattern over the table may name, with their types; `today` is the day of the question."""
    return {**{column.name: column.type.value for column in table.columns}, TODAY: Type.DATE.value}


def quoted(text: str) -> str:
    """A SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def sql(form: Form, *, today: date) -> str:
    """A DuckDB expression that is true, false or null for each row; every value is quoted."""
    match form:
        case Test():
            return _test_sql(form, today)
        case Not(part=part):
            return f"(NOT {sql(part, today=today)})"
        case Maybe(part=part):
            return f"coalesce({sql(part, today=today)}, true)"
        case Both(parts=parts):
            return "(" + (" AND ".join(sql(part, today=today) for part in parts) or "true") + ")"
        case Either(parts=parts):
            return "(" + " OR ".join(sql(part, today=today) for part in parts) + ")"


def _test_sql(test: Test, today: date) -> str:
    column = f"DATE '{today}'" if test.field == TODAY else f'"{test.field}"'
    if test.word == "exists":
        return f"({column} IS {'NOT ' if test.values[0] else ''}NULL)"
    if test.type == Type.TEXTS:
        each = (
            f"(len(list_filter({column}, lambda x: {_one_sql(test, 'x', value, today)})) > 0)" for value in test.values
        )
        return _joined(list(each), every=test.every)
    if test.type == Type.TEXT and test.word == "eq" and not test.every and not test.ignore_case:
        return f"({column} IN ({', '.join(quoted(str(value)) for value in test.values)}))"
    return _joined([_one_sql(test, column, value, today) for value in test.values], every=test.every)


def _joined(parts: Sequence[str], *, every: bool) -> str:
    return "(" + (" AND " if every else " OR ").join(parts) + ")"


def _one_sql(test: Test, column: str, value: Value, today: date) -> str:
    if isinstance(value, Moment):
        return _day_sql(test, column, value.on(today))
    if test.word == "re":
        return f"regexp_matches({column}, {quoted(('(?i)' if test.ignore_case else '') + str(value))})"
    if test.word in VERSION_WORDS:
        return f"({_version_sql(column)} {_VERSION_SIGN[test.word]} {quoted(version_key(str(value)) or '')})"
    if isinstance(value, str):
        left, right = (f"lower({column})", quoted(value.lower())) if test.ignore_case else (column, quoted(value))
        return f"{_SPELT[test.word]}({left}, {right})" if test.word in _SPELT else f"({left} = {right})"
    return f"({column} {_SIGN[test.word]} {str(value).lower()})"


def _version_sql(column: str) -> str:
    number = f"lpad(regexp_extract(x, '{LEADING}'), {WIDTH}, '0')"
    parts = f"list_transform(string_split(regexp_replace({column}, '{EPOCH}', ''), '.'), lambda x: {number})"
    readable = f"regexp_matches({column}, '{READABLE}') AND NOT regexp_matches({column}, '{TOO_LONG}')"
    return f"CASE WHEN {readable} THEN regexp_replace(array_to_string({parts}, ''), '{EMPTY_PARTS}', '') END"


def _day_sql(test: Test, column: str, day: date) -> str:
    if test.type == Type.DATE:
        return f"({column} {_SIGN[test.word]} DATE '{day}')"
    begins, ends = (f"TIMESTAMPTZ '{edge} 00:00:00+00'" for edge in (day, _next(day)))
    return {
        "lt": f"({column} < {begins})",
        "lte": f"({column} < {ends})",
        "gt": f"({column} >= {ends})",
        "gte": f"({column} >= {begins})",
        "eq": f"({column} >= {begins} AND {column} < {ends})",
    }[test.word]


def _next(day: date) -> date:
    return day if day == date.max else day + timedelta(days=1)


def expression(form: Form, *, today: date) -> pl.Expr:
    """A polars expression that is true, false or null for each row."""
    match form:
        case Test():
            return _test_expression(form, today)
        case Not(part=part):
            return ~expression(part, today=today)
        case Maybe(part=part):
            return expression(part, today=today).fill_null(True)
        case Both(parts=parts):
            return reduce(and_, (expression(part, today=today) for part in parts), pl.lit(True))
        case Either(parts=parts):
            return reduce(or_, (expression(part, today=today) for part in parts))


def _test_expression(test: Test, today: date) -> pl.Expr:
    column = pl.lit(today) if test.field == TODAY else pl.col(test.field)
    if test.word == "exists":
        return column.is_not_null() if test.values[0] else column.is_null()
    join: Callable[[pl.Expr, pl.Expr], pl.Expr] = and_ if test.every else or_
    if test.type == Type.TEXTS:
        element = pl.element()
        each = (column.list.eval(_one_expression(test, element, value, today)).list.any() for value in test.values)
        return reduce(join, each)
    return reduce(join, (_one_expression(test, column, value, today) for value in test.values))


def _one_expression(test: Test, column: pl.Expr, value: Value, today: date) -> pl.Expr:
    if isinstance(value, Moment):
        return _day_expression(test, column, value.on(today))
    if test.word == "re":
        return column.str.contains(("(?i)" if test.ignore_case else "") + str(value))
    if test.word in VERSION_WORDS:
        key, wanted = _version_expression(column), pl.lit(version_key(str(value)) or "")
        return key < wanted if test.word == "version_lt" else key >= wanted
    if isinstance(value, str):
        left, right = (column.str.to_lowercase(), value.lower()) if test.ignore_case else (column, value)
        return _spelt_expression(test.word, left, right)
    return _ordered_expression(test.word, column, pl.lit(value))


def _version_expression(column: pl.Expr) -> pl.Expr:
    number = pl.element().str.extract(f"({LEADING})").fill_null("0").str.zfill(WIDTH)
    key = column.str.replace(EPOCH, "").str.split(".").list.eval(number).list.join("").str.replace(EMPTY_PARTS, "")
    readable = column.str.contains(READABLE) & ~column.str.contains(TOO_LONG)
    return pl.when(readable).then(key)


def _spelt_expression(word: str, left: pl.Expr, right: str) -> pl.Expr:
    match word:
        case "contains":
            return left.str.contains(right, literal=True)
        case "startswith":
            return left.str.starts_with(right)
        case "endswith":
            return left.str.ends_with(right)
    return left == pl.lit(right)


def _day_expression(test: Test, column: pl.Expr, day: date) -> pl.Expr:
    if test.type == Type.DATE:
        return _ordered_expression(test.word, column, pl.lit(day))
    begins, ends = (pl.lit(datetime.combine(edge, time(), UTC)) for edge in (day, _next(day)))
    return {
        "lt": column < begins,
        "lte": column < ends,
        "gt": column >= ends,
        "gte": column >= begins,
        "eq": (column >= begins) & (column < ends),
    }[test.word]


def _ordered_expression(word: str, left: pl.Expr, right: pl.Expr) -> pl.Expr:
    return {"eq": left == right, "lt": left < right, "lte": left <= right, "gt": left > right, "gte": left >= right}[
        word
    ]
