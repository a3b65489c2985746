"""An entry of a log has the class of an error, numbers and literals of source code, and no value of anybody's data."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.apps.platform.telemetry.log_lines import DataFolderLog, PlainText, describe_place
from homeroom.apps.platform.telemetry.request_ids import (
    bind_request_id,
    compute_user_id,
    create_request_id,
    is_request_id,
)
from homeroom.evidence.files.log_file import CRASHES, EVENTS, get_log_path
from tests.apps.platform.telemetry.recorded_logs import RecordedLogs, record_logs

SECRET = "Lucía Núñez 078-05-1120"


@pytest.fixture
def logs(tmp_path: Path) -> Iterator[RecordedLogs]:
    with record_logs(tmp_path / "data", level=logging.DEBUG) as recorded:
        yield recorded


def test_an_entry_is_one_line_of_json_with_its_request(logs: RecordedLogs) -> None:
    request_id = create_request_id()
    with bind_request_id(request_id):
        logging.getLogger("homeroom.tried").warning("A step of %d broke off: %s", 3, "KeyError")
    (line,) = get_log_path(logs.data).read_text().splitlines()
    entry = json.loads(line)
    assert (entry["message"], entry["request_id"]) == ("A step of 3 broke off: KeyError", request_id)
    assert (entry["level"], entry["logger"]) == ("WARNING", "homeroom.tried")


def test_an_error_is_logged_by_class_and_place_and_its_causes_too(logs: RecordedLogs) -> None:
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise ValueError(f"no {SECRET}") from error
    except ValueError:
        logging.getLogger("homeroom.tried").exception("A step broke off.")
        logging.getLogger("some_library").exception(f"it failed for {SECRET}")
    own, library = logs.read(CRASHES)
    assert [error["type"] for error in own["errors"]] == ["builtins.ValueError", "builtins.KeyError"]
    assert "test_log_lines.py:" in own["errors"][0]["frames"][0]
    assert "message" not in library
    assert SECRET not in logs.read_text()
    assert logs.read(EVENTS) == []


@pytest.mark.parametrize(
    ("message", "arguments", "written"),
    [
        ("took %d of %s", (3, SECRET), "took 3 of …"),
        ("%(count)d rows for %(name)s", ({"count": 2, "name": SECRET},), "2 rows for …"),
        ("gave up: %s", (ValueError(SECRET),), "gave up: ValueError"),
        ("%d is no number", (SECRET,), "%d is no number"),
        (f"gave up on {SECRET}", (), ""),
    ],
)
def test_a_message_of_a_library_keeps_its_literal_and_numbers(
    logs: RecordedLogs, message: str, arguments: tuple[object, ...], written: str
) -> None:
    record = logging.LogRecord("some_library", logging.WARNING, __file__, 1, message, arguments, None)
    DataFolderLog(data=str(logs.data)).emit(record)
    (entry,) = logs.read(EVENTS)
    assert entry.get("message", "") == written
    assert "test_log_lines.py:" in entry["place"]
    assert SECRET not in logs.read_text()


def test_a_terminal_shows_a_sentence_and_no_text_of_an_error() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        record = logging.LogRecord(
            "homeroom.tried", logging.ERROR, __file__, 1, "A step broke off.", (), (type(error), error, None)
        )
    text = PlainText().format(record)
    assert text.startswith("A step broke off.\n  builtins.KeyError")
    assert SECRET not in text


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("/u/lucia.nunez/homeroom/src/homeroom/web/manage/today.py", "homeroom/web/manage/today.py:7"),
        ("/u/lucia.nunez/.venv/lib/python3.13/site-packages/duckdb/__init__.py", "duckdb/__init__.py:7"),
        ("/usr/lib/python3.13/json/decoder.py", "json/decoder.py:7"),
        ("<string>", "<string>:7"),
    ],
)
def test_a_place_begins_at_the_package(path: str, place: str) -> None:
    assert describe_place(path, 7) == place


@pytest.mark.parametrize(
    ("text", "is_id"),
    [
        ("0af7651916cd43dd8448eb211c80319c", True),
        ("0AF76519-16cd-43dd-8448-eb211c80319c", True),
        ("078-05-1120", False),
        ("lucia.nunez@maple.test", False),
        ("0af7651916cd43dd8448eb211c80319", False),
        ("0af7651916cd43dd8448eb211c80319c\n", False),
        ("", False),
    ],
)
def test_an_id_of_a_request_has_a_form_that_no_number_of_a_person_has(text: str, is_id: bool) -> None:
    assert is_request_id(text) is is_id
    assert is_request_id(create_request_id())


def test_the_id_of_a_user_depends_on_the_installation_and_reveals_no_key() -> None:
    ids = {compute_user_id(key, secret=secret) for key in range(50) for secret in ("a", "b")}
    assert len(ids) == 100
    assert all(len(user_id) == 16 for user_id in ids)
