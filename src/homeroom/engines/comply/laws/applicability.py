"""Whether a duty applies to a case, in three values, with the reasons in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeroom.domain.comply.laws.law import Law, LawStanding
from homeroom.domain.matching import AllOf, FieldTest, PatternNode, combine_all, evaluate_pattern, iter_tests

_ANY_DAY = date(2000, 1, 1)
"""Facts are no dates, so that no condition depends on the day."""
_COMPARISONS = {"lt": "less than", "lte": "at most", "gt": "more than", "gte": "at least"}


@dataclass(frozen=True, kw_only=True)
class Applicability:
    """Whether something applies: true, false, or None where it is unknown; with reasons and unknown facts."""

    holds: bool | None
    because: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def check_condition(condition: PatternNode, facts: Mapping[str, Any]) -> bool | None:
    """Check a condition over the facts."""
    return evaluate_pattern(condition, facts, today=_ANY_DAY)


def judge_conditions(conditions: Iterable[PatternNode], facts: Mapping[str, Any]) -> Applicability:
    """Judge all conditions over the facts, and name those that decide."""
    parts = [part for condition in conditions for part in _split_condition(condition)]
    results = [check_condition(part, facts) for part in parts]
    holds = combine_all(results)
    deciding = [part for part, result in zip(parts, results, strict=True) if result is holds]
    tests = [test for part in deciding for test in iter_tests(part)]
    return Applicability(
        holds=holds,
        because=tuple(dict.fromkeys(_describe_test(test, facts, decides_no=holds is False) for test in tests)),
        unknown=list_unknown_facts(deciding, facts) if holds is None else (),
    )


def list_unknown_facts(conditions: Iterable[PatternNode], facts: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names of facts that conditions test and that are not known."""
    names = [test.field for condition in conditions for test in iter_tests(condition)]
    return tuple(dict.fromkeys(name for name in names if facts.get(name) is None))


def judge_law(law: Law, *, day: date | None) -> Applicability:
    """Judge whether a law is in force on a day; None is a day that is not known."""
    if law.standing is not LawStanding.IN_FORCE:
        return Applicability(holds=False, because=(f"{law.citation} is {law.standing}, not in force",))
    if day is not None and day < law.effective:
        return Applicability(holds=False, because=(f"{law.citation} is in force from {law.effective}",))
    if day is not None and law.doubt and day < law.doubt.or_effective:
        reason = f"{law.citation} is in force from {law.effective} or from {law.doubt.or_effective}: {law.doubt.text}"
        return Applicability(holds=None, because=(reason,))
    return Applicability(holds=True)


def combine_applicability(parts: Sequence[Applicability]) -> Applicability:
    """Return whether all parts hold, with the reasons of those that decide."""
    holds = combine_all(part.holds for part in parts)
    deciding = [part for part in parts if part.holds is holds]
    return Applicability(
        holds=holds,
        because=tuple(reason for part in deciding for reason in part.because),
        unknown=tuple(dict.fromkeys(name for part in deciding for name in part.unknown)),
    )


def find_law_in_force(law: Law, laws: Mapping[str, Law], *, day: date, duty: str = "") -> Law:
    """Return the version of a law that is in force on a day: the newest that supersedes it, or an older one.

    Versions in between may be proposed or stayed. Of two that begin on one day, the version with the duty counts.
    """
    newer = [entry for entry in _list_newer(law, laws) if _is_in_force(entry, day)]
    if newer:
        return max(newer, key=lambda entry: (entry.effective, entry.get_duty(duty) is not None, entry.id))
    older = _list_older(law, laws)
    return next((entry for entry in (law, *older) if _is_in_force(entry, day)), older[-1] if older else law)


def list_versions(law: Law, laws: Mapping[str, Law]) -> list[Law]:
    """Return the versions of a law: those that supersede it, and the older ones that it supersedes."""
    return [*_list_newer(law, laws), *_list_older(law, laws)]


def _list_older(law: Law, laws: Mapping[str, Law]) -> list[Law]:
    """Return the versions that a law supersedes, the nearest first; each once, also where files go in a circle."""
    versions = [law]
    while (older := laws.get(versions[-1].supersedes)) and older not in versions:
        versions.append(older)
    return versions[1:]


def _list_newer(law: Law, laws: Mapping[str, Law]) -> list[Law]:
    """Return all versions that supersede a law, and those that supersede them."""
    versions = [law]
    for version in versions:
        versions += [entry for entry in laws.values() if entry.supersedes == version.id and entry not in versions]
    return versions[1:]


def _is_in_force(law: Law, day: date) -> bool:
    return law.standing is LawStanding.IN_FORCE and law.effective <= day


def _split_condition(condition: PatternNode) -> Iterable[PatternNode]:
    """Return the parts of a condition that must all hold."""
    return condition.parts if isinstance(condition, AllOf) else (condition,)


def _describe_test(test: FieldTest, facts: Mapping[str, Any], *, decides_no: bool) -> str:
    value = facts.get(test.field)
    if value is None:
        return f"{test.field} is not known"
    actual = f"{test.field} is {_format_value(value)}"
    if not decides_no:
        return actual
    wanted = " or ".join(_format_value(item) for item in test.values)
    return f"{actual}; the duty asks for {' '.join(filter(None, (_COMPARISONS.get(test.operator), wanted)))}"


def _format_value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "empty"
    return f"{value:,}" if isinstance(value, int) else str(value)
