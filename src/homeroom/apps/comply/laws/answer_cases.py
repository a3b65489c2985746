"""Answer files of cases by the laws of a content folder, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from homeroom.apps.comply.laws.clock_cases import CaseReader, CaseRefused
from homeroom.domain.comply.laws.cases import ClockAnswer, DeadlineReading
from homeroom.domain.comply.laws.law import Law
from homeroom.engines.comply.laws.answers import answer_case
from homeroom.library.comply.laws.fact_fields import find_fact_fields
from homeroom.library.comply.laws.law_files import load_laws
from homeroom.library.yaml_loader import BUILTIN_CONTENT

NOTE = "Help to keep deadlines, not legal advice: ask your counsel."


class NoCases(ValueError):
    """None of the files could be read, or a content folder has no laws."""


@dataclass(frozen=True, kw_only=True)
class CaseRejection:
    """A line that was refused: the file, the line from 1 on, the field, and the reason with what would fit.

    A file that cannot be read has no line.
    """

    file: str
    line: int | None
    field: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ClockOutcome:
    """Answers in the order of their lines, and the lines that were refused."""

    answers: tuple[ClockAnswer, ...]
    rejects: tuple[CaseRejection, ...]


def load_case_reader(directory: Path | None, *, today: date) -> CaseReader:
    """Load the laws and facts that cases are read against: those of a folder, or the built-in ones.

    Raise ContentRefused if a law is invalid, NoCases if there are none.
    """
    folder = directory or BUILTIN_CONTENT
    laws: Mapping[str, Law] = {law.id: law for law in load_laws(folder)}
    if not laws:
        raise NoCases(f"{folder} has no laws; laws/<us|us-xx|district>/<id>.yaml in it would fit")
    return CaseReader(laws=laws, facts=find_fact_fields(folder), today=today)


def answer_files(paths: Sequence[Path], *, reader: CaseReader) -> ClockOutcome:
    """Answer every case of the files. Raise NoCases if none of them can be read."""
    answers: list[ClockAnswer] = []
    rejects: list[CaseRejection] = []
    read = 0
    for path in paths:
        try:
            content = path.read_bytes()
        except OSError as error:
            reason = f"cannot be read: {error.strerror}; a file of one case a line would fit"
            rejects.append(CaseRejection(file=path.name, line=None, field="", reason=reason))
            continue
        read += 1
        for item in _answer_lines(content, path.name, reader):
            if isinstance(item, CaseRejection):
                rejects.append(item)
            else:
                answers += item
    if not read:
        raise NoCases("; ".join(f"{item.file} {item.reason}" for item in rejects))
    return ClockOutcome(answers=tuple(answers), rejects=tuple(rejects))


def _answer_lines(content: bytes, name: str, reader: CaseReader) -> Iterator[Iterable[ClockAnswer] | CaseRejection]:
    for number, line in enumerate(content.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            yield answer_case(reader.read(line), reader.laws)
        except CaseRefused as error:
            yield CaseRejection(file=name, line=number, field=error.field, reason=str(error))


def build_clocks_document(outcome: ClockOutcome) -> dict[str, Any]:
    """Build the JSON document of answers and refused lines."""
    return {
        "note": NOTE,
        "answers": [_convert_answer(answer) for answer in outcome.answers],
        "refused": [
            {"file": item.file, "line": item.line, "field": item.field, "reason": item.reason}
            for item in outcome.rejects
        ],
    }


def _convert_answer(answer: ClockAnswer) -> dict[str, Any]:
    return {
        "id": answer.id,
        "duty": answer.duty,
        "applies": answer.applies,
        "because": answer.because,
        "due": answer.due,
        "due_at": _format_time(answer.due_at),
        "extended_to": answer.extended_to,
        "certain": answer.certain,
        "readings": [_convert_reading(reading) for reading in answer.readings],
        "waits_for": answer.waits_for,
    }


def _convert_reading(reading: DeadlineReading) -> dict[str, Any]:
    return {
        "says": reading.text,
        "due": reading.due,
        "due_at": _format_time(reading.due_at),
        "extended_to": reading.extended_to,
    }


def _format_time(at: datetime | None) -> str | None:
    return at.isoformat().replace("+00:00", "Z") if at else None
