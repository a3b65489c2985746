"""Texts that can be compared line by line, and lines of one day matched to those of the day before."""

from __future__ import annotations

import numpy as np
import pytest

from homeroom.ingest.csv_files.line_hashes import NO_HASH, NotLineByLine, extract_lines, hash_lines, match_lines

MAX_LINE = 100


def split_into_blocks(text: bytes, size: int = 5) -> list[bytes]:
    return [text[start : start + size] for start in range(0, len(text), size)]


@pytest.mark.parametrize("text", [b"a\nbb\na\n", b"a\nbb\na", b"", b'"a","b""c"\nx\n', b"a\r\nb\r\n"])
def test_lines_are_what_stands_between_line_ends(text: bytes) -> None:
    lines = hash_lines(split_into_blocks(text), max_line=MAX_LINE)
    line_numbers = np.arange(len(lines), dtype=np.int64)
    assert len(lines) == len(text.splitlines())
    assert (
        b"".join(
            data
            for data, _ in extract_lines(split_into_blocks(text), lines, line_numbers, batch_size=4, max_line=MAX_LINE)
        )
        == text
    )


def test_lines_that_are_alike_have_one_hash_wherever_blocks_are_cut() -> None:
    first, second = (
        hash_lines(split_into_blocks(b"one\ntwo\none\nend", size), max_line=MAX_LINE).hashes.tolist()
        for size in (2, 100)
    )
    assert first == second
    assert first[0] == first[2] != first[1]


def test_a_text_of_many_lines_has_all_of_them() -> None:
    text = b"".join(b"%d\n" % number for number in range(70_000))
    lines = hash_lines(split_into_blocks(text, 30_000), max_line=MAX_LINE)
    assert (len(lines), len(np.unique(lines.hashes))) == (70_000, 70_000)
    assert (int(lines.starts[0]), int(lines.starts[-1])) == (0, len(text))
    assert text[lines.starts[69_999] :] == b"69999\n"


def test_only_the_wanted_lines_are_cut_out() -> None:
    text = b"".join(b"line %d\n" % number for number in range(50))
    lines = hash_lines(split_into_blocks(text, 16), max_line=MAX_LINE)
    selected = np.array([0, 7, 8, 49])
    extracted = list(extract_lines(split_into_blocks(text, 16), lines, selected, batch_size=10, max_line=MAX_LINE))
    assert b"".join(data for data, _ in extracted) == b"line 0\nline 7\nline 8\nline 49\n"
    assert np.concatenate([numbers for _, numbers in extracted]).tolist() == selected.tolist()


@pytest.mark.parametrize("text", [b'a,"two\nlines"\n', b"a\rb\r", b"a\r\nb\n", b"a\nb\r\n", b"x" * 200, b'a\n"open\n'])
def test_a_text_whose_rows_may_be_no_lines_is_read_whole(text: bytes) -> None:
    with pytest.raises(NotLineByLine):
        hash_lines(split_into_blocks(text), max_line=MAX_LINE)


def test_a_line_is_the_one_that_stood_there_or_the_first_like_it() -> None:
    old = np.array([5, 6, 7, 8, 9], dtype=np.uint64)
    assert match_lines(np.array([5, 6, 7, 8, 9], dtype=np.uint64), old).tolist() == [0, 1, 2, 3, 4]
    assert match_lines(np.array([5, 1, 6, 7, 8, 9], dtype=np.uint64), old).tolist() == [0, -1, 1, 2, 3, 4]
    assert match_lines(np.array([9, 9, 6], dtype=np.uint64), old).tolist() == [4, -1, 1]


def test_a_line_without_a_hash_is_never_the_same() -> None:
    old = np.array([5, NO_HASH, 7], dtype=np.uint64)
    assert match_lines(np.array([5, NO_HASH, 7], dtype=np.uint64), old).tolist() == [0, -1, 2]
