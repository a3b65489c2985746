"""Detection rules as Homeroom runs them: conditions on the fields of one event, in Sigma's meaning.

Text is compared as a whole and without case, unless it is `cased`. An absent field matches nothing, so that the
negation of a test of it is true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import Enum, StrEnum

from homeroom.domain.protect.detections.correlations import Correlation


class Wildcard(Enum):
    """A part of a text that fits any characters: any number of them, or exactly one."""

    MANY = "*"
    SINGLE = "?"


@dataclass(frozen=True, kw_only=True, slots=True)
class Text:
    """Matches the whole text of a value; `parts` are literal texts and wildcards."""

    parts: tuple[str | Wildcard, ...]
    cased: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Number:
    """Matches a number, or a text that is one."""

    value: int | float


@dataclass(frozen=True, kw_only=True, slots=True)
class Flag:
    """Matches a truth value, or the text of one."""

    value: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Null:
    """Matches a field that is absent or has no value."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Existence:
    """Matches a field that has a value, or one that has none."""

    exists: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """Matches a value that a regular expression matches somewhere; with case, unless it ignores it."""

    pattern: str
    ignore_case: bool = False
    multiline: bool = False
    dot_all: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Network:
    """Matches an address of a network, which is in CIDR notation."""

    cidr: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldReference:
    """Matches the value of another field of the event, or one that starts with, ends with or contains it."""

    name: str
    starts_with: bool = False
    ends_with: bool = False


class Operator(StrEnum):
    """How a number is compared."""

    LESS = "lt"
    AT_MOST = "lte"
    MORE = "gt"
    AT_LEAST = "gte"
    EQUAL = "eq"
    UNEQUAL = "neq"


class TimeUnit(StrEnum):
    """The part of a time that is compared, in UTC."""

    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, kw_only=True, slots=True)
class NumberComparison:
    """Matches a number, or a part of a time, by comparing it."""

    operator: Operator
    value: int | float
    unit: TimeUnit | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Alternatives:
    """Matches if one of the tests does: the spellings that a modifier such as `windash` makes of one value."""

    tests: tuple[ValueTest, ...]


type ValueTest = (
    Text | Number | Flag | Null | Existence | Expression | Network | FieldReference | NumberComparison | Alternatives
)


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldSearch:
    """A test of one field's value: one of the tests has to match it, or all of them."""

    name: str
    tests: tuple[ValueTest, ...]
    require_all: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class KeywordSearch:
    """A test of all values of an event: one of the tests has to match some value, or all of them."""

    tests: tuple[ValueTest, ...]
    require_all: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class And:
    """True if all parts are."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Or:
    """True if one of the parts is."""

    parts: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Negation:
    """True if the part is not."""

    part: Condition


type Condition = FieldSearch | KeywordSearch | And | Or | Negation


@dataclass(frozen=True, kw_only=True, slots=True)
class LogCondition:
    """The events of a log that a rule is about; what is empty is not restricted. Channels are in lower case."""

    product: str = ""
    services: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    event_ids: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True, slots=True)
class LogVariant:
    """A rule's condition with the field names of one log; `field_names` has those that differ from the rule's own."""

    log: LogCondition
    condition: Condition
    field_names: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleHeading:
    """A rule's own description; `file` is the one it was read from, `name` what correlations may call it."""

    id: str
    title: str
    level: str = ""
    tags: tuple[str, ...] = ()
    name: str = ""
    file: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DetectionRule:
    """A rule about single events: it fires on an event that one of its variants matches.

    A `silent` rule makes no detections; correlations refer to it.
    """

    heading: RuleHeading
    variants: tuple[LogVariant, ...]
    silent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrelationRule:
    """A rule about several events, which other rules match."""

    heading: RuleHeading
    correlation: Correlation
    silent: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleSet:
    """Rules to run together. Correlations follow the ones that they refer to."""

    rules: tuple[DetectionRule, ...] = ()
    correlations: tuple[CorrelationRule, ...] = field(default=())

    def __len__(self) -> int:
        return len(self.rules) + len(self.correlations)


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleNotRun:
    """A rule that does not run, and why."""

    file: str
    id: str
    reason: str


def list_field_names(condition: Condition) -> list[str]:
    """Return the names of the fields that a condition tests, each once."""
    match condition:
        case FieldSearch():
            references = (test.name for test in condition.tests if isinstance(test, FieldReference))
            return list(dict.fromkeys((condition.name, *references)))
        case And() | Or():
            return list(dict.fromkeys(name for part in condition.parts for name in list_field_names(part)))
        case Negation():
            return list_field_names(condition.part)
        case _:
            return []


def rename_fields(condition: Condition, names: dict[str, str]) -> Condition:
    """Return the condition with the field names of another log; names without a counterpart stay."""
    match condition:
        case FieldSearch():
            tests = tuple(_rename_reference(test, names) for test in condition.tests)
            return replace(condition, name=names.get(condition.name, condition.name), tests=tests)
        case And():
            return And(parts=tuple(rename_fields(part, names) for part in condition.parts))
        case Or():
            return Or(parts=tuple(rename_fields(part, names) for part in condition.parts))
        case Negation():
            return Negation(part=rename_fields(condition.part, names))
        case _:
            return condition


def _rename_reference(test: ValueTest, names: dict[str, str]) -> ValueTest:
    return replace(test, name=names.get(test.name, test.name)) if isinstance(test, FieldReference) else test
