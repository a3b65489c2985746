"""An exact knapsack over integer minutes: a set-up is paid once, and quiet entries share fewer minutes.

For every number of minutes up to the capacity the best value is known, and the entries that reach it can be traced.
Entries of a set-up are processed by falling set-up minutes, so that the first selected one pays and no later one pays
more. Quiet entries come first, in their smaller capacity; the other entries build on the best of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

MAX_CELLS = 150_000_000
"""Maximum entries times minutes, at a byte each; beyond it minutes are counted in coarser steps, rounded up."""
_SKIP, _FROM_STARTED, _FROM_NOT_STARTED = 0, 1, 2
_IMPOSSIBLE = -(1 << 60)


@dataclass(frozen=True, kw_only=True)
class KnapsackEntry[T]:
    """An entry to select or leave: its minutes, and the set-up minutes that it costs where no entry paid more."""

    payload: T
    setup: tuple[Any, ...]
    setup_minutes: int
    minutes: int
    value: int
    quiet: bool
    key: str


@dataclass(frozen=True, kw_only=True)
class _SetupLayer[T]:
    """One set-up: its entries, the choice at every number of steps, and where selecting any of them is best."""

    entries: list[KnapsackEntry[T]]
    choices: list[npt.NDArray[np.uint8]]
    used: npt.NDArray[np.bool_]


@dataclass(kw_only=True)
class KnapsackSolution[T]:
    """The best value for every capacity.

    `complete` is false where time ran out, or minutes were counted coarsely.
    """

    step: int
    values: npt.NDArray[np.int64]
    quiet_steps: int
    complete: bool = True
    quiet_layers: list[_SetupLayer[T]] = field(default_factory=list)
    layers: list[_SetupLayer[T]] = field(default_factory=list)

    def get_best_value(self, minutes: int) -> int:
        """Return the best value in so many minutes."""
        return int(self.values[minutes // self.step])

    def get_best_values(self, minutes: int) -> npt.NDArray[np.int64]:
        """Return the best values in 0 … `minutes` minutes."""
        return self.values[np.arange(minutes + 1) // self.step]

    def find_fewest_minutes(self, minutes: int) -> int:
        """Return the fewest minutes in which the best value of so many minutes is reached."""
        values = self.values[: minutes // self.step + 1]
        return int(np.argmax(values == values[-1])) * self.step

    def list_selected(self, minutes: int) -> list[T]:
        """Return the payloads of the entries that reach the best value in so many minutes."""
        selected, remaining = _trace_back(self.layers, minutes // self.step, self.step)
        quiet, _ = _trace_back(self.quiet_layers, min(remaining, self.quiet_steps), self.step)
        return [*quiet, *selected]


def solve_knapsack[T](
    entries: Iterable[KnapsackEntry[T]],
    *,
    capacity: int,
    quiet_capacity: int,
    is_late: Callable[[], bool] = lambda: False,
) -> KnapsackSolution[T]:
    """Solve the knapsack for every capacity up to `capacity`.

    Entries of most value per minute are processed first.
    """
    all_entries = list(entries)
    step = max(1, -(-len(all_entries) * (capacity + 1) // MAX_CELLS))
    solution: KnapsackSolution[T] = KnapsackSolution(
        step=step,
        values=np.zeros(capacity // step + 1, np.int64),
        quiet_steps=quiet_capacity // step,
        complete=step == 1,
    )
    quiet_values = np.zeros(solution.quiet_steps + 1, np.int64)
    for setup in _group_by_setup(entry for entry in all_entries if entry.quiet):
        quiet_values = _add_layer(solution.quiet_layers, setup, quiet_values, step)
    solution.values[:] = quiet_values[np.minimum(np.arange(len(solution.values)), solution.quiet_steps)]
    for setup in _group_by_setup(entry for entry in all_entries if not entry.quiet):
        if is_late():
            solution.complete = False
            break
        solution.values = _add_layer(solution.layers, setup, solution.values, step)
    return solution


def _group_by_setup[T](entries: Iterable[KnapsackEntry[T]]) -> list[list[KnapsackEntry[T]]]:
    """Group entries by set-up, each group by falling set-up minutes.

    Set-ups of most value per minute come first.
    """
    ordered = sorted(entries, key=lambda entry: (entry.setup, -entry.setup_minutes, entry.key))
    setups = [list(group) for _, group in groupby(ordered, key=lambda entry: entry.setup)]
    return sorted(
        setups,
        key=lambda group: (-max(entry.value / (entry.setup_minutes + entry.minutes) for entry in group), group[0].key),
    )


def _add_layer[T](
    layers: list[_SetupLayer[T]], entries: list[KnapsackEntry[T]], before: npt.NDArray[np.int64], step: int
) -> npt.NDArray[np.int64]:
    """Add the layer of one set-up, and return the best values with it.

    `before` are the best values without any entry of the set-up.
    """
    after, choices = np.full_like(before, _IMPOSSIBLE), []
    for entry in entries:
        from_started = _shift_values(after, _count_steps(entry.minutes, step)) + entry.value
        from_not_started = _shift_values(before, _count_steps(entry.setup_minutes + entry.minutes, step)) + entry.value
        choice = np.where(from_not_started > from_started, _FROM_NOT_STARTED, _FROM_STARTED).astype(np.uint8)
        with_entry = np.maximum(from_not_started, from_started)
        choices.append(np.where(with_entry > after, choice, _SKIP).astype(np.uint8))
        after = np.maximum(after, with_entry)
    layers.append(_SetupLayer(entries=entries, choices=choices, used=after > before))
    return np.maximum(before, after)


def _count_steps(minutes: int, step: int) -> int:
    return -(-minutes // step)


def _shift_values(values: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """Return the values of so many steps fewer."""
    shifted = np.full_like(values, _IMPOSSIBLE)
    if count < len(values):
        shifted[count:] = values[: len(values) - count]
    return shifted


def _trace_back[T](layers: list[_SetupLayer[T]], position: int, step: int) -> tuple[list[T], int]:
    """Trace back the selected payloads from so many steps, and return them with the steps that remain."""
    selected: list[T] = []
    for layer in reversed(layers):
        if layer.used[position]:
            for entry, cost in _trace_layer(layer, position, step):
                selected.append(entry.payload)
                position -= cost
    return selected, position


def _trace_layer[T](layer: _SetupLayer[T], position: int, step: int) -> Iterator[tuple[KnapsackEntry[T], int]]:
    for entry, choice in zip(reversed(layer.entries), reversed(layer.choices), strict=True):
        if choice[position] == _FROM_STARTED:
            cost = _count_steps(entry.minutes, step)
            yield entry, cost
            position -= cost
        elif choice[position] == _FROM_NOT_STARTED:
            yield entry, _count_steps(entry.setup_minutes + entry.minutes, step)
            return
