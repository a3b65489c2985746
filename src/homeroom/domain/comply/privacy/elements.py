"""Elements: the kinds of student data, the words that name them, and the columns and permissions that carry them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Sensitivity(StrEnum):
    """How much harm an element does in the wrong hands."""

    LOW = "low"
    MODERATE = "moderate"
    HIGH = "high"


SENSITIVITY_WEIGHTS: Mapping[Sensitivity, int] = {Sensitivity.LOW: 1, Sensitivity.MODERATE: 3, Sensitivity.HIGH: 9}
"""How many children of a low element weigh as much as one child of each: vendors are sorted by it."""


WITHHELD = "withheld"
"""What stands in place of a value that a format requires and that a vendor may not have: no value of a student."""


class DataSubject(StrEnum):
    """The kind of person that a value is about."""

    STUDENT = "student"
    PARENT = "parent"


@dataclass(frozen=True, kw_only=True)
class ElementExample:
    """A word of an agreement, a heading or a scope that names the element, or does not."""

    kind: str
    text: str
    names: bool


@dataclass(frozen=True, kw_only=True)
class DataElement:
    """One kind of student data.

    `words` name it in agreements, `headings` in lists. `oneroster` are columns of a bundle (`users.email`) in rows of
    those whom it is `about`. `google` and `graph` are permissions that read it, with `*` at the end for all that begin
    so. `directory` is true if a district may declare it directory information (34 CFR 99.3).
    """

    id: str
    title: str
    sensitivity: Sensitivity
    about: DataSubject
    directory: bool
    words: tuple[str, ...]
    headings: tuple[str, ...] = ()
    oneroster: tuple[str, ...] = ()
    google: tuple[str, ...] = ()
    graph: tuple[str, ...] = ()
    examples: tuple[ElementExample, ...] = ()

    @property
    def weight(self) -> int:
        """Weight of one child whose element goes to a vendor."""
        return SENSITIVITY_WEIGHTS[self.sensitivity]
