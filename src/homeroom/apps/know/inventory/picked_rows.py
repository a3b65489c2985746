"""Rows of a list that somebody picked, by their public ids."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from homeroom.domain.ids import parse_public_id
from homeroom.evidence.page_cache.list_cache import ListCache
from homeroom.evidence.page_cache.search_text import Mask


def build_picked_mask(list_cache: ListCache, kind: str, picked: Sequence[str]) -> Mask | None:
    """Return which rows of a list have those public ids; None if there are no ids.

    A text that is no id of this kind picks nothing.
    """
    if not picked:
        return None
    mask: Mask = np.zeros(len(list_cache), dtype=np.bool_)
    subjects = [subject for picked_kind, subject in map(_parse_picked, picked) if picked_kind == kind]
    mask[list_cache.find_positions(subjects)] = True
    return mask


def narrow_to_picked(matches: Mask | None, picked: Mask | None) -> Mask | None:
    """Return the rows that both masks mark; None is a mask of all rows."""
    if matches is None or picked is None:
        return picked if matches is None else matches
    both: Mask = matches & picked
    return both


def _parse_picked(public: str) -> tuple[str, int]:
    try:
        return parse_public_id(public)
    except ValueError:
        return "", -1
