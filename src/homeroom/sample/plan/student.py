"""One invented student and the student's case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from homeroom.sample.plan.district import SchoolPlan

_LEFT = ("leaver", "left-suspended")


@dataclass(slots=True, kw_only=True)
class Student:
    """One student and the student's case; `turn` counts the students of one case."""

    index: int
    number: str
    key: str
    first_name: str
    last_name: str
    email: str
    grade: int
    school: SchoolPlan
    group: int
    case: str
    turn: int
    birth_date: date
    roster_email: str
    guardian_keys: tuple[str, ...] = ()

    @property
    def left(self) -> bool:
        """True if the student left according to the roster."""
        return self.case in _LEFT
