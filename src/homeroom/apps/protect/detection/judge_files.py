"""Judge log files by rules, in this process or in several, and count what was read."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import batched
from pathlib import Path

from homeroom.apps.protect.detection.detection_store import DetectionStore
from homeroom.apps.protect.detection.match_store import MatchStore
from homeroom.apps.protect.detection.spill_file import SpillFile
from homeroom.apps.protect.detection.spilled_window import SpilledWindow
from homeroom.domain.protect.detections.events import EventReject, LogEvent
from homeroom.domain.protect.detections.rules import RuleNotRun, RuleSet
from homeroom.engines.protect.detect import EventScan, EventScanner, iter_correlated_detections
from homeroom.ingest.events import read_events
from homeroom.library.protect.sigma_rules import load_sigma_rules
from homeroom.library.yaml_loader import BUILTIN_CONTENT

BUILTIN_RULES = BUILTIN_CONTENT / "detections"
type SplitEvents = Callable[[Iterable[LogEvent]], Iterable[Sequence[LogEvent]]]
BATCH_EVENTS, EVENTS_PER_TASK = 20_000, 2_000
"""Events that are judged at a time, in this process and in one of several."""
TASKS_PER_WORKER = 4


class NoRules(ValueError):
    """The files given as rules hold none."""


@dataclass(kw_only=True)
class ReadCounts:
    """Numbers of what was read, and the records that could not be."""

    files: set[str] = field(default_factory=set)
    events: int = 0
    rejects: list[EventReject] = field(default_factory=list)

    def count(self, records: Iterable[LogEvent | EventReject]) -> Iterator[LogEvent]:
        """Return the events among the records; count both."""
        for record in records:
            self.files.add(record.file)
            if isinstance(record, EventReject):
                self.rejects.append(record)
            else:
                self.events += 1
                yield record


@dataclass(frozen=True, kw_only=True)
class JudgedFiles:
    """Outcome of judging log files."""

    detections: DetectionStore
    counts: ReadCounts
    rules_run: int
    not_run: tuple[RuleNotRun, ...]


def judge_paths(paths: Sequence[Path], *, rules: Sequence[Path], workers: int = 1) -> JudgedFiles:
    """Return what fires on the records of files, folders and archives; see `judge_files`."""
    counts = ReadCounts()
    records = read_events(paths, on_empty=counts.files.add)
    return judge_files(rules=rules, records=records, counts=counts, workers=workers)


def judge_files(
    *,
    rules: Sequence[Path],
    records: Iterable[LogEvent | EventReject],
    counts: ReadCounts | None = None,
    workers: int = 1,
    split: SplitEvents | None = None,
) -> JudgedFiles:
    """Return what fires on the records; without paths of rules, by the built-in ones. Raise NoRules.

    `split` divides the events into the batches that are judged at a time, which changes the cost and nothing else.
    """
    rule_set, not_run = load_sigma_rules(rules or [BUILTIN_RULES], with_evidence=False)
    if not rule_set and not not_run:
        raise NoRules("there are no rules in " + ", ".join(str(path) for path in rules or [BUILTIN_RULES]))
    counts = counts or ReadCounts()
    events = counts.count(records)
    detections, matches = DetectionStore(), MatchStore()
    batches = split(events) if split else batched(events, BATCH_EVENTS if workers == 1 else EVENTS_PER_TASK)
    for scan in _iter_scans(rule_set, batches, workers=workers):
        detections.add(scan.detections)
        matches.add(scan.matches)
    detections.add(iter_correlated_detections(rule_set, matches, new_window=partial(SpilledWindow, SpillFile())))
    return JudgedFiles(detections=detections, counts=counts, rules_run=len(rule_set), not_run=not_run)


_scanners: list[EventScanner] = []
"""The rules of a worker process, made ready once."""


def _start_worker(rules: RuleSet) -> None:
    _scanners[:] = [EventScanner(rules)]


def _scan_batch(events: Sequence[LogEvent]) -> EventScan:
    return _scanners[0].scan(events)


def _iter_scans(rules: RuleSet, batches: Iterable[Sequence[LogEvent]], *, workers: int) -> Iterator[EventScan]:
    """Yield the scans of the batches in their order, a bounded number ahead of what was collected."""
    if workers == 1:
        scanner = EventScanner(rules)
        yield from map(scanner.scan, batches)
        return
    waiting: deque[Future[EventScan]] = deque()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_start_worker, initargs=(rules,)) as pool:
        for batch in batches:
            waiting.append(pool.submit(_scan_batch, batch))
            if len(waiting) >= workers * TASKS_PER_WORKER:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
