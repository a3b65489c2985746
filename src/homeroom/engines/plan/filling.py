"""A knapsack over whole minutes in which entries of one set-up pay it once, and quiet entries share fewer minutes.

Exact: for every number of minutes up to the room the best worth is known, and the entries that give it can be told.
Entries of a set-up are taken by falling set-up minutes, so that the first one taken pays and no later one pays more.
Quiet entries come first, in their smaller room; what follows builds on the best of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np
import numpy.typing as npt

CELLS = 150_000_000
"""Entries times minutes that are kept at a byte each; beyond it minutes are counted in coarser steps, rounded up."""
_KEEP, _FROM_OPEN, _FROM_SHUT = 0, 1, 2
_NEVER = -(1 << 60)


@dataclass(frozen=True, kw_only=True)
class Entry[T]:
    """Something to take or leave: whole minutes, and the set-up minutes that its set-up costs where none paid more."""

    of: T
    setup: tuple[Any, ...]
    once: int
    minutes: int
    worth: int
    quiet: bool
    key: str


@dataclass(frozen=True, kw_only=True)
class _Layer[T]:
    """One set-up: its entries, how each got to every number of steps, and where taking any of them is best."""

    entries: list[Entry[T]]
    ways: list[npt.NDArray[np.uint8]]
    used: npt.NDArray[np.bool_]


@dataclass(kw_only=True)
class Filling[T]:
    """The best worth for every room. `complete` is false where time ran out, or minutes were counted coarsely."""

    step: int
    worths: npt.NDArray[np.int64]
    quiet_steps: int
    complete: bool = True
    quiet_layers: list[_Layer[T]] = field(default_factory=list)
    layers: list[_Layer[T]] = field(default_factory=list)

    def best(self, minutes: int) -> int:
        """The best worth in so many minutes."""
        return int(self.worths[minutes // self.step])

    def bests(self, minutes: int) -> npt.NDArray[np.int64]:
        """The best worth in 0 … `minutes` minutes."""
        return self.worths[np.arange(minutes + 1) // self.step]

    def taken(self, minutes: int) -> list[T]:
        """What is taken in so many minutes to be worth the best."""
        found, left = _walked(self.layers, minutes // self.step, self.step)
        quiet, _ = _walked(self.quiet_layers, min(left, self.quiet_steps), self.step)
        return [*quiet, *found]


def filled[T](
    entries: Iterable[Entry[T]], *, room: int, quiet_room: int, late: Callable[[], bool] = lambda: False
) -> Filling[T]:
    """The best of the entries for every room up to `room`; those of most worth a minute are looked at first."""
    listed = list(entries)
    step = max(1, -(-len(listed) * (room + 1) // CELLS))
    made: Filling[T] = Filling(
        step=step,
        worths=np.zeros(room // step + 1, np.int64),
        quiet_steps=quiet_room // step,
        complete=step == 1,
    )
    quiet = np.zeros(made.quiet_steps + 1, np.int64)
    for setup in _setups(one for one in listed if one.quiet):
        quiet = _laid(made.quiet_layers, setup, quiet, step)
    made.worths[:] = quiet[np.minimum(np.arange(len(made.worths)), made.quiet_steps)]
    for setup in _setups(one for one in listed if not one.quiet):
        if late():
            made.complete = False
            break
        made.worths = _laid(made.layers, setup, made.worths, step)
    return made


def _setups[T](entries: Iterable[Entry[T]]) -> list[list[Entry[T]]]:
    """Entries by set-up, by falling set-up minutes in it; set-ups of most worth a minute first."""
    ordered = sorted(entries, key=lambda one: (one.setup, -one.once, one.key))
    setups = [list(some) for _, some in groupby(ordered, key=lambda one: one.setup)]
    return sorted(setups, key=lambda some: (-max(one.worth / (one.once + one.minutes) for one in some), some[0].key))


def _laid[T](
    layers: list[_Layer[T]], entries: list[Entry[T]], shut: npt.NDArray[np.int64], step: int
) -> npt.NDArray[np.int64]:
    """Adds the layer of one set-up, and gives the best worths with it. `shut`: before anything of it is taken."""
    opened, ways = np.full_like(shut, _NEVER), []
    for one in entries:
        more = _shifted(opened, _steps(one.minutes, step)) + one.worth
        first = _shifted(shut, _steps(one.once + one.minutes, step)) + one.worth
        way = np.where(first > more, _FROM_SHUT, _FROM_OPEN).astype(np.uint8)
        taken = np.maximum(first, more)
        ways.append(np.where(taken > opened, way, _KEEP).astype(np.uint8))
        opened = np.maximum(opened, taken)
    layers.append(_Layer(entries=entries, ways=ways, used=opened > shut))
    return np.maximum(shut, opened)


def _steps(minutes: int, step: int) -> int:
    return -(-minutes // step)


def _shifted(worths: npt.NDArray[np.int64], by: int) -> npt.NDArray[np.int64]:
    """The worths that so many steps fewer had."""
    moved = np.full_like(worths, _NEVER)
    if by < len(worths):
        moved[by:] = worths[: len(worths) - by]
    return moved


def _walked[T](layers: list[_Layer[T]], at: int, step: int) -> tuple[list[T], int]:
    """What is taken on the way back from so many steps, and how many are left."""
    found: list[T] = []
    for layer in reversed(layers):
        if layer.used[at]:
            for one, cost in _way_back(layer, at, step):
                found.append(one.of)
                at -= cost
    return found, at


def _way_back[T](layer: _Layer[T], at: int, step: int) -> Iterator[tuple[Entry[T], int]]:
    for one, way in zip(reversed(layer.entries), reversed(layer.ways), strict=True):
        if way[at] == _FROM_OPEN:
            cost = _steps(one.minutes, step)
            yield one, cost
            at -= cost
        elif way[at] == _FROM_SHUT:
            yield one, _steps(one.once + one.minutes, step)
            return
