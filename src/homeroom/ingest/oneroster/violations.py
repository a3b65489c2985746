"""What was found to break a rule: every place counted, and as many of them kept as were asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from homeroom.ingest.masking import mask, masked
from homeroom.ingest.oneroster import columns as vocabulary
from homeroom.ingest.oneroster.rules import RULES, Rule
from homeroom.ingest.rows import LINE

_SHOWN = 60
_HARMLESS = frozenset(
    word.casefold()
    for word in (
        *vocabulary.STATUS, *vocabulary.ORG_TYPES, *vocabulary.SESSION_TYPES, *vocabulary.CLASS_TYPES,
        *vocabulary.ROLES_1_1, *vocabulary.ROLES_1_2, *vocabulary.ROLE_TYPES, *vocabulary.ENROLLED_AS,
        *vocabulary.SEX_1_2, *vocabulary.SCORE_STATUS, *vocabulary.OBJECTIVES, "staff", "inactive", "true", "false",
        "yes", "no", "0", "1", "y", "n",
    )
)  # fmt: skip
"""Words that say nothing about anybody, so that they are shown as they stand even beside people."""


@dataclass(frozen=True, kw_only=True)
class Violation:
    """One place that breaks a rule. `line` and `field` are None where no line or field is to blame; `value` is masked
    where it may be somebody's. `fits` says what would fit there.
    """

    rule: Rule
    file: str
    line: int | None = None
    field: str | None = None
    value: str = ""
    fits: str = ""


class Violations:
    """Places that break rules, summed by file, field and rule; of each sum the first `kept` places are listed.

    `kept` of None lists every place.
    """

    def __init__(self, *, kept: int | None) -> None:
        self.kept = kept
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
        """Count one place, or `count` of which this is the first. `value` is shown as it is."""
        if self._room(rule, file, field):
            told = Violation(rule=RULES[rule], file=file, line=line, field=field, value=_short(value), fits=fits)
            self._listed.append(told)
        self.counts[(rule, file, field or "")] += count

    def rows(
        self, rule: str, found: pl.DataFrame, *, file: str, field: str, private: bool, value: str = "", fits: str = ""
    ) -> None:
        """Count the rows of a frame with `_line`; `value` names the column that holds what stood there."""
        if not found.height:
            return
        room = self._room(rule, file, field)
        shown = found.head(room)
        if value and value in shown.columns:
            shown = shown.select(LINE, _told(pl.col(value), private=private).fill_null("").alias("value"))
        else:
            shown = shown.select(LINE, pl.lit("").alias("value"))
        self._listed += [
            Violation(rule=RULES[rule], file=file, line=line, field=field, value=told, fits=fits)
            for line, told in shown.iter_rows()
        ]
        self.counts[(rule, file, field)] += found.height

    def _room(self, rule: str, file: str, field: str | None) -> int:
        if self.kept is None:
            return 2**62
        return max(0, self.kept - self.counts[(rule, file, field or "")])

    def listed(self) -> tuple[Violation, ...]:
        """Those that are listed: by file, gravest first, then by line."""
        grave = {rule: number for number, rule in enumerate(("error", "warning", "notice"))}
        order = {rule: number for number, rule in enumerate(RULES)}
        return tuple(
            sorted(
                self._listed, key=lambda one: (grave[one.rule.severity], one.file, order[one.rule.id], one.line or 0)
            )
        )

    def by_severity(self) -> Mapping[str, int]:
        """How many places break a rule of each severity, listed or not."""
        sums: Counter[str] = Counter({"error": 0, "warning": 0, "notice": 0})
        for (rule, _, _), count in self.counts.items():
            sums[RULES[rule].severity] += count
        return dict(sums)


def _told(column: pl.Expr, *, private: bool) -> pl.Expr:
    plain = column.str.head(_SHOWN).str.replace_all(r"\p{C}", "?")
    if not private:
        return plain
    return pl.when(column.str.to_lowercase().is_in(list(_HARMLESS))).then(plain).otherwise(mask(column))


def _short(value: str) -> str:
    return value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"


def name_told(name: str) -> str:
    """A name as it may be shown: masked where it is none, so that a file without a header shows nobody."""
    plain: Sequence[str] = name.replace(".", "").replace("_", "")
    return name if str(plain).isalpha() and str(plain).isascii() else masked(name)
