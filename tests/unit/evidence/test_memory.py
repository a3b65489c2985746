"""Test that memory is retained between blocks, and that released memory is returned to the operating system."""

from __future__ import annotations

import ctypes
import subprocess
import sys
from pathlib import Path

import pytest

from homeroom.evidence.files.memory import release_memory

STATUS = Path("/proc/self/status")
PIECES, BYTES = 60_000, 1000


def get_resident_bytes() -> int:
    """Return the number of bytes of memory that this process holds."""
    lines = STATUS.read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux says what a process holds")
def test_what_lies_below_something_that_is_still_used_is_given_back() -> None:
    pieces = [bytes(BYTES) for _ in range(PIECES)]
    still_used = [bytes(BYTES) for _ in range(10)]
    del pieces
    bytes_before = get_resident_bytes()
    release_memory()
    assert bytes_before - get_resident_bytes() > PIECES * BYTES / 2
    assert len(still_used) == 10


def test_a_system_without_the_word_for_it_is_left_alone() -> None:
    release_memory()
    release_memory()


@pytest.mark.skipif(not STATUS.exists(), reason="only Linux says what a process holds")
def test_a_process_that_retains_memory_still_returns_it_when_asked() -> None:
    program = (
        "from tests.unit.evidence.test_memory import get_resident_bytes\n"
        "from homeroom.evidence.files.memory import release_memory, retain_memory\n"
        "retain_memory()\n"
        "block = bytes(20_000_000)[1:]\n"
        "del block\n"
        "retained = get_resident_bytes()\n"
        "release_memory()\n"
        "print(retained - get_resident_bytes())\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(result.stdout) > 10_000_000 or not _has_mallopt()


def _has_mallopt() -> bool:
    return hasattr(ctypes.CDLL(None), "mallopt")
