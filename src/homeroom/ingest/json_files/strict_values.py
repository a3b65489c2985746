"""JSON values as a strict reader parses them.

Numbers stay the text that they were, and no name repeats in one object.
"""

from __future__ import annotations

import json
from typing import Any, NoReturn


class StrictJsonError(ValueError):
    """A value that JSON's grammar allows but a strict reader does not."""


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names_so_far: set[str] = set()
        for name, _ in pairs:
            if name in names_so_far:
                raise StrictJsonError(f"the name {name[:60]!r} stands twice in one object")
            names_so_far.add(name)
    return result


def _refuse_constant(word: str) -> NoReturn:
    raise StrictJsonError(f"{word} is no JSON value")


STRICT = json.JSONDecoder(
    object_pairs_hook=_build_object, parse_int=str, parse_float=str, parse_constant=_refuse_constant
)
TRUSTING = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse_constant)
"""For text that was read by the strict decoder before: no name repeats in one object."""
# json hands numbers to these hooks, so that 1.10 stays 1.10 and an id of 30 digits keeps all of them.


def parse_strict(text: str) -> Any:
    """Parse a whole JSON text as strictly as a file of it.

    Raise ValueError if it is invalid or nested too deep.
    """
    try:
        return STRICT.decode(text)
    except RecursionError:
        raise StrictJsonError("nested too deep") from None


def has_no_lone_surrogate(value: Any) -> bool:
    """Check that no text in the value has a lone surrogate, which other programs could not read."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def parse_trusted(text: str) -> Any:
    """Parse a JSON text that was read before, each number as the text that it is; None if it is more than one value."""
    try:
        return TRUSTING.decode(text)
    except (ValueError, RecursionError):
        return None
