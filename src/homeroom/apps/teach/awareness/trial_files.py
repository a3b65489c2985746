"""Trials from a table of people's outcomes, and the document of their effects; no district has to be loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeroom.domain.teach.awareness.trials import Trial, TrialArm, TrialEffect, TrialOutcome
from homeroom.engines.teach.awareness.trial_effect import estimate_trial
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.rows.given_rows import UnfitCell, read_given_rows

REQUIRED = ("person", "arm", "missed")
COLUMNS = (*REQUIRED, "term", "unit", "stratum", "drill", "lure", "delivered")
ARMS = ", ".join(TrialArm)
YES, NO = ("1", "true", "yes"), ("0", "false", "no")


@dataclass(kw_only=True)
class _TermDraft:
    """The rows of a term as far as they are read; arms with the lines that gave them."""

    outcomes: list[TrialOutcome] = field(default_factory=list)
    people: dict[str, tuple[TrialArm, str, int]] = field(default_factory=dict)
    units: dict[str, tuple[TrialArm, int]] = field(default_factory=dict)
    known: dict[tuple[str, str], int] = field(default_factory=dict)
    draws_people: bool = True


@dataclass(frozen=True, kw_only=True)
class TrialTable:
    """The trials of a table by term, and the rows that were rejected."""

    trials: tuple[Trial, ...]
    problems: tuple[Problem, ...]


def read_trials(path: Path) -> TrialTable:
    """Read the trials of a table. Raise FileRefused if it cannot be read, or has no row that fits."""
    rows = read_given_rows(path, columns=COLUMNS, required=REQUIRED)
    drafts: dict[str, _TermDraft] = {}
    problems = list(rows.problems)
    for position, line in enumerate(rows.lines):
        cells = {name: rows.columns[name][position] for name in COLUMNS}
        try:
            _add_row(drafts.setdefault(cells["term"], _TermDraft()), cells, line)
        except UnfitCell as error:
            problems.append(error.build_problem(file=rows.file, line=line, value=cells[error.column]))
    trials = tuple(
        Trial(term=term, outcomes=tuple(draft.outcomes), draws_people=draft.draws_people)
        for term, draft in drafts.items()
        if draft.people
    )
    if not trials:
        raise FileRefused(
            problems
            or [Problem(file=rows.file, reason="has no row", fits=f"rows of {','.join(REQUIRED)}; arms are {ARMS}")]
        )
    return TrialTable(trials=trials, problems=tuple(problems))


def _add_row(draft: _TermDraft, cells: Mapping[str, str], line: int) -> None:
    """Add a row. Raise UnfitCell if it does not fit, or contradicts an earlier one."""
    person = cells["person"].lower()
    if not person:
        raise UnfitCell("person", "is missing", "the address or number of a person")
    if cells["arm"] not in tuple(TrialArm):
        raise UnfitCell("arm", "is no arm", ARMS)
    arm, stratum, unit = TrialArm(cells["arm"]), cells["stratum"], cells["unit"] or person
    missed, delivered = _parse_answer("missed", cells["missed"]), _parse_answer("delivered", cells["delivered"])
    cell = "\x00".join((cells["drill"], cells["lure"]))
    earlier = draft.people.get(person)
    if earlier is not None and earlier[0] is not arm:
        raise UnfitCell("arm", f"differs from that of the same person on line {earlier[2]}", "one arm for each person")
    if earlier is not None and earlier[1] != unit:
        reason = f"differs from that of the same person on line {earlier[2]}"
        raise UnfitCell("unit", reason, "one unit for each person")
    if unit in draft.units and draft.units[unit][0] is not arm:
        reason = f"differs from that of the same unit on line {draft.units[unit][1]}"
        raise UnfitCell("arm", reason, "one arm for each unit that was drawn")
    if (cells["drill"] or cells["lure"]) and (person, cell) in draft.known:
        reason = f"is of the same person and drill as line {draft.known[person, cell]}"
        raise UnfitCell("drill", reason, "one row for each person and drill")
    draft.people.setdefault(person, (arm, unit, line))
    draft.units.setdefault(unit, (arm, line))
    draft.known[person, cell] = line
    draft.draws_people &= unit == person
    if missed is not None and delivered is not False:
        draft.outcomes.append(
            TrialOutcome(person=person, unit=unit, stratum=stratum, cell=cell, arm=arm, missed=missed)
        )


def _parse_answer(column: str, text: str) -> bool | None:
    """Return yes or no; None where it is blank. Raise UnfitCell for another text."""
    if not text:
        return None
    if text.lower() in YES or text.lower() in NO:
        return text.lower() in YES
    raise UnfitCell(column, "is neither 0 nor 1", "0, 1, or blank where it is not known")


def estimate_table(path: Path) -> tuple[tuple[TrialEffect, ...], tuple[Problem, ...]]:
    """Estimate the trials of a table; return the effects, and the rows that were rejected. Raise FileRefused."""
    table = read_trials(path)
    return tuple(estimate_trial(trial) for trial in table.trials), table.problems


def build_trial_document(effects: Iterable[TrialEffect]) -> dict[str, Any]:
    """Build the JSON document of the effects of trials."""
    return {"terms": [_convert_effect(effect) for effect in effects]}


def _convert_effect(effect: TrialEffect) -> dict[str, Any]:
    return {
        "term": effect.term or None,
        "people": _convert_arms(effect.people),
        "units": _convert_arms(effect.units),
        "estimate": effect.estimate,
        "low": effect.interval.low if effect.interval else None,
        "high": effect.interval.high if effect.interval else None,
        "verdict": effect.verdict.value,
        "smallest_detectable": effect.smallest_detectable,
        "suppressed": effect.suppressed,
    }


def _convert_arms(counts: tuple[int, int] | None) -> dict[str, int | None]:
    trained, held_out = counts or (None, None)
    return {TrialArm.TRAINED.value: trained, TrialArm.HELD_OUT.value: held_out}
