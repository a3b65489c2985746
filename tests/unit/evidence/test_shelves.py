"""Mapped files: written once where they are missing, whoever asks, and read as they lie there."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pyarrow as pa
import pytest

from homeroom.evidence.shelves import Shelf, write_mapped


def _shelf() -> Shelf[list[int]]:
    return Shelf(opened=lambda table: table.column("n").to_pylist(), most=2)


def test_a_missing_file_is_laid_out_once_though_many_ask_at_once(tmp_path: Path) -> None:
    shelf, laid, found = _shelf(), [], []

    def lay() -> pa.Table:
        laid.append(1)
        time.sleep(0.05)  # so that all the others come while it is laid out
        return pa.table({"n": [1, 2, 3]})

    asking = [threading.Thread(target=lambda: found.append(shelf.get(tmp_path / "one.arrow", lay))) for _ in range(8)]
    for one in asking:
        one.start()
    for one in asking:
        one.join()
    assert found == [[1, 2, 3]] * 8
    assert len(laid) == 1


def test_a_file_that_was_written_again_is_read_again_and_one_that_is_gone_is_laid_out_again(tmp_path: Path) -> None:
    shelf, path = _shelf(), tmp_path / "one.arrow"
    write_mapped(path, pa.table({"n": [1]}))
    assert shelf.get(path, pytest.fail) == [1]
    write_mapped(path, pa.table({"n": [2, 2]}))
    assert shelf.get(path, pytest.fail) == [2, 2]
    path.unlink()
    assert shelf.get(path, lambda: pa.table({"n": [3]})) == [3]


def test_nothing_is_left_of_a_table_that_could_not_be_made(tmp_path: Path) -> None:
    def broken() -> pa.Table:
        raise LookupError("there is no such snapshot")

    with pytest.raises(LookupError):
        _shelf().get(tmp_path / "one.arrow", broken)
    assert list(tmp_path.iterdir()) == []
    assert _shelf().get(tmp_path / "one.arrow", lambda: pa.table({"n": [4]})) == [4]
