"""A file that breaks its reader, or the whole process, costs itself: it is named, and the rest of the drop is loaded."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeroom.apps.know.sources.loading.plan import LoadPlan
from homeroom.apps.know.sources.loading.read import read_load
from homeroom.evidence.files import reading_journal
from homeroom.evidence.files.reading_journal import ReadingJournal, start_journal
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.ingest.contract.connector import Connector
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.contract.faults import convert_fault
from homeroom.ingest.detection.detect import detect_packages
from homeroom.library.know.connectors import load_connectors
from tests.amounts import choose_amount
from tests.apps.know.loading.test_load import build_users, write_users
from tests.data_folders import prepare_data_folder

SIGSEGV, SIGKILL = -11, -9


def test_an_unexpected_exception_names_the_file_and_no_value() -> None:
    try:
        raise KeyError("lucia@maple.test")
    except KeyError as error:
        problem = convert_fault(error, file="users.csv").problems[0]
    assert problem.file == "users.csv"
    assert "its reader broke off (KeyError at test_contained_crashes.py" in problem.reason
    assert "lucia" not in str(problem)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EMFILE])
def test_a_fault_of_the_machine_is_not_the_files(code: int) -> None:
    with pytest.raises(OSError, match=os.strerror(code)):
        convert_fault(OSError(code, os.strerror(code)), file="users.csv")
    unreadable = convert_fault(OSError(errno.EIO, os.strerror(errno.EIO)), file="users.csv")
    assert "cannot be read" in unreadable.problems[0].reason


def break_kinds(connectors: tuple[Connector, ...]) -> tuple[Connector, ...]:
    """Return the connectors with readers that raise an exception, as a fault in one would."""

    def raise_error(*_arguments: object) -> Any:
        raise TypeError("unsupported operand")

    return tuple(replace(connector, readers=dict.fromkeys(connector.readers, raise_error)) for connector in connectors)


def test_a_reader_that_breaks_off_costs_its_file(tmp_path: Path) -> None:
    path = write_users(tmp_path / "in", *build_users(3))
    (package,) = detect_packages([path], connectors=break_kinds(load_connectors())).packages
    plan = LoadPlan(package=package, instance="google", stated_scope=None, approved=True, fingerprint="1")
    store = EvidenceStore(tmp_path / "evidence", district="maple")
    with pytest.raises(FileRefused, match=r"users\.csv.*its reader broke off \(TypeError"):
        read_load(plan, store=store, progress=lambda *_: None)
    assert list(store.blobs.glob("*")) == []


def end_process_while_reading(data: Path, *files: tuple[str, int]) -> int:
    """Start a process that reads these files and is killed in the middle; return its process id."""
    program = (
        "import sys, json, os\nfrom pathlib import Path\n"
        "from homeroom.evidence.files.reading_journal import start_journal\n"
        "journal = start_journal(Path(sys.argv[1]))\n"
        "with journal.watch(*map(tuple, json.loads(sys.argv[2]))):\n"
        "    print(os.getpid(), flush=True)\n    os._exit(9)\n"
    )
    command = [sys.executable, "-c", program, str(data), json.dumps(files)]
    return int(subprocess.run(command, check=False, capture_output=True, text=True).stdout)


def restart_journal(data: Path, *, ended: int = 0, exit_code: int = 0) -> ReadingJournal:
    return start_journal(data, ended_process=ended, exit_code=exit_code)


@pytest.fixture
def data(tmp_path: Path) -> Iterator[Path]:
    before = tempfile.tempdir
    yield tmp_path
    tempfile.tempdir = before
    reading_journal._current.clear()


BAD, GOOD = ("read bad.json", 7), ("read good.json", 9)


def test_a_file_that_crashed_alone_is_refused_at_once_and_may_be_tried_again(data: Path) -> None:
    ended = end_process_while_reading(data, BAD)
    journal = restart_journal(data, ended=ended, exit_code=SIGSEGV)
    assert "broke off in the middle" in journal.take_verdict(*BAD)
    assert journal.take_verdict(*BAD) == "", "it was refused once; another version may read it"


@pytest.mark.fault(area="load", fault="the process that reads a file is killed from outside")
def test_a_process_that_was_killed_from_outside_costs_no_file_the_first_time(data: Path) -> None:
    ended = end_process_while_reading(data, BAD)
    journal = restart_journal(data, ended=ended, exit_code=SIGKILL)
    assert journal.take_verdict(*BAD) == ""
    assert journal.has_suspects()
    end_process_while_reading(data, BAD)
    assert "broke off" in restart_journal(data).take_verdict(*BAD)


def test_of_two_suspects_the_innocent_is_read(data: Path) -> None:
    ended = end_process_while_reading(data, BAD, GOOD)
    journal = restart_journal(data, ended=ended, exit_code=SIGSEGV)
    assert [journal.take_verdict(*file) for file in (BAD, GOOD)] == ["", ""]
    with journal.watch(GOOD):
        pass
    journal.clear(*GOOD)
    ended = end_process_while_reading(data, BAD)
    journal = restart_journal(data, ended=ended, exit_code=SIGSEGV)
    assert journal.take_verdict(*GOOD) == ""
    assert "broke off" in journal.take_verdict(*BAD)


def test_only_folders_of_dead_processes_are_removed(data: Path) -> None:
    journal = restart_journal(data)
    own = journal._path.parent
    end_process_while_reading(data, GOOD)
    assert len([path for path in (data / "tmp").iterdir() if path.is_dir()]) == 2
    other = restart_journal(data)
    assert own.is_dir(), "its process lives"
    assert [path for path in (data / "tmp").iterdir() if path.is_dir()] != [own]
    assert other._path.parent.stat().st_mode & 0o077 == 0


CRASHING_PROGRAM = """
import os, sys, signal, time
from homeroom.ingest.detection import detect
sniff = detect.sniff_file
def crash(origin, **options):
    if "bad" in origin.name:
        if "{signal}" == "SIGABRT":
            os.abort()
        os.kill(os.getpid(), signal.{signal})
        time.sleep(30)  # the signal may reach another thread a moment later
    return sniff(origin, **options)
detect.sniff_file = crash
{more}
from homeroom.cli.main import run
sys.argv = ["homeroom", "{command}", sys.argv[1], "--json"]
run()
"""

ENDS_AFTER_LOADING = """
from homeroom.cli.protect import posture
from homeroom.cli.know.loads import convert_report_to_json
from homeroom.cli.options import print_json
load = posture.run_load
def load_only(*arguments, **options):
    report = load(*arguments, **options)
    print_json({"load": convert_report_to_json(report)})
    sys.exit(0 if report.clean else 1)
posture.run_load = load_only
"""
"""What lets `homeroom assess` end before it resolves; with --thorough it does all of it."""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the command starts again in a forked process")
@pytest.mark.parametrize(
    ("verb", "name"),
    choose_amount(
        brief=[("load", "SIGSEGV"), ("assess", "SIGABRT")],
        thorough=[(verb, name) for verb in ("load", "assess") for name in ("SIGSEGV", "SIGABRT", "SIGBUS", "SIGKILL")],
    ),
)
def test_a_file_that_ends_the_process_is_named_and_the_rest_is_loaded(tmp_path: Path, verb: str, name: str) -> None:
    data, folder = prepare_data_folder(tmp_path / "data"), tmp_path / "drop"
    write_users(folder, *build_users(3))
    (folder / "bad.json").write_text("{}", encoding="utf-8")
    environment = {**os.environ, "HOMEROOM_DATA": str(data), "DATABASE_URL": ""}
    more = choose_amount(brief=ENDS_AFTER_LOADING, thorough="") if verb == "assess" else ""
    program = CRASHING_PROGRAM.replace("{signal}", name).replace("{command}", verb).replace("{more}", more)
    command = [sys.executable, "-c", program, str(folder)]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=120)
    assert result.returncode == 1, result.stderr
    document = json.loads(result.stdout)
    report = document["load"] if verb == "assess" else document
    assert [load["outcome"] for load in report["loaded"]] == ["new"]
    assert [(problem["file"], "broke off" in problem["reason"]) for problem in report["refused"]] == [
        ("bad.json", True)
    ]
    assert not [path for path in (data / "tmp").iterdir() if path.is_dir()]
