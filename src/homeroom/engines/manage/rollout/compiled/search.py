"""The compiled search for visits that disturb no class: warm at first, and colder with its progress."""

from __future__ import annotations

import ctypes
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from homeroom.engines.manage.rollout.compiled.library import fill_structure, load_library
from homeroom.engines.manage.rollout.compiled.route_arrays import RouteArrays
from homeroom.engines.manage.rollout.schedule import RolloutSchedule

STRINGS, CREWS, ROOMS, EXCHANGES = 1_000, 60, 200, 5
"""How many strings, crews and waiting rooms a round moves, with so many exchanges for each waiting room."""
ROUNDS_A_LOOK = 20
"""Rounds between two looks at the schedule."""
STRING_WARMTHS, ROOM_WARMTHS = (6.0, 1.0), (6.0, 1.5)
"""How many minutes of work a move may lose, by and large: at first, and at last."""
TRAVEL_WARMTHS = (1.0, 0.2)
"""The same where all rooms have a visit, and only travel is left to save."""
TRAVEL_PRICE = 1.0
"""How many minutes of work a minute of travel is worth."""
GROWTH, DECAY = 1.0, 0.999
"""How much more a room is worth each time that it finds no place, and how much of that is left after a round."""
MOST_RUINED, LONGEST_STRING, MOST_LEAVING = 2, 12, 2
"""How many routes lose a string at once, its visits, and how many visits may leave for one room."""
MOST_CHAINS = 2
"""How many searches go on side by side, each with its own chance, where there are as many processors."""


class _Chain:
    """One search: its arrays, and the structure that refers to them."""

    def __init__(self, library: ctypes.CDLL, arrays: RouteArrays, *, seed: int) -> None:
        self._library, self.arrays = library, arrays
        self._structure = fill_structure(arrays.numbers, arrays.memory)
        self._structure.movable_count, self._structure.crew_count = len(arrays.movable), len(arrays.crews)
        self._structure.pool_size = len(arrays.list_waiting())
        self._structure.crews_waiting = len(arrays.list_waiting_crews())
        self._structure.random = seed
        library.prepare(ctypes.byref(self._structure))

    def count_waiting(self) -> int:
        return self._structure.pool_size + self._structure.crews_waiting

    def measure_state(self) -> tuple[int, int]:
        """Return what counts, less is better: rooms without a visit, and minutes of travel."""
        return self.count_waiting(), self._library.measure_all_travel(ctypes.byref(self._structure))

    def move(self, progress: float, *, for_travel: bool) -> None:
        strings, rooms = (TRAVEL_WARMTHS, TRAVEL_WARMTHS) if for_travel else (STRING_WARMTHS, ROOM_WARMTHS)
        warmths = [first * (last / first) ** progress for first, last in (strings, rooms)]
        numbers = [ctypes.c_double(value) for value in (*warmths, TRAVEL_PRICE, GROWTH, DECAY)]
        left = self._library.search(
            ctypes.byref(self._structure),
            *(STRINGS, CREWS, ROOMS, EXCHANGES),
            *numbers,
            *(MOST_RUINED, LONGEST_STRING, MOST_LEAVING, int(not for_travel)),
        )
        if left < 0:
            raise MemoryError("no memory for the search of places")


class CompiledSearch:
    """Moves the rooms of a schedule that one person visits alone, and those of crews of two; the others stay."""

    def __init__(self, library: ctypes.CDLL, arrays: RouteArrays, *, seed: int, chains: int = 1) -> None:
        """Begin so many searches from the same visits."""
        self._chains = [_Chain(library, arrays.copy(), seed=seed + number) for number in range(chains)]
        self.rounds = 0

    def count_waiting(self) -> int:
        """Return how many rooms have no visit in the search that has fewest of them."""
        return min(chain.count_waiting() for chain in self._chains)

    def run(
        self,
        is_over: Callable[[], bool],
        is_reached: Callable[[], bool],
        *,
        measure: Callable[[], float],
        for_travel: bool = False,
    ) -> bool:
        """Search until the aim is reached, and return True; `measure` is how much of the time is over, 1 for all.

        The schedule gets the visits of the better chain every few rounds. Where no room waits, only a search for less
        travel goes on.
        """
        with ThreadPoolExecutor(len(self._chains)) as threads:
            while True:
                for _ in range(ROUNDS_A_LOOK):
                    progress = measure()
                    if progress >= 1.0 or is_over():
                        break
                    self.rounds += 1
                    list(threads.map(partial(_Chain.move, progress=progress, for_travel=for_travel), self._chains))
                    if not for_travel and not self.count_waiting():
                        break
                min(self._chains, key=_Chain.measure_state).arrays.write_schedule()
                if is_reached():
                    return True
                if measure() >= 1.0 or is_over() or (not for_travel and not self.count_waiting()):
                    return False


def start_compiled_search(
    schedule: RolloutSchedule, rooms: Sequence[int], *, last: int, seed: int, is_brief: bool = True
) -> CompiledSearch | None:
    """Return a search for places of the rooms until a last day; None where it cannot be used.

    That is without the library, without days or rooms for one person to move, for days with more visits than it takes,
    and with rooms that wait for three people or more. A brief search has one chain.
    """
    library = load_library()
    hands = [schedule.problem.rooms[room].hands for room in schedule.list_unplaced(rooms)]
    if library is None or last < 0 or max(hands, default=1) > 2:
        return None
    arrays = RouteArrays(schedule, rooms, last=last)
    if not arrays.movable or not arrays.routes or arrays.width > library.get_most_stops():
        return None
    chains = 1 if is_brief else min(MOST_CHAINS, _count_processors())
    return CompiledSearch(library, arrays, seed=seed, chains=chains)


def _count_processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
