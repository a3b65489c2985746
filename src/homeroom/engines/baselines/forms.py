"""The parsed form of a condition over a settings document: tests, and the nodes that join and count them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from homeroom.engines.baselines.paths import MISSING, SettingPath


@dataclass(frozen=True, kw_only=True)
class SettingLookup:
    """A value of the document: its path, its readers, and the default where it is missing."""

    where: SettingPath
    reads: tuple[str, ...]
    default: Any = MISSING


@dataclass(frozen=True, kw_only=True)
class SettingTest:
    """One comparison.

    `operator` is one of COMPARE_OPERATORS, only, exists or empty.
    """

    __test__ = False
    where: SettingPath
    reads: tuple[str, ...]
    operator: str
    values: tuple[Any, ...]
    match_all: bool = False
    compares_dates: bool = False


@dataclass(frozen=True, kw_only=True)
class NotCondition:
    """True where the part is false; unknown stays unknown."""

    part: SettingCondition


@dataclass(frozen=True, kw_only=True)
class MaybeCondition:
    """True where the part is true or unknown."""

    part: SettingCondition


@dataclass(frozen=True, kw_only=True)
class AllConditions:
    """All parts; true without any.

    `term` is the name of the condition in the suite's terms.
    """

    parts: tuple[SettingCondition, ...]
    term: str = ""


@dataclass(frozen=True, kw_only=True)
class AnyCondition:
    """Any of the parts."""

    parts: tuple[SettingCondition, ...]


@dataclass(frozen=True, kw_only=True)
class ListCondition:
    """True if some, every or no element of a list fits.

    With `optional`, a missing list counts as empty.
    """

    kind: str
    where: SettingPath
    part: SettingCondition
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class CountCondition:
    """A test of how many elements fit, with bounds ((operator, number), …).

    `distinct`: the path of the value by which elements count as the same.
    """

    where: SettingPath
    part: SettingCondition
    bounds: tuple[tuple[str, float], ...]
    distinct: SettingPath | None = None
    optional: bool = False


type SettingCondition = (
    SettingTest | NotCondition | MaybeCondition | AllConditions | AnyCondition | ListCondition | CountCondition
)


def list_sections(condition: SettingCondition) -> frozenset[str]:
    """Return the first name of every path in the condition: the sections of settings that it reads."""
    match condition:
        case SettingTest(where=where):
            return frozenset(where.names[:1])
        case NotCondition(part=part) | MaybeCondition(part=part):
            return list_sections(part)
        case AllConditions(parts=parts) | AnyCondition(parts=parts):
            return frozenset[str]().union(*(list_sections(part) for part in parts))
        case ListCondition(where=where, part=part) | CountCondition(where=where, part=part):
            return frozenset(where.names[:1]) | list_sections(part)
