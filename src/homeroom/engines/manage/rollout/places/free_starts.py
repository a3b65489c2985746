"""The next and the last start without class from each slot on, for all rooms and days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from homeroom.engines.manage.rollout.problem import RolloutProblem
from homeroom.engines.manage.rollout.start_table import StartTable

NEVER_STARTS = 1 << 14
"""A slot after all others."""


class FreeStarts:
    """Starts by kind: `kinds` is [room, day]; `nexts` and `lasts` are [kind, slot]. Kind 0 has no starts."""

    def __init__(self, problem: RolloutProblem, table: StartTable, *, last: int) -> None:
        """Compute the kinds of all rooms from the first day to a last one; days that are alike share them."""
        slots = np.arange(table.slot_count + 1, dtype=np.int32)
        nexts, lasts = [np.full_like(slots, NEVER_STARTS)], [np.full_like(slots, -NEVER_STARTS)]
        numbers: dict[object, int] = {}
        rows_by_state: dict[object, dict[int, int]] = {}
        self.kinds: NDArray[np.int32] = np.zeros((len(problem.rooms), last + 1), np.int32)
        for day in range(last + 1):
            for school in range(len(problem.schools)):
                state = table.get_state(school, day)
                if state is None:
                    continue
                if state not in rows_by_state:
                    own = rows_by_state[state] = {}
                    for room, items in table.get_room_slots(school, day).items():
                        own[room] = numbers.setdefault(items, len(nexts))
                        if own[room] == len(nexts):
                            is_open = np.zeros(len(slots), np.bool_)
                            is_open[[slot for slot, disturbed in items if not disturbed]] = True
                            backward = np.where(is_open, slots, NEVER_STARTS)[::-1]
                            nexts.append(np.minimum.accumulate(backward)[::-1])
                            lasts.append(np.maximum.accumulate(np.where(is_open, slots, -NEVER_STARTS)))
                for room, kind in rows_by_state[state].items():
                    self.kinds[room, day] = kind
        self.nexts: NDArray[np.int32] = np.array(nexts, np.int32)
        self.lasts: NDArray[np.int32] = np.array(lasts, np.int32)
