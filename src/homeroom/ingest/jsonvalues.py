"""JSON values as a strict reader takes them: numbers stay the text that they were, and no name stands twice in one object."""

from __future__ import annotations

import json
from typing import Any, NoReturn


class Misplaced(ValueError):
    """A value that JSON's grammar allows but a strict reader does not."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise Misplaced(f"the name {name[:60]!r} stands twice in one object")
            seen.add(name)
    return made


def _constant(word: str) -> NoReturn:
    raise Misplaced(f"{word} is no JSON value")


STRICT = json.JSONDecoder(object_pairs_hook=_pairs, parse_int=str, parse_float=str, parse_constant=_constant)
AGAIN = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_constant)
"""For text that was read by the other one before: no name stands twice in it."""
# json hands numbers to these hooks, so that 1.10 stays 1.10 and an id of 30 digits keeps all of them.


def parsed(text: str) -> Any:
    """A whole JSON text, as strictly as a file of it. Raises ValueError where it is none, or nested too deep."""
    try:
        return STRICT.decode(text)
    except RecursionError:
        raise Misplaced("nested too deep") from None


def whole_letters(value: Any) -> bool:
    """Whether nothing in the value is half a letter, which no other program could take from us."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def again(text: str) -> Any:
    """A whole JSON text that was read before, each number as the text that it is; None where it is more than one value."""
    try:
        return AGAIN.decode(text)
    except (ValueError, RecursionError):
        return None
