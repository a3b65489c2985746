"""One invented pupil, and what befell them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from homeroom.sample.plan import School

_LEFT = ("leaver", "left-suspended")


@dataclass(slots=True, kw_only=True)
class Pupil:
    """One pupil, and what befell them. `turn` counts those of one case."""

    index: int
    number: str
    key: str
    given: str
    family: str
    email: str
    grade: int
    school: School
    group: int
    case: str
    turn: int
    born: date
    roster_email: str
    agents: tuple[str, ...] = ()

    @property
    def left(self) -> bool:
        """Whether the roster says that the pupil left."""
        return self.case in _LEFT
