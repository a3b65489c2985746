"""Runs the program in a process of its own, as a user does, and reads what it left in its data folder."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.begun import begun

Record = tuple[str, str]
WITHOUT_REJECTS, WITH_REJECTS = 0, 1


def homeroom(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    """The finished run; an exit code other than done and done with rejects fails the test."""
    done = subprocess.run(
        [sys.executable, "-m", "homeroom", *arguments],
        env={**os.environ, "HOMEROOM_DATA": str(begun(data))},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode in (WITHOUT_REJECTS, WITH_REJECTS), done.stderr
    return done


def sample(folder: Path, *, students: int, seed: int, data: Path) -> dict[str, Any]:
    """Makes a sample district in the folder; its truth."""
    homeroom("sample", str(folder), "--students", str(students), "--seed", str(seed), data=data)
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))


@dataclass(frozen=True, kw_only=True)
class Member:
    """One subject of one finding, with its records and where it stands."""

    control: str
    records: frozenset[Record]
    open: bool
    why: str
    not_seen_since: str | None


@dataclass(kw_only=True)
class District:
    """A district in a data folder, driven by verbs. It remembers every subject's records, also of those that left."""

    data: Path
    _records: dict[tuple[str, int], frozenset[Record]] = field(default_factory=dict)

    def load(self, *paths: Path, today: str) -> dict[str, Any]:
        """Loads without judging; the report."""
        return self._json("load", *map(str, paths), "--today", today)

    def assess(self, *paths: Path, today: str) -> dict[str, frozenset[frozenset[Record]]]:
        """Loads, resolves and judges: the failing subjects of each control."""
        report = self._json("assess", *map(str, paths), "--subjects", "--today", today)
        assert not report.get("load", {}).get("held"), "something waits for a person"
        return {
            control["id"]: frozenset(
                frozenset((one["source"], one["key"]) for one in subject["records"]) for subject in control["subjects"]
            )
            for control in report["controls"]
        }

    def loads(self, stream: str) -> list[dict[str, Any]]:
        """The loads of one stream, oldest first, those that wait last."""
        return [one for one in self._json("loads") if one["stream"] == stream]

    def decide(self, verb: str, load_id: str) -> None:
        """Approve, discard or undo."""
        self._json(verb, load_id)

    def members(self) -> list[Member]:
        """Every member of every finding that there ever was."""
        self._remember()
        query = (
            "SELECT f.control, f.subject_kind, m.subject, m.closed IS NULL, m.why, m.not_seen_since "
            "FROM posture_member m JOIN posture_finding f ON f.id = m.finding_id"
        )
        return [
            Member(
                control=control,
                records=self._records.get((kind, subject), frozenset()),
                open=bool(stands),
                why=why,
                not_seen_since=unseen,
            )
            for control, kind, subject, stands, why, unseen in self._rows(query)
        ]

    def open(self) -> set[tuple[str, frozenset[Record]]]:
        """(control, records) of each open member."""
        return {(one.control, one.records) for one in self.members() if one.open}

    def closed(self) -> dict[tuple[str, frozenset[Record]], str]:
        """Why each closed member closed, by (control, records)."""
        return {(one.control, one.records): one.why for one in self.members() if not one.open}

    def _remember(self) -> None:
        found: dict[tuple[str, int], set[Record]] = {}
        query = "SELECT kind, subject, connector, key FROM inventory_ledgerentry WHERE closed IS NULL"
        for kind, subject, connector, key in self._rows(query):
            found.setdefault((kind, subject), set()).add((connector, key))
        self._records |= {subject: frozenset(records) for subject, records in found.items()}

    def _rows(self, query: str) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.data / "state.sqlite3")) as database:
            return database.execute(query).fetchall()

    def _json(self, *arguments: str) -> Any:
        return json.loads(homeroom(*arguments, "--json", data=self.data).stdout)
