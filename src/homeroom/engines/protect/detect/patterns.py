"""Texts with wildcards and regular expressions as predicates that take time in proportion to the text.

A regular expression runs in the Rust engine of polars, which never backtracks: no pattern, however evil, takes more
than linear time. What that engine cannot have (look-around, back references) is refused when rules are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby

import polars as pl

from homeroom.domain.protect.detections.rules import Expression, Text, Wildcard

type TextPredicate = Callable[[str], bool]

VALUES_CACHED = 4096
VALUE_CACHED_LENGTH = 4096
"""Longer values are judged each time, so that the cache of a pattern stays small."""
_ESCAPE_OF_OTHER_MEANING = {"<": "<", ">": ">", "Z": r"\z", "h": r"[\t ]", "e": r"\x1b"}
"""Escapes of Python and PCRE that mean something else in Rust, and what says the same there."""
ESCAPE = re.compile(r"\\(?:[pPxu]\{[^}]*\}|.)", re.DOTALL)
_QUANTIFIER = re.compile(r"\{(\d*)(,?)(\d*)\}", re.ASCII)
_CLASS_OPENING = re.compile(r"\[\^?\]?")
NAMED_CLASS = re.compile(r"\[:\^?[a-z]+:\]")


class ExpressionRefused(ValueError):
    """A regular expression that cannot run in time in proportion to the text."""


def compile_text(text: Text, *, anywhere: bool = False) -> TextPredicate:
    """Return a predicate for the text; if `anywhere` is true, it may be within the value."""
    parts = (Wildcard.MANY, *text.parts, Wildcard.MANY) if anywhere else text.parts
    pieces = _split_parts(parts)
    matches = _compile_pieces([_fold(piece) for piece in pieces] if not text.cased else pieces)
    return matches if text.cased else lambda value: matches(value.lower())


def compile_any_text(texts: Sequence[Text]) -> TextPredicate:
    """Return a predicate that is true where one of the texts matches, cheaper than to try each of them."""
    predicates = [_join_texts([text for text in texts if text.cased is cased], cased=cased) for cased in (False, True)]
    uncased, cased = predicates
    if cased is None or uncased is None:
        return uncased or cased or _match_nothing
    return lambda value: uncased(value) or cased(value)


def _join_texts(texts: Sequence[Text], *, cased: bool) -> TextPredicate | None:
    """Return one predicate for texts that are all cased or all not; those with wildcards within come last."""
    if not texts:
        return None
    literals, starts, ends, needles, others = set[str](), list[str](), list[str](), list[str](), list[TextPredicate]()
    for text in texts:
        pieces = _split_parts(text.parts)
        pieces = pieces if cased else [_fold(piece) for piece in pieces]
        match [_join_literals(piece) for piece in pieces]:
            case [str(literal)]:
                literals.add(literal)
            case ["", str(literal)]:
                ends.append(literal)
            case [str(literal), ""]:
                starts.append(literal)
            case ["", str(literal), ""]:
                needles.append(literal)
            case _:
                others.append(_compile_pieces(pieces))
    start_texts, end_texts = tuple(starts), tuple(ends)

    def matches(value: str) -> bool:
        if value in literals or value.endswith(end_texts) or value.startswith(start_texts):
            return True
        for needle in needles:
            if needle in value:
                return True
        return any(other(value) for other in others)

    return matches if cased else lambda value: matches(value.lower())


def _match_nothing(_value: str) -> bool:
    return False


def _join_literals(piece: tuple[str | Wildcard, ...]) -> str | None:
    """Return the text of a piece; None if it has a wildcard."""
    return None if Wildcard.SINGLE in piece else "".join(part for part in piece if isinstance(part, str))


def _fold(piece: tuple[str | Wildcard, ...]) -> tuple[str | Wildcard, ...]:
    return tuple(part.lower() if isinstance(part, str) else part for part in piece)


def _split_parts(parts: Sequence[str | Wildcard]) -> list[tuple[str | Wildcard, ...]]:
    """Return the pieces between the wildcards for any characters; one piece if there is no such wildcard."""
    pieces: list[tuple[str | Wildcard, ...]] = [()]
    for is_many, group in groupby(parts, key=lambda part: part is Wildcard.MANY):
        if is_many:
            pieces.append(())
        else:
            pieces[-1] = tuple(group)
    return pieces


def _compile_pieces(pieces: list[tuple[str | Wildcard, ...]]) -> TextPredicate:
    if all(Wildcard.SINGLE not in piece for piece in pieces):
        texts = ["".join(part for part in piece if isinstance(part, str)) for piece in pieces]
        return _compile_literals(texts)
    return _compile_searches(pieces)


def _compile_literals(texts: list[str]) -> TextPredicate:
    if len(texts) == 1:
        return texts[0].__eq__
    first, *middle, last = texts
    if not middle:
        return _compile_ends(first, last)
    if not first and not last and len(middle) == 1:
        needle = middle[0]
        return lambda value: needle in value
    return lambda value: _match_in_order(value, first, middle, last)


def _compile_ends(first: str, last: str) -> TextPredicate:
    if not first:
        return lambda value: value.endswith(last)
    if not last:
        return lambda value: value.startswith(first)
    length = len(first) + len(last)
    return lambda value: len(value) >= length and value.startswith(first) and value.endswith(last)


def _match_in_order(value: str, first: str, middle: list[str], last: str) -> bool:
    """Return True if the texts are in the value in this order; the leftmost place of each is as good as any."""
    if not value.startswith(first):
        return False
    at = len(first)
    for text in middle:
        at = value.find(text, at)
        if at < 0:
            return False
        at += len(text)
    return len(value) - len(last) >= at and value.endswith(last)


def _compile_searches(pieces: list[tuple[str | Wildcard, ...]]) -> TextPredicate:
    """Return a predicate for pieces of a fixed length each, some with wildcards for one character."""
    patterns = [re.compile("".join(_escape_part(part) for part in piece), re.DOTALL) for piece in pieces]
    lengths = [sum(len(part) if isinstance(part, str) else 1 for part in piece) for piece in pieces]
    if len(patterns) == 1:
        return lambda value: patterns[0].fullmatch(value) is not None

    def match_pieces(value: str) -> bool:
        if patterns[0].match(value) is None:
            return False
        at = lengths[0]
        for pattern in patterns[1:-1]:
            match = pattern.search(value, at)
            if match is None:
                return False
            at = match.end()
        start = len(value) - lengths[-1]
        return start >= at and patterns[-1].fullmatch(value, start) is not None

    return match_pieces


def _escape_part(part: str | Wildcard) -> str:
    return re.escape(part) if isinstance(part, str) else "."


@lru_cache(maxsize=4096)
def compile_expression(expression: Expression) -> TextPredicate:
    """Return a predicate that searches the value for the regular expression; raise ExpressionRefused."""
    pattern = translate_pattern(expression)
    try:
        _search(pattern, "")
    except pl.exceptions.PolarsError as error:
        reason = " ".join(str(error).split())[-160:]
        raise ExpressionRefused(
            f"a regular expression that is invalid, or cannot run in linear time: {reason}"
        ) from None
    search_cached = lru_cache(maxsize=VALUES_CACHED)(lambda value: _search(pattern, value))
    return lambda value: search_cached(value) if len(value) <= VALUE_CACHED_LENGTH else _search(pattern, value)


def _search(pattern: str, value: str) -> bool:
    return bool(pl.Series([value], dtype=pl.String).str.contains(pattern).item())


def translate_pattern(expression: Expression) -> str:
    """Return the pattern as Rust's engine has to read it, with its flags in front."""
    flags = "".join(
        letter
        for letter, flag in (("i", expression.ignore_case), ("m", expression.multiline), ("s", expression.dot_all))
        if flag
    )
    ends_at_line = expression.multiline or re.search(r"\(\?[a-z]*m", expression.pattern) is not None
    return (f"(?{flags})" if flags else "") + "".join(_translate_tokens(expression.pattern, ends_at_line=ends_at_line))


def _translate_tokens(pattern: str, *, ends_at_line: bool) -> Iterator[str]:
    """Yield the tokens of the pattern as Rust reads them; what Rust alone takes for an operation is escaped."""
    at = 0
    while at < len(pattern):
        if pattern[at] == "[":
            end, token = _translate_class(pattern, at)
        elif escape := ESCAPE.match(pattern, at):
            end, token = escape.end(), _translate_escape(escape.group())
        elif pattern[at] == "{":
            end, token = translate_brace(pattern, at)
        else:
            end, token = at + 1, r"(?:\n?\z)" if pattern[at] == "$" and not ends_at_line else pattern[at]
        yield token
        at = end


def _translate_escape(escape: str) -> str:
    return _ESCAPE_OF_OTHER_MEANING.get(escape[1:], escape)


def translate_brace(pattern: str, at: int) -> tuple[int, str]:
    """Return the end of a quantifier and itself; of a brace that begins none, its end and the brace as a letter."""
    quantifier = _QUANTIFIER.match(pattern, at)
    if quantifier is None or not (quantifier[1] or quantifier[3]):
        return at + 1, r"\{"
    least, comma, upper = quantifier.groups()
    return quantifier.end(), f"{{{least or 0}{comma}{upper}}}"


def _translate_class(pattern: str, at: int) -> tuple[int, str]:
    """Return the end of a class of characters, and the class without operations on sets, which Rust alone has."""
    opening = _CLASS_OPENING.match(pattern, at)
    assert opening is not None
    tokens, at = [opening.group().replace("]", r"\]")], opening.end()
    while at < len(pattern) and pattern[at] != "]":
        if escape := ESCAPE.match(pattern, at):
            token, at = _translate_escape(escape.group()), escape.end()
        elif named := NAMED_CLASS.match(pattern, at):
            token, at = named.group(), named.end()
        elif pattern.startswith("--", at):
            token, at = r"-\-", at + 2
        else:
            token, at = f"\\{pattern[at]}" if pattern[at] in "[&~" else pattern[at], at + 1
        tokens.append(token)
    return at + 1, "".join(tokens) + pattern[at : at + 1]
