"""Version ranges as package managers write them, as alternatives of plain conditions.

Sources of the forms: node-semver's grammar (`^1.2`, `~1.2.3`, `1.x`, `1.2 - 2.3`; prereleases count as they do in `npm
audit`, which includes them), Maven's version ranges (`[1.0,2.0)`, `(,1.0]`, `[1.5]`, several with commas between), `~>`
of RubyGems, and `~=` and `==1.4.*` of PEP 440.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import product


class UnreadableConstraint(ValueError):
    """A constraint or version that cannot be read; the message names it and the reason."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One comparison: the operator, and the version to compare with."""

    operator: str
    version: str


Alternatives = tuple[tuple[Condition, ...], ...]
"""Conditions that hold together, and several such lists of which one has to hold."""

_BRACKETED = re.compile(r"\s*([\[(])\s*([^,\[\]()]*?)\s*(?:(,)\s*([^,\[\]()]*?)\s*)?([\])])\s*")
_HYPHEN = re.compile(r"\A\s*(\S+)\s+-\s+(\S+)\s*\Z")
_COMPARATOR = re.compile(r"\A\s*(<=|>=|===?|!=|~>|~=|[=<>^~])?\s*(.+?)\s*\Z", re.DOTALL)
_BETWEEN_COMPARATORS = re.compile(r",\s*|\s+(?=[<>=!^~])")
_BETWEEN_NPM_COMPARATORS = re.compile(r",\s*|(?<![<>=!^~\s])\s+(?=[<>=!^~]|[v0-9xX*])")
_NPM_MARKS = re.compile(
    r"\^|~(?![>=])|\s-\s|(?<![\w.])[0-9]+(?:\.[0-9]+)*\.[xX](?!\w)|\A\s*[xX*]\s*\Z"
    r"|(?:\A|\|\|)\s*[<>=]+\s*[^\s,|<>=]+\s+[<>=]"
)
_PARTIAL = re.compile(r"\A[v=\s]*((?:[0-9]+|[xX*])(?:\.(?:[0-9]+|[xX*]))*)(.*)\Z", re.DOTALL)
_SUFFIXES: Mapping[str, str] = {"semver": "-0", "python": ".dev0", "gem": ".a", "maven": "-alpha-0", "nuget": "-0"}
"""What makes the earliest prerelease of a version, by scheme."""
_PLAIN_SUFFIX = "-dev"


@dataclass(frozen=True, kw_only=True)
class _Partial:
    """A version as written, with its leading numbers; `vague` if it means all versions that begin with them."""

    text: str
    numbers: tuple[int, ...]
    vague: bool


def uses_npm_marks(text: str) -> bool:
    """Check whether a constraint without a scheme has a form of npm's: a caret, tilde, x-range or hyphen range."""
    return _NPM_MARKS.search(text) is not None


def uses_brackets(text: str) -> bool:
    """Check whether a constraint has the form of Maven's ranges."""
    return re.match(r"\s*[\[(]", text) is not None


def parse_brackets(text: str) -> Alternatives:
    """Parse Maven ranges, with commas between; raise UnreadableConstraint for any other text."""
    alternatives, position = [], 0
    while position < len(text):
        match = _BRACKETED.match(text, position)
        if match is None:
            raise UnreadableConstraint(f"{text.strip()!r}; [1.0,2.0) would fit")
        alternatives.append(_convert_brackets(match, text))
        position = match.end()
        if position < len(text):
            if text[position] != ",":
                raise UnreadableConstraint(f"{text.strip()!r}; a comma between two ranges would fit")
            position += 1
    return tuple(alternatives)


def _convert_brackets(match: re.Match[str], text: str) -> tuple[Condition, ...]:
    opening, lower, comma, upper, closing = match.groups()
    if not comma:
        if not lower or opening != "[" or closing != "]":
            raise UnreadableConstraint(f"{text.strip()!r}; [1.0] would fit one version")
        return (Condition(operator="=", version=lower),)
    above = [Condition(operator=">=" if opening == "[" else ">", version=lower)] if lower else []
    below = [Condition(operator="<=" if closing == "]" else "<", version=upper)] if upper else []
    return (*above, *below)


def parse_comparators(text: str, *, scheme: str, npm: bool) -> Alternatives:
    """Parse conditions that hold together, as every package manager writes them.

    With `npm`, a version with fewer than three numbers means all that begin with them. Raise UnreadableConstraint
    for a condition that cannot be read.
    """
    if hyphen := _HYPHEN.match(text):
        return _expand_hyphen(hyphen[1], hyphen[2], scheme=scheme)
    parts = (_BETWEEN_NPM_COMPARATORS if npm else _BETWEEN_COMPARATORS).split(text.strip())
    expanded = [_expand_comparator(part, scheme=scheme, npm=npm) for part in parts]
    return tuple(tuple(condition for conditions in choice for condition in conditions) for choice in product(*expanded))


def _expand_comparator(text: str, *, scheme: str, npm: bool) -> Alternatives:
    match = _COMPARATOR.match(text)
    if match is None:
        raise UnreadableConstraint(f"{text.strip()!r}; a sign and a version would fit")
    operator = {"==": "=", "===": "=", "": "="}.get(match[1] or "", match[1])
    version = match[2].strip("'\"")
    partial = _parse_partial(version, npm=npm)
    if operator == "~>" and npm:
        operator = "~"
    if operator in _EXPANSIONS:
        if partial is None:
            raise UnreadableConstraint(f"{text.strip()!r}; numbers after {operator} would fit")
        return _EXPANSIONS[operator](partial, scheme)
    if partial is None or not partial.vague:
        return ((Condition(operator=operator, version=version),),)
    return _expand_wildcard(operator, partial, scheme)


def _parse_partial(version: str, *, npm: bool) -> _Partial | None:
    match = _PARTIAL.match(version)
    if match is None:
        return None
    numbers: list[int] = []
    parts = match[1].split(".")
    for part in parts:
        if not part.isdigit():
            break
        numbers.append(int(part))
    short = npm and len(numbers) < 3 and not match[2]
    return _Partial(text=version, numbers=tuple(numbers), vague=len(numbers) < len(parts) or short)


def _expand_wildcard(operator: str, partial: _Partial, scheme: str) -> Alternatives:
    if not partial.numbers:
        never_true = Condition(operator="<", version=_write_earliest((0,), scheme))
        return ((never_true,),) if operator in ("<", ">", "!=") else ((),)
    earliest = _write_earliest(partial.numbers, scheme)
    after = _write_earliest(_bump(partial.numbers, len(partial.numbers) - 1), scheme)
    conditions: Mapping[str, Alternatives] = {
        "=": ((Condition(operator=">=", version=earliest), Condition(operator="<", version=after)),),
        "!=": ((Condition(operator="<", version=earliest),), (Condition(operator=">=", version=after),)),
        ">": ((Condition(operator=">=", version=after),),),
        ">=": ((Condition(operator=">=", version=earliest),),),
        "<": ((Condition(operator="<", version=earliest),),),
        "<=": ((Condition(operator="<", version=after),),),
    }
    return conditions[operator]


def _expand_caret(partial: _Partial, scheme: str) -> Alternatives:
    """Expand `^`: changes that leave the first number other than 0 as it is."""
    if not partial.numbers:
        return ((),)
    last = len(partial.numbers) - 1
    index = next((position for position, number in enumerate(partial.numbers) if number), last)
    return _build_span(partial, _bump(partial.numbers, index), scheme)


def _expand_tilde(partial: _Partial, scheme: str) -> Alternatives:
    """Expand `~`: changes of the third number, or of the second where there are no more."""
    if not partial.numbers:
        return ((),)
    return _build_span(partial, _bump(partial.numbers, min(1, len(partial.numbers) - 1)), scheme)


def _expand_pessimistic(partial: _Partial, scheme: str) -> Alternatives:
    """Expand `~>`: changes of the last number that is written."""
    if not partial.numbers:
        raise UnreadableConstraint(f"{partial.text!r}; numbers after ~> would fit")
    return _build_span(partial, _bump(partial.numbers, max(0, len(partial.numbers) - 2)), scheme)


def _expand_compatible(partial: _Partial, scheme: str) -> Alternatives:
    """Expand `~=`, which needs two numbers."""
    if len(partial.numbers) < 2:
        raise UnreadableConstraint(f"{partial.text!r}; two numbers after ~= would fit")
    return _expand_pessimistic(partial, scheme)


_EXPANSIONS: Mapping[str, Callable[[_Partial, str], Alternatives]] = {
    "^": _expand_caret,
    "~": _expand_tilde,
    "~>": _expand_pessimistic,
    "~=": _expand_compatible,
}


def _expand_hyphen(first: str, last: str, *, scheme: str) -> Alternatives:
    """Expand `1.2 - 2.3`: from the earliest prerelease of the first to the last of what begins like the last."""
    lower = _expand_comparator(f">={_add_wildcard(first)}", scheme=scheme, npm=True)
    upper = _expand_comparator(f"<={_add_wildcard(last)}", scheme=scheme, npm=True)
    return ((*lower[0], *upper[0]),)


def _add_wildcard(version: str) -> str:
    return f"{version}.x" if re.fullmatch(r"v?[0-9]+(?:\.[0-9]+){2}", version) else version


def _build_span(partial: _Partial, upper: tuple[int, ...], scheme: str) -> Alternatives:
    lower = _write_earliest(partial.numbers, scheme) if partial.vague else partial.text
    return (
        (
            Condition(operator=">=", version=lower),
            Condition(operator="<", version=_write_earliest(upper, scheme)),
        ),
    )


def _bump(numbers: tuple[int, ...], index: int) -> tuple[int, ...]:
    return (*numbers[:index], numbers[index] + 1)


def _write_numbers(numbers: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in (*numbers, 0, 0)[: max(3, len(numbers))])


def _write_earliest(numbers: tuple[int, ...], scheme: str) -> str:
    return _write_numbers(numbers) + _SUFFIXES.get(scheme, _PLAIN_SUFFIX)
