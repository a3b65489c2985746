"""Read a folder with calendar.bell and schedules.bell into the bells of a school, without loading it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from homeroom.connectors.bell.calendar_lines import parse_calendar_lines
from homeroom.connectors.bell.schedules import FILE, parse_day_types
from homeroom.domain.schooldays import BellCalendar
from homeroom.ingest.contract.errors import FileRefused, build_refusal

CALENDAR = "calendar.bell"
MAX_BYTES = 5_000_000


def read_bell_folder(folder: Path) -> BellCalendar:
    """Return the bells of a folder; the types of weekdays and special days need not be defined.

    A type that schedules.bell does not have is unknown, `holiday` too. Raise FileRefused with the file, its line and
    what would fit.
    """
    texts = {name: _read_text(folder, name) for name in (CALENDAR, FILE)}
    types = parse_day_types(texts[FILE], implied=())
    try:
        lines = parse_calendar_lines(texts[CALENDAR])
    except FileRefused as error:
        raise FileRefused([replace(problem, file=CALENDAR) for problem in error.problems]) from None
    return BellCalendar(
        types={name: bells.type for name, bells in types.items()},
        week={weekday: line.type for weekday, line in lines.week.items()},
        special={day: line.type for line in lines.special for day in line.list_days()},
    )


def _read_text(folder: Path, name: str) -> str:
    fits = f"a folder with {CALENDAR} and {FILE}"
    try:
        content = (folder / name).read_bytes()
    except OSError as error:
        raise build_refusal(name, f"cannot be read: {error.strerror}", fits=fits) from None
    if len(content) > MAX_BYTES:
        raise build_refusal(name, f"is larger than {MAX_BYTES:,} bytes", fits=fits)
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise build_refusal(name, "is not UTF-8", fits="text in UTF-8") from None
