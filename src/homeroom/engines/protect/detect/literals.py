"""Necessary clues: an event has at least one of them if a rule's condition is true of it.

They let the engine leave out most rules of an event without evaluating their conditions. A clue is a lower-case text
that a field's lower-case text is, or that occurs somewhere in it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from homeroom.domain.protect.detections.rules import (
    Alternatives,
    And,
    Condition,
    Expression,
    FieldSearch,
    Flag,
    KeywordSearch,
    Number,
    Or,
    Text,
    ValueTest,
)
from homeroom.engines.protect.detect.patterns import ESCAPE, NAMED_CLASS, translate_brace
from homeroom.engines.protect.detect.values import format_text

MIN_LITERAL_LENGTH = 3
"""Shorter texts, in bytes of UTF-8, occur in most values."""
_QUANTIFIERS_WITH_ZERO = frozenset("*?{")
_VERBOSE = re.compile(r"\(\?[a-zA-Z-]*x")
_HEX_DIGITS = {"x": 2, "u": 4, "U": 8}
"""How many digits stand after the letter of an escape."""
_COMMON_TEXT = r"""
|c:\windows\system32\kernelbase.dll+|c:\windows\system32\ntdll.dll+ c:\windows\system32\svchost.exe
c:\windows\syswow64\ c:\windows\system32\lsass.exe c:\windows\explorer.exe c:\windows\system32\services.exe
hklm\system\currentcontrolset\services\ \registry\machine\system\controlset001\services\
hklm\software\microsoft\windows\currentversion\ hkcu\software\microsoft\windows nt\currentversion\
c:\program files\ c:\program files (x86)\ c:\users\ \appdata\local\temp\ \appdata\roaming\
s-1-5-21- s-1-5-18 s-1-16-12288 microsoft corporation microsoft-windows-security-auditing microsoft-windows-sysmon
nt authority\system high medium system key file true false success failure
"""
"""What is in very many records of Windows: a clue that is a part of it leaves few events out."""
_WHOLE_BONUS = 8
"""A value that is a text is rarer than one that contains it, by so many characters of a longer text."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Clue:
    """A text that a field has; in any field if it has no name, and as its whole value if `is_whole`."""

    text: str
    is_whole: bool = False
    name: str | None = None


type Clues = frozenset[Clue]


def find_necessary_clues(condition: Condition) -> Clues | None:
    """Return the clues of a condition that leave out the most events; None if it has no necessary ones."""
    match condition:
        case FieldSearch():
            sets = [_name_clues(_find_test_clues(test), condition.name) for test in condition.tests]
            return _choose_rarest(sets) if condition.require_all else _unite(sets)
        case KeywordSearch():
            sets = [_find_contained_clues(test) for test in condition.tests]
            return _choose_rarest(sets) if condition.require_all else _unite(sets)
        case And():
            return _choose_rarest(find_necessary_clues(part) for part in condition.parts)
        case Or():
            return _unite([find_necessary_clues(part) for part in condition.parts])
        case _:
            return None


def _name_clues(clues: Clues | None, name: str) -> Clues | None:
    return None if clues is None else frozenset(replace(clue, name=name) for clue in clues)


def _find_test_clues(test: ValueTest) -> Clues | None:
    """Return the clues of a test of a field's value."""
    match test:
        case Text() if all(isinstance(part, str) for part in test.parts):
            return frozenset({Clue(text="".join(map(str, test.parts)).lower(), is_whole=True)})
        case Flag():
            return frozenset({Clue(text=format_text(test.value), is_whole=True)})
        case Alternatives():
            return _unite([_find_test_clues(alternative) for alternative in test.tests])
        case _:
            return _find_contained_clues(test)


def _find_contained_clues(test: ValueTest) -> Clues | None:
    """Return the clues of a test that may be true of a part of a value."""
    match test:
        case Text():
            return _choose_longest(piece for part in test.parts if isinstance(part, str) for piece in _lower(part))
        case Number():  # a text that is this number has its digits, whatever zeros are around them
            return _choose_longest([str(abs(test.value))] if isinstance(test.value, int) else [])
        case Expression():
            runs = (run for literal in _iter_regex_literals(test.pattern) for run in _split_ascii(literal))
            return _choose_longest(map(str.lower, runs))
        case Alternatives():
            return _unite([_find_contained_clues(alternative) for alternative in test.tests])
        case _:
            return None


def _choose_longest(texts: Iterable[str]) -> Clues | None:
    longest = max(texts, key=len, default="")
    return frozenset({Clue(text=longest)}) if len(longest.encode()) >= MIN_LITERAL_LENGTH else None


def _lower(text: str) -> list[str]:
    """Return the runs of a text in lower case as they are in any value with it; of a sigma that depends on its end."""
    return re.split("[σς]", text.lower())


def _split_ascii(text: str) -> list[str]:
    """Return the runs of ASCII: to a regular expression, other letters may have several spellings without case."""
    return "".join(character if character.isascii() else "\n" for character in text).split("\n")


def _unite(sets: Iterable[Clues | None]) -> Clues | None:
    united: Clues = frozenset()
    for clues in sets:
        if clues is None:
            return None
        united |= clues
    return united or None


def _choose_rarest(sets: Iterable[Clues | None]) -> Clues | None:
    return max((clues for clues in sets if clues), key=_estimate_rarity, default=None)


def _estimate_rarity(clues: Clues) -> float:
    """Return how rare it is that an event has one of the clues: by the shortest, less the number of them.

    A search of all fields counts as less rare, since all of their values have to be read for it.
    """
    rarity = min(map(_estimate_clue_rarity, clues)) - 2 * math.log2(len(clues))
    return rarity - 100 if any(clue.name is None for clue in clues) else rarity


def _estimate_clue_rarity(clue: Clue) -> int:
    if clue.text in _COMMON_TEXT:
        return 1 + clue.is_whole
    return len(clue.text) + _WHOLE_BONUS * clue.is_whole


def _iter_regex_literals(pattern: str) -> Iterable[str]:
    """Return the texts outside of groups that every match of a regular expression has; none if it has alternatives."""
    if _VERBOSE.search(pattern):
        return []  # its spaces and comments mean nothing
    runs, run, depth, position = [], "", 0, 0
    while position < len(pattern):
        character = pattern[position]
        literal, position = _read_regex_item(pattern, position)
        if depth == 0 and character == "|":
            return []
        depth += (character == "(") - (character == ")")
        follower = pattern[position : position + 1]
        is_kept = literal and depth == 0 and follower not in _QUANTIFIERS_WITH_ZERO
        run = run + literal if is_kept else run
        if not is_kept or follower == "+":
            runs.append(run)
            run = ""
    return [*runs, run]


def _read_regex_item(pattern: str, position: int) -> tuple[str, int]:
    """Return the literal that begins at a position, "" for anything else, and the position after it."""
    character = pattern[position]
    if character == "\\":
        escape = ESCAPE.match(pattern, position)
        escaped, end = (escape.group()[1:], escape.end()) if escape else ("", position + 1)
        return ("" if escaped[:1].isalnum() else escaped), end + _HEX_DIGITS.get(escaped, 0)
    if character == "[":
        return "", _skip_class(pattern, position)
    if character == "{":
        end, token = translate_brace(pattern, position)
        return ("{" if token == r"\{" else ""), end
    return ("" if character in ".^$*+?()|" else character), position + 1


def _skip_class(pattern: str, position: int) -> int:
    """Return the position after a class of characters; a bracket at its beginning belongs to it."""
    position += 1
    if pattern[position : position + 1] == "^":
        position += 1
    if pattern[position : position + 1] == "]":
        position += 1
    while position < len(pattern) and pattern[position] != "]":
        named = NAMED_CLASS.match(pattern, position)
        position = named.end() if named else position + 1 + (pattern[position] == "\\")
    return position + 1
