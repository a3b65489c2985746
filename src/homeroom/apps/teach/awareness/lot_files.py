"""Draw a lot again from its file, and compare: anybody can, with the seed and the share; no district is needed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeroom.domain.spreadsheets import unescape_formula
from homeroom.domain.teach.awareness.trials import TrialArm
from homeroom.engines.teach.awareness.lots import compute_score, draw_scores, parse_seed
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.rows.given_rows import UnfitCell, read_given_rows

REQUIRED = ("unit", "arm")
COLUMNS = (*REQUIRED, "stratum", "score")
ARMS = ", ".join(TrialArm)


@dataclass(frozen=True, kw_only=True)
class RedrawnLot:
    """A lot that was drawn again: its units, the first lines of those whose arm is another, and rejected rows."""

    units: int
    held_out: int
    different: tuple[int, ...]
    problems: tuple[Problem, ...]


@dataclass(kw_only=True)
class _LotDraft:
    """The arms of a file by score, with the line that gave each, and the scores of each stratum."""

    key: bytes
    arms: dict[str, tuple[TrialArm, int]] = field(default_factory=dict)
    scores: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, cells: Mapping[str, str], line: int) -> None:
        """Add a row. Raise UnfitCell if it does not fit, or contradicts an earlier one of its unit."""
        if cells["arm"] not in tuple(TrialArm):
            raise UnfitCell("arm", "is no arm", ARMS)
        score = compute_score(self.key, stratum=cells["stratum"], name=cells["unit"]) if cells["unit"] else ""
        if not (score or cells["score"]):
            raise UnfitCell("unit", "is missing", "the unit that was drawn, or its score where it was erased")
        score = score or cells["score"].lower()
        arm = TrialArm(cells["arm"])
        if score in self.arms and self.arms[score][0] is not arm:
            reason = f"differs from that of the same unit on line {self.arms[score][1]}"
            raise UnfitCell("arm", reason, "one arm for each unit that was drawn")
        if score not in self.arms:
            self.arms[score] = arm, line
            self.scores[cells["stratum"]].append(score)


def redraw_file(path: Path, *, seed: str, percent: int) -> RedrawnLot:
    """Draw the units of a file again, and compare their arms.

    A row is `unit,arm`, with `stratum` if the lot has strata; rows of people of one school have the same unit. Raise
    FileRefused if the file cannot be read or holds no row that fits, and LotRefused for a seed that is none.
    """
    draft = _LotDraft(key=parse_seed(seed))
    rows = read_given_rows(path, columns=COLUMNS, required=REQUIRED)
    problems = list(rows.problems)
    for position, line in enumerate(rows.lines):
        cells = {name: unescape_formula(rows.columns[name][position]) for name in COLUMNS}
        try:
            draft.add(cells, line)
        except UnfitCell as error:
            problems.append(error.build_problem(file=rows.file, line=line, value=cells[error.column]))
    if not draft.arms:
        raise FileRefused(problems or [Problem(file=rows.file, reason="has no row", fits="rows of unit,arm,stratum")])
    drawn = draw_scores(draft.scores, seed=seed, percent=percent)
    return RedrawnLot(
        units=len(drawn),
        held_out=sum(arm is TrialArm.HELD_OUT for arm in drawn.values()),
        different=tuple(sorted(line for score, (arm, line) in draft.arms.items() if drawn[score] is not arm)),
        problems=tuple(problems),
    )


def build_redraw_document(lot: RedrawnLot) -> dict[str, Any]:
    """Build the JSON document of a lot that was drawn again."""
    return {
        "units": lot.units,
        "held_out": lot.held_out,
        "same": not lot.different,
        "different_lines": list(lot.different),
    }
