"""Two peers for linkage over FEBRL's rows: equal values alone, and a plain model of Fellegi and Sunter (1969) fitted
by EM.

Both know the same columns as Homeroom does (the Social Security number is left out).
Winkler (1988) describes the fitting; agreement is yes or no a column, with Jaro and Winkler's measure of at least 0.9
counting as yes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from rapidfuzz.distance import JaroWinkler

FebrlRow = Mapping[str, str]
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
_EXACT = (
    ("given_name", "surname", "date_of_birth"),
    ("surname", "date_of_birth", "postcode"),
    ("given_name", "date_of_birth", "postcode"),
    ("address_1", "date_of_birth"),
)
_ROUNDS = 50


def match_exactly(left: Sequence[FebrlRow], right: Sequence[FebrlRow]) -> set[tuple[str, str]]:
    """Return pairs of rec_id that agree exactly in all columns of any rule."""
    return {(left[a]["rec_id"], right[b]["rec_id"]) for a, b in _generate_pairs(left, right, _EXACT)}


def match_by_em(left: Sequence[FebrlRow], right: Sequence[FebrlRow]) -> set[tuple[str, str]]:
    """Return pairs of rec_id more likely a match than not by a fitted model, each record at most once."""
    candidates = sorted(_generate_pairs(left, right, _BLOCKS))
    agrees = np.array([[_compare_values(left[a], right[b], name) for name in _COLUMNS] for a, b in candidates])
    likely = _fit_probabilities(agrees)
    matched_left: set[int] = set()
    matched_right: set[int] = set()
    matches = set()
    for index in np.argsort(-likely, kind="stable"):
        a, b = candidates[index]
        if likely[index] > 0.5 and a not in matched_left and b not in matched_right:
            matched_left.add(a)
            matched_right.add(b)
            matches.add((left[a]["rec_id"], right[b]["rec_id"]))
    return matches


def _generate_pairs(
    left: Sequence[FebrlRow], right: Sequence[FebrlRow], rules: Sequence[tuple[str, ...]]
) -> set[tuple[int, int]]:
    pairs = set()
    for rule in rules:
        rows_by_value: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for b, row in enumerate(right):
            rows_by_value[tuple(row[name] for name in rule)].append(b)
        for a, row in enumerate(left):
            value = tuple(row[name] for name in rule)
            if all(value):
                pairs |= {(a, b) for b in rows_by_value.get(value, ())}
    return pairs


def _compare_values(left: FebrlRow, right: FebrlRow, name: str) -> float:
    if not left[name] or not right[name]:
        return np.nan
    return float(left[name] == right[name] or JaroWinkler.similarity(left[name], right[name]) >= 0.9)


def _fit_probabilities(agrees: np.ndarray) -> np.ndarray:
    """Return the probability of a match for each row of agreements (1, 0, nan), after _ROUNDS of EM."""
    present, share = ~np.isnan(agrees), 0.5
    agreed = np.where(present, agrees, 0)
    m, u = np.full(agrees.shape[1], 0.9), np.full(agrees.shape[1], 0.1)
    likely = np.full(len(agrees), share)
    for _ in range(_ROUNDS):
        match = share * np.prod(np.where(present, np.where(agreed == 1, m, 1 - m), 1), axis=1)
        non_match = (1 - share) * np.prod(np.where(present, np.where(agreed == 1, u, 1 - u), 1), axis=1)
        likely = match / (match + non_match)
        m = np.clip((likely @ agreed) / np.maximum(likely @ present, 1e-9), 0.001, 0.999)
        u = np.clip(((1 - likely) @ agreed) / np.maximum((1 - likely) @ present, 1e-9), 0.001, 0.999)
        share = float(likely.mean())
    return likely
