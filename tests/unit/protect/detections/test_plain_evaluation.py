"""The command's engine against a plain evaluator: one rule on one event, without a search for literals.

However the events are divided and in whatever order they come, by one process or two, the same detections come out. In
each run a fixed sample of the recorded cases is tried; in a thorough one every recorded event with every given rule.
"""

from __future__ import annotations

import json
import random
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import batched, groupby
from pathlib import Path

import pytest

from homeroom.apps.protect.detection.judge_files import SplitEvents, judge_files
from homeroom.apps.protect.detection.serialize import build_detection_document
from homeroom.domain.protect.detections.detections import Detection
from homeroom.domain.protect.detections.events import LogEvent
from homeroom.engines.protect.detect.correlate import RuleMatch
from homeroom.engines.protect.detect.detect import find_correlated_detections
from homeroom.engines.protect.detect.rules import compile_rule
from homeroom.ingest.events import read_events
from homeroom.library.protect.sigma_rules import load_sigma_rules
from tests.unit.protect.detections.test_regression_cases import CASES, MANIFEST, SHARED, needs_shared_data

CORRELATIONS = """
title: Process started
id: process
name: process
logsource: {product: windows, category: process_creation}
detection: {s: {Image|contains: \\}, condition: s}
---
title: Registry value set
id: registry
name: registry
logsource: {product: windows, category: registry_set}
detection: {s: {TargetObject|contains: \\}, condition: s}
---
title: Many processes on a computer
id: many
correlation: {type: event_count, rules: [process], group-by: [Computer], timespan: 30d, condition: {gte: 3}}
---
title: Many programs on a computer
id: programs
correlation:
  type: value_count
  rules: [process]
  group-by: [Computer]
  timespan: 30d
  condition: {gte: 3, field: Image}
---
title: A process, then a registry value
id: then
correlation: {type: temporal_ordered, rules: [process, registry], group-by: [Computer], timespan: 400d, generate: true}
"""
type Firing = tuple[str, str, int, str]
"""A rule, the file and record that it fired on, and the fields that matched."""
type Order = Callable[[Sequence[LogEvent]], Sequence[LogEvent]]


def _split_by_file(events: Iterable[LogEvent]) -> Iterator[Sequence[LogEvent]]:
    for _file, part in groupby(events, key=lambda event: event.file):
        yield tuple(part)


def _split_one_by_one(events: Iterable[LogEvent]) -> Iterator[Sequence[LogEvent]]:
    return batched(events, 1)


def _shuffle(events: Sequence[LogEvent]) -> Sequence[LogEvent]:
    moments = _list_moments(events)
    return [event for moment in random.Random(11).sample(moments, len(moments)) for event in moment]


def _reverse(events: Sequence[LogEvent]) -> Sequence[LogEvent]:
    return [event for moment in reversed(_list_moments(events)) for event in moment]


def _list_moments(events: Sequence[LogEvent]) -> list[list[LogEvent]]:
    """Return the events by time and file: those of one moment stay as they were read, which is their order."""
    moments: dict[object, list[LogEvent]] = {}
    for event in events:
        moments.setdefault((event.time, event.file), []).append(event)
    return list(moments.values())


BATCHINGS: dict[str, tuple[Order, SplitEvents | None]] = {
    "at once": (list, None),
    "by file": (list, _split_by_file),
    "one by one": (list, _split_one_by_one),
    "shuffled": (_shuffle, None),
    "reversed": (_reverse, None),
}


def evaluate_plainly(events: Sequence[LogEvent], rules: Sequence[Path]) -> Counter[Firing]:
    """Return what fires where each rule is tried on each event alone."""
    rule_set, _not_run = load_sigma_rules(rules, with_evidence=False)
    detections: list[Detection] = []
    matches: dict[int, list[RuleMatch]] = {}
    for rule in map(compile_rule, rule_set.rules):
        heading = rule.rule.heading
        for number, event in enumerate(events):
            variant = rule.match(event)
            if variant is None:
                continue
            if not rule.rule.silent:
                detections.append(Detection(rule=heading, event=event, matched={}))
            names = {name: variant.variant.field_names.get(name, name) for name in ("Computer", "Image")}
            fields = {name: event.fields[field] for name, field in names.items() if field in event.fields}
            if event.time is not None:
                matches.setdefault(number, []).append(RuleMatch(rule=heading.id, event=event, fields=fields))
    in_order = [matches[number] for number in sorted(matches)]
    detections += find_correlated_detections(rule_set, in_order)
    return Counter(map(_name_firing, detections))


def _name_firing(detection: Detection) -> Firing:
    places = [f"{place.file} {place.record}" for place in detection.events]
    return detection.rule.id, detection.event.file, detection.event.record, " ".join(places)


def compare_batchings(events: Sequence[LogEvent], rules: Sequence[Path], *, workers: Sequence[int]) -> Counter[Firing]:
    """Return what fires plainly, if the engine's outcome is the same in every batching and with every worker count."""
    plain = evaluate_plainly(events, rules)
    documents: list[str] | None = None
    for name, (order, split) in BATCHINGS.items():
        for count in workers:
            outcome = judge_files(rules=rules, records=order(events), workers=count, split=split)
            detections = list(outcome.detections)
            fired = Counter(map(_name_firing, detections))
            assert (fired - plain, plain - fired) == (Counter(), Counter()), (name, count)
            printed = sorted(json.dumps(build_detection_document(item), sort_keys=True) for item in detections)
            documents = documents or printed
            assert printed == documents, (name, count)
    return plain


def _write_correlations(folder: Path) -> Path:
    path = folder / "correlations.yml"
    path.write_text(CORRELATIONS, encoding="utf-8")
    return path


def _unpack_logs(folder: Path) -> None:
    """Write every given event below a folder: recorded attacks, captures and cloud records."""
    with tarfile.open(CASES) as archive:
        archive.extractall(folder / "cases", filter="data")
    for path in (SHARED / "logs-sigma" / "otrf").rglob("*"):
        if path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as capture:
                capture.extractall(folder / "captures" / path.stem)
    lines = (SHARED / "logs-cloud" / "panther_events_give.jsonl").read_text(encoding="utf-8").splitlines()
    cloud = "".join(json.dumps(json.loads(line)["event"]) + "\n" for line in lines)
    (folder / "cloud.jsonl").write_text(cloud, encoding="utf-8")


def _read(folder: Path) -> list[LogEvent]:
    return [item for item in read_events([folder]) if isinstance(item, LogEvent)]


@needs_shared_data
def test_a_sample_of_recorded_attacks_is_judged_as_one_rule_on_one_event_is(tmp_path: Path) -> None:
    cases = json.loads(MANIFEST.read_text(encoding="utf-8"))[::4]
    logs, rules, unpacked = tmp_path / "logs", tmp_path / "rules", tmp_path / "unpacked"
    with tarfile.open(CASES) as archive:
        archive.extractall(unpacked, filter="data")
    for number, case in enumerate(cases):
        for source, target in ((case["data"], logs), *((file, rules) for file in case["rule_files"])):
            target.mkdir(exist_ok=True)
            (target / f"{number}-{Path(source).name}").write_bytes((unpacked / source).read_bytes())
    events = _read(logs)
    plain = compare_batchings(events, [rules, _write_correlations(tmp_path)], workers=[1])
    fired = {rule for rule, *_place in plain}
    assert fired >= {rule for case in cases for rule in case["rule_ids"]}
    assert fired & {"many", "programs", "then"}, "correlations are among what is compared"


@needs_shared_data
@pytest.mark.thorough
def test_every_event_with_every_rule_is_judged_as_one_rule_on_one_event_is(tmp_path: Path) -> None:
    logs, rules = tmp_path / "logs", tmp_path / "rules"
    logs.mkdir()
    _unpack_logs(logs)
    with tarfile.open(SHARED / "sigma-rules" / "sigma_rules.tar.xz") as archive:
        archive.extractall(rules, filter="data")
    events = _read(logs)
    assert len(events) > 3_000
    plain = compare_batchings(events, [rules, _write_correlations(tmp_path)], workers=[1, 2])
    fired = {rule for rule, *_place in plain}
    assert fired >= {"many", "programs", "then"}
    assert fired >= {rule for case in json.loads(MANIFEST.read_text(encoding="utf-8")) for rule in case["rule_ids"]}
