"""Test that the cache computes a value once, even under concurrent requests, and again only after eviction."""

from __future__ import annotations

import threading

import pytest

from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.query.executor import QueryTimeout


def test_an_answer_is_worked_out_once_until_newer_ones_push_it_out() -> None:
    computed: list[str] = []

    def compute(name: str) -> str:
        computed.append(name)
        return name.upper()

    cache: SingleFlightCache[str] = SingleFlightCache(max_entries=2)
    for name in ("a", "a", "b", "a", "c", "a", "b"):
        assert cache.get(name, lambda name=name: compute(name)) == name.upper()  # type: ignore[misc]
    assert computed == ["a", "b", "c", "b"]


def test_of_many_who_ask_at_once_one_works_it_out_and_who_waits_in_vain_is_refused() -> None:
    cache: SingleFlightCache[int] = SingleFlightCache(max_entries=2, seconds=0.01)
    started, release, results = threading.Event(), threading.Event(), []

    def compute_slowly() -> int:
        started.set()
        release.wait(10)
        return 7

    thread = threading.Thread(target=lambda: results.append(cache.get("a", compute_slowly)))
    thread.start()
    started.wait(10)
    with pytest.raises(QueryTimeout):
        cache.get("a", lambda: 8)
    assert cache.get("b", lambda: 9) == 9
    release.set()
    thread.join()
    assert (results, cache.get("a", lambda: 8)) == ([7], 7)


def test_what_could_not_be_worked_out_is_not_kept() -> None:
    cache: SingleFlightCache[int] = SingleFlightCache(max_entries=2)
    with pytest.raises(ValueError, match="no"):
        cache.get("a", lambda: int("no"))
    assert cache.get("a", lambda: 3) == 3
