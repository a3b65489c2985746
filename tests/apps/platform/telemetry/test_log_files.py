"""Files of logs: a new one when the old is full or of yesterday, none beyond its days, and no entry lost on the way."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.evidence.files.data_folder import open_data_folder
from homeroom.evidence.files.log_file import (
    ACCESS,
    EVENTS,
    LogPolicy,
    append_entry,
    append_log,
    build_entry,
    get_log_path,
    list_log_files,
    read_entries,
    remove_old_logs,
    set_log_policy,
)

WRITER = """
import sys
from pathlib import Path
from homeroom.evidence.files.log_file import LogPolicy, append_entry, build_entry, set_log_policy
set_log_policy(LogPolicy(most_bytes=4000, files=1000))
for number in range(300):
    append_entry(Path(sys.argv[1]), build_entry("tried", level="INFO", writer=sys.argv[2], number=number))
"""


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    yield open_data_folder(tmp_path / "data", kind="real")
    set_log_policy(LogPolicy())


def append(data: Path, number: int, log: str = EVENTS) -> None:
    assert append_entry(data, build_entry("tried", level="INFO", number=number), log=log)


def read_numbers(data: Path, log: str = EVENTS) -> list[int]:
    return [int(entry["number"]) for entry in read_entries(data, log)]


def test_a_full_file_is_followed_by_a_new_one_and_the_entries_stay_in_order(data: Path) -> None:
    set_log_policy(LogPolicy(most_bytes=500))
    for number in range(40):
        append(data, number)
    files = list_log_files(data, EVENTS)
    assert len(files) > 3
    assert all(path.stat().st_size <= 500 and path.stat().st_mode & 0o077 == 0 for path in files)
    assert read_numbers(data) == list(range(40))
    assert list_log_files(data, ACCESS) == []


def test_a_file_of_yesterday_is_followed_by_a_new_one(data: Path) -> None:
    append(data, 1)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).timestamp()
    os.utime(get_log_path(data), (yesterday, yesterday))
    append(data, 2)
    append(data, 3)
    assert len(list_log_files(data, EVENTS)) == 2
    assert read_numbers(data) == [1, 2, 3]


def test_the_oldest_files_beyond_the_number_are_deleted(data: Path) -> None:
    set_log_policy(LogPolicy(most_bytes=200, files=3))
    for number in range(40):
        append(data, number)
    assert len(list_log_files(data, EVENTS)) <= 4
    assert read_numbers(data)[-1] == 39
    remove_old_logs(data, at=datetime.now(UTC))
    assert len(list_log_files(data, EVENTS)) == 3


def test_files_of_logs_are_deleted_after_their_days_and_nothing_else_is(data: Path) -> None:
    set_log_policy(LogPolicy(most_bytes=1, days=30))
    for log in (EVENTS, ACCESS):
        append(data, 1, log)
        append(data, 2, log)
    (data / "logs" / "notes-20200101T000000.000000Z.log").write_text("somebody's own")
    at = datetime.now(UTC)
    assert remove_old_logs(data, at=at + timedelta(days=29)) == 0
    old = list_log_files(data, EVENTS)[0]
    past = (at - timedelta(days=31)).timestamp()
    os.utime(old, (past, past))
    assert remove_old_logs(data, at=at) == 1
    assert (read_numbers(data), read_numbers(data, ACCESS)) == ([2], [1, 2])
    assert remove_old_logs(data, at=at + timedelta(days=31)) == 3, "the newest files too, of a server that is off"
    assert [path.name for path in (data / "logs").glob("*.log")] == ["notes-20200101T000000.000000Z.log"]


@pytest.mark.fault(area="logs", fault="processes write and rotate at once")
def test_no_entry_is_lost_when_processes_write_and_rotate_at_once(data: Path) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(data), str(number)]) for number in range(3)]
    assert [writer.wait(timeout=120) for writer in writers] == [0, 0, 0]
    entries = [(entry["writer"], entry["number"]) for entry in read_entries(data, EVENTS)]
    assert sorted(entries) == sorted((str(writer), number) for writer in range(3) for number in range(300))
    assert len(list_log_files(data, EVENTS)) > 20


def test_a_log_that_cannot_be_written_raises_nothing(data: Path, tmp_path: Path) -> None:
    assert not append_log(tmp_path / "elsewhere", "A process ended.")
    assert not (tmp_path / "elsewhere").exists()
    (data / "logs").write_text("a file where the folder should be")
    assert not append_log(data, "A process ended.")


def test_entries_go_to_standard_error_where_a_system_collects_them(
    data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_log_policy(LogPolicy(to_stderr=True))
    assert append_log(data, "A process ended.", echo=True)
    (line,) = capsys.readouterr().err.splitlines()
    assert '"message":"A process ended."' in line
    assert not (data / "logs").exists()
