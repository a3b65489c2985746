"""The definition of a baseline policy: a statement about a tenant's settings, its evaluation, and its fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from homeroom.domain.protect.control_states import Severity
from homeroom.engines.protect.baselines.conditions import SettingCondition


class PolicyState(StrEnum):
    """The outcome of an example, or of a policy."""

    PASSES = "passes"
    FAILS = "fails"
    CANNOT_TELL = "cannot tell"
    DOES_NOT_APPLY = "does not apply"
    BY_HAND = "by hand"


@dataclass(frozen=True, kw_only=True)
class PolicyExample:
    """An example inside a policy: the expected outcome, and the document or the settings of one or more units."""

    expect: PolicyState
    document: Mapping[str, Any]
    name: str = ""
    today: str = ""


@dataclass(frozen=True, kw_only=True)
class AssumedOutcome:
    """The outcome where the document has no value, and the reason, such as the vendor's default."""

    fits: bool
    because: str


@dataclass(frozen=True, kw_only=True)
class BaselinePolicy:
    """One policy. `title` is what should be true of the settings, `problem` what is wrong where it is not.

    `each`: unit, tenant, or the paths of lists whose elements are assessed one by one. `unset` gives the value that a
    path has where nobody set it. `by_hand` describes what a person must check where no document shows it; such a policy
    has no `requires`. `compares` is its id in the published baseline, without version. `never_empty`: every tenant has
    the list of `each`, so that an empty one means only that nothing was read. `unmet_elsewhere`: the published baseline
    counts it as not met where it does not apply; we do not, but compare so.
    """

    id: str
    suite: str
    product: str
    compares: str
    title: str
    severity: Severity
    because: str
    fix: str
    each: tuple[str, ...] = ("tenant",)
    named: str = ""
    applies_to: SettingCondition | None = None
    requires: SettingCondition | None = None
    unset: Mapping[str, Any]
    renamed: Mapping[str, str]
    assumed: AssumedOutcome | None = None
    by_hand: str = ""
    minutes: float = 5
    satisfies: tuple[str, ...] = ()
    examples: tuple[PolicyExample, ...] = ()
    also: tuple[str, ...] = ()
    never_empty: bool = False
    unmet_elsewhere: bool = False
    problem: str = ""
