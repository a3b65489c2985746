"""Every client reads its console to the same rows, whatever goes wrong on the way.

A new console is discovered by being in tests/services.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from homeroom.ingest.remote.api_spec import Request, Response
from homeroom.ingest.remote.child_feeds import RESPONSES_PER_PAGE
from homeroom.ingest.remote.http_transport import Send
from homeroom.library.know.api_specs import get_api_spec, load_api_specs
from tests.services.console_trial import ConsoleTrial, TableRows, find_consoles
from tests.services.faults import FAULTS, FaultScript
from tests.services.world import World

pytestmark = pytest.mark.scale

type UndisturbedRun = Callable[[str], tuple[TableRows, int]]
CONSOLE_NAMES = sorted(find_consoles())
RUNS = 20


class Killed(BaseException):
    """The process ended here: no error handler may run."""


def _build_trial(name: str, folder: Path, **attributes: object) -> ConsoleTrial:
    console = find_consoles()[name](World())
    for attribute, value in attributes.items():
        setattr(console, attribute, value)
    return ConsoleTrial(console=console, folder=folder)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> UndisturbedRun:
    """Return the rows of an undisturbed console and its number of calls, each computed once."""
    return cache(lambda name: _run_undisturbed(name, tmp_path_factory.mktemp("undisturbed") / name))


def _run_undisturbed(name: str, folder: Path) -> tuple[TableRows, int]:
    trial = _build_trial(name, folder)
    results = trial.run()
    assert [
        (result.stream, result.error, result.problems) for result in results if result.error or result.problems
    ] == []
    return trial.read_rows(), len(trial.console.calls)


def _kill_at_call(call: int) -> Callable[[Send], Send]:
    """Return a wrapper that ends the process at that call: before sending, or before its response is stored."""
    call_count = 0

    def wrap_send(send: Send) -> Send:
        def send_or_kill(request: Request, limit: int) -> Response:
            nonlocal call_count
            call_count += 1
            if call_count == call and call % 2:
                raise Killed
            response = send(request, limit)
            if call_count == call:
                raise Killed
            return response

        return send_or_kill

    return wrap_send


def test_every_client_has_a_console_to_be_tried_against() -> None:
    tried = {find_consoles()[name](World()).client for name in CONSOLE_NAMES}
    tried |= {"activedirectory"}  # speaks LDAP, not HTTP: tests/connectors/test_activedirectory_api.py
    assert {client.client.name for client in load_api_specs()} - tried == set()


@pytest.mark.parametrize("name", CONSOLE_NAMES)
def test_whatever_goes_wrong_on_the_way_the_same_rows_are_loaded(
    name: str, tmp_path: Path, undisturbed: UndisturbedRun
) -> None:
    expected, calls = undisturbed(name)
    assert all(rows for rows in expected.values())
    remaining, seed = set(FAULTS), 0
    while remaining:
        seed += 1
        assert seed <= RUNS, f"not met in {RUNS} runs of {calls} calls: {remaining}"
        faults = FaultScript(*FAULTS, seed=seed)
        trial = _build_trial(name, tmp_path / str(seed))
        trial.run(faults=faults)
        assert trial.read_rows() == expected, f"seed {seed}: {faults.occurred}"
        remaining -= faults.occurred


@pytest.mark.parametrize("name", CONSOLE_NAMES)
def test_a_clock_that_is_wrong_here_or_there_changes_nothing(
    name: str, tmp_path: Path, undisturbed: UndisturbedRun
) -> None:
    expected, _ = undisturbed(name)
    for hours in (-26, 3):
        trial = _build_trial(name, tmp_path / str(hours), skew=timedelta(hours=hours))
        trial.run(faults=FaultScript("too many requests", seed=hours))
        assert _remove_times(trial.read_rows()) == _remove_times(expected), hours


@pytest.mark.parametrize("name", CONSOLE_NAMES)
def test_a_killed_sync_goes_on_where_it_was_and_loses_nothing(
    name: str, tmp_path: Path, undisturbed: UndisturbedRun
) -> None:
    expected, calls = undisturbed(name)
    feeds = get_api_spec(find_consoles()[name](World()).client).client.feeds
    repeated = 4 + RESPONSES_PER_PAGE * any(feed.child is not None for feed in feeds)
    for call in sorted({2, calls // 2, calls}):
        trial = _build_trial(name, tmp_path / f"killed at {call}")
        with pytest.raises(Killed):
            trial.run(wrap_send=_kill_at_call(call))
        calls_before = len(trial.console.calls)
        trial.run()
        assert trial.read_rows() == expected, call
        assert len(trial.console.calls) - calls_before <= calls - calls_before + repeated, (
            "what was kept is not asked for again"
        )


@pytest.mark.parametrize("name", CONSOLE_NAMES)
def test_what_changed_overnight_is_the_same_asked_for_alone_or_with_everything(name: str, tmp_path: Path) -> None:
    trial = _build_trial(name, tmp_path / "each night")
    trial.run()
    before = trial.read_rows()
    trial.console.world.advance(days=1)
    trial.console.change_rows()
    trial.console.world.advance(hours=1)
    trial.run(faults=FaultScript("a connection cut in mid-page", seed=5))
    changed = trial.read_rows()
    assert changed != before
    trial.run(full=True)
    full_rows = trial.read_rows()
    fresh = ConsoleTrial(console=trial.console, folder=tmp_path / "afresh")
    fresh.run()
    assert full_rows == fresh.read_rows()
    assert _collect_keys(changed) >= _collect_keys(full_rows), "a walk for changes brings every row that is there"


@pytest.mark.parametrize("name", CONSOLE_NAMES)
def test_no_secret_is_written_anywhere(name: str, tmp_path: Path, undisturbed: UndisturbedRun) -> None:
    trial = _build_trial(name, tmp_path)
    _, last = undisturbed(name)
    with pytest.raises(Killed):
        trial.run(wrap_send=_kill_at_call(last))
    stored = trial.read_written_bytes()
    assert stored
    for secret in (*trial.console.secrets, *trial.console.tokens):
        assert secret.encode() not in stored


def _collect_keys(rows: TableRows) -> set[tuple[str, str]]:
    return {
        (table, str(row.get("key") or row)) for table, table_rows in rows.items() for row in table_rows if "key" in row
    }


def _remove_times(rows: TableRows) -> dict[str, list[str]]:
    """Return rows without times, which a console reports by its own clock."""
    return {
        table: sorted(
            repr({name: value for name, value in row.items() if not hasattr(value, "hour")}) for row in table_rows
        )
        for table, table_rows in rows.items()
    }
