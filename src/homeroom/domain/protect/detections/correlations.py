"""Correlations: what several events have to have in common, within which time, for a rule to fire."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class CorrelationKind(StrEnum):
    """What a correlation measures of the events of a group within the time span."""

    EVENT_COUNT = "event_count"
    VALUE_COUNT = "value_count"
    VALUE_SUM = "value_sum"
    VALUE_AVERAGE = "value_avg"
    TEMPORAL = "temporal"
    TEMPORAL_ORDERED = "temporal_ordered"


@dataclass(frozen=True, kw_only=True, slots=True)
class Limit:
    """A number that the count, sum or average is compared with: `lt`, `lte`, `gt`, `gte`, `eq` or `neq`."""

    operator: str
    value: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Presence:
    """A condition on which of the rules matched: one rule, or `and`, `or`, `not` of parts."""

    operator: str
    rule: str = ""
    parts: tuple[Presence, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Correlation:
    """A correlation of the rules with these ids.

    `aliases` gives for a name in `group_by` or `value_fields` the field that a rule's events have instead: {name: {rule
    id: field}}. All `limits` have to hold; a `presence` replaces them for temporal correlations.
    """

    kind: CorrelationKind
    rules: tuple[str, ...]
    seconds: int
    group_by: tuple[str, ...] = ()
    aliases: Mapping[str, Mapping[str, str]]
    limits: tuple[Limit, ...] = ()
    presence: Presence | None = None
    value_fields: tuple[str, ...] = ()
    generate: bool = False
