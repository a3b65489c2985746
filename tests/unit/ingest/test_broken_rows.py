"""A long CSV file loses exactly its broken rows, wherever its blocks end."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from homeroom.ingest.contract.limits import KIB, STANDARD
from tests.unit.ingest.strict_reader import expect_refusal, read

HEADER = b"a,b,c\n"
BROKEN = (b'x,5" disk,1\n', b'x,"y" z,1\n', b"x,y\n", b"x,y,z,w\n", b"x,\0,z\n", b"x,\x81\xc3\xa9,z\n", b"x,f\ro,1\n")
SOUND = (b"%d,plain,caf\xc3\xa9\n", b'%d,"say ""hi""",x\n', b'%d,"two\nlines, one field",x\n', b"%d,,\n")


def write_file(*, rows: int, share: float, seed: int) -> tuple[bytes, list[tuple[int, str]], list[int]]:
    """Return a file, its sound rows as line and first value, and the lines of the broken ones."""
    rng, text, line = random.Random(seed), [HEADER], 2
    sound: list[tuple[int, str]] = []
    broken: list[int] = []
    for number in range(rows):
        if rng.random() < share:
            row = rng.choice(BROKEN)
            broken.append(line)
        else:
            row = rng.choice(SOUND) % number
            sound.append((line, str(number)))
        text.append(row)
        line += row.count(b"\n") + row.count(b"\r")
    return b"".join(text), sound, broken


@pytest.mark.parametrize("block", [4096 * KIB, 300 * KIB, 50 * KIB, 2 * KIB])
def test_a_long_file_loses_exactly_its_broken_rows(block: int) -> None:
    data, sound, broken = write_file(rows=30_000, share=0.003, seed=block)
    outcome = read(data, limits=replace(STANDARD, block=block), tolerant=True)
    assert [(row[0], row[1]) for row in outcome.rows] == sound
    assert [line for line, _ in outcome.broken] == broken


def test_a_file_with_more_than_one_broken_row_in_a_hundred_is_refused() -> None:
    data, _, broken = write_file(rows=3_000, share=0.05, seed=1)
    refusal = expect_refusal(data, tolerant=True)
    assert refusal.problems[0].reason.startswith(f"{len(broken)} of 3,000 rows cannot be read (lines {broken[0]}, ")


def test_a_long_file_of_broken_rows_is_refused_before_its_end() -> None:
    data = HEADER + b"1,2\n" * 1_000_000 + b"1,2,3\n"
    refusal = expect_refusal(data, limits=replace(STANDARD, block=256 * KIB), tolerant=True)
    assert " so far cannot be read (lines 2, 3, 4 and " in refusal.problems[0].reason
