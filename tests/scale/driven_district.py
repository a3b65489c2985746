"""Run the program in a process of its own, as a user does, and read the resulting data folder."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from homeroom.sample.plan.school_calendar import choose_today
from tests.data_folders import prepare_data_folder
from tests.warm_program import run_program

Record = tuple[str, str]
WITHOUT_REJECTS, WITH_REJECTS = 0, 1


def run_homeroom(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """Return the finished run; fail the test on any exit code except done and done with rejects."""
    environment = {**os.environ, "HOMEROOM_DATA": str(prepare_data_folder(data))}
    process = run_program(*arguments, environment=environment)
    assert process.returncode in (WITHOUT_REJECTS, WITH_REJECTS), process.stderr
    return process


def generate_sample(folder: Path, *, students: int, seed: int, data: Path) -> dict[str, Any]:
    """Generate a sample district in the folder and return its truth."""
    size = ("--students", str(students), "--seed", str(seed), "--today", choose_today(seed).isoformat())
    run_homeroom("sample", str(folder), *size, data=data)
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, kw_only=True)
class FindingMember:
    """One subject of one finding, with its records and its state."""

    control: str
    records: frozenset[Record]
    is_open: bool
    close_reason: str
    not_seen_since: str | None


@dataclass(kw_only=True)
class DrivenDistrict:
    """A district in a data folder, driven by verbs, that stores every subject's records, even after it has left."""

    data: Path
    _records: dict[tuple[str, int], frozenset[Record]] = field(default_factory=dict)

    def load(self, *paths: Path, today: str) -> dict[str, Any]:
        """Load without assessing and return the report."""
        return self._run_json("load", *map(str, paths), "--today", today)

    def assess(self, *paths: Path, today: str) -> dict[str, frozenset[frozenset[Record]]]:
        """Load, resolve and assess; return the failing subjects of each control."""
        report = self._run_json("assess", *map(str, paths), "--subjects", "--today", today)
        assert not report.get("load", {}).get("held"), "something waits for a person"
        return {
            control["id"]: frozenset(
                frozenset((record["source"], record["key"]) for record in subject["records"])
                for subject in control["subjects"]
            )
            for control in report["controls"]
        }

    def list_loads(self, stream: str) -> list[dict[str, Any]]:
        """Return the loads of one stream, oldest first, held ones last."""
        return [load for load in self._run_json("loads") if load["stream"] == stream]

    def decide(self, verb: str, load_id: str) -> None:
        """Approve, discard or undo."""
        self._run_json(verb, load_id)

    def list_members(self) -> list[FindingMember]:
        """Return every member of every finding, past ones included."""
        self._store_records()
        query = (
            "SELECT f.control, f.subject_kind, m.subject, m.closed IS NULL, m.why, m.not_seen_since "
            "FROM posture_member m JOIN posture_finding f ON f.id = m.finding_id"
        )
        return [
            FindingMember(
                control=control,
                records=self._records.get((kind, subject), frozenset()),
                is_open=bool(is_open),
                close_reason=close_reason,
                not_seen_since=not_seen_since,
            )
            for control, kind, subject, is_open, close_reason, not_seen_since in self._query_state(query)
        ]

    def list_open(self) -> set[tuple[str, frozenset[Record]]]:
        """Return (control, records) of each open member."""
        return {(member.control, member.records) for member in self.list_members() if member.is_open}

    def list_closed(self) -> dict[tuple[str, frozenset[Record]], str]:
        """Return the close reason of each closed member, by (control, records)."""
        return {
            (member.control, member.records): member.close_reason
            for member in self.list_members()
            if not member.is_open
        }

    def _store_records(self) -> None:
        records_by_subject: dict[tuple[str, int], set[Record]] = {}
        query = "SELECT kind, subject, connector, key FROM inventory_ledgerentry WHERE closed IS NULL"
        for kind, subject, connector, key in self._query_state(query):
            records_by_subject.setdefault((kind, subject), set()).add((connector, key))
        self._records |= {subject: frozenset(records) for subject, records in records_by_subject.items()}

    def _query_state(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / "state.sqlite3")) as database:
            return database.execute(query).fetchall()

    def _run_json(self, *arguments: str) -> Any:
        return json.loads(run_homeroom(*arguments, "--json", data=self.data).stdout)
