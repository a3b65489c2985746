"""JSON values as a strict reader parses them.

Numbers stay the text that they were, and no name repeats in one object.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn


class StrictJsonError(ValueError):
    """A value that JSON's grammar allows but a strict reader does not.

    `field` is the name that is to blame, `value` its text, or empty.
    """

    def __init__(self, reason: str, *, field: str = "", value: str = "") -> None:
        super().__init__(reason)
        self.field, self.value = field, value


def _build_object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        names_so_far: set[str] = set()
        for name, _ in pairs:
            if name in names_so_far:
                reason = f"the name {name[:60]!r} stands twice in one object"
                raise StrictJsonError(reason, field=name, value=str(result[name]))
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
_SEPARATORS = re.compile(r"[ \t\r\n,\[\]]*")
"""What stands between the objects of a list, and around them."""


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


def split_documents(text: str) -> list[str]:
    """Return the texts of the objects in a text that was read before: those of a list, or one after another."""
    documents: list[str] = []
    at = _skip_separators(text, 0)
    while at < len(text):
        _, end = TRUSTING.raw_decode(text, at)
        documents.append(text[at:end])
        at = _skip_separators(text, end)
    return documents


def _skip_separators(text: str, at: int) -> int:
    separators = _SEPARATORS.match(text, at)
    return separators.end() if separators else at
