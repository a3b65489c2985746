"""Two peers for linkage over FEBRL's rows: equal values alone, and a plain model of Fellegi and Sunter (1969) fitted by EM.

Both know the same columns as Homeroom does (the Social Security number is left out). Winkler (1988) describes the fitting;
agreement is yes or no a column, with Jaro and Winkler's measure of at least 0.9 counting as yes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from rapidfuzz.distance import JaroWinkler

Row = Mapping[str, str]
_COLUMNS = (
    "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state", "date_of_birth",
)  # fmt: skip
_BLOCKS = (
    ("given_name", "surname"),
    ("date_of_birth",),
    ("postcode", "surname"),
    ("postcode", "given_name"),
    ("address_1", "suburb"),
)
_EXACT = (("given_name", "surname", "date_of_birth"), ("surname", "date_of_birth", "postcode"), ("given_name", "date_of_birth", "postcode"), ("address_1", "date_of_birth"))  # fmt: skip
_ROUNDS = 50


def exact_rules(left: Sequence[Row], right: Sequence[Row]) -> set[tuple[str, str]]:
    """Pairs of rec_id that agree exactly in all columns of any rule."""
    return {(left[a]["rec_id"], right[b]["rec_id"]) for a, b in _proposed(left, right, _EXACT)}


def expectation_maximisation(left: Sequence[Row], right: Sequence[Row]) -> set[tuple[str, str]]:
    """Pairs of rec_id that are likelier a match than not by a model fitted to the rows, each record at most once."""
    candidates = sorted(_proposed(left, right, _BLOCKS))
    agrees = np.array([[_agree(left[a], right[b], name) for name in _COLUMNS] for a, b in candidates])
    likely = _fitted(agrees)
    taken_left: set[int] = set()
    taken_right: set[int] = set()
    found = set()
    for at in np.argsort(-likely, kind="stable"):
        a, b = candidates[at]
        if likely[at] > 0.5 and a not in taken_left and b not in taken_right:
            taken_left.add(a)
            taken_right.add(b)
            found.add((left[a]["rec_id"], right[b]["rec_id"]))
    return found


def _proposed(left: Sequence[Row], right: Sequence[Row], rules: Sequence[tuple[str, ...]]) -> set[tuple[int, int]]:
    found = set()
    for rule in rules:
        shelves: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for b, row in enumerate(right):
            shelves[tuple(row[name] for name in rule)].append(b)
        for a, row in enumerate(left):
            value = tuple(row[name] for name in rule)
            if all(value):
                found |= {(a, b) for b in shelves.get(value, ())}
    return found


def _agree(one: Row, other: Row, name: str) -> float:
    if not one[name] or not other[name]:
        return np.nan
    return float(one[name] == other[name] or JaroWinkler.similarity(one[name], other[name]) >= 0.9)


def _fitted(agrees: np.ndarray) -> np.ndarray:
    """The chance of a match for each row of agreements (1, 0, nan), after _ROUNDS of EM."""
    known, share = ~np.isnan(agrees), 0.5
    agreed = np.where(known, agrees, 0)
    m, u = np.full(agrees.shape[1], 0.9), np.full(agrees.shape[1], 0.1)
    likely = np.full(len(agrees), share)
    for _ in range(_ROUNDS):
        match = share * np.prod(np.where(known, np.where(agreed == 1, m, 1 - m), 1), axis=1)
        other = (1 - share) * np.prod(np.where(known, np.where(agreed == 1, u, 1 - u), 1), axis=1)
        likely = match / (match + other)
        m = np.clip((likely @ agreed) / np.maximum(likely @ known, 1e-9), 0.001, 0.999)
        u = np.clip(((1 - likely) @ agreed) / np.maximum((1 - likely) @ known, 1e-9), 0.001, 0.999)
        share = float(likely.mean())
    return likely
