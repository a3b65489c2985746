"""Vulnerabilities on the command line: suppressing some, withdrawing that, deadlines, and the list."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from homeroom.apps.protect.vulnerabilities.review.derived_tables import add_vulnerability_tables
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.tables import DERIVED_TABLES
from tests.apps.program import run_homeroom
from tests.apps.protect.vulnerabilities.review_days import OLD, RANGES, build_chrome, build_laptop
from tests.data_folders import prepare_data_folder
from tests.unit.protect.vulnerabilities.engine_runs import build_feeds, build_source_table, open_source_session

MONDAY = date(2026, 1, 12)


def publish_vulnerable_snapshot(data: Path) -> None:
    """Publish two laptops with an old Chrome as evidence of the folder's district."""
    snapshot_tables = {table.name: build_arrow_schema(table).empty_table() for table in DERIVED_TABLES}
    snapshot_tables["devices"] = build_source_table("devices", [build_laptop(1), build_laptop(2)])
    snapshot_tables["software"] = build_source_table("software", [build_chrome(1, OLD), build_chrome(2, OLD)])
    tables = add_vulnerability_tables(open_source_session(**build_feeds(RANGES)), snapshot_tables, today=MONDAY)
    (slug,) = {path.name for path in (data / "evidence").iterdir()} or {"district"}
    store = EvidenceStore(data / "evidence", district=slug)
    store.publish_derived(tables, inputs="1", today=MONDAY, at=datetime(2026, 1, 12, 11, tzinfo=UTC))


def test_vulnerabilities_are_let_stand_listed_and_brought_back_at_the_command_line(tmp_path: Path) -> None:
    data = prepare_data_folder(tmp_path / "data")

    def run_command(*arguments: str, code: int = 0) -> Any:
        done = run_homeroom(*arguments, "--district", "maple", "--today", "2026-01-12", "--json", data=data)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout) if not code else done.stderr

    assert run_command("vulnerabilities", "deadlines", "--critical", "7")["days"]["critical"] == 7
    assert "grow from critical to low" in run_command("vulnerabilities", "deadlines", "--low", "1", code=2)
    (data / "evidence" / "maple").mkdir(parents=True, exist_ok=True)
    publish_vulnerable_snapshot(data)
    run_homeroom("users", "add", "director", "--permanent", "--district", "maple", "--json", data=data)
    suppress_command = ("vulnerabilities", "suppress", "google-chrome", "--owner", "director", "--until", "2026-02-01")
    assert "a reason in a sentence" in run_command(*suppress_command, code=2)
    number = run_command(*suppress_command, "--reason", "The kiosks are rebuilt in March.", "--class", "laptop")[
        "suppression"
    ]
    listed = run_command("vulnerabilities")
    assert [(entry["thing"], entry["devices"]) for entry in listed["remedies"]] == [("google-chrome", 2)]
    assert listed["remedies"][0]["excepted_flaws"] == 0
    assert {"thing", "flaw"} <= listed["flaws"][0].keys()
    assert listed["review"] is None  # nothing was judged yet
    assert [
        (entry["id"], entry["thing"], entry["scope"], entry["value"], entry["owner"])
        for entry in listed["suppressions"]
    ] == [(number, "google-chrome", "class", "laptop", "director")]
    run_command("vulnerabilities", "withdraw", str(number))
    assert run_command("vulnerabilities")["suppressions"] == []
    assert f"there is no suppression {number + 1}" in run_command(
        "vulnerabilities", "withdraw", str(number + 1), code=2
    )
