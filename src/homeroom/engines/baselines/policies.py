"""What a baseline's policy is: a statement about a tenant's settings, how it is judged, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from homeroom.domain.states import Severity
from homeroom.engines.baselines.forms import Form


class Expected(StrEnum):
    """What an example, or a whole policy, comes to."""

    PASSES = "passes"
    FAILS = "fails"
    CANNOT_TELL = "cannot tell"
    DOES_NOT_APPLY = "does not apply"
    BY_HAND = "by hand"


@dataclass(frozen=True, kw_only=True)
class Case:
    """An example inside a policy: what it comes to, and the document or the settings of one or more units."""

    expect: Expected
    document: Mapping[str, Any]
    name: str = ""
    today: str = ""


@dataclass(frozen=True, kw_only=True)
class Assumed:
    """What holds where the document cannot say, and why: what the vendor delivers, or what its silence means."""

    fits: bool
    because: str


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One policy. `each`: unit, tenant, or the paths of lists whose elements are judged one by one.

    `unset` gives the value that a path has where nobody set it. `by_hand` says what a person must look at where no
    document shows it; such a policy has no `requires`. `compares` is its id in the published baseline, without version.
    `never_empty`: every tenant has the list of `each`, so that an empty one says only that nothing was read.
    `unmet_elsewhere`: the published baseline counts it as not met where it does not apply; we do not, but compare so.
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
    applies_to: Form | None = None
    requires: Form | None = None
    unset: Mapping[str, Any]
    renamed: Mapping[str, str]
    assumed: Assumed | None = None
    by_hand: str = ""
    minutes: float = 5
    satisfies: tuple[str, ...] = ()
    examples: tuple[Case, ...] = ()
    also: tuple[str, ...] = ()
    never_empty: bool = False
    unmet_elsewhere: bool = False
