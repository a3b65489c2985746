"""The verbs about flaws, as a technician types them: letting some stand, taking that back, deadlines, and the list."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from homeroom.apps.vulnerabilities.deriving import with_flaws
from homeroom.evidence.schema import arrow_schema
from homeroom.evidence.store import Store
from homeroom.evidence.tables import DERIVED_TABLES
from tests.apps.program import homeroom
from tests.apps.vulnerabilities.days import OLD, RANGES, chrome, laptop
from tests.begun import begun
from tests.unit.vulnerabilities.house import feeds, frame, session_with

MONDAY = date(2026, 1, 12)


def flawed(data: Path) -> None:
    """Two laptops with an old Chrome in the evidence of the folder's district."""
    given = {one.name: arrow_schema(one).empty_table() for one in DERIVED_TABLES}
    given["devices"] = frame("devices", [laptop(1), laptop(2)])
    given["software"] = frame("software", [chrome(1, OLD), chrome(2, OLD)])
    tables = with_flaws(session_with(**feeds(RANGES)), given, today=MONDAY)
    (slug,) = {path.name for path in (data / "evidence").iterdir()} or {"district"}
    store = Store(data / "evidence", district=slug)
    store.publish_derived(tables, inputs="1", today=MONDAY, at=datetime(2026, 1, 12, 11, tzinfo=UTC))


def test_flaws_are_let_stand_listed_and_brought_back_at_the_command_line(tmp_path: Path) -> None:
    data = begun(tmp_path / "data")

    def said(*words: str, code: int = 0) -> Any:
        done = homeroom(*words, "--district", "maple", "--today", "2026-01-12", "--json", data=data)
        assert done.returncode == code, done.stderr
        return json.loads(done.stdout) if not code else done.stderr

    assert said("vulnerabilities", "deadlines", "--critical", "7")["days"]["critical"] == 7
    assert "grow from critical to low" in said("vulnerabilities", "deadlines", "--low", "1", code=2)
    (data / "evidence" / "maple").mkdir(parents=True, exist_ok=True)
    flawed(data)
    homeroom("add-user", "director", "--district", "maple", "--json", data=data)
    asked = ("vulnerabilities", "suppress", "google-chrome", "--owner", "director", "--until", "2026-02-01")
    assert "a reason in a sentence" in said(*asked, code=2)
    number = said(*asked, "--reason", "The kiosks are rebuilt in March.", "--class", "laptop")["suppression"]
    listed = said("vulnerabilities")
    assert [(one["thing"], one["devices"]) for one in listed["remedies"]] == [("google-chrome", 2)]
    assert listed["review"] is None  # nothing was judged yet
    assert [(one["id"], one["scope"], one["value"], one["owner"]) for one in listed["suppressions"]] == [
        (number, "class", "laptop", "director")
    ]
    said("vulnerabilities", "withdraw", str(number))
    assert said("vulnerabilities")["suppressions"] == []
    assert f"there is no suppression {number + 1}" in said("vulnerabilities", "withdraw", str(number + 1), code=2)
