"""Draw by lot who is held out, from a seed, so that anybody can draw it again.

The algorithm, which docs/teach/trials.md describes for others. The score of a unit is HMAC-SHA256 with the seed's bytes
as key over "homeroom-lot-1", the stratum and the unit's name, in UTF-8 with a line feed between them, as hexadecimal
digits. Within each stratum the units with the lowest scores are held out. Strata take turns in the order of the scores
of their names (a unit without a name); after each, as many are held out in all as the share of those so far, a half
rounded up. So each stratum gives its share to the next whole number, and all of them together too.

A stratum that could not give two units to each arm is joined with others of its kind.
"""

from __future__ import annotations

import hashlib
import hmac
import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from homeroom.domain.teach.awareness.lots import DrawnUnit, LotRefused, LotUnit
from homeroom.domain.teach.awareness.trials import TrialArm

VERSION = "homeroom-lot-1"
JOINED = "small strata"
"""The stratum of units whose own is too small."""
MIN_UNITS = 2
"""Units of each arm in a stratum: the spread of a single unit cannot be measured."""
SEED_BYTES = 32


def draw_lot(units: Iterable[LotUnit], *, seed: str, percent: int) -> tuple[DrawnUnit, ...]:
    """Draw which units are held out, `percent` of them; return all by stratum and name.

    `seed` is hexadecimal. The order of the units does not matter. Raise LotRefused for a seed that is none, a unit that
    comes twice, or too few units.
    """
    listed = tuple(units)
    if any(unit.stratum == JOINED for unit in listed):
        raise LotRefused(f"a stratum is named {JOINED!r}; another name would fit")
    joined = join_small_strata(Counter(unit.stratum for unit in listed), percent=percent)
    return redraw_lot([replace(unit, stratum=joined[unit.stratum]) for unit in listed], seed=seed, percent=percent)


def redraw_lot(units: Iterable[LotUnit], *, seed: str, percent: int) -> tuple[DrawnUnit, ...]:
    """Draw units whose strata are those of a lot: no stratum is joined. Raise LotRefused as `draw_lot` does."""
    key, listed = parse_seed(seed), tuple(units)
    _check_names(listed)
    scores = {unit: compute_score(key, stratum=unit.stratum, name=unit.name) for unit in listed}
    by_stratum = defaultdict(list)
    for unit, score in scores.items():
        by_stratum[unit.stratum].append(score)
    arms = draw_scores(by_stratum, seed=seed, percent=percent)
    ordered = sorted(listed, key=lambda unit: (unit.stratum, unit.name))
    return tuple(
        DrawnUnit(name=unit.name, stratum=unit.stratum, score=scores[unit], arm=arms[scores[unit]]) for unit in ordered
    )


def draw_scores(scores: Mapping[str, Sequence[str]], *, seed: str, percent: int) -> dict[str, TrialArm]:
    """Return the arm of each score, from the scores by stratum: names of erased units are not needed."""
    counts = {stratum: len(values) for stratum, values in scores.items()}
    held_out = allocate_held_out(counts, key=parse_seed(seed), percent=percent)
    return {
        score: TrialArm.HELD_OUT if place < held_out[stratum] else TrialArm.TRAINED
        for stratum, values in scores.items()
        for place, score in enumerate(sorted(values))
    }


def parse_seed(seed: str) -> bytes:
    """Return the bytes of a seed. Raise LotRefused if it is no seed."""
    try:
        key = bytes.fromhex(seed)
    except ValueError:
        key = b""
    if len(key) != SEED_BYTES:
        raise LotRefused(f"the seed is not possible; {2 * SEED_BYTES} hexadecimal digits would fit")
    return key


def compute_score(key: bytes, *, stratum: str, name: str) -> str:
    """Return the score of a unit, or of a stratum if it has no name."""
    return hmac.new(key, "\n".join((VERSION, stratum, name)).encode(), hashlib.sha256).hexdigest()


def allocate_held_out(counts: Mapping[str, int], *, key: bytes, percent: int) -> dict[str, int]:
    """Return how many units of each stratum are held out, from the numbers of their units."""
    share, units, held_out = Fraction(percent, 100), 0, 0
    allocated = {}
    for stratum in sorted(counts, key=lambda name: compute_score(key, stratum=name, name="")):
        units += counts[stratum]
        total = math.floor(share * units + Fraction(1, 2))
        allocated[stratum], held_out = total - held_out, total
    return allocated


def join_small_strata(counts: Mapping[str, int], *, percent: int) -> dict[str, str]:
    """Return the stratum of the lot for each given one.

    Those that could not give two units to each arm are one stratum; if that is still too small, the smallest of the
    others joins it, until it has enough. Raise LotRefused if all units together are too few.
    """
    least = compute_least_units(percent)
    if sum(counts.values()) < least:
        raise LotRefused(
            f"{sum(counts.values())} to draw from are too few to hold out {percent}%; at least {least} would fit"
        )
    by_size = sorted(counts, key=lambda name: (counts[name], name))
    joined = [name for name in by_size if counts[name] < least]
    for name in by_size[len(joined) :]:
        if not joined or sum(counts[other] for other in joined) >= least:
            break
        joined.append(name)
    return {name: JOINED if name in joined and len(joined) > 1 else name for name in counts}


def compute_least_units(percent: int) -> int:
    """Return how many units give two to each arm. Raise LotRefused for a share that leaves an arm without any."""
    if not 0 < percent < 100:
        raise LotRefused(f"{percent}% is not possible; 1 to 99 would fit")
    return math.ceil(Fraction(100 * MIN_UNITS, min(percent, 100 - percent)))


def _check_names(units: Sequence[LotUnit]) -> None:
    names = Counter(unit.name for unit in units)
    repeated = next((name for name, count in names.items() if count > 1), None)
    if repeated is not None:
        raise LotRefused("a unit comes twice; each person or school once would fit")
    if any("\n" in unit.name or "\n" in unit.stratum or not unit.name for unit in units):
        raise LotRefused("a unit has no name or more than a line; a name in a line would fit")
