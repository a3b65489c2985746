"""Google and Microsoft where a district allows less than everything, is throttled, or comes back after weeks."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.services import google, microsoft
from tests.services.console_trial import ConsoleTrial
from tests.services.world import World

pytestmark = pytest.mark.scale


def test_a_district_that_delegated_only_accounts_and_chromebooks_reads_them(tmp_path: Path) -> None:
    console = google.Google(World())
    scopes = ("admin.directory.user.readonly", "admin.directory.device.chromeos.readonly")
    console.delegated = {f"{google.SCOPE}{scope}" for scope in scopes}
    console.busy = 2
    trial = ConsoleTrial(console=console, folder=tmp_path)
    results = trial.run()
    assert {table: len(rows) for table, rows in trial.read_rows().items() if rows} == {
        "account_records": 44,
        "device_records": 70,
    }
    left_out = {
        feed: reason for result in results if result.sync_result for feed, reason in result.sync_result.left_out.items()
    }
    assert "admin.directory.group.readonly" in left_out["groups"]
    assert {"users", "chromeos"}.isdisjoint(left_out)
    assert console.busy == 0


def test_apps_and_extensions_of_chrome_are_read_page_by_page(tmp_path: Path) -> None:
    console = google.Google(World())
    scopes = ("admin.directory.user.readonly", "chrome.management.reports.readonly")
    console.delegated = {f"{google.SCOPE}{scope}" for scope in scopes}
    trial = ConsoleTrial(console=console, folder=tmp_path)
    trial.run()
    rows = {row["name"]: row for row in trial.read_rows()["extension_records"]}
    assert len(rows) == 8
    assert {name: rows["Extension 3"][name] for name in ("kind", "install_kind", "browsers", "users", "disabled")} == {
        "kind": "extension",
        "install_kind": "admin",
        "browsers": 3,
        "users": 30,
        "disabled": True,
    }
    assert (rows["Extension 7"]["app_key"], rows["Extension 7"]["browsers"]) == ("com.maple.app", None)
    assert rows["Extension 1"]["permissions"] == ["storage", "tabs"]


def test_a_tenant_without_a_license_for_logs_reads_the_rest(tmp_path: Path) -> None:
    console = microsoft.Graph(World())
    console.granted -= {"AuditLog.Read.All", "SecurityEvents.Read.All"}
    trial = ConsoleTrial(console=console, folder=tmp_path)
    results = trial.run()
    rows = trial.read_rows()
    assert {table: len(table_rows) for table, table_rows in rows.items()} == {
        "account_records": 30,
        "alert_records": 3,
        "app_grants": 19,
        "device_records": 45,
        "drill_events": 168,
        "software_records": 132,
    }
    left_out = {feed for result in results if result.sync_result for feed in result.sync_result.left_out}
    assert left_out == {"activity", "registration", "signins", "audits", "scores"}


def test_a_delta_link_that_graph_forgot_asks_for_everything_and_sees_who_went(tmp_path: Path) -> None:
    console = microsoft.Graph(World())
    trial = ConsoleTrial(console=console, folder=tmp_path)
    trial.run()
    console.world.advance(days=9)
    console.change_rows()
    results = trial.run()
    (users,) = [result for result in results if result.stream == "microsoft.users"]
    assert users.sync_result is not None
    assert users.sync_result.full
    keys = {row["key"] for row in trial.read_rows()["account_records"] if row["email"] and row["given_name"]}
    assert "u0901" in keys
    assert "u0005" not in keys
