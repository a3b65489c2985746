"""Lots: drawn from a seed as documented, balanced in strata, the same for whoever draws again."""

from __future__ import annotations

import hashlib
import hmac
import random
from collections import Counter

import pytest

from homeroom.domain.teach.awareness.lots import LotRefused, LotUnit
from homeroom.domain.teach.awareness.trials import TrialArm
from homeroom.engines.teach.awareness.lots import JOINED, draw_lot, redraw_lot

SEED = "5e" * 32


def _list_units(sizes: dict[str, int]) -> list[LotUnit]:
    return [LotUnit(name=f"{stratum}/{n}", stratum=stratum) for stratum, size in sizes.items() for n in range(size)]


def _draw(units: list[LotUnit], *, percent: int = 50, seed: str = SEED) -> dict[str, TrialArm]:
    return {unit.name: unit.arm for unit in draw_lot(units, seed=seed, percent=percent)}


def _draw_as_documented(names: list[str], *, seed: str, held_out: int) -> set[str]:
    """Draw one stratum without a name as docs/teach/trials.md describes, by other means than the engine."""
    mark = {n: hmac.digest(bytes.fromhex(seed), f"homeroom-lot-1\n\n{n}".encode(), hashlib.sha256) for n in names}
    return set(sorted(names, key=mark.__getitem__)[:held_out])


def test_the_lot_is_the_documented_one():
    names = [str(number) for number in range(101)]
    arms = _draw([LotUnit(name=name) for name in names], percent=20)
    held_out = {name for name, arm in arms.items() if arm is TrialArm.HELD_OUT}
    assert held_out == _draw_as_documented(names, seed=SEED, held_out=20)


def test_the_order_of_the_units_does_not_matter_and_another_seed_draws_others():
    units = _list_units({"a": 40, "b": 33})
    shuffled = random.Random(1).sample(units, len(units))
    assert _draw(units) == _draw(shuffled)
    assert _draw(units) != _draw(units, seed="5f" * 32)


@pytest.mark.parametrize("percent", [10, 20, 33, 50])
def test_each_stratum_and_all_together_give_their_share_to_the_next_whole_number(percent: int):
    sizes = {"a": 41, "b": 27, "c": 55, "d": 33}
    units = draw_lot(_list_units(sizes), seed=SEED, percent=percent)
    held_out = Counter(unit.stratum for unit in units if unit.arm is TrialArm.HELD_OUT)
    for stratum, size in sizes.items():
        assert abs(held_out[stratum] - size * percent / 100) < 1
    assert abs(held_out.total() - sum(sizes.values()) * percent / 100) <= 0.5


def test_each_unit_is_held_out_about_as_often_as_the_share_says():
    units = _list_units({"a": 11, "b": 17})
    times = Counter(
        name
        for seed in range(400)
        for name, arm in _draw(units, percent=25, seed=f"{seed:064x}").items()
        if arm is TrialArm.HELD_OUT
    )
    assert min(times.values()) > 60
    assert max(times.values()) < 140


def test_strata_too_small_for_both_arms_are_joined():
    units = draw_lot(_list_units({"large": 60, "tiny": 1, "small": 9, "minute": 2}), seed=SEED, percent=20)
    assert Counter(unit.stratum for unit in units) == {"large": 60, JOINED: 12}
    held_out = Counter(unit.stratum for unit in units if unit.arm is TrialArm.HELD_OUT)
    assert held_out[JOINED] in (2, 3)


def test_a_joined_stratum_that_is_still_too_small_takes_the_smallest_other():
    units = draw_lot(_list_units({"large": 60, "middle": 12, "tiny": 1}), seed=SEED, percent=20)
    assert Counter(unit.stratum for unit in units) == {"large": 60, JOINED: 13}


def test_drawing_again_from_the_strata_of_the_lot_gives_the_same_arms():
    drawn = draw_lot(_list_units({"large": 60, "tiny": 1, "small": 9}), seed=SEED, percent=20)
    again = redraw_lot([LotUnit(name=u.name, stratum=u.stratum) for u in drawn], seed=SEED, percent=20)
    assert again == drawn


def test_who_comes_later_changes_the_lot_only_of_a_new_drawing():
    units = _list_units({"a": 30})
    assert set(_draw(units)) == {unit.name for unit in units}


@pytest.mark.parametrize(
    ("units", "seed", "percent", "fits"),
    [
        (_list_units({"a": 3}), SEED, 50, "at least 4 would fit"),
        (_list_units({"a": 9}), SEED, 20, "at least 10 would fit"),
        (_list_units({"a": 9}), "5e", 50, "64 hexadecimal digits would fit"),
        (_list_units({"a": 9}), "zz" * 32, 50, "64 hexadecimal digits would fit"),
        (_list_units({"a": 9}), SEED, 0, "1 to 99 would fit"),
        (_list_units({"a": 9}) * 2, SEED, 50, "once would fit"),
        (_list_units({JOINED: 9}), SEED, 50, "another name would fit"),
        ([*_list_units({"a": 9}), LotUnit(name="x\ny")], SEED, 50, "in a line would fit"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_would_fit(units: list[LotUnit], seed: str, percent: int, fits: str):
    with pytest.raises(LotRefused, match=fits):
        draw_lot(units, seed=seed, percent=percent)
