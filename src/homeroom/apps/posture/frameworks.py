"""What a control satisfies, in the words of each framework."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.domain.controls import Control
from homeroom.library.frameworks import frameworks


@dataclass(frozen=True, kw_only=True)
class Satisfied:
    """One goal of one framework: `framework` and `title` in words, `code` as the framework writes it."""

    framework: str
    code: str
    title: str


def satisfied(control: Control) -> tuple[Satisfied, ...]:
    """Every goal that the control helps to meet, by framework."""
    known = {one.id: one for one in frameworks()}
    made = []
    for reference in sorted(control.satisfies):
        name, _, code = reference.partition(":")
        one = known.get(name)
        title = one.goals.get(code, "") if one else ""
        made.append(Satisfied(framework=one.title if one else name, code=code, title=title))
    return tuple(made)
