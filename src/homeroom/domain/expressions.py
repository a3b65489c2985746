"""Regular expressions that mean the same to Python, DuckDB (RE2) and polars (Rust).

The three differ in look-around, back-references, what a digit is and where a line ends. A pattern's expression is
therefore a common subset: literals, `.`, classes, groups, alternatives, `^`, `$`, `* + ? {m,n}` and their lazy forms,
`\\d \\w \\s \\b` with ASCII meaning.
"""

from __future__ import annotations

import re

_SHORT = {"d": "0-9", "w": "A-Za-z0-9_", "s": r" \t\n\r\f\v"}
_KEPT = set("tnrfv")
_UNFIT = re.compile(r"\(\?|[*+?}][*+]|\?\?\?")


def portable(pattern: str) -> str:
    """The same expression with short classes spelt out. Raises ValueError where an engine would read it differently."""
    pieces: list[str] = []
    inside = False
    position = 0
    while position < len(pattern):
        piece, inside = _piece(pattern, position, inside=inside)
        pieces.append(piece)
        position += 2 if pattern[position] == "\\" else 1
    if inside:
        raise ValueError(f"{pattern!r} leaves a class open; close it with ]")
    _refuse_operators(pattern)
    whole = "".join(pieces)
    try:
        re.compile(whole)
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    return whole


def for_python(whole: str) -> str:
    """A portable expression for `re`, in which `$` would also match before a last line end."""
    return re.sub(r"(\\.|\[(?:\\.|[^\]])*\])|\$", lambda found: found.group(1) or r"\Z", whole, flags=re.DOTALL)


def _piece(pattern: str, position: int, *, inside: bool) -> tuple[str, bool]:
    sign = pattern[position]
    if sign == "\\":
        return _escaped(pattern, position, inside=inside), inside
    if inside and (sign in "[&~" or pattern[position : position + 2] == "--"):
        raise ValueError(f"{pattern!r} has {sign!r} inside a class; write \\{sign}")
    if sign == "[":
        if pattern[position + 1 : position + 2] == "]" or pattern[position + 1 : position + 3] == "^]":
            raise ValueError(f"{pattern!r} begins a class with ]; write \\]")
        return sign, True
    return sign, inside and sign != "]"


def _escaped(pattern: str, position: int, *, inside: bool) -> str:
    following = pattern[position + 1 : position + 2]
    if following in _SHORT and following:
        return _SHORT[following] if inside else f"[{_SHORT[following]}]"
    if following in _KEPT or (following == "b" and not inside):
        return r"\b" if following == "b" else f"\\{following}"
    if not following or following.isalnum() or not following.isascii():
        raise ValueError(f"{pattern!r} has \\{following}, which engines read differently; \\d \\w \\s \\b would fit")
    return f"\\{following}"


def _refuse_operators(pattern: str) -> None:
    bare = re.sub(r"\\.|\[(?:\\.|[^\]])*\]", "x", pattern, flags=re.DOTALL)
    found = _UNFIT.search(bare)
    if found:
        raise ValueError(f"{pattern!r} has {found.group()!r}; plain groups and single repetitions would fit")
