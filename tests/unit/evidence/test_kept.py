"""What never changes is worked out once: by one of many who ask at once, and again only when it was pushed out."""

from __future__ import annotations

import threading

import pytest

from homeroom.evidence.asking import TooSlow
from homeroom.evidence.kept import Kept


def test_an_answer_is_worked_out_once_until_newer_ones_push_it_out() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    kept: Kept[str] = Kept(most=2)
    for name in ("a", "a", "b", "a", "c", "a", "b"):
        assert kept.get(name, lambda name=name: make(name)) == name.upper()  # type: ignore[misc]
    assert made == ["a", "b", "c", "b"]


def test_of_many_who_ask_at_once_one_works_it_out_and_who_waits_in_vain_is_refused() -> None:
    kept: Kept[int] = Kept(most=2, seconds=0.01)
    begun, over, found = threading.Event(), threading.Event(), []

    def slow() -> int:
        begun.set()
        over.wait(10)
        return 7

    first = threading.Thread(target=lambda: found.append(kept.get("a", slow)))
    first.start()
    begun.wait(10)
    with pytest.raises(TooSlow):
        kept.get("a", lambda: 8)
    assert kept.get("b", lambda: 9) == 9
    over.set()
    first.join()
    assert (found, kept.get("a", lambda: 8)) == ([7], 7)


def test_what_could_not_be_worked_out_is_not_kept() -> None:
    kept: Kept[int] = Kept(most=2)
    with pytest.raises(ValueError, match="no"):
        kept.get("a", lambda: int("no"))
    assert kept.get("a", lambda: 3) == 3
