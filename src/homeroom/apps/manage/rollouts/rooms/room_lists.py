"""Parse a list of rooms, as a CSV file or as text: rooms that fit, and for each bad value its line and what fits."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from homeroom.apps.manage.rollouts.spreadsheet_days import write_iso_days
from homeroom.domain.spreadsheets import iterate_csv_lines
from homeroom.ingest.contract.errors import FileRefused, Problem, build_refusal
from homeroom.ingest.files.encodings import recode_row
from homeroom.library.manage.rollouts import spec_fields
from homeroom.library.manage.rollouts.spec_fields import SpecField
from homeroom.library.manage.rollouts.spec_values import UnfitValue, format_value

COLUMNS = ("school", "room", "minutes", "devices", "hands", "ring", "free", "after", "not_on")
REQUIRED = ("school", "room", "minutes")
MAX_ROOMS = 20_000
MAX_ROOM_LENGTH = 70
MAX_SCHOOL_LENGTH = 120
_NUMBERS = ("minutes", "devices", "hands")
_LISTS = ("free", "not_on")
_FIELDS: Mapping[str, SpecField] = {field.name: field for field in spec_fields.ROOM}
_HEADER_FITS = "a first line with school,room,minutes and, where you have them, devices,hands,ring,free,after,not_on"


@dataclass(frozen=True, kw_only=True)
class ListedRoom:
    """A room of a list. `not_on` are days and ranges of days, as the spec has them."""

    school: str
    room: str
    minutes: int
    devices: int = 0
    hands: int = 1
    ring: str = ""
    free: tuple[str, ...] = ()
    after: date | None = None
    not_on: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The id of the room in the spec, the same wherever its list comes from."""
        return f"{self.school}: {self.room}"


@dataclass(frozen=True, kw_only=True)
class RoomList:
    """The rooms of a list in its order, and what was rejected."""

    rooms: tuple[ListedRoom, ...]
    rejects: tuple[Problem, ...]


def decode_room_list(content: bytes, *, name: str) -> str:
    """Return the text of a file, as spreadsheets save it: in UTF-8, UTF-16 with its mark, or Windows-1252.

    Raise FileRefused if it is none of them.
    """
    is_utf16 = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        return content.decode("utf-16" if is_utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        recoded = None if is_utf16 or b"\0" in content else recode_row(content)
    if recoded is None:
        raise build_refusal(name, "is not UTF-8", fits="a CSV file in UTF-8")
    return recoded.decode()


def parse_room_list(text: str, *, name: str, schools: Mapping[str, str]) -> RoomList:
    """Parse the lines of a list. `schools` are the names of the district's schools, by each name and id in lower case.

    A line with a value that does not fit is rejected, the others stay. Without schools each name of one fits. Raise
    FileRefused if a column is missing, or if there are too many lines.
    """
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=_guess_delimiter(text))
    try:
        header = [cell.strip().lower().replace(" ", "_") for cell in next(rows, [])]
        missing = [column for column in REQUIRED if column not in header]
        if missing:
            raise build_refusal(name, f"has no column {', '.join(missing)}", line=1, fits=_HEADER_FITS)
        return _parse_rows(rows, header, name=name, schools=schools)
    except csv.Error as error:
        raise build_refusal(name, f"is no CSV: {error}", line=rows.line_num, fits=_HEADER_FITS) from None


def write_room_list(rooms: Iterable[Any]) -> str:
    """Return rooms of a rollout as the lines that `parse_room_list` reads, under a first line; empty without any."""
    lines = [
        (
            *(room.school, room.name, room.minutes, room.devices, room.hands, room.ring, "; ".join(room.free)),
            *(room.after.isoformat() if room.after else "", "; ".join(room.not_on)),
        )
        for room in rooms
    ]
    return write_room_lines(COLUMNS, lines)


def write_room_lines(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return rooms as lines of CSV for a form, under a first line of columns; empty without any."""
    return "".join(iterate_csv_lines([columns, *rows])).replace("\r\n", "\n") if rows else ""


def _guess_delimiter(text: str) -> str:
    first = text.partition("\n")[0]
    return max(",;\t", key=first.count)


def _parse_rows(rows: Any, header: list[str], *, name: str, schools: Mapping[str, str]) -> RoomList:
    rooms: dict[str, ListedRoom] = {}
    rejects = [
        Problem(file=name, reason="is no column of a list of rooms and is not read", line=1, field=f, fits=_HEADER_FITS)
        for f in header
        if f and f not in COLUMNS
    ]
    for cells in rows:
        if not any(cell.strip() for cell in cells):
            continue
        if len(rooms) >= MAX_ROOMS:
            raise FileRefused([Problem(file=name, reason="has too many lines", fits=f"at most {MAX_ROOMS:,} rooms")])
        values = {key: cell.strip() for key, cell in zip(header, cells, strict=False) if cell.strip()}
        room, problems = _parse_row(values, name=name, line=rows.line_num, schools=schools)
        if room is not None and room.id in rooms:
            reason, fits = "is in the list twice", "each room of a school once"
            problem = Problem(file=name, reason=reason, line=rows.line_num, field="room", value=room.room, fits=fits)
            rejects.append(problem)
        elif room is not None:
            rooms[room.id] = room
        rejects += problems
    return RoomList(rooms=tuple(rooms.values()), rejects=tuple(rejects))


def _parse_row(
    values: Mapping[str, str], *, name: str, line: int, schools: Mapping[str, str]
) -> tuple[ListedRoom | None, list[Problem]]:
    parsed: dict[str, Any] = {}
    problems = []
    for column in COLUMNS:
        text = values.get(column, "")
        if not text and column not in REQUIRED:
            continue
        try:
            parsed[column] = _parse_school(text, schools) if column == "school" else _parse_value(column, text)
        except UnfitValue as error:
            shown = format_value(text) if text else None
            problems.append(
                Problem(file=name, reason=error.reason, line=line, field=column, value=shown, fits=error.fits)
            )
    return (None if problems else ListedRoom(**parsed)), problems


def _parse_school(text: str, schools: Mapping[str, str]) -> str:
    if not text:
        raise UnfitValue("is empty", fits="the name of a school")
    if len(text) > MAX_SCHOOL_LENGTH:
        raise UnfitValue("is too long", fits=f"a name of at most {MAX_SCHOOL_LENGTH} characters")
    if not schools:
        return " ".join(text.split())
    school = schools.get(" ".join(text.split()).casefold())
    if school is None:
        names = sorted(set(schools.values()))
        fits = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
        raise UnfitValue("is no school of the district", fits=fits)
    return school


def _parse_value(column: str, text: str) -> Any:
    if column == "room":
        if not text or len(text) > MAX_ROOM_LENGTH:
            raise UnfitValue("is no name of a room", fits="a name such as Room 101")
        return " ".join(text.split())
    field = _FIELDS[column]
    if column in _NUMBERS:
        return field.parse(int(text) if text.isdecimal() and len(text) < 12 else text)
    if column in _LISTS:
        items = [item.strip() for item in text.replace("|", ";").split(";") if item.strip()]
        items = [write_iso_days(item) for item in items] if column == "not_on" else items
        field.parse(items)
        return tuple(items)
    return field.parse(write_iso_days(text) if column == "after" else text)
