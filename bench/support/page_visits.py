"""People who open pages of a running server, another who writes at the same time, and how long each waits."""

from __future__ import annotations

import os
import random
import sqlite3
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.support.program import BenchmarkError

THINK_SECONDS = 1.0
"""Seconds that somebody thinks between two pages."""


@dataclass
class VisitLog:
    """Measurements so far: (time, milliseconds) of each page, milliseconds of each write, and errors."""

    pages: list[tuple[float, float]] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    loads: int = 0
    errors: list[str] = field(default_factory=list)


def compute_p95(ordered: list[float]) -> float:
    """Return the value that 95 in a hundred do not exceed, of sorted figures."""
    return ordered[int(len(ordered) * 0.95)]


def visit_pages(
    number: int,
    opener: urllib.request.OpenerDirector,
    address: str,
    urls: list[str],
    log: VisitLog,
    stop: threading.Event,
) -> None:
    """Open one of the addresses after another until stopped, as one person."""
    dice = random.Random(number)
    stop.wait(dice.random() * THINK_SECONDS)
    while not stop.is_set():
        url = dice.choice(urls)
        start = time.perf_counter()
        try:
            with opener.open(address + url, timeout=30) as response:
                text = response.read()
            if b"</html>" not in text:
                raise BenchmarkError("a page without an end")
            log.pages.append((start, (time.perf_counter() - start) * 1000))
        except (OSError, BenchmarkError) as error:
            log.errors.append(f"{url}: {error}")
        stop.wait(THINK_SECONDS)


def write_rows(database: Path, log: VisitLog, stop: threading.Event) -> None:
    """Write a row of the district `bench`, four times a second, as another process would."""
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout=30000")
        while not stop.is_set():
            start = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE districts_district SET name = name WHERE slug = 'bench'")
            connection.execute("COMMIT")
            log.writes.append((time.perf_counter() - start) * 1000)
            stop.wait(0.25)


def read_cpu_seconds(process: int) -> float:
    """Return CPU seconds of a process and its descendants (Linux; 0 elsewhere, where the figure means nothing)."""
    total, tick = 0.0, os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
    for pid in _list_process_tree(process):
        with _read_process_stat(pid) as parts:
            total += (int(parts[11]) + int(parts[12])) / tick if parts else 0.0
    return total


def _list_process_tree(process: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*"):
        with _read_process_stat(int(path.name)) as parts:
            if parts:
                parents[int(path.name)] = int(parts[1])
    pids = [process]
    for pid in pids:
        pids += [child for child, parent in parents.items() if parent == pid]
    return pids


@contextmanager
def _read_process_stat(pid: int) -> Iterator[list[str]]:
    """Yield the fields of /proc/PID/stat after the name; empty if the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        yield []
    else:
        yield text.rpartition(")")[2].split()
