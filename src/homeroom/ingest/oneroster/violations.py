"""Violations of rules: every place counted, and as many of them listed as requested."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from homeroom.ingest.contract.masking import build_mask, mask_value
from homeroom.ingest.oneroster import column_spec as vocabulary
from homeroom.ingest.oneroster.rules import RULES, BundleRule
from homeroom.ingest.rows.field_table import LINE

_MAX_LENGTH = 60
_HARMLESS = frozenset(
    word.casefold()
    for word in (
        *vocabulary.STATUS, *vocabulary.ORG_TYPES, *vocabulary.SESSION_TYPES, *vocabulary.CLASS_TYPES,
        *vocabulary.ROLES_1_1, *vocabulary.ROLES_1_2, *vocabulary.ROLE_TYPES, *vocabulary.ENROLLED_AS,
        *vocabulary.SEX_1_2, *vocabulary.SCORE_STATUS, *vocabulary.OBJECTIVES, "staff", "inactive", "true", "false",
        "yes", "no", "0", "1", "y", "n",
    )
)  # fmt: skip
"""Words that reveal nothing about a person, so that they are shown as they are even in rows about people."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One place that breaks a rule.

    `line` and `field` are None if no line or field is to blame; `value` is masked if it may be personal. `fits` is what
    would fit there.
    """

    rule: BundleRule
    file: str
    line: int | None = None
    field: str | None = None
    value: str = ""
    fits: str = ""


class Violations:
    """Places that break rules, counted by file, field and rule.

    Of each count the first `max_listed` places are listed. `max_listed` of None lists every place.
    """

    def __init__(self, *, max_listed: int | None) -> None:
        self.max_listed = max_listed
        self.counts: Counter[tuple[str, str, str]] = Counter()
        self._listed: list[Violation] = []

    def add(
        self,
        rule: str,
        *,
        file: str,
        line: int | None = None,
        field: str | None = None,
        value: str = "",
        fits: str = "",
        count: int = 1,
    ) -> None:
        """Count one place, or `count` places that begin with this one.

        `value` is shown as it is.
        """
        if self._get_room(rule, file, field):
            violation = Violation(
                rule=RULES[rule], file=file, line=line, field=field, value=_truncate(value), fits=fits
            )
            self._listed.append(violation)
        self.counts[(rule, file, field or "")] += count

    def add_rows(
        self,
        rule: str,
        violating_rows: pl.DataFrame,
        *,
        file: str,
        field: str,
        private: bool,
        value: str = "",
        fits: str = "",
    ) -> None:
        """Count the rows of a frame with `_line`; `value` names the column that holds the violating value."""
        if not violating_rows.height:
            return
        room = self._get_room(rule, file, field)
        listed_rows = violating_rows.head(room)
        if value and value in listed_rows.columns:
            listed_rows = listed_rows.select(
                LINE, _format_value(pl.col(value), private=private).fill_null("").alias("value")
            )
        else:
            listed_rows = listed_rows.select(LINE, pl.lit("").alias("value"))
        self._listed += [
            Violation(rule=RULES[rule], file=file, line=line, field=field, value=text_value, fits=fits)
            for line, text_value in listed_rows.iter_rows()
        ]
        self.counts[(rule, file, field)] += violating_rows.height

    def _get_room(self, rule: str, file: str, field: str | None) -> int:
        if self.max_listed is None:
            return 2**62
        return max(0, self.max_listed - self.counts[(rule, file, field or "")])

    def list_sorted(self) -> tuple[Violation, ...]:
        """Return the listed places: by file, gravest first, then by line."""
        severity_order = {rule: number for number, rule in enumerate(("error", "warning", "notice"))}
        rule_order = {rule: number for number, rule in enumerate(RULES)}
        return tuple(
            sorted(
                self._listed,
                key=lambda violation: (
                    severity_order[violation.rule.severity],
                    violation.file,
                    rule_order[violation.rule.id],
                    violation.line or 0,
                ),
            )
        )

    def count_by_severity(self) -> Mapping[str, int]:
        """Return how many places break a rule of each severity, listed or not."""
        sums: Counter[str] = Counter({"error": 0, "warning": 0, "notice": 0})
        for (rule, _, _), count in self.counts.items():
            sums[RULES[rule].severity] += count
        return dict(sums)


def _format_value(column: pl.Expr, *, private: bool) -> pl.Expr:
    plain = column.str.head(_MAX_LENGTH).str.replace_all(r"\p{C}", "?")
    if not private:
        return plain
    return pl.when(column.str.to_lowercase().is_in(list(_HARMLESS))).then(plain).otherwise(build_mask(column))


def _truncate(value: str) -> str:
    return value if len(value) <= _MAX_LENGTH else f"{value[:_MAX_LENGTH]}…"


def mask_name(name: str) -> str:
    """Return a name as it may be shown: masked unless it is a plain name.

    Thus a file without a header reveals no person.
    """
    plain: Sequence[str] = name.replace(".", "").replace("_", "")
    return name if str(plain).isalpha() and str(plain).isascii() else mask_value(name)
