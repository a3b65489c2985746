"""Clicks soon after delivery: how many more there are than people make.

People who click do so within minutes to days. How many of them do so in the first minutes is estimated from the places
that are buildings, else from a usual share; what exceeds it is of machines. The share of the excess is the chance that
such a click is a machine's.
"""

from __future__ import annotations

import polars as pl

from homeroom.engines.teach.awareness.sittings import compute_tail

PRIOR_SHARES = (0.004, 0.015, 0.055, 0.13, 0.26)
"""Usual shares of the people who click within the seconds of `BOUNDS`."""
BOUNDS = (5.0, 15.0, 60.0, 180.0, 600.0)
PRIOR_WEIGHT = 40.0
"""Clicks in buildings that count as much as the usual share."""
SURE = 0.95
OPEN = 0.6
RARE = 0.001
"""Chance of so many clicks if all were people's: above it, nothing is taken from them."""
MIN_CLICKS = 5


def mark_soon(visits: pl.DataFrame) -> pl.DataFrame:
    """Add `chance`: the chance that a visit is a machine's because it clicked so soon after delivery."""
    clean = ~pl.any_horizontal("is_known", "serves_many", "looked_again")
    clicked = visits.filter(clean & pl.col("clicks") & (pl.col("click_delay") >= 0).fill_null(value=False))
    passed = (pl.col("click_delay") >= bound for bound in BOUNDS)
    binned = clicked.with_columns(bin=pl.sum_horizontal(item.cast(pl.Int64) for item in passed))
    building = binned.filter(pl.col("is_exit"))
    shares = _estimate_shares([building.filter(pl.col("bin") == number).height for number in range(len(BOUNDS) + 1)])
    elsewhere = binned.filter(~pl.col("is_exit") & ~pl.col("is_human"))
    counted = elsewhere.group_by("sending", "bin").len()
    rows: list[tuple[int, int, float]] = []
    for (sending,), group in counted.group_by(["sending"]):
        by_bin = dict(group.select("bin", "len").iter_rows())
        chances = compute_chances([by_bin.get(number, 0) for number in range(len(BOUNDS) + 1)], shares)
        rows += [(int(str(sending)), number, chance) for number, chance in enumerate(chances) if chance > 0]
    likely = pl.DataFrame(rows, schema={"sending": pl.Int64, "bin": pl.Int64, "chance": pl.Float64}, orient="row")
    marked = elsewhere.join(likely, on=("sending", "bin")).select("visit", "chance")
    return visits.join(marked, on="visit", how="left").with_columns(pl.col("chance").fill_null(0.0))


def compute_chances(counts: list[int], shares: list[float]) -> list[float]:
    """Return by bin of delay the chance that a click is a machine's.

    `counts` are clicks by bin, `shares` those that people have in each; the last bin is taken to be people's.
    """
    total = sum(counts)
    chances = [0.0] * len(counts)
    if total < MIN_CLICKS:
        return chances
    people = counts[-1] / shares[-1]
    for number in range(len(counts) - 1):
        expected = max(people * shares[number], 0.5)
        if counts[number] > expected and compute_tail(counts[number], expected) < RARE:
            chances[number] = 1 - expected / counts[number]
    return chances


def _estimate_shares(counts: list[int]) -> list[float]:
    """Return the shares of people's clicks by bin: the usual ones, and those in buildings."""
    usual = [high - low for low, high in zip((0.0, *PRIOR_SHARES), (*PRIOR_SHARES, 1.0), strict=True)]
    weight = PRIOR_WEIGHT + sum(counts)
    return [(PRIOR_WEIGHT * share + count) / weight for share, count in zip(usual, counts, strict=True)]
