"""A rule's `condition`: `selection and not 1 of filter_*` over its named searches."""

from __future__ import annotations

import re
from collections.abc import Mapping

from homeroom.domain.protect.detections.rules import And, Condition, Negation, Or

_TOKEN = re.compile(r"\(|\)|[^\s()]+")
_SELECTORS = {"1": Or, "any": Or, "all": And}
MAX_DEPTH = 100


class ConditionRefused(ValueError):
    """A condition that cannot be read; the message has the reason."""


def parse_condition(text: str, searches: Mapping[str, Condition]) -> Condition:
    """Return the condition over the searches; raise ConditionRefused."""
    return _ConditionParser(text, searches).parse()


class _ConditionParser:
    """One reading of a condition, a token at a time: `not` binds before `and`, and that before `or`."""

    def __init__(self, text: str, searches: Mapping[str, Condition]) -> None:
        self.tokens = _TOKEN.findall(text)
        self.searches = searches
        self.at = 0
        self.depth = 0
        self.negated = False

    def parse(self) -> Condition:
        condition = self._parse_or()
        if self.at < len(self.tokens):
            raise ConditionRefused(f"the condition has {self._peek()!r} where it should end")
        return condition

    def _peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def _take_word(self, word: str) -> bool:
        """Move past the next token if it is this word of the language and no search of that name."""
        token = self._peek()
        if token.lower() != word or token in self.searches:
            return False
        self.at += 1
        return True

    def _parse_or(self) -> Condition:
        parts = [self._parse_and()]
        while self._take_word("or"):
            parts.append(self._parse_and())
        return parts[0] if len(parts) == 1 else Or(parts=tuple(parts))

    def _parse_and(self) -> Condition:
        parts = [self._parse_not()]
        while self._take_word("and"):
            parts.append(self._parse_not())
        return parts[0] if len(parts) == 1 else And(parts=tuple(parts))

    def _parse_not(self) -> Condition:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ConditionRefused(f"the condition is nested more than {MAX_DEPTH} deep")
        try:
            if self._take_word("not"):
                self.negated = not self.negated
                part = self._parse_not()
                self.negated = not self.negated
                return Negation(part=part)
            return self._parse_operand()
        finally:
            self.depth -= 1

    def _parse_operand(self) -> Condition:
        token = self._peek()
        self.at += 1
        if token == "(":
            inside = self._parse_or()
            if self._peek() != ")":
                raise ConditionRefused("the condition has a parenthesis that is not closed")
            self.at += 1
            return inside
        if self._peek().lower() == "of" and token not in self.searches:
            self.at += 1
            return self._parse_selector(token)
        if token in self.searches:
            return self.searches[token]
        raise ConditionRefused(f"the condition names {token!r}, which is no search of the rule")

    def _parse_selector(self, quantifier: str) -> Condition:
        join = _SELECTORS.get(quantifier.lower())
        if join is None:
            raise ConditionRefused(f"the condition has {quantifier!r} before `of`; 1, any or all would fit")
        pattern = self._peek()
        self.at += 1
        names = _find_names(pattern, self.searches)
        if not names and not (join is Or and self.negated):
            raise ConditionRefused(f"the condition names {pattern!r}, and no search has such a name")
        parts = tuple(self.searches[name] for name in names)
        return Or(parts=parts) if join is Or else And(parts=parts)


def _find_names(pattern: str, searches: Mapping[str, Condition]) -> list[str]:
    """Return the names that fit; those that start with an underscore only if the pattern does too."""
    glob = "*" if pattern.lower() == "them" else pattern
    expression = re.compile(".*".join(re.escape(part) for part in glob.split("*")))
    return [
        name for name in searches if expression.fullmatch(name) and (glob.startswith("_") or not name.startswith("_"))
    ]
