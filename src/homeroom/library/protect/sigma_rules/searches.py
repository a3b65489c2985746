"""A rule's named searches: pySigma reads the fields, values and modifiers, and this makes Homeroom's conditions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sigma.conditions import ConditionAND
from sigma.exceptions import SigmaError
from sigma.rule.detection import SigmaDetectionItem
from sigma.types import (
    Placeholder,
    SigmaBool,
    SigmaCasedString,
    SigmaCIDRExpression,
    SigmaCompareExpression,
    SigmaExists,
    SigmaExpansion,
    SigmaFieldReference,
    SigmaNull,
    SigmaNumber,
    SigmaRegularExpression,
    SigmaRegularExpressionFlag,
    SigmaString,
    SigmaTimestampPart,
    SigmaType,
    SpecialChars,
)

from homeroom.domain.protect.detections.rules import (
    Alternatives,
    And,
    Condition,
    Existence,
    Expression,
    FieldReference,
    FieldSearch,
    Flag,
    KeywordSearch,
    Negation,
    Network,
    Null,
    Number,
    NumberComparison,
    Operator,
    Or,
    Text,
    TimeUnit,
    ValueTest,
    Wildcard,
)
from homeroom.engines.protect.detect.patterns import ExpressionRefused, compile_expression
from homeroom.library.protect.sigma_rules.value_modifiers import build_item

NOT_SEARCHES = frozenset({"condition", "timeframe", "rules"})
_WILDCARDS = {SpecialChars.WILDCARD_MULTI: Wildcard.MANY, SpecialChars.WILDCARD_SINGLE: Wildcard.SINGLE}


class SearchRefused(ValueError):
    """A search that Homeroom cannot run; the message has the reason."""


def build_searches(definitions: Mapping[str, Any]) -> dict[str, Condition]:
    """Return the condition of each named search of a rule's `detection`; raise SearchRefused."""
    return {
        str(name): build_search(definition) for name, definition in definitions.items() if str(name) not in NOT_SEARCHES
    }


def build_search(definition: Any) -> Condition:
    """Return the condition of one search; raise SearchRefused."""
    try:
        return _convert_definition(definition)
    except SearchRefused:
        raise
    except SigmaError as error:
        raise SearchRefused(" ".join(str(error).split())) from None
    except ExpressionRefused as error:
        raise SearchRefused(str(error)) from None
    except (TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise SearchRefused(f"a search that is no valid Sigma: {error}") from None


def _convert_definition(definition: Any) -> Condition:
    """Return the condition of a mapping, whose fields all have to fit, of a list of alternatives, or of a keyword."""
    if isinstance(definition, dict):
        parts = tuple(_convert_item(build_item(key, value)) for key, value in definition.items())
        join: type[And | Or] = And
    elif isinstance(definition, list) and any(isinstance(item, dict | list) for item in definition):
        parts = tuple(map(_convert_definition, definition))
        join = Or
    else:
        return _convert_item(build_item(None, definition))
    if not parts:
        raise SearchRefused("a search without a field")
    return parts[0] if len(parts) == 1 else join(parts=parts)


def _convert_item(item: SigmaDetectionItem) -> Condition:
    tests = tuple(_convert_value(value) for value in item.value) or (Null(),)
    require_all = item.value_linking is ConditionAND
    if item.field is not None:
        condition: Condition = FieldSearch(name=item.field, tests=tests, require_all=require_all)
    elif any(isinstance(test, Null | Existence | FieldReference) for test in tests):
        raise SearchRefused("a keyword that is no text; null, exists and fieldref need a field")
    else:
        condition = KeywordSearch(tests=tests, require_all=require_all)
    return Negation(part=condition) if item.negated else condition


def _convert_value(value: SigmaType) -> ValueTest:
    match value:
        case SigmaExpansion():
            return Alternatives(tests=tuple(_convert_value(part) for part in value.values))
        case SigmaString():
            return Text(parts=_convert_parts(value), cased=isinstance(value, SigmaCasedString))
        case SigmaRegularExpression():
            return _convert_expression(value)
        case SigmaTimestampPart():
            unit = TimeUnit(value.timestamp_part.name.lower())
            return NumberComparison(operator=Operator.EQUAL, value=value.number, unit=unit)
        case SigmaCompareExpression():
            return _convert_comparison(value)
        case SigmaNumber():
            return Number(value=value.number)
        case SigmaBool():
            return Flag(value=value.boolean)
        case SigmaNull():
            return Null()
        case SigmaExists():
            return Existence(exists=value.exists)
        case SigmaCIDRExpression():
            return Network(cidr=value.cidr)
        case SigmaFieldReference():
            return FieldReference(name=value.field, starts_with=value.starts_with, ends_with=value.ends_with)
        case _:
            raise SearchRefused(f"a value of the kind {type(value).__name__}")


def _convert_parts(text: SigmaString) -> tuple[str | Wildcard, ...]:
    parts: list[str | Wildcard] = []
    for part in text.s:
        if isinstance(part, Placeholder):
            raise SearchRefused(f"unresolved placeholder %{part.name}%")
        parts.append(part if isinstance(part, str) else _WILDCARDS[part])
    return tuple(parts)


def _convert_expression(value: SigmaRegularExpression) -> Expression:
    for part in value.regexp.s:
        if isinstance(part, Placeholder):
            raise SearchRefused(f"unresolved placeholder %{part.name}%")
    expression = Expression(
        pattern=str(value.regexp),
        ignore_case=SigmaRegularExpressionFlag.IGNORECASE in value.flags,
        multiline=SigmaRegularExpressionFlag.MULTILINE in value.flags,
        dot_all=SigmaRegularExpressionFlag.DOTALL in value.flags,
    )
    compile_expression(expression)
    return expression


def _convert_comparison(value: SigmaCompareExpression) -> NumberComparison:
    number = value.number
    unit = TimeUnit(number.timestamp_part.name.lower()) if isinstance(number, SigmaTimestampPart) else None
    return NumberComparison(operator=Operator(value.op.name.lower()), value=number.number, unit=unit)
