"""Regular expressions that mean the same to Python, DuckDB (RE2) and polars (Rust).

The three differ in look-around, back-references, what a digit is and where a line ends. A pattern's expression is
therefore a common subset: literals, `.`, classes, groups, alternatives, `^`, `$`, `* + ? {m,n}` and their lazy forms,
`\\d \\w \\s \\b` with ASCII meaning.
"""

from __future__ import annotations

import re

_CLASS_RANGES = {"d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\r\f\v"}
_CONTROL_ESCAPES = set("tnrfv")
_UNSUPPORTED = re.compile(r"\(\?|[*+?}][*+]|\?\?\?")


def convert_to_portable(pattern: str) -> str:
    """Return the same expression with short classes expanded.

    Raise ValueError if an engine would read it differently.
    """
    pieces: list[str] = []
    in_class = False
    position = 0
    while position < len(pattern):
        piece, in_class = _read_piece(pattern, position, in_class=in_class)
        pieces.append(piece)
        position += 2 if pattern[position] == "\\" else 1
    if in_class:
        raise ValueError(f"{pattern!r} leaves a class open; close it with ]")
    _reject_operators(pattern)
    portable_pattern = "".join(pieces)
    try:
        re.compile(portable_pattern)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    return portable_pattern


def adapt_for_python(portable_pattern: str) -> str:
    """Adapt a portable expression for `re`, in which `$` would also match before a last line end."""
    return re.sub(
        r"(\\.|\[(?:\\.|[^\]])*\])|\$", lambda match: match.group(1) or r"\Z", portable_pattern, flags=re.DOTALL
    )


def _read_piece(pattern: str, position: int, *, in_class: bool) -> tuple[str, bool]:
    char = pattern[position]
    if char == "\\":
        return _translate_escape(pattern, position, in_class=in_class), in_class
    if in_class and (char in "[&~" or pattern[position : position + 2] == "--"):
        raise ValueError(f"{pattern!r} has {char!r} inside a class; write \\{char}")
    if char == "[":
        if pattern[position + 1 : position + 2] == "]" or pattern[position + 1 : position + 3] == "^]":
            raise ValueError(f"{pattern!r} begins a class with ]; write \\]")
        return char, True
    return char, in_class and char != "]"


def _translate_escape(pattern: str, position: int, *, in_class: bool) -> str:
    following = pattern[position + 1 : position + 2]
    if following in _CLASS_RANGES and following:
        return _CLASS_RANGES[following] if in_class else f"[{_CLASS_RANGES[following]}]"
    if following in _CONTROL_ESCAPES or (following == "b" and not in_class):
        return r"\b" if following == "b" else f"\\{following}"
    if not following or following.isalnum() or not following.isascii():
        raise ValueError(f"{pattern!r} has \\{following}, which engines read differently; \\d \\w \\s \\b would fit")
    return f"\\{following}"


def _reject_operators(pattern: str) -> None:
    bare = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "x", pattern, flags=re.DOTALL)
    match = _UNSUPPORTED.search(bare)
    if match:
        raise ValueError(f"{pattern!r} has {match.group()!r}; plain groups and single repetitions would fit")
