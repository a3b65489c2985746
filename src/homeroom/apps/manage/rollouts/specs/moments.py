"""Answer for rooms and moments whether there is class, from a spec's bells."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TextIO

from homeroom.domain.manage.rollouts.spec import ClassTimes, RolloutRoom, RolloutSchool, RolloutSpec
from homeroom.domain.schooldays import Stretch, find_stretch
from homeroom.ingest.contract.errors import FileRefused, Problem, build_refusal

COLUMNS = ("room", "at")
CLASS, NO_CLASS, UNKNOWN = "yes", "no", "cannot tell"
_AT_FITS = "a moment such as 2025-10-14T10:14:00-07:00"


@dataclass(frozen=True, kw_only=True)
class MomentAnswer:
    """Whether a room has class at a moment (yes, no, or unknown), with the stretch and the type of the day."""

    room: str
    at: str
    answer: str
    period: str | None
    type: str | None


@dataclass(frozen=True, kw_only=True)
class MomentAnswers:
    """Answers in the order of their lines, and the lines that could not be read."""

    answers: tuple[MomentAnswer, ...]
    rejects: tuple[Problem, ...]


def answer_moments(spec: RolloutSpec, path: Path) -> MomentAnswers:
    """Answer each line of a CSV file with the columns room and at.

    A moment without an offset is in the spec's zone. Raise FileRefused if the file lacks a column.
    """
    rooms = {room.id: room for room in spec.rooms}
    schools = {school.id: school for school in spec.schools}
    class_times = ClassTimes(spec)
    answers, rejects = [], []
    for line, room_id, moment in _iter_lines(path):
        at = _parse_moment(moment, spec)
        room = rooms.get(room_id)
        if room is None:
            reason, fits = "is no room of the rollout", "the id of a room in the spec"
            rejects.append(Problem(file=path.name, reason=reason, line=line, field="room", value=room_id, fits=fits))
        elif at is None:
            reason = "is no moment"
            rejects.append(Problem(file=path.name, reason=reason, line=line, field="at", value=moment, fits=_AT_FITS))
        else:
            answers.append(_answer_moment(class_times, schools[room.school], room, at, moment))
    return MomentAnswers(answers=tuple(answers), rejects=tuple(rejects))


def _answer_moment(
    class_times: ClassTimes, school: RolloutSchool, room: RolloutRoom, local: datetime, moment: str
) -> MomentAnswer:
    day, minute = local.date(), local.hour * 60 + local.minute
    day_type = school.bells.get_day_type(day)
    stretch = find_stretch(day_type.stretches, minute) if day_type else None
    return MomentAnswer(
        room=room.id,
        at=moment,
        answer=_describe_class(class_times.list_class(room, day), minute),
        period=stretch.name or None if stretch else None,
        type=school.bells.get_type_name(day),
    )


def _describe_class(stretches: tuple[Stretch, ...] | None, minute: int) -> str:
    if stretches is None:
        return UNKNOWN
    return CLASS if find_stretch(stretches, minute) else NO_CLASS


def _parse_moment(text: str, spec: RolloutSpec) -> datetime | None:
    """Return the moment in the spec's zone; None if the text is none, or one at the end of all years."""
    try:
        moment = datetime.fromisoformat(text.strip())
        return moment.astimezone(spec.zone) if moment.tzinfo else moment.replace(tzinfo=spec.zone)
    except (ValueError, OverflowError):
        return None


def _iter_lines(path: Path) -> Iterator[tuple[int, str, str]]:
    """Yield the line, room and moment of each row that is not blank."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _iter_rows(file, path.name)
    except OSError as error:
        raise build_refusal(path.name, f"cannot be read: {error.strerror}", fits=_format_header()) from None
    except UnicodeDecodeError:
        raise build_refusal(path.name, "is not UTF-8", fits=_format_header()) from None
    except csv.Error as error:
        raise build_refusal(path.name, f"is no CSV: {error}", fits=_format_header()) from None


def _iter_rows(file: TextIO, name: str) -> Iterator[tuple[int, str, str]]:
    rows = csv.reader(file)
    header = [cell.strip().lower() for cell in next(rows, [])]
    missing = [column for column in COLUMNS if column not in header]
    if missing:
        raise FileRefused(
            [
                Problem(file=name, reason="has no such column", line=1, field=column, fits=_format_header())
                for column in missing
            ]
        )
    room, at = header.index("room"), header.index("at")
    for cells in rows:
        if any(cell.strip() for cell in cells):
            cells += [""] * (len(header) - len(cells))
            yield rows.line_num, cells[room].strip(), cells[at].strip()


def _format_header() -> str:
    return f"a CSV file whose first line is {','.join(COLUMNS)}"
