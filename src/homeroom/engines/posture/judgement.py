"""What judging says: counts for each control, the members of findings, and the state of every subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from homeroom.domain.states import State

CODES: tuple[State, ...] = (State.PASS, State.FAIL, State.CANNOT_TELL, State.NOT_APPLICABLE, State.EXCEPTED)
"""A state's code is its place here. An example of a control expects one of them."""
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
"""One row a subject that fails, cannot be told or is excepted. `rows` are the rows of the asked table that stand behind
a subject which is not one of them (a tenant); null elsewhere."""

Ids = npt.NDArray[np.int64]
Codes = npt.NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Counts:
    """How many subjects one control saw in each state."""

    passing: int
    failing: int
    cannot_tell: int
    not_applicable: int
    excepted: int

    @property
    def population(self) -> int:
        """Everybody to whom the control applies, or might."""
        return self.passing + self.failing + self.cannot_tell + self.excepted

    def of(self, state: str) -> int:
        """The number of one state, by its word."""
        return int(getattr(self, {"pass": "passing", "fail": "failing"}.get(state, state)))


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """The state of every subject under one control: `ids` ascending, `codes` beside them.

    `folds` is true where a subject's rows decide: then one to which the control applies no more is rid of what failed, and
    `unheard` (ascending) are subjects without rows of which no source speaks any more, so that nobody can tell.
    """

    kind: str
    ids: Ids
    codes: Codes
    rows: Mapping[int, tuple[int, ...]]
    folds: bool = False
    unheard: Ids = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def codes_of(self, subjects: Any) -> Codes:
        """The codes of those subjects (an int64 array); ABSENT where the judged table has no such subject."""
        wanted: Ids = np.asarray(subjects, dtype=np.int64)
        if len(wanted) == len(self.ids) and np.array_equal(wanted, self.ids):
            return self.codes  # all of them, as they stand: no need to look each one up
        if not len(self.ids):
            return np.full(len(wanted), ABSENT, dtype=np.uint8)
        places = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        return np.where(self.ids[places] == wanted, self.codes[places], np.uint8(ABSENT)).astype(np.uint8)

    def is_unheard(self, subject: int) -> bool:
        """Whether the subject stands, and nobody speaks of what the control asks."""
        place = int(np.searchsorted(self.unheard, subject))
        return place < len(self.unheard) and int(self.unheard[place]) == subject

    def state_of(self, subject: int) -> State | None:
        """The state of one subject; None where the judged table has no such subject."""
        code = int(self.codes_of([subject])[0])
        return None if code == ABSENT else CODES[code]


@dataclass(frozen=True, kw_only=True, eq=False)
class Judgement:
    """One day's answer of all controls: counts and sheets by control id, and the members as a table of MEMBERS."""

    today: date
    counts: Mapping[str, Counts]
    sheets: Mapping[str, Sheet]
    members: pa.Table
