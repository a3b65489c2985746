"""The clocks of duties in law files: their fields, and clocks built from them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from homeroom.domain.comply.laws.clocks import (
    MOMENTS,
    ClockUnit,
    ConditionalDate,
    DateClock,
    DeadlineDoubt,
    DutyClock,
    MomentClock,
    Period,
    PeriodClock,
    PeriodRule,
    PromptClock,
    TimeExtension,
    TimeLimit,
)
from homeroom.domain.matching import InvalidPattern, PatternNode, parse_pattern
from homeroom.library.yaml_loader import ContentField, ContentProblem, validate_fields

MAX_COUNT = 10_000
CLOCK_FITS = "one of starts and within, on, every, as_soon_as (alone, or with starts if it waits for an event)"
FORMS = (("starts", "within"), ("on",), ("every",), ("as_soon_as",), ("starts", "as_soon_as"))
"""The fields that make a clock together."""
UNITS = ", ".join(ClockUnit)
UNITS_WITHOUT_HOURS = ", ".join(unit for unit in ClockUnit if unit is not ClockUnit.HOURS)
PERIODS = ", ".join(Period)
MOMENTS_FIT = f"a list of {', '.join(MOMENTS)}"
LIMIT: tuple[ContentField, ...] = (
    ContentField(name="count", type=int, fits=f"1 to {MAX_COUNT}"),
    ContentField(name="unit", type=str, fits=UNITS),
)
DATED: tuple[ContentField, ...] = (
    ContentField(name="when", type=(dict, list), fits="a condition over facts", required=False),
    ContentField(name="date", type=date, fits="a day such as 2027-04-26"),
)
PERIODIC: tuple[ContentField, ...] = (
    ContentField(name="period", type=str, fits=PERIODS),
    ContentField(name="within", type=dict, fits="{count, unit} after its first day", required=False),
    ContentField(name="or_within", type=dict, fits="{count, unit}, another reading", required=False),
)
DOUBT: tuple[ContentField, ...] = (
    ContentField(name="says", type=str, fits="on what sources differ"),
    ContentField(name="or_within", type=dict, fits="{count, unit}, the other reading", required=False),
    ContentField(name="starts", type=list, fits=MOMENTS_FIT, required=False),
    ContentField(name="since", type=date, fits="the first day of the other reading", required=False),
)
EXTENSION: tuple[ContentField, ...] = (
    ContentField(name="within", type=dict, fits="{count, unit}"),
    ContentField(name="when", type=str, fits="the condition in words"),
)
type Problems = list[ContentProblem]


def validate_clock(raw: Mapping[str, Any], *, types: Mapping[str, str], file: str, under: str) -> Problems:
    """Return the problems of a duty's clock, doubt and extension."""
    named = tuple(name for name in ("starts", "within", "on", "every", "as_soon_as") if name in raw)
    if named not in FORMS:
        field = f"{under}{named[0] if named else 'starts'}"
        message = f"{' and '.join(named) or 'no clock'}; {CLOCK_FITS} would fit"
        return [ContentProblem(file=file, field=field, message=message)]
    validator = _Validator(types=types, file=file)
    problems = validator.check_form(raw, under)
    if "doubt" in raw:
        problems += validator.check_doubt(raw["doubt"], f"{under}doubt", form=named)
    if "extension" in raw:
        problems += validator.check_extension(raw["extension"], f"{under}extension")
    return problems


class _Validator:
    """Checks the parts of clocks in one file."""

    def __init__(self, *, types: Mapping[str, str], file: str) -> None:
        self._types = types
        self._file = file

    def check_form(self, raw: Mapping[str, Any], under: str) -> Problems:
        checks: Mapping[str, Callable[[object, str], Problems]] = {
            "starts": self._check_moments,
            "within": self._check_limit,
            "on": self._check_dates,
            "every": self._check_rules,
        }
        return [problem for name, check in checks.items() if name in raw for problem in check(raw[name], under + name)]

    def check_doubt(self, raw: object, field: str, *, form: Sequence[str]) -> Problems:
        problems = validate_fields(raw, DOUBT, file=self._file, under=f"{field}.")
        if problems or not isinstance(raw, Mapping):
            return problems
        if "or_within" in raw:
            problems += self._check_limit(raw["or_within"], f"{field}.or_within")
        if "starts" in raw:
            problems += self._check_moments(raw["starts"], f"{field}.starts")
        elif "or_within" in raw and form == ("as_soon_as",):
            problems.append(self._refuse(f"{field}.starts", "missing", MOMENTS_FIT))
        elif "or_within" in raw and form == ("every",) and raw["or_within"].get("unit") == ClockUnit.HOURS:
            problems.append(self._refuse(f"{field}.or_within.unit", "hours", UNITS_WITHOUT_HOURS))
        return problems

    def check_extension(self, raw: object, field: str) -> Problems:
        problems = validate_fields(raw, EXTENSION, file=self._file, under=f"{field}.")
        if problems or not isinstance(raw, Mapping):
            return problems
        problems = self._check_limit(raw["within"], f"{field}.within")
        if not problems and raw["within"]["unit"] == ClockUnit.HOURS:
            problems.append(self._refuse(f"{field}.within.unit", "hours", UNITS_WITHOUT_HOURS))
        return problems

    def _check_rules(self, raw: object, field: str) -> Problems:
        if not isinstance(raw, list):
            return self._check_rule(raw, field)
        fields = _number_items(field, raw)
        return [problem for rule, name in zip(raw, fields, strict=True) for problem in self._check_rule(rule, name)]

    def _check_rule(self, raw: object, field: str) -> Problems:
        problems = validate_fields(raw, PERIODIC, file=self._file, under=f"{field}.")
        if problems or not isinstance(raw, Mapping):
            return problems
        if raw["period"] not in set(Period):
            problems.append(self._refuse(f"{field}.period", repr(raw["period"]), PERIODS))
        for name in ("within", "or_within"):
            if name not in raw:
                continue
            limit_problems = self._check_limit(raw[name], f"{field}.{name}")
            if not limit_problems and raw[name]["unit"] == ClockUnit.HOURS:
                limit_problems = [self._refuse(f"{field}.{name}.unit", "hours", UNITS_WITHOUT_HOURS)]
            problems += limit_problems
        return problems

    def _check_dates(self, raw: object, field: str) -> Problems:
        if type(raw) is date:
            return []
        if not isinstance(raw, list) or not raw:
            return [self._refuse(field, repr(raw), "a day such as 2027-04-26, or a list of {when, date},")]
        problems: Problems = []
        for item, item_field in zip(raw, _number_items(field, raw), strict=True):
            item_problems = validate_fields(item, DATED, file=self._file, under=f"{item_field}.")
            if not item_problems and "when" in item:
                item_problems = validate_condition(
                    item["when"], types=self._types, file=self._file, field=f"{item_field}.when"
                )
            problems += item_problems
        return problems

    def _check_moments(self, raw: object, field: str) -> Problems:
        if not isinstance(raw, list) or not raw:
            return [self._refuse(field, repr(raw), MOMENTS_FIT)]
        return [
            self._refuse(item_field, repr(name), ", ".join(MOMENTS))
            for name, item_field in zip(raw, _number_items(field, raw), strict=True)
            if name not in MOMENTS
        ]

    def _check_limit(self, raw: object, field: str) -> Problems:
        problems = validate_fields(raw, LIMIT, file=self._file, under=f"{field}.")
        if problems or not isinstance(raw, Mapping):
            return problems
        if not 1 <= raw["count"] <= MAX_COUNT:
            problems.append(self._refuse(f"{field}.count", str(raw["count"]), f"1 to {MAX_COUNT}"))
        if raw["unit"] not in set(ClockUnit):
            problems.append(self._refuse(f"{field}.unit", repr(raw["unit"]), UNITS))
        return problems

    def _refuse(self, field: str, value: str, fits: str) -> ContentProblem:
        return ContentProblem(file=self._file, field=field, message=f"{value}; {fits} would fit")


def _number_items(field: str, items: Sequence[object]) -> list[str]:
    return [f"{field}[{position}]" for position in range(len(items))]


def validate_condition(raw: object, *, types: Mapping[str, str], file: str, field: str) -> Problems:
    """Return the problem of a condition over facts, if it has one."""
    try:
        parse_condition(raw, types=types)
    except InvalidPattern as error:
        return [ContentProblem(file=file, field=field, message=str(error).removeprefix("condition: "))]
    return []


def parse_condition(raw: object, *, types: Mapping[str, str]) -> PatternNode:
    """Parse a condition over facts; texts compare in any case. Raise InvalidPattern."""
    return parse_pattern(raw, fields=types, location="condition", ignore_case=True)


def build_clock(raw: Mapping[str, Any], *, types: Mapping[str, str]) -> DutyClock:
    """Build the clock of a duty whose fields are valid."""
    if "within" in raw:
        return MomentClock(starts=tuple(raw["starts"]), within=_build_limit(raw["within"]))
    if "on" in raw:
        return DateClock(dates=tuple(_iter_dates(raw["on"], types)))
    if "every" in raw:
        rules = raw["every"] if isinstance(raw["every"], list) else [raw["every"]]
        return PeriodClock(rules=tuple(map(_build_rule, rules)))
    return PromptClock(wording=raw["as_soon_as"], starts=tuple(raw.get("starts", ())))


def build_doubt(raw: Mapping[str, Any] | None) -> DeadlineDoubt | None:
    """Build the doubt of a duty, if it has one."""
    if raw is None:
        return None
    return DeadlineDoubt(
        text=raw["says"],
        or_within=_build_limit(raw["or_within"]) if "or_within" in raw else None,
        starts=tuple(raw.get("starts", ())),
        since=raw.get("since"),
    )


def build_extension(raw: Mapping[str, Any] | None) -> TimeExtension | None:
    """Build the extension of a duty, if it has one."""
    return TimeExtension(within=_build_limit(raw["within"]), condition=raw["when"]) if raw else None


def _iter_dates(raw: Any, types: Mapping[str, str]) -> Iterable[ConditionalDate]:
    if isinstance(raw, date):
        yield ConditionalDate(date=raw)
        return
    for item in raw:
        when = parse_condition(item["when"], types=types) if "when" in item else None
        yield ConditionalDate(date=item["date"], when=when)


def _build_rule(raw: Mapping[str, Any]) -> PeriodRule:
    limits = {name: _build_limit(raw[name]) for name in ("within", "or_within") if name in raw}
    return PeriodRule(period=Period(raw["period"]), **limits)


def _build_limit(raw: Mapping[str, Any]) -> TimeLimit:
    return TimeLimit(count=raw["count"], unit=ClockUnit(raw["unit"]))
