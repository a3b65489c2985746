"""The values of one column, each by itself: what must be there, in which form, and what had better not be there."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import polars as pl

from homeroom.ingest.oneroster.columns import (
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
    Column,
    Member,
)
from homeroom.ingest.oneroster.violations import Violations
from homeroom.ingest.rows import LINE

Fits = Callable[[pl.Series], pl.Series]
"""Which of some distinct values, none of them null, fit."""
SSN = r"(?i)(^|[^\d-])\d{3}-\d{2}-\d{4}($|[^\d-])|(^|\{)ssn:"
_NUMBERS = ("sourcedId", "identifier", "userIds", "username")
_USER_IDS = r"^\{[^{}:,]+:[^{}]*[^{}\s]\}(,\{[^{}:,]+:[^{}]*[^{}\s]\})*$"
_ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s.]+$"
_EMPTY_ITEM, _BLANK_ITEM = r"(^|,)\s*(,|$)", r"\s,|,\s"


def _calendar(values: pl.Series) -> pl.Series:
    return values.str.contains(r"^\d{4}-\d{2}-\d{2}$") & values.str.to_date("%Y-%m-%d", strict=False).is_not_null()


def _clock(values: pl.Series) -> pl.Series:
    shaped = values.str.contains(r"^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,6})?Z$")
    moment = values.str.head(19).str.to_datetime("%Y-%m-%dT%H:%M:%S", strict=False)
    return shaped & moment.is_not_null()


FORMS: Mapping[str, tuple[str, Fits]] = {
    DATE: ("value.date", _calendar),
    TIME: ("value.time", _clock),
    TRUTH: ("value.truth", lambda values: values.is_in(["true", "false"])),
    YEAR: ("value.year", lambda values: values.str.contains(r"^(19|20|21)\d\d$")),
    WHOLE: ("value.whole", lambda values: values.str.contains(r"^-?\d{1,18}$")),
    NUMBER: ("value.number", lambda values: values.str.contains(r"^-?\d+(\.\d+)?$|^-?\.\d+$")),
}
"""The rule and the test of each form whose values repeat, so that each distinct one is asked once."""


def check_values(
    frame: pl.DataFrame, *, column: Column, member: Member, mode: str, present: pl.Series, violations: Violations
) -> None:
    """One column of a frame, under its right name. `present` is true of rows that a delta does not delete."""
    values = frame[column.name]
    found = _Found(frame, column=column, member=member, violations=violations)
    if values.null_count():
        _must_be_there(found, values, mode=mode, present=present)
    if values.null_count() == len(values):
        return
    if column.when == DELTA and mode == "bulk":
        found.rows("value.blank-in-bulk", values.is_not_null())
    if column.form in FORMS:
        rule, fits = FORMS[column.form]
        found.distinct(rule, values, fits)
    elif column.form == WORD and not column.many:
        found.distinct("value.word", values, _word(column), fits_told=", ".join(column.words))
    else:
        _check_text(found, values, column=column)
    found.rows("value.blanks", _outer_blanks(values))


def _check_text(found: _Found, values: pl.Series, *, column: Column) -> None:
    if column.many and not column.user_ids:
        found.rows("value.list", _bad_list(values, strict=column.form in (GUID, WORD) or column.grades))
    if column.form == WORD:
        found.distinct("value.word", values, _every(_word(column)), fits_told=", ".join(column.words))
    if column.grades:
        found.distinct(
            "value.grade", values, _every(lambda items: items.is_in(list(GRADES))), fits_told=", ".join(GRADES)
        )
    if column.user_ids:
        found.rows("value.user-ids", ~values.str.contains(_USER_IDS))
    if column.name == "email":
        found.rows("value.address", ~values.str.contains(_ADDRESS))
    if column.secret:
        found.rows("privacy.password", values.is_not_null(), shown=False)
    if found.private and column.name in _NUMBERS:
        found.rows("privacy.ssn", values.str.contains(SSN))


def _must_be_there(found: _Found, values: pl.Series, *, mode: str, present: pl.Series) -> None:
    if found.column.when == ALWAYS:
        found.rows("value.required", values.is_null() & (present if found.column.name != "sourcedId" else True))
    elif found.column.when == DELTA and mode == "delta":
        found.rows("value.required-in-delta", values.is_null())


class _Found:
    """Tells which rows of a frame break a rule in one column."""

    def __init__(self, frame: pl.DataFrame, *, column: Column, member: Member, violations: Violations) -> None:
        self.column, self.private = column, member.private
        self._frame, self._file, self._violations = frame, member.file, violations

    def rows(self, rule: str, wrong: pl.Series, *, fits: str = "", shown: bool = True) -> None:
        if not wrong.any():
            return
        name = self.column.name
        found = self._frame.select(name, LINE).filter(wrong.fill_null(False))
        self._violations.rows(
            rule, found, file=self._file, field=name, private=self.private, value=name if shown else "", fits=fits
        )

    def distinct(self, rule: str, values: pl.Series, fits: Fits, *, fits_told: str = "") -> None:
        """Asks each distinct value once."""
        known = values.unique().drop_nulls()
        wrong = known.filter(~fits(known))
        if len(wrong):
            self.rows(rule, values.is_in(wrong.implode()), fits=fits_told)


def _word(column: Column) -> Fits:
    words = list(column.words)
    if not column.extends:
        return lambda values: values.is_in(words)
    return lambda values: values.is_in(words) | values.str.contains(r"^ext:\S")


def _every(fits: Fits) -> Fits:
    """Whether every item of a list fits."""

    def every(values: pl.Series) -> pl.Series:
        items = pl.DataFrame({"list": values, "item": values.str.split(",")}).explode(
            "item", keep_nulls=True, empty_as_null=True
        )
        items = items.with_columns(pl.col("item").str.strip_chars())
        wrong = items.filter(~fits(items["item"]) & (items["item"] != ""))["list"].unique()
        return ~values.is_in(wrong.implode())

    return every


def _bad_list(values: pl.Series, *, strict: bool) -> pl.Series:
    joined = values.str.contains(",", literal=True)
    if not joined.any():
        return joined
    return joined & values.str.contains(f"{_EMPTY_ITEM}|{_BLANK_ITEM}" if strict else _EMPTY_ITEM)


def _outer_blanks(values: pl.Series) -> pl.Series:
    ends = [values.str.starts_with(sign) | values.str.ends_with(sign) for sign in (" ", "\t", "\u00a0")]
    return ends[0] | ends[1] | ends[2]
