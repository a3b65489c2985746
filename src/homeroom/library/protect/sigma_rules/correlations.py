"""Correlations of rule files: type, rules, time span, group and condition."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from homeroom.domain.protect.detections.correlations import Correlation, CorrelationKind, Limit, Presence

_TIME_SPAN = re.compile(r"([0-9]{1,9})([smhdwMy])", re.ASCII)
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_629_746, "y": 31_556_952}
OPERATORS = frozenset({"lt", "lte", "gt", "gte", "eq", "neq"})
TEMPORAL = frozenset({CorrelationKind.TEMPORAL, CorrelationKind.TEMPORAL_ORDERED})
WITH_VALUES = frozenset({CorrelationKind.VALUE_COUNT, CorrelationKind.VALUE_SUM, CorrelationKind.VALUE_AVERAGE})
_TOKEN = re.compile(r"\(|\)|[^\s()]+")


class CorrelationRefused(ValueError):
    """A correlation that cannot run; the message has the reason."""


def build_correlation(raw: Any) -> Correlation:
    """Return the correlation of a document, with the references that it names; raise CorrelationRefused."""
    if not isinstance(raw, dict):
        raise CorrelationRefused("`correlation` is no mapping of fields")
    kind = _read_kind(raw.get("type"))
    rules = _read_names(raw.get("rules"), "rules")
    condition = raw.get("condition")
    presence = None
    if isinstance(condition, str):
        presence = parse_presence(condition)
        rules = rules or _list_rules(presence)
    if not rules:
        raise CorrelationRefused("`rules` names no rule")
    limits, value_fields = ((), ()) if presence else _read_condition(condition, kind=kind, references=len(rules))
    if presence and kind is CorrelationKind.TEMPORAL_ORDERED:
        limits, presence = _order_presence(presence, rules), None
    elif presence and kind is not CorrelationKind.TEMPORAL:
        raise CorrelationRefused(f"a condition in words does not fit {kind}")
    return Correlation(
        kind=kind,
        rules=rules,
        seconds=parse_time_span(raw.get("timespan", raw.get("timeframe"))),
        group_by=_read_names(raw.get("group-by"), "group-by"),
        aliases=_read_aliases(raw.get("aliases")),
        limits=limits,
        presence=presence,
        value_fields=value_fields,
        generate=raw.get("generate") is True,
    )


def _read_kind(name: Any) -> CorrelationKind:
    try:
        return CorrelationKind(str(name).lower())
    except ValueError:
        raise CorrelationRefused(f"correlations of the type {name} do not run") from None


def _read_names(raw: Any, field: str) -> tuple[str, ...]:
    names = [raw] if isinstance(raw, str) else raw if raw is not None else []
    if not isinstance(names, list) or not all(isinstance(name, str | int) for name in names):
        raise CorrelationRefused(f"`{field}` is no list of names")
    return tuple(str(name) for name in names)


def parse_time_span(raw: Any) -> int:
    """Return the seconds of a time span such as `5m` or `1d`; raise CorrelationRefused."""
    match = _TIME_SPAN.fullmatch(raw) if isinstance(raw, str) else None
    seconds = int(match[1]) * _SECONDS[match[2]] if match else 0
    if not 0 < seconds < 100 * _SECONDS["y"]:
        raise CorrelationRefused(f"the time span {raw!r}; a number with s, m, h, d, w, M or y would fit")
    return seconds


def _read_aliases(raw: Any) -> Mapping[str, Mapping[str, str]]:
    aliases = raw if raw is not None else {}
    if not isinstance(aliases, dict) or not all(isinstance(names, dict) for names in aliases.values()):
        raise CorrelationRefused("`aliases` is no mapping of names to the fields of rules")
    return {str(alias): {str(rule): str(name) for rule, name in names.items()} for alias, names in aliases.items()}


def _read_condition(raw: Any, *, kind: CorrelationKind, references: int) -> tuple[tuple[Limit, ...], tuple[str, ...]]:
    """Return the limits, which have to hold together, and the fields whose values count."""
    if raw is None and kind in TEMPORAL:
        return (Limit(operator="gte", value=references),), ()
    if not isinstance(raw, dict):
        raise CorrelationRefused("`condition` is no mapping such as {gte: 10}")
    unknown = sorted(str(name) for name in raw if name not in OPERATORS and name != "field")
    if unknown:
        raise CorrelationRefused(f"`condition` has {', '.join(unknown)}; {', '.join(sorted(OPERATORS))} would fit")
    limits = tuple(Limit(operator=name, value=_read_number(raw[name])) for name in sorted(OPERATORS) if name in raw)
    if not limits:
        raise CorrelationRefused("`condition` compares with no number")
    fields = _read_names(raw.get("field"), "condition.field")
    if kind in WITH_VALUES and not fields:
        raise CorrelationRefused(f"{kind} needs `field` in its condition")
    if len(fields) > 1 and kind is not CorrelationKind.VALUE_COUNT:
        raise CorrelationRefused(f"{kind} takes one field")
    return limits, fields


def _read_number(raw: Any) -> float:
    try:
        number = float(raw)
    except (TypeError, ValueError, OverflowError):
        number = float("nan")
    if isinstance(raw, bool) or number != number or abs(number) == float("inf"):
        raise CorrelationRefused(f"{raw!r} in the condition; a number would fit")
    return int(number) if number.is_integer() else number


def _order_presence(presence: Presence, rules: tuple[str, ...]) -> tuple[Limit, ...]:
    """Return the limit of an ordered correlation whose condition names all rules, joined by `and`."""
    plain = presence.operator == "rule" or (
        presence.operator == "and" and all(part.operator == "rule" for part in presence.parts)
    )
    if not plain or set(_list_rules(presence)) != set(rules):
        raise CorrelationRefused("temporal_ordered runs with all of its rules joined by `and` only")
    return (Limit(operator="gte", value=len(rules)),)


def _list_rules(presence: Presence) -> tuple[str, ...]:
    if presence.operator == "rule":
        return (presence.rule,)
    return tuple(dict.fromkeys(rule for part in presence.parts for rule in _list_rules(part)))


def parse_presence(text: str) -> Presence:
    """Return a condition such as `a and not b` over the names of rules; raise CorrelationRefused."""
    tokens = _TOKEN.findall(text)
    if len(tokens) > 1000:
        raise CorrelationRefused("a condition of more than 1,000 words")
    presence, rest = _parse_joined(tokens, ("or", "and"), depth=0)
    if rest:
        raise CorrelationRefused(f"the condition has {rest[0]!r} where it should end")
    return presence


def _parse_joined(tokens: list[str], operators: tuple[str, ...], *, depth: int) -> tuple[Presence, list[str]]:
    """Return the parts joined by the first operator, each of them joined by the next one, and what follows."""
    if not operators:
        return _parse_presence_part(tokens, depth=depth)
    part, rest = _parse_joined(tokens, operators[1:], depth=depth)
    parts = [part]
    while rest and rest[0].lower() == operators[0]:
        part, rest = _parse_joined(rest[1:], operators[1:], depth=depth)
        parts.append(part)
    return (parts[0] if len(parts) == 1 else Presence(operator=operators[0], parts=tuple(parts))), rest


def _parse_presence_part(tokens: list[str], *, depth: int) -> tuple[Presence, list[str]]:
    if not tokens or depth > 100:
        raise CorrelationRefused("a condition that ends early" if not tokens else "a condition nested too deep")
    token, *rest = tokens
    if token.lower() == "not":
        part, rest = _parse_presence_part(rest, depth=depth + 1)
        return Presence(operator="not", parts=(part,)), rest
    if token == "(":
        part, rest = _parse_joined(rest, ("or", "and"), depth=depth + 1)
        if not rest or rest[0] != ")":
            raise CorrelationRefused("the condition has a parenthesis that is not closed")
        return part, rest[1:]
    if token == ")" or token.lower() in ("and", "or"):
        raise CorrelationRefused(f"the condition has {token!r} where a rule should be named")
    return Presence(operator="rule", rule=token), rest
