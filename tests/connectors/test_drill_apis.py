"""Consoles of drills over their APIs: what they ask for, what they leave at the door, and what goes wrong there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from homeroom.connectors.gophish.api import CLIENT as GOPHISH
from homeroom.connectors.knowbe4.api import CLIENT as KNOWBE4
from homeroom.connectors.knowbe4.api import REGIONS
from homeroom.ingest.remote import errors
from homeroom.ingest.remote.api_spec import SyncStart
from homeroom.ingest.remote.errors import RemoteError
from tests.services.console import Call, Console, Reply
from tests.services.console_trial import ConsoleTrial
from tests.services.faults import FaultScript
from tests.services.gophish import RELAY, TYPED, Gophish
from tests.services.knowbe4 import CALLS_A_MINUTE, PEOPLE, KnowBe4
from tests.services.microsoft import Graph
from tests.services.world import World

AT = datetime(2026, 11, 20, 14, tzinfo=UTC)


def _run(console: Console, folder: Path, **options: Any) -> ConsoleTrial:
    trial = ConsoleTrial(console=console, folder=folder)
    trial.run(**options)
    return trial


def _list_errors(trial: ConsoleTrial) -> list[str]:
    return [result.error.reason for result in trial.results if result.error is not None]


def _is_busy(trial: ConsoleTrial) -> bool:
    """Run a sync; return whether it has to be continued later. Raise RemoteError for any other reason."""
    try:
        trial.run()
    except RemoteError as error:
        if not error.is_temporary:
            raise
        return True
    return False


def _replace_reply(console: Console, change: Callable[[Call, Reply], Reply]) -> None:
    handle_call = console.handle_call
    console.handle_call = lambda call: change(call, handle_call(call))  # type: ignore[method-assign]


@pytest.mark.parametrize("region", REGIONS)
def test_a_region_decides_the_address_of_knowbe4(region: str) -> None:
    settings = KNOWBE4.apply_defaults({"key": "x", "region": region})
    request = KNOWBE4.get_feed("tests").first(settings, SyncStart(at=AT))  # type: ignore[misc]
    assert request.url == f"https://{region.lower()}.api.knowbe4.com/v1/phishing/security_tests"
    assert (request.get_param("per_page"), request.get_param("cursor")) == ("500", "true")


def test_knowbe4_by_cursor_and_by_number_has_the_same_rows(tmp_path: Path) -> None:
    by_cursor = _run(KnowBe4(World()), tmp_path / "cursor")
    by_number = _run(KnowBe4(World(), has_cursor=False), tmp_path / "number")
    rows = by_cursor.read_rows()
    assert rows == by_number.read_rows()
    assert {row["drill"] for row in rows["drill_events"]} == {"14240", "14241", "14242"}, "none of two years ago"
    delivered = [row for row in rows["drill_events"] if row["drill"] == "14242" and row["event"] == "delivered"]
    assert len(delivered) == PEOPLE - 6, "six mails wait to be sent"
    assert {(row["drill_name"], row["lure"]) for row in delivered} == {
        ("Monthly test 14242", "Your order"),
        ("Monthly test 14242", "Your parcel"),
    }
    assert len(rows["training_records"]) == 900
    assert {row["kind"] for row in rows["training_records"]} == {"training", "policy"}
    pages = [call for call in by_number.console.calls if call.get_param("page")]
    assert [call.get_param("page") for call in pages if call.path.endswith("14242/recipients")] == ["2"]


def test_knowbe4_is_asked_at_most_fifty_times_a_minute(tmp_path: Path) -> None:
    console = KnowBe4(World())
    console.tests |= {number: {**console.tests[14240], "pst_id": number} for number in range(20000, 20080)}
    console.recipients |= dict.fromkeys(range(20000, 20080), console.recipients[14240][:3])
    refused: list[int] = []
    _replace_reply(console, lambda _call, reply: refused.append(reply.status) or reply)  # type: ignore[func-returns-value]
    trial = _run(console, tmp_path)
    assert _list_errors(trial) == []
    assert 429 not in refused
    assert len(console.calls) > CALLS_A_MINUTE
    assert console.world.slept < 3 * 60


def test_a_key_of_another_region_ends_the_sync_and_loads_nothing(tmp_path: Path) -> None:
    for console in (KnowBe4(World()), Gophish(World())):
        _replace_reply(console, lambda _call, _reply: Reply(status=401, body={"message": "Unauthorized"}))
        trial = ConsoleTrial(console=console, folder=tmp_path / console.client)
        with pytest.raises(RemoteError) as caught:
            trial.run()
        assert caught.value.reason == errors.DENIED
        assert ("region" in caught.value.sentence) == (console.client == "knowbe4")
        assert trial.read_rows() == {}


def test_a_console_in_trouble_for_long_is_asked_again_later_and_goes_on(tmp_path: Path) -> None:
    for console in (KnowBe4(World()), Gophish(World())):
        undisturbed = _run(type(console)(World()), tmp_path / f"{console.client} undisturbed").read_rows()
        calls = 0

        def fail_from_the_third(_call: Call, reply: Reply) -> Reply:
            nonlocal calls
            calls += 1
            return Reply(status=500, body=b"<html>oops</html>") if 3 <= calls < 30 else reply

        _replace_reply(console, fail_from_the_third)
        trial = ConsoleTrial(console=console, folder=tmp_path / console.client)
        while _is_busy(trial):
            pass
        assert trial.read_rows() == undisturbed


def test_a_list_that_shrinks_between_two_pages_ends_and_loses_nobody_who_is_there(tmp_path: Path) -> None:
    console = KnowBe4(World(), has_cursor=False)

    def remove_after_the_first(call: Call, reply: Reply) -> Reply:
        if call.path.endswith("14242/recipients") and not call.get_param("page"):
            del console.recipients[14242][510:]
        return reply

    _replace_reply(console, remove_after_the_first)
    rows = _run(console, tmp_path).read_rows()["drill_events"]
    assert len({row["email"] for row in rows if row["drill"] == "14242"}) == 510 - 5, "five of them wait"


def test_answers_that_are_no_lists_are_refused_and_not_taken_for_empty_ones(tmp_path: Path) -> None:
    for console in (KnowBe4(World()), Gophish(World())):
        _replace_reply(console, lambda _call, _reply: Reply(body={"message": "Under maintenance"}))
        trial = _run(console, tmp_path / console.client)
        assert set(_list_errors(trial)) == {errors.GARBLED}
        assert trial.read_rows() == {}


def test_what_somebody_typed_never_reaches_the_disk(tmp_path: Path) -> None:
    console = Gophish(World())
    trial = ConsoleTrial(console=console, folder=tmp_path)
    spooled: list[bytes] = []
    faults = FaultScript("a connection cut in mid-page", seed=3)
    _replace_reply(console, lambda _call, reply: spooled.append(trial.read_written_bytes()) or reply)  # type: ignore[func-returns-value]
    trial.run(faults=faults)
    written = b"\n".join([*spooled, trial.read_written_bytes(), repr(trial.read_rows()).encode()])
    assert b"person1@maple.example" in written.lower()
    assert TYPED.encode() not in written
    assert RELAY.encode() not in written
    (result,) = trial.results
    assert result.loaded is not None
    assert result.loaded.load is not None
    assert result.loaded.load.dropped == {"typed text": 6}, "two people in each of three campaigns"


def test_an_entry_that_cannot_be_read_is_rejected_without_its_details(tmp_path: Path) -> None:
    console = Gophish(World())
    bad = {"campaign_id": 3, "email": "bo@maple.example", "time": "2026-11-19T02:00:00Z", "message": "Submitted Data"}
    console.campaigns[3]["timeline"] += [
        {**bad, "details": f"{{{TYPED}"},
        {**bad, "details": msgspec.json.encode({"payload": [TYPED], "browser": {}}).decode()},
        {**bad, "details": msgspec.json.encode({"payload": {"p": [TYPED]}, "browser": {"address": "999.1.1.1"}}).decode()},
    ]  # fmt: skip
    trial = _run(console, tmp_path)
    (result,) = trial.results
    assert result.loaded is not None
    assert [reject.field for reject in result.loaded.rejects] == ["details", "details", "details.browser.address"]
    assert TYPED.encode() not in trial.read_written_bytes()


def test_a_campaign_that_is_deleted_meanwhile_costs_itself(tmp_path: Path) -> None:
    console = Gophish(World())

    def delete_the_second(call: Call, reply: Reply) -> Reply:
        return Reply(status=404, body={"success": False}) if call.path.endswith("/2") else reply

    _replace_reply(console, delete_the_second)
    assert {row["drill"] for row in _run(console, tmp_path).read_rows()["drill_events"]} == {"1", "3"}


def test_simulations_without_a_report_are_not_asked_for(tmp_path: Path) -> None:
    console = Graph(World())
    rows = _run(console, tmp_path).read_rows()["drill_events"]
    assert {(row["drill"], row["drill_name"]) for row in rows} == {
        ("s0", "Payroll 0"),
        ("s1", "Payroll 1"),
        ("s2", "Payroll 2"),
    }
    requested = {call.path.split("/")[-3] for call in console.calls if call.path.endswith("/simulationUsers")}
    assert requested == {"s0", "s1", "s2"}
    of_nobody = {"delivered", "opened", "clicked", "posted", "reported"} - {row["event"] for row in rows}
    assert of_nobody == set()


def test_without_the_permission_for_simulations_all_else_is_read(tmp_path: Path) -> None:
    console = Graph(World())
    console.granted -= {"AttackSimulation.Read.All"}
    trial = _run(console, tmp_path)
    assert _list_errors(trial) == []
    rows = trial.read_rows()
    assert rows["account_records"]
    assert not rows.get("drill_events")


def test_a_first_sync_asks_gophish_for_each_campaign_once(tmp_path: Path) -> None:
    console = Gophish(World())
    _run(console, tmp_path)
    assert [call.path for call in console.calls] == [
        "/api/campaigns/summary",
        *(f"/api/campaigns/{n}" for n in range(1, 5)),
    ]
    assert GOPHISH.full_sync_interval == timedelta(days=1)
