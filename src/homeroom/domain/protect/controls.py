"""Controls: what should be true of every subject of one table, and what to do where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from homeroom.domain.problem_texts import ProblemText
from homeroom.domain.protect.control_states import Severity
from homeroom.domain.protect.person_asks import PersonAsk
from homeroom.domain.protect.urgency import Danger


class Expectation(StrEnum):
    """The state that an example inside a control expects."""

    PASSES = "passes"
    FAILS = "fails"
    CANNOT_TELL = "cannot tell"
    DOES_NOT_APPLY = "does not apply"


@dataclass(frozen=True, kw_only=True)
class ControlExample:
    """One row, and the state that the control must give it. `today` is ISO 8601 and defaults to 2026-01-15."""

    expect: Expectation
    given: Mapping[str, Any]
    today: str = "2026-01-15"
    name: str = ""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """Work to close the finding: minutes for each subject, and minutes once to set up."""

    minutes_per_subject: float
    minutes_once: float


@dataclass(frozen=True, kw_only=True)
class Grouping:
    """Failing subjects of one group become one finding about the group once their share reaches `at_share`.

    `by` names the columns that identify a group, the naming one first: (cart, school), since every school has a Cart 1.
    """

    by: tuple[str, ...]
    at_share: float
    at_least: int
    title: str
    problem: ProblemText | None = None


@dataclass(frozen=True, kw_only=True)
class Control:
    """One control as the content file states it.

    `title` is what should be true, `problem` what is wrong where it is not; only a control that is not shipped any more
    lacks it. `question` is what a person must answer about a failing subject, for controls that work alone cannot fix.
    `applies_to` and `requires` are matcher patterns (mapping or list). `subject` is what one row of the evaluation is
    about if that is not a row of the queried table: `directory`; `behind` then describes one such subject by the number
    of its rows. `remedies` are the actions that a console can do in
    bulk about failing subjects, by id. `fixed_if` is a pattern that a subject fits once it was done what the words of
    `fix` ask for, where that takes it out of the control; `fixed_if_gone` is true where they ask to remove the subject
    from its source. `disturbs` is `class` if the work takes something out of a lesson, so that it is
    planned outside class. `danger` marks a control whose failures are an immediate danger. `ask` is what the person is
    asked about whose account or device fails, in words that are for them alone.
    """

    id: str
    area: str
    title: str
    severity: Severity
    asks: str
    because: str
    fix: Mapping[str, str]
    effort: Effort
    who: str = "technician"
    applies_to: Any = field(default_factory=dict)
    requires: Any = field(default_factory=dict)
    sql: str = ""
    satisfies: tuple[str, ...] = ()
    shows: tuple[str, ...] = ()
    question: str = ""
    groups: Grouping | None = None
    examples: tuple[ControlExample, ...] = ()
    subject: str = ""
    remedies: tuple[str, ...] = ()
    fixed_if: Any = field(default_factory=dict)
    fixed_if_gone: bool = False
    disturbs: str = "nobody"
    danger: Danger | None = None
    problem: ProblemText | None = None
    behind: ProblemText | None = None
    ask: PersonAsk | None = None

    @property
    def setup(self) -> str:
        """Id of the set-up work: the same actions of a console serve every control that names them."""
        return "+".join(self.remedies) or self.id
