"""People who turn pages of a served house, one who writes beside them, and what both wait."""

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

from bench.support.program import Broken

THINK = 1.0
"""Seconds that somebody thinks between two pages."""


@dataclass
class Seen:
    """What was measured so far: (when, milliseconds) of each page, milliseconds of each write, and what went wrong."""

    pages: list[tuple[float, float]] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    loads: int = 0
    errors: list[str] = field(default_factory=list)


def p95(ordered: list[float]) -> float:
    """The figure that 95 in a hundred do not exceed, of figures in order."""
    return ordered[int(len(ordered) * 0.95)]


def visit(
    number: int,
    opener: urllib.request.OpenerDirector,
    address: str,
    urls: list[str],
    seen: Seen,
    over: threading.Event,
) -> None:
    """One person who opens one of the addresses after another until it is over."""
    dice = random.Random(number)
    over.wait(dice.random() * THINK)
    while not over.is_set():
        url = dice.choice(urls)
        began = time.perf_counter()
        try:
            with opener.open(address + url, timeout=30) as answer:
                text = answer.read()
            if b"</html>" not in text:
                raise Broken("a page without an end")
            seen.pages.append((began, (time.perf_counter() - began) * 1000))
        except (OSError, Broken) as why:
            seen.errors.append(f"{url}: {why}")
        over.wait(THINK)


def write(database: Path, seen: Seen, over: threading.Event) -> None:
    """Another process's writing: a row of the district `bench`, four times a second."""
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout=30000")
        while not over.is_set():
            began = time.perf_counter()
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("UPDATE districts_district SET name = name WHERE slug = 'bench'")
            connection.execute("COMMIT")
            seen.writes.append((time.perf_counter() - began) * 1000)
            over.wait(0.25)


def cpu_of(process: int) -> float:
    """CPU seconds of a process and those below it (Linux; 0 elsewhere, where the figure then means nothing)."""
    total, tick = 0.0, os.sysconf("SC_CLK_TCK") if hasattr(os, "sysconf") else 100
    for pid in _below(process):
        with _readable(pid) as parts:
            total += (int(parts[11]) + int(parts[12])) / tick if parts else 0.0
    return total


def _below(process: int) -> list[int]:
    parents = {}
    for path in Path("/proc").glob("[0-9]*"):
        with _readable(int(path.name)) as parts:
            if parts:
                parents[int(path.name)] = int(parts[1])
    found = [process]
    for pid in found:
        found += [child for child, parent in parents.items() if parent == pid]
    return found


@contextmanager
def _readable(pid: int) -> Iterator[list[str]]:
    """The fields of /proc/PID/stat after the name; empty where the process is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        yield []
    else:
        yield text.rpartition(")")[2].split()
