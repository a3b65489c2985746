"""Rules for the values of one column: required values, their format, and values that should not be there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from homeroom.ingest.oneroster.column_spec import (
    ALWAYS,
    DATE,
    DELTA,
    GRADES,
    GUID,
    NUMBER,
    TIME,
    TRUTH,
    WHOLE,
    WORD,
    YEAR,
    ColumnSpec,
    MemberSpec,
)
from homeroom.ingest.oneroster.violations import Violations
from homeroom.ingest.rows.field_table import LINE

ValueTest = Callable[[pl.Series], pl.Series]
"""Tests some distinct values, none of them null; true for those that fit."""
SSN = r"(?i)(^|[^\d-])\d{3}-\d{2}-\d{4}($|[^\d-])|(^|\{)ssn:"
_NUMBERS = ("sourcedId", "identifier", "userIds", "username")
_USER_IDS = r"^\{[^{}:,]+:[^{}]*[^{}\s]\}(,\{[^{}:,]+:[^{}]*[^{}\s]\})*$"
_ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
_EMPTY_ITEM, _BLANK_ITEM = r"(^|,)\s*(,|$)", r"\s,|,\s"


def _is_calendar_date(values: pl.Series) -> pl.Series:
    return values.str.contains(r"^\d{4}-\d{2}-\d{2}$") & values.str.to_date("%Y-%m-%d", strict=False).is_not_null()


def _is_utc_time(values: pl.Series) -> pl.Series:
    has_format = values.str.contains(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$")
    moment = values.str.head(19).str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False)
    return has_format & moment.is_not_null()


FORMAT_TESTS: Mapping[str, tuple[str, ValueTest]] = {
    DATE: ("value.date", _is_calendar_date),
    TIME: ("value.time", _is_utc_time),
    TRUTH: ("value.truth", lambda values: values.is_in(["true", "false"])),
    YEAR: ("value.year", lambda values: values.str.contains(r"^(19|20|21)\d\d$")),
    WHOLE: ("value.whole", lambda values: values.str.contains(r"^-?\d{1,18}$")),
    NUMBER: ("value.number", lambda values: values.str.contains(r"^-?\d+(\.\d+)?$|^-?\.\d+$")),
}
"""The rule and the test of each format whose values repeat, so that each distinct one is tested once."""


def check_values(
    frame: pl.DataFrame,
    *,
    column: ColumnSpec,
    member: MemberSpec,
    mode: str,
    present: pl.Series,
    violations: Violations,
) -> None:
    """Check one column of a frame, under its specified name.

    `present` is true of rows that a delta does not delete.
    """
    values = frame[column.name]
    checker = _ColumnChecker(frame, column=column, member=member, violations=violations)
    if values.null_count():
        _must_be_present(checker, values, mode=mode, present=present)
    if values.null_count() == len(values):
        return
    if column.when == DELTA and mode == "bulk":
        checker.report_rows("value.blank-in-bulk", values.is_not_null())
    if column.form in FORMAT_TESTS:
        rule, fits = FORMAT_TESTS[column.form]
        checker.check_distinct(rule, values, fits)
    elif column.form == WORD and not column.many:
        checker.check_distinct("value.word", values, _build_word_test(column), fits_shown=", ".join(column.words))
    else:
        _check_text(checker, values, column=column)
    checker.report_rows("value.blanks", _has_outer_blanks(values))


def _check_text(checker: _ColumnChecker, values: pl.Series, *, column: ColumnSpec) -> None:
    if column.many and not column.user_ids:
        checker.report_rows("value.list", _is_bad_list(values, strict=column.form in (GUID, WORD) or column.grades))
    if column.form == WORD:
        checker.check_distinct(
            "value.word", values, _build_list_test(_build_word_test(column)), fits_shown=", ".join(column.words)
        )
    if column.grades:
        checker.check_distinct(
            "value.grade",
            values,
            _build_list_test(lambda items: items.is_in(list(GRADES))),
            fits_shown=", ".join(GRADES),
        )
    if column.user_ids:
        checker.report_rows("value.user-ids", ~values.str.contains(_USER_IDS))
    if column.name == "email":
        checker.report_rows("value.address", ~values.str.contains(_ADDRESS))
    if column.secret:
        checker.report_rows("privacy.password", values.is_not_null(), show_value=False)
    if checker.private and column.name in _NUMBERS:
        checker.report_rows("privacy.ssn", values.str.contains(SSN))


def _must_be_present(checker: _ColumnChecker, values: pl.Series, *, mode: str, present: pl.Series) -> None:
    if checker.column.when == ALWAYS:
        checker.report_rows(
            "value.required", values.is_null() & (present if checker.column.name != "sourcedId" else True)
        )
    elif checker.column.when == DELTA and mode == "delta":
        checker.report_rows("value.required-in-delta", values.is_null())


class _ColumnChecker:
    """Reports the rows of a frame that break a rule in one column."""

    def __init__(self, frame: pl.DataFrame, *, column: ColumnSpec, member: MemberSpec, violations: Violations) -> None:
        self.column, self.private = column, member.private
        self._frame, self._file, self._violations = frame, member.file, violations

    def report_rows(self, rule: str, wrong: pl.Series, *, fits: str = "", show_value: bool = True) -> None:
        if not wrong.any():
            return
        name = self.column.name
        violating_rows = self._frame.select(name, LINE).filter(wrong.fill_null(False))
        self._violations.add_rows(
            rule,
            violating_rows,
            file=self._file,
            field=name,
            private=self.private,
            value=name if show_value else "",
            fits=fits,
        )

    def check_distinct(self, rule: str, values: pl.Series, fits: ValueTest, *, fits_shown: str = "") -> None:
        """Test each distinct value once."""
        distinct_values = values.unique().drop_nulls()
        wrong = distinct_values.filter(~fits(distinct_values))
        if len(wrong):
            self.report_rows(rule, values.is_in(wrong.implode()), fits=fits_shown)


def _build_word_test(column: ColumnSpec) -> ValueTest:
    words = list(column.words)
    if not column.extends:
        return lambda values: values.is_in(words)
    return lambda values: values.is_in(words) | values.str.contains(r"^ext:\S")


def _build_list_test(fits: ValueTest) -> ValueTest:
    """Build a test of whether every item of a list fits."""

    def are_all_fitting(values: pl.Series) -> pl.Series:
        items = pl.DataFrame({"list": values, "item": values.str.split(",")}).explode(
            "item", keep_nulls=True, empty_as_null=True
        )
        items = items.with_columns(pl.col("item").str.strip_chars())
        wrong = items.filter(~fits(items["item"]) & (items["item"] != ""))["list"].unique()
        return ~values.is_in(wrong.implode())

    return are_all_fitting


def _is_bad_list(values: pl.Series, *, strict: bool) -> pl.Series:
    joined = values.str.contains(",", literal=True)
    if not joined.any():
        return joined
    return joined & values.str.contains(f"{_EMPTY_ITEM}|{_BLANK_ITEM}" if strict else _EMPTY_ITEM)


def _has_outer_blanks(values: pl.Series) -> pl.Series:
    ends = [values.str.starts_with(sign) | values.str.ends_with(sign) for sign in (" ", "\t", "\u00a0")]
    return ends[0] | ends[1] | ends[2]
