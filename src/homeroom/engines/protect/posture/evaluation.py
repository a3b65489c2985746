"""Results of an evaluation: counts for each control, the members of findings, and the state of every subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from homeroom.domain.protect.control_states import State

STATE_CODES: tuple[State, ...] = (State.PASS, State.FAIL, State.CANNOT_TELL, State.NOT_APPLICABLE, State.EXCEPTED)
"""A state's code is its position here. An example of a control expects one of these states."""
ABSENT = 255
MEMBERS = pa.schema(
    [
        ("control", pa.string()),
        ("group", pa.string()),
        ("subject_kind", pa.string()),
        ("subject", pa.int64()),
        ("state", pa.string()),
        ("rows", pa.list_(pa.int64())),
    ]
)
"""One row per subject that fails, is unknown or is excepted.

`rows` are the rows of the queried table behind a subject that is not one of them (a tenant); null elsewhere.
"""

SubjectIds = npt.NDArray[np.int64]
CodeArray = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class ControlCounts:
    """How many subjects one control saw in each state."""

    passing: int
    failing: int
    cannot_tell: int
    not_applicable: int
    excepted: int

    @property
    def population(self) -> int:
        """Number of subjects to which the control applies, or might."""
        return self.passing + self.failing + self.cannot_tell + self.excepted

    def count_state(self, state: str) -> int:
        """Return the number of subjects in one state, by the state's name."""
        return int(getattr(self, {"pass": "passing", "fail": "failing"}.get(state, state)))


@dataclass(frozen=True, kw_only=True, eq=False)
class ControlStates:
    """The state of every subject under one control: `ids` ascending, `codes` parallel to them.

    `is_folded` is true if a subject has any number of rows and the worst decides: a subject to which the control no
    longer applies is then fixed, and `unreported` (ascending) are subjects without rows that no source reports on any
    more, so that their state is unknown.
    """

    kind: str
    ids: SubjectIds
    codes: CodeArray
    rows: Mapping[int, tuple[int, ...]]
    is_folded: bool = False
    unreported: SubjectIds = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def select_codes(self, subjects: Any) -> CodeArray:
        """Return the codes of those subjects (an int64 array); ABSENT if the evaluated table lacks a subject."""
        subject_ids: SubjectIds = np.asarray(subjects, dtype=np.int64)
        if len(subject_ids) == len(self.ids) and np.array_equal(subject_ids, self.ids):
            return self.codes  # all of them, as they stand: no need to look each one up
        if not len(self.ids):
            return np.full(len(subject_ids), ABSENT, dtype=np.uint8)
        positions = np.minimum(np.searchsorted(self.ids, subject_ids), len(self.ids) - 1)
        return np.where(self.ids[positions] == subject_ids, self.codes[positions], np.uint8(ABSENT)).astype(np.uint8)

    def is_unreported(self, subject: int) -> bool:
        """Return whether the subject exists while no source reports on what the control tests."""
        position = int(np.searchsorted(self.unreported, subject))
        return position < len(self.unreported) and int(self.unreported[position]) == subject

    def get_state(self, subject: int) -> State | None:
        """Return the state of one subject; None if the evaluated table has no such subject."""
        code = int(self.select_codes([subject])[0])
        return None if code == ABSENT else STATE_CODES[code]


@dataclass(frozen=True, kw_only=True, eq=False)
class Evaluation:
    """One day's results of all controls: counts and states by control id, and the members as a table of MEMBERS."""

    today: date
    counts: Mapping[str, ControlCounts]
    control_states: Mapping[str, ControlStates]
    members: pa.Table
