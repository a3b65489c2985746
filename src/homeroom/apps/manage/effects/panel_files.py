"""Studies from a file of weeks by school; a file with anything that does not fit is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from homeroom.domain.manage.estimates.studies import Study, WeekValue
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.rows.given_rows import UnfitCell, read_given_rows, truncate_value
from homeroom.ingest.values.given_values import DAY_FITS, NUMBER_FITS, parse_given_day, parse_given_number

COLUMNS = ("study", "school", "week", "started", "value", "per")
REQUIRED = ("study", "school", "week", "started", "value")
MAX_VALUE = 1e15
"""Beyond it, values would lose the differences between weeks to rounding."""
MAX_PROBLEMS = 20
"""Problems of one file that are named before reading ends."""


@dataclass(kw_only=True)
class _StudyDraft:
    """A study as far as it is read, with the lines that each statement is from."""

    name: str
    weeks: dict[tuple[str, date], WeekValue] = field(default_factory=dict)
    lines: dict[tuple[str, date], int] = field(default_factory=dict)
    starts: dict[str, tuple[date | None, str, int]] = field(default_factory=dict)
    has_per: tuple[bool, int] | None = None

    def add(self, line: int, school: str, week: str, started: str, value: str, per: str) -> None:
        """Add a row. Raise UnfitCell if it contradicts itself or an earlier one."""
        monday = _parse_monday("week", week)
        self._add_start(line, school, started)
        number = self._divide(line, value, per)
        key = school, monday
        if key in self.lines:
            reason = f"a second row of {truncate_value(school)} for the week of {monday}, after line {self.lines[key]}"
            raise UnfitCell("week", reason, "a row for each week of a school")
        self.lines[key] = line
        self.weeks[key] = WeekValue(school=school, week=monday, value=number)

    def _add_start(self, line: int, school: str, started: str) -> None:
        start = _parse_monday("started", started) if started else None
        earlier_start = self.starts.setdefault(school, (start, started, line))
        if earlier_start[1] != started and (earlier_start[0] != start or not started or not earlier_start[1]):
            earlier = f"{earlier_start[1] or 'blank'} on line {earlier_start[2]}"
            reason = f"a second start of {truncate_value(school)}, which is {earlier}"
            raise UnfitCell("started", reason, "the same day in all rows of a school, or blank in all of them")

    def _divide(self, line: int, value: str, per: str) -> float | None:
        """Return the value, divided by `per` where the study has it; None if it is missing."""
        divisor = parse_given_number(per) if per else 1.0
        if divisor is None or divisor <= 0:
            raise UnfitCell("per", "is not a number above 0", "a number above 0, such as the students of the school")
        if not value:
            return None
        number = parse_given_number(value)
        if number is None:
            raise UnfitCell("value", "is not a number", f"{NUMBER_FITS}, or blank where it is missing")
        if not abs(number / divisor) <= MAX_VALUE:
            raise UnfitCell("value", "is too large", f"a number up to {MAX_VALUE:g}, by itself and divided by per")
        if self.has_per is None:
            self.has_per = bool(per), line
        if self.has_per[0] != bool(per):
            other = f"line {self.has_per[1]} has {'a number' if self.has_per[0] else 'none'}"
            raise UnfitCell(
                "per", f"is {'given' if per else 'blank'}, while {other}", "a number in all rows of a study, or none"
            )
        return number / divisor


def read_studies(path: Path) -> list[Study]:
    """Read the studies of a file, in its order. Raise FileRefused with all that does not fit."""
    panel = read_given_rows(path, columns=COLUMNS, required=REQUIRED)
    problems = list(panel.problems)
    drafts: dict[str, _StudyDraft] = {}
    for problem in _iterate_problems(panel.file, panel.lines, panel.columns, drafts):
        problems.append(problem)
        if len(problems) >= MAX_PROBLEMS:
            break
    if not panel.lines and not problems:
        problems.append(Problem(file=panel.file, reason="has no rows", line=1, fits="a row for each week of a school"))
    if problems:
        raise FileRefused(problems)
    return [
        Study(
            name=draft.name,
            weeks=tuple(draft.weeks.values()),
            starts={school: start for school, (start, _, _) in draft.starts.items()},
        )
        for draft in drafts.values()
    ]


def _iterate_problems(
    file: str, lines: tuple[int, ...], columns: dict[str, tuple[str, ...]], drafts: dict[str, _StudyDraft]
) -> Iterator[Problem]:
    """Add the rows to the drafts of their studies and yield what does not fit."""
    for line, study, school, *cells in zip(lines, *columns.values(), strict=True):
        try:
            for column, text in (("study", study), ("school", school)):
                if not text:
                    raise UnfitCell(column, "is blank", f"the name of a {column}")
            draft = drafts.get(study) or drafts.setdefault(study, _StudyDraft(name=study))
            draft.add(line, school, *cells)
        except UnfitCell as error:
            row = dict(zip(COLUMNS, (study, school, *cells), strict=True))
            yield error.build_problem(file=file, line=line, value=row[error.column])


def _parse_monday(column: str, text: str) -> date:
    day = parse_given_day(text)
    if day is None:
        fits = DAY_FITS if column == "week" else f"{DAY_FITS}, or blank where the school never started"
        raise UnfitCell(column, "is blank" if not text else "is not a day", fits)
    return day - timedelta(days=day.weekday())
