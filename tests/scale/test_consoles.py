"""Every client reads its console to the same rows, whatever goes wrong on the way. A new console is tried by being there."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from homeroom.ingest.remote.client import Answer, Request
from homeroom.ingest.remote.following import TOGETHER
from homeroom.ingest.remote.sending import Send
from homeroom.library.clients import client_named, clients
from tests.services.troubles import TROUBLES, Troubles
from tests.services.trying import Rows, Trial, consoles
from tests.services.world import World

pytestmark = pytest.mark.scale

type Undisturbed = Callable[[str], tuple[Rows, int]]
EVERY = sorted(consoles())
RUNS = 20


class Killed(BaseException):
    """The process ended here: no handler of errors may run."""


def _trial(name: str, folder: Path, **how: object) -> Trial:
    console = consoles()[name](World())
    for what, value in how.items():
        setattr(console, what, value)
    return Trial(console=console, folder=folder)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The rows of a console that nothing disturbed, and how many calls that took; each asked once."""
    return cache(lambda name: _undisturbed(name, tmp_path_factory.mktemp("undisturbed") / name))


def _undisturbed(name: str, folder: Path) -> tuple[Rows, int]:
    trial = _trial(name, folder)
    told = trial.run()
    assert [(one.stream, one.fault, one.problems) for one in told if one.fault or one.problems] == []
    return trial.rows(), len(trial.console.calls)


def _killed_at(call: int) -> Callable[[Send], Send]:
    """A wire that ends the process at that call: before it is sent, or after its answer came and was not yet kept."""
    so_far = 0

    def wire(send: Send) -> Send:
        def sent(request: Request, most: int) -> Answer:
            nonlocal so_far
            so_far += 1
            if so_far == call and call % 2:
                raise Killed
            answer = send(request, most)
            if so_far == call:
                raise Killed
            return answer

        return sent

    return wire


def test_every_client_has_a_console_to_be_tried_against() -> None:
    tried = {consoles()[name](World()).client for name in EVERY}
    tried |= {"activedirectory"}  # speaks LDAP, not HTTP: tests/connectors/test_activedirectory_client.py
    assert {one.client.name for one in clients()} - tried == set()


@pytest.mark.parametrize("name", EVERY)
def test_whatever_goes_wrong_on_the_way_the_same_rows_are_loaded(
    name: str, tmp_path: Path, undisturbed: Undisturbed
) -> None:
    expected, calls = undisturbed(name)
    assert all(rows for rows in expected.values())
    left, seed = set(TROUBLES), 0
    while left:
        seed += 1
        assert seed <= RUNS, f"not met in {RUNS} runs of {calls} calls: {left}"
        troubles = Troubles(*TROUBLES, seed=seed)
        trial = _trial(name, tmp_path / str(seed))
        trial.run(troubles=troubles)
        assert trial.rows() == expected, f"seed {seed}: {troubles.met}"
        left -= troubles.met


@pytest.mark.parametrize("name", EVERY)
def test_a_clock_that_is_wrong_here_or_there_changes_nothing(
    name: str, tmp_path: Path, undisturbed: Undisturbed
) -> None:
    expected, _ = undisturbed(name)
    for hours in (-26, 3):
        trial = _trial(name, tmp_path / str(hours), skew=timedelta(hours=hours))
        trial.run(troubles=Troubles("too many requests", seed=hours))
        assert _without_times(trial.rows()) == _without_times(expected), hours


@pytest.mark.parametrize("name", EVERY)
def test_a_killed_sync_goes_on_where_it_was_and_loses_nothing(
    name: str, tmp_path: Path, undisturbed: Undisturbed
) -> None:
    expected, calls = undisturbed(name)
    feeds = client_named(consoles()[name](World()).client).client.feeds
    again = 4 + TOGETHER * any(feed.each is not None for feed in feeds)
    for call in sorted({2, calls // 2, calls}):
        trial = _trial(name, tmp_path / f"killed at {call}")
        with pytest.raises(Killed):
            trial.run(wire=_killed_at(call))
        made = len(trial.console.calls)
        trial.run()
        assert trial.rows() == expected, call
        assert len(trial.console.calls) - made <= calls - made + again, "what was kept is not asked for again"


@pytest.mark.parametrize("name", EVERY)
def test_what_changed_overnight_is_the_same_asked_for_alone_or_with_everything(name: str, tmp_path: Path) -> None:
    trial = _trial(name, tmp_path / "each night")
    trial.run()
    before = trial.rows()
    trial.console.world.pass_by(days=1)
    trial.console.change()
    trial.console.world.pass_by(hours=1)
    trial.run(troubles=Troubles("a connection cut in mid-page", seed=5))
    changed = trial.rows()
    assert changed != before
    trial.run(whole=True)
    whole = trial.rows()
    fresh = Trial(console=trial.console, folder=tmp_path / "afresh")
    fresh.run()
    assert whole == fresh.rows()
    assert _keys(changed) >= _keys(whole), "a walk for changes brings every row that is there"


@pytest.mark.parametrize("name", EVERY)
def test_no_secret_is_written_anywhere(name: str, tmp_path: Path, undisturbed: Undisturbed) -> None:
    trial = _trial(name, tmp_path)
    _, last = undisturbed(name)
    with pytest.raises(Killed):
        trial.run(wire=_killed_at(last))
    written = trial.texts()
    assert written
    for secret in (*trial.console.secrets, *trial.console.tokens):
        assert secret.encode() not in written


def _keys(rows: Rows) -> set[tuple[str, str]]:
    return {(table, str(row.get("key") or row)) for table, found in rows.items() for row in found if "key" in row}


def _without_times(rows: Rows) -> dict[str, list[str]]:
    """Rows without moments, which a console tells by its own clock."""
    return {
        table: sorted(repr({name: value for name, value in row.items() if not hasattr(value, "hour")}) for row in found)
        for table, found in rows.items()
    }
