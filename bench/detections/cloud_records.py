"""Recorded cloud logs: how many records are read, and which rules fire on those that another project alerts on.

The records are test events of Panther's rules (the shared data, whose license forbids shipping them); each has whether
Panther's own rule alerts on it. They are judged by the built-in rules and by SigmaHQ's. A rule of Panther's and one of
SigmaHQ's ask for different things, so how many fire is printed and no goal; that each record of a log that Homeroom
reads is read is one. Rules about what a district's evidence knows, and those over several events, do not run here.
"""

from __future__ import annotations

import json
import os
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.support.goals import Goal, require_exactly
from bench.support.program import BenchmarkError, require_exit_code, run_homeroom

SHARED = Path(os.environ.get("HOMEROOM_SHARED", Path(__file__).resolve().parents[3] / "shared")) / "data"
RECORDS, RULES = "logs-cloud/panther_events_give.jsonl", "sigma-rules/sigma_rules.tar.xz"
READ_LOGS = ("GSuite.", "Azure.", "Microsoft365.", "MicrosoftIntune.", "MicrosoftGraph.", "Windows.")
OTHER_LOGS = "other systems"
GOALS = {"rejected_records": require_exactly(0), "alerted_records_with_a_rule": Goal(at_least=1)}


@dataclass(kw_only=True)
class RecordOutcome:
    """One recorded event: its log, Panther's rule, whether that alerts, and what Homeroom makes of it."""

    log: str
    title: str
    is_alerted: bool
    is_read: bool = True
    own_rules: list[str] = field(default_factory=list)
    sigma_rules: list[str] = field(default_factory=list)

    @property
    def fired(self) -> bool:
        """Whether any rule fired on it."""
        return bool(self.own_rules or self.sigma_rules)


def measure(*, runs: int = 1) -> dict[str, float]:
    """Print what fires on each record that Panther alerts on, and return the counts; `runs` changes nothing."""
    path = SHARED / RECORDS
    if not path.is_file():
        raise BenchmarkError(f"the shared data is not in {SHARED}")
    outcomes = judge_records([json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()])
    print(format_outcomes(outcomes), file=sys.stderr)
    return compute_figures(outcomes)


def judge_records(records: Sequence[Mapping[str, Any]]) -> list[RecordOutcome]:
    """Return what `homeroom detect` makes of the records, by its own rules and by SigmaHQ's."""
    outcomes = [
        RecordOutcome(log=name_log(item["log_types"]), title=item["title"], is_alerted=item["expected_alert"])
        for item in records
    ]
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        folder = Path(name)
        log = folder / "records.jsonl"
        log.write_text("".join(json.dumps(item["event"]) + "\n" for item in records), encoding="utf-8")
        with tarfile.open(SHARED / RULES) as archive:
            archive.extractall(folder / "rules", filter="data")
        own = _detect(log)
        sigma = _detect(log, "--rules", str(folder / "rules"))
    for reject in own[-1]["summary"]["rejects"]:
        outcomes[reject["record"] - 1].is_read = False
    for documents, attribute in ((own, "own_rules"), (sigma, "sigma_rules")):
        for document in documents[:-1]:
            getattr(outcomes[document["record"] - 1], attribute).append(f"{document['title']} ({document['level']})")
    return outcomes


def _detect(log: Path, *options: str) -> list[dict[str, Any]]:
    cost = run_homeroom("detect", str(log), *options, "--jsonl", data=log.parent / "unused")
    return [json.loads(line) for line in require_exit_code(cost, codes=(0, 1)).out.splitlines() if line.strip()]


def name_log(log_types: Sequence[str]) -> str:
    """Return the log of a record, `other systems` if it may be of one that Homeroom does not read."""
    is_read = all(name.startswith(READ_LOGS) for name in log_types)
    return log_types[0] if is_read else OTHER_LOGS


def format_outcomes(outcomes: Iterable[RecordOutcome]) -> str:
    """Return a section for each log: its counts, and each rule of Panther's that alerts, with the rules that fire."""
    sections: dict[str, list[RecordOutcome]] = {}
    for outcome in outcomes:
        sections.setdefault(outcome.log, []).append(outcome)
    return "\n".join(line for log in sorted(sections) for line in _format_section(log, sections[log]))


def _format_section(log: str, outcomes: Sequence[RecordOutcome]) -> list[str]:
    alerted = [outcome for outcome in outcomes if outcome.is_alerted]
    read = sum(outcome.is_read for outcome in outcomes)
    fired = sum(outcome.fired for outcome in alerted)
    header = f"{log}: {len(outcomes)} records, {read} read, {len(outcomes) - read} rejected"
    lines = [f"{header}; rules fire on {fired} of {len(alerted)} that Panther alerts on"]
    for outcome in alerted if log != OTHER_LOGS else [outcome for outcome in alerted if outcome.fired]:
        lines.append(f"  {outcome.title}")
        lines += [f"      own:   {title}" for title in outcome.own_rules]
        lines += [f"      sigma: {title}" for title in outcome.sigma_rules]
        if not outcome.fired:
            lines.append("      nothing fires" if outcome.is_read else "      rejected")
    return lines


def compute_figures(outcomes: Iterable[RecordOutcome]) -> dict[str, float]:
    """Return the counts over the records of logs that Homeroom reads."""
    own = [outcome for outcome in outcomes if outcome.log != OTHER_LOGS]
    alerted = [outcome for outcome in own if outcome.is_alerted]
    return {
        "records": len(own),
        "rejected_records": sum(not outcome.is_read for outcome in own),
        "alerted_records": len(alerted),
        "alerted_records_with_a_rule": sum(outcome.fired for outcome in alerted),
        "alerted_records_with_an_own_rule": sum(bool(outcome.own_rules) for outcome in alerted),
        "other_records_with_a_rule": sum(outcome.fired for outcome in own if not outcome.is_alerted),
    }
