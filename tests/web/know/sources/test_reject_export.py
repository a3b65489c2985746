"""All rows that a load rejected can be downloaded as a file, without personal values."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from pathlib import Path

from django.test import Client

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.load_report import Reject, describe_loaded_rows
from homeroom.apps.know.sources.reject_export import load_rejects, render_rejects_csv
from homeroom.apps.platform.audit.queries import AuditFilter, list_audit_entries
from homeroom.evidence.loads.store import EvidenceStore
from tests.cast import Cast
from tests.web.conftest import MORNING

ClientFactory = Callable[[str], Client]
INVALID_ROWS = 25


def load_with_rejects(cast: Cast, store: EvidenceStore, tmp_path: Path) -> str:
    """Load a file with that many unreadable dates and one row without an id; return the load's id."""
    rows = [f"T{n},SN10000{n:02d},no day {n}" for n in range(INVALID_ROWS)]
    path = tmp_path / "assets.csv"
    path.write_text("\n".join(["Asset Tag,Serial,Purchase Date", *rows, ",,5/1/2023", ""]), encoding="utf-8")
    (result,) = load_files([path], district=cast.district, store=store, at=MORNING, source="laptops").loaded
    assert result.load is not None
    assert (len(result.rejects), result.rejected) == (20, INVALID_ROWS + 1), "the first are told, all are counted"
    return result.load.id


def test_all_rejects_of_a_load_are_a_file_away(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, tmp_path: Path
) -> None:
    load_id = load_with_rejects(cast, store, tmp_path)
    page = as_("technician").get(f"/sources/loads/{load_id}").content.decode()
    assert f"The first 20 of {INVALID_ROWS + 1}" in page
    answer = as_("technician").get(f"/sources/loads/{load_id}/rejects.csv")
    assert answer["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == INVALID_ROWS + 1
    assert rows[0] == {
        "file": "assets.csv", "line": "2", "field": "Purchase Date", "value": "xx xxx 9",
        "reason": "not a date", "what fits": "2026-05-01 and 5/1/2026", "lost": "value",
    }  # fmt: skip
    assert [row["lost"] for row in rows].count("row") == 1
    (entry,) = list_audit_entries(district=cast.district, shown=AuditFilter(action="export rejects")).lines
    assert (entry.actor, entry.subject, entry.detail) == ("technician", load_id, {"rejects": INVALID_ROWS + 1})


def test_the_load_s_page_and_today_begin_with_the_rows_that_need_a_look(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, tmp_path: Path
) -> None:
    load_id = load_with_rejects(cast, store, tmp_path)
    sentence = f"oaded {INVALID_ROWS} of {INVALID_ROWS + 1} rows; 1 was rejected"
    page = as_("technician").get(f"/sources/loads/{load_id}").content.decode()
    assert f"L{sentence}" in page.split('<dl class="facts">')[0]
    today = as_("technician").get("/").content.decode()
    first = today.split("<main")[1].split('<header class="day">')[0]
    assert f"l{sentence}" in first
    assert f'href="/sources/loads/{load_id}/rejects.csv"' in first


def test_a_value_that_was_left_out_never_stands_beside_no_reject(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, tmp_path: Path
) -> None:
    path = tmp_path / "assets.csv"
    path.write_text("Asset Tag,Serial,Model,Purchase Date\nT1,SN200001,ProBook,soon 9\n", encoding="utf-8")
    (result,) = load_files([path], district=cast.district, store=store, at=MORNING, source="carts").loaded
    assert result.load is not None
    assert (result.rejected, result.load.rows_rejected, result.values_left_out) == (1, 0, 1)
    assert describe_loaded_rows(read=1, rejected=0, values=result.values_left_out) == "1 row; 1 value left out"
    page = as_("technician").get(f"/sources/loads/{result.load.id}").content.decode()
    assert "Loaded 1 row; 1 value left out" in page
    assert "<dt>Values left out</dt><dd>1</dd>" in page
    (line,) = [row for row in as_("technician").get("/sources").content.decode().split("<tr>") if "carts" in row]
    assert "none (values only)" in line


def test_today_names_a_load_that_waits_with_the_rows_that_need_a_look(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, tmp_path: Path
) -> None:
    path = tmp_path / "assets.csv"
    rows = [f"T{n},SN20000{n:02d},ProBook" for n in range(40)]
    for day in range(2):
        path.write_text("\n".join(["Asset Tag,Serial,Model", *rows, ""]), encoding="utf-8")
        (result,) = load_files([path], district=cast.district, store=store, at=MORNING, source="carts").loaded
        rows = [row.partition(",")[0] if 10 < number < 20 else row for number, row in enumerate(rows)]
        assert result.outcome == ("held" if day else "new")
    today = as_("technician").get("/").content.decode().split('<header class="day">')[0]
    assert "needs your approval; 9 of 40 rows were rejected" in today


def test_today_and_notifications_say_what_a_waiting_load_would_remove(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, tmp_path: Path
) -> None:
    path = tmp_path / "assets.csv"
    for devices in (40, 10):
        rows = [f"T{n},SN20000{n:02d},ProBook" for n in range(devices)]
        path.write_text("\n".join(["Asset Tag,Serial,Model", *rows, ""]), encoding="utf-8")
        (result,) = load_files([path], district=cast.district, store=store, at=MORNING, source="carts").loaded
    assert result.load is not None
    assert result.outcome == "held"
    link = (
        rf'href="/sources/loads/{result.load.id}">assets.csv from Carts, [^<]+ [AP]M, would remove 30 of 40 devices</a>'
    )
    assert re.search(f"{link}: needs your approval", as_("technician").get("/").content.decode())
    notifications = as_("technician").get("/notifications").content.decode()
    assert "1 upload needs approval" in notifications
    assert re.search(link, notifications)
    assert "assets.csv" not in as_("auditor").get("/notifications").content.decode()


def test_a_load_without_rejects_is_not_mentioned_on_today(as_: ClientFactory, cast: Cast, store: EvidenceStore) -> None:
    assert "a look" not in as_("technician").get("/").content.decode()


def test_a_file_name_that_a_spreadsheet_would_run_is_escaped() -> None:
    reject = Reject(file="=cmd.csv", line=2, field="@id", value="+9", reason="3 fields; 4 would fit", row_lost=True)
    (row,) = csv.reader(io.StringIO(render_rejects_csv((reject,)).decode("utf-8-sig").splitlines()[1]))
    assert row == ["'=cmd.csv", "2", "'@id", "'+9", "3 fields", "4", "row"]


def test_the_stranger_gets_no_rejects_of_another_district(
    as_: ClientFactory, cast: Cast, store: EvidenceStore, tmp_path: Path
) -> None:
    load_id = load_with_rejects(cast, store, tmp_path)
    assert as_("stranger").get(f"/sources/loads/{load_id}/rejects.csv").status_code == 404
    assert as_("technician").get("/sources/loads/no-such-load/rejects.csv").status_code == 404
    assert len(load_rejects(store=store, load_id=load_id)) == INVALID_ROWS + 1
