"""Which texts can be told line by line, and which line of one day is which of the day before."""

from __future__ import annotations

import numpy as np
import pytest

from homeroom.ingest.linewise import NONE, NotByLines, cut_out, lines_in, matched

MOST = 100


def blocks(text: bytes, size: int = 5) -> list[bytes]:
    return [text[at : at + size] for at in range(0, len(text), size)]


@pytest.mark.parametrize("text", [b"a\nbb\na\n", b"a\nbb\na", b"", b'"a","b""c"\nx\n', b"a\r\nb\r\n"])
def test_lines_are_what_stands_between_line_ends(text: bytes) -> None:
    lines = lines_in(blocks(text), most=MOST)
    every = np.arange(len(lines), dtype=np.int64)
    assert len(lines) == len(text.splitlines())
    assert b"".join(data for data, _ in cut_out(blocks(text), lines, every, together=4, most=MOST)) == text


def test_lines_that_are_alike_have_one_hash_wherever_blocks_are_cut() -> None:
    first, second = (lines_in(blocks(b"one\ntwo\none\nend", size), most=MOST).hashes.tolist() for size in (2, 100))
    assert first == second
    assert first[0] == first[2] != first[1]


def test_only_the_wanted_lines_are_cut_out() -> None:
    text = b"".join(b"line %d\n" % number for number in range(50))
    lines = lines_in(blocks(text, 16), most=MOST)
    wanted = np.array([0, 7, 8, 49])
    found = list(cut_out(blocks(text, 16), lines, wanted, together=10, most=MOST))
    assert b"".join(data for data, _ in found) == b"line 0\nline 7\nline 8\nline 49\n"
    assert np.concatenate([numbers for _, numbers in found]).tolist() == wanted.tolist()


@pytest.mark.parametrize("text", [b'a,"two\nlines"\n', b"a\rb\r", b"a\r\nb\n", b"a\nb\r\n", b"x" * 200, b'a\n"open\n'])
def test_a_text_whose_rows_may_be_no_lines_is_read_whole(text: bytes) -> None:
    with pytest.raises(NotByLines):
        lines_in(blocks(text), most=MOST)


def test_a_line_is_the_one_that_stood_there_or_the_first_like_it() -> None:
    old = np.array([5, 6, 7, 8, 9], dtype=np.uint64)
    assert matched(np.array([5, 6, 7, 8, 9], dtype=np.uint64), old).tolist() == [0, 1, 2, 3, 4]
    assert matched(np.array([5, 1, 6, 7, 8, 9], dtype=np.uint64), old).tolist() == [0, -1, 1, 2, 3, 4]
    assert matched(np.array([9, 9, 6], dtype=np.uint64), old).tolist() == [4, -1, 1]


def test_a_line_without_a_hash_is_never_the_same() -> None:
    old = np.array([5, NONE, 7], dtype=np.uint64)
    assert matched(np.array([5, NONE, 7], dtype=np.uint64), old).tolist() == [0, -1, 2]
