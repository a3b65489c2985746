"""Test that mapped files are written once if missing, even under concurrent requests, and read as they are."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from homeroom.evidence.page_cache.cache import SingleFlightCache
from homeroom.evidence.page_cache.mapped_files import open_mapped_file, write_arrow_file


class NumberFiles:
    """Files of numbers; two are open at a time."""

    def __init__(self) -> None:
        self.cache: SingleFlightCache[list[int]] = SingleFlightCache(max_entries=2)

    def open_file(self, path: Path, build_table: Callable[[], pa.Table] | None) -> list[int]:
        return open_mapped_file(
            path, cache=self.cache, wrap=lambda table: table.column("n").to_pylist(), build_table=build_table
        )


def test_a_missing_file_is_laid_out_once_though_many_ask_at_once(tmp_path: Path) -> None:
    files, writes, results = NumberFiles(), [], []

    def build_table() -> pa.Table:
        writes.append(1)
        time.sleep(0.05)  # so that all the others come while it is laid out
        return pa.table({"n": [1, 2, 3]})

    threads = [
        threading.Thread(target=lambda: results.append(files.open_file(tmp_path / "one.arrow", build_table)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [[1, 2, 3]] * 8
    assert len(writes) == 1


def test_a_file_that_was_written_again_is_read_again_and_one_that_is_gone_is_laid_out_again(tmp_path: Path) -> None:
    files, path = NumberFiles(), tmp_path / "one.arrow"
    write_arrow_file(path, pa.table({"n": [1]}))
    assert files.open_file(path, pytest.fail) == [1]
    write_arrow_file(path, pa.table({"n": [2, 2]}))
    assert files.open_file(path, pytest.fail) == [2, 2]
    path.unlink()
    assert files.open_file(path, lambda: pa.table({"n": [3]})) == [3]


def test_nothing_is_left_of_a_table_that_could_not_be_made(tmp_path: Path) -> None:
    def fail_to_build() -> pa.Table:
        raise LookupError("there is no such snapshot")

    with pytest.raises(LookupError):
        NumberFiles().open_file(tmp_path / "one.arrow", fail_to_build)
    assert list(tmp_path.iterdir()) == []
    assert NumberFiles().open_file(tmp_path / "one.arrow", lambda: pa.table({"n": [4]})) == [4]


def test_a_missing_file_that_nobody_can_make_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        NumberFiles().open_file(tmp_path / "one.arrow", None)
