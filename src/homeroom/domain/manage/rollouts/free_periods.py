"""Free periods of a room in the words of its school's bells, from the periods in which classes of a roster meet."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from homeroom.domain.schooldays import find_period_names


def find_free_periods(
    *, with_class: Sequence[str], without_class: Iterable[str], names: Sequence[str]
) -> tuple[str, ...]:
    """Return which stretches of the bells, of those `names`, are free in a room, in the order of the bells.

    `with_class` are the roster's periods with class in the room, `without_class` the others of its school. A stretch
    that no period of the roster names, such as Advisory, is not free: nobody knows who is in the room. None is free if
    a period with class has no name in the bells, since it may be any of them.
    """
    taken: set[str] = set()
    for period in with_class:
        matches = find_period_names(period, names)
        if not matches:
            return ()
        taken.update(matches)
    free = {name for period in without_class for name in find_period_names(period, names)}
    return tuple(name for name in dict.fromkeys(names) if name in free - taken)
