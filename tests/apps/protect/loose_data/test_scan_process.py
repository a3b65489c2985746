"""A document that ends the process, stops it or takes its memory costs itself alone, also among files read together."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.apps.protect.loose_data import scan_paths
from homeroom.apps.protect.loose_data.scan_process import ScanProcess
from homeroom.apps.protect.loose_data.scan_worker import DocumentRead, ScanOrder
from homeroom.domain.protect.loose.recognizers import Roster
from tests.apps.protect.loose_data.breaking_worker import run_breaking_worker, run_worker_for_late_reader

SSN = "SSN: 531-21-7351\n"
SECONDS = 2.0
"""Seconds of the processor after which a document is given up here: what is well takes some milliseconds."""


@pytest.fixture
def process() -> Iterator[ScanProcess]:
    process = ScanProcess(Roster(), seconds=SECONDS, work=run_breaking_worker)
    yield process
    process.close()


def _write(folder: Path, *names: str) -> list[ScanOrder]:
    for name in names:
        path = folder / name
        if name.endswith(".zip"):
            with zipfile.ZipFile(path, "w") as archive:
                for member in ("first.txt", f"{path.stem}.txt", "last.txt"):
                    archive.writestr(member, SSN)
        else:
            path.write_text(SSN, encoding="utf-8")
    return [ScanOrder(path=str(folder / name), name=name) for name in names]


def _read(process: ScanProcess, orders: list[ScanOrder]) -> list[dict[str, str]]:
    """Return what became of each document of each file: kinds that were recognized, or why it was not read."""
    return [
        {
            result.name: ", ".join(kind.what for kind in result.findings.found) or result.kind
            if isinstance(result, DocumentRead)
            else str(result.reason)
            for result in results
        }
        for results in process.read(orders)
    ]


def test_a_file_that_breaks_the_process_costs_no_other(process: ScanProcess, tmp_path: Path):
    names = ("a.txt", "b.txt", "c-crash.txt", "d.txt", "e-hang.txt", "f-crash.txt", "g-memory.txt", "h.txt")
    expected = [
        {"a.txt": "ssn"},
        {"b.txt": "ssn"},
        {"c-crash.txt": "damaged"},
        {"d.txt": "ssn"},
        {"e-hang.txt": "too large"},
        {"f-crash.txt": "damaged"},
        {"g-memory.txt": "too large"},
        {"h.txt": "ssn"},
    ]
    orders = _write(tmp_path, *names)
    assert _read(process, orders) == expected
    assert _read(process, [orders[0], orders[-1]]) == [expected[0], expected[-1]]


def test_the_first_and_the_last_file_break_it_too(process: ScanProcess, tmp_path: Path):
    orders = _write(tmp_path, "a-crash.txt", "b.txt", "c-crash.txt")
    assert _read(process, orders) == [{"a-crash.txt": "damaged"}, {"b.txt": "ssn"}, {"c-crash.txt": "damaged"}]


def test_a_member_that_breaks_the_process_costs_no_other(process: ScanProcess, tmp_path: Path):
    orders = _write(tmp_path, "a.txt", "b.txt", "crash.zip", "c.txt", "hang.zip", "d.txt")
    assert _read(process, orders) == [
        {"a.txt": "ssn"},
        {"b.txt": "ssn"},
        {"crash.zip": "zip", **_expect_members("crash", "damaged")},
        {"c.txt": "ssn"},
        {"hang.zip": "zip", **_expect_members("hang", "too large")},
        {"d.txt": "ssn"},
    ]


def test_a_file_that_breaks_the_process_after_an_archive_costs_no_member_of_it(tmp_path: Path):
    orders = _write(tmp_path, "a.zip", "b-crash.txt")
    process = ScanProcess(Roster(), seconds=SECONDS, work=run_worker_for_late_reader)
    try:
        assert _read(process, orders) == [
            {"a.zip": "zip", **_expect_members("a", "ssn")},
            {"b-crash.txt": "damaged"},
        ]
    finally:
        process.close()


def _expect_members(name: str, reason: str) -> dict[str, str]:
    return {f"{name}.zip!first.txt": "ssn", f"{name}.zip!{name}.txt": reason, f"{name}.zip!last.txt": "ssn"}


def test_files_read_together_give_what_each_gives_alone(process: ScanProcess, tmp_path: Path):
    orders = _write(tmp_path, *(f"{number:03}.txt" for number in range(230)), "z.zip")
    (tmp_path / "007.txt").unlink()
    (tmp_path / "011.txt").write_bytes(b"")
    (tmp_path / "012.txt").write_bytes(bytes(200_000))
    together = _read(process, orders)
    assert together == [_read(process, [order])[0] for order in orders]
    assert together[7] == {"007.txt": "locked"}
    assert together[11] == {"011.txt": "no text"}


def test_no_file_breaks_an_empty_order(process: ScanProcess):
    assert process.read([]) == []


def test_small_files_are_ordered_together_and_large_ones_alone(tmp_path: Path):
    sizes = [10] * 150 + [scan_paths._SMALL + 1] + [scan_paths._SMALL] * 40 + [10]
    for number, size in enumerate(sizes):
        (tmp_path / f"{number:03}.txt").write_bytes(b"x" * size)
    targets = list(scan_paths._list_targets([tmp_path]))
    batches = list(scan_paths._iter_batches(targets))
    assert [target.file for batch in batches for target in batch] == targets
    assert all(
        len(batch) <= scan_paths._BATCH_FILES and sum(target.size for target in batch) <= scan_paths._BATCH_BYTES
        for batch in batches
    )
    assert [len(batch) for batch in batches] == [100, 50, 1, 16, 16, 9]


def test_progress_advances_with_the_files(tmp_path: Path):
    _write(tmp_path, *(f"{number:03}.txt" for number in range(120)))
    steps: list[tuple[str, int, int]] = []
    outcome = scan_paths.scan_paths([tmp_path], progress=lambda *step: steps.append(step))
    assert steps == [("scan", 0, 120), ("scan", 100, 120)]
    assert [file.path for file in outcome.files] == [f"{number:03}.txt" for number in range(120)]
