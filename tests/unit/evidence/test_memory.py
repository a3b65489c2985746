"""What was taken and let go of does not stay with the process."""

from __future__ import annotations

from pathlib import Path

import pytest

from homeroom.evidence.memory import give_back

STATUS = Path("/proc/self/status")
PIECES, BYTES = 60_000, 1000


def resident() -> int:
    """Bytes of memory that this process holds."""
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux says what a process holds")
def test_what_lies_below_something_that_is_still_used_is_given_back() -> None:
    pieces = [bytes(BYTES) for _ in range(PIECES)]
    above = [bytes(BYTES) for _ in range(10)]
    del pieces
    held = resident()
    give_back()
    assert held - resident() > PIECES * BYTES / 2
    assert len(above) == 10


def test_a_system_without_the_word_for_it_is_left_alone() -> None:
    give_back()
    give_back()
