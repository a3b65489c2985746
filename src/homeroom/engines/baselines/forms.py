"""The parsed form of a condition over a settings document: tests, and what joins and counts them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from homeroom.engines.baselines.paths import MISSING, Path


@dataclass(frozen=True, kw_only=True)
class Lookup:
    """A value that stands in the document: where, how it is read, and what it is where nothing stands."""

    where: Path
    reads: tuple[str, ...]
    otherwise: Any = MISSING


@dataclass(frozen=True, kw_only=True)
class Test:
    """One value compared. `word` is one of COMPARED, only, exists or empty."""

    __test__ = False
    where: Path
    reads: tuple[str, ...]
    word: str
    values: tuple[Any, ...]
    every: bool = False
    dated: bool = False


@dataclass(frozen=True, kw_only=True)
class Not:
    """True where the part is false; unknown stays unknown."""

    part: Form


@dataclass(frozen=True, kw_only=True)
class Maybe:
    """True where the part is true or unknown."""

    part: Form


@dataclass(frozen=True, kw_only=True)
class Both:
    """All parts; true without any. `term` is the name that a suite gave it."""

    parts: tuple[Form, ...]
    term: str = ""


@dataclass(frozen=True, kw_only=True)
class Either:
    """Any of the parts."""

    parts: tuple[Form, ...]


@dataclass(frozen=True, kw_only=True)
class Quantified:
    """some, every or no element of a list fits. `optional`: a list that is not there counts as an empty one."""

    kind: str
    where: Path
    part: Form
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many elements fit, within bounds: ((word, number), …). `distinct`: the value that makes elements the same."""

    where: Path
    part: Form
    bounds: tuple[tuple[str, float], ...]
    distinct: Path | None = None
    optional: bool = False


type Form = Test | Not | Maybe | Both | Either | Quantified | Counted


def first_names(form: Form) -> frozenset[str]:
    """The first names of every path that the condition reads: the sections of settings that it looks at."""
    match form:
        case Test(where=where):
            return frozenset(where.names[:1])
        case Not(part=part) | Maybe(part=part):
            return first_names(part)
        case Both(parts=parts) | Either(parts=parts):
            return frozenset[str]().union(*(first_names(part) for part in parts))
        case Quantified(where=where, part=part) | Counted(where=where, part=part):
            return frozenset(where.names[:1]) | first_names(part)
