"""Rows of a file that a person gives to a command: known columns as text, and rows that are broken."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from homeroom.ingest.contract.errors import Notes, Problem, build_refusal
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.csv_files.broken_rows import BrokenRows
from homeroom.ingest.csv_files.reader import open_csv
from homeroom.ingest.files.byte_source import ByteSource, survey_source
from homeroom.ingest.files.text_layout import LINE

_SHOWN = 40


@dataclass(frozen=True, kw_only=True)
class GivenRows:
    """The rows of a file by column, empty text for an empty cell; `lines` are theirs, `problems` those of others."""

    file: str
    lines: tuple[int, ...]
    columns: dict[str, tuple[str, ...]]
    problems: tuple[Problem, ...]


class UnfitCell(ValueError):
    """A cell does not fit: its column, why, and what would fit."""

    def __init__(self, column: str, reason: str, fits: str) -> None:
        super().__init__(reason)
        self.column, self.reason, self.fits = column, reason, fits

    def build_problem(self, *, file: str, line: int, value: str) -> Problem:
        """Return the problem of the cell; a long value is cut."""
        shown = truncate_value(value) or None
        return Problem(file=file, reason=self.reason, line=line, field=self.column, value=shown, fits=self.fits)


def read_given_rows(path: Path, *, columns: Sequence[str], required: Sequence[str]) -> GivenRows:
    """Read the columns of a CSV file in any encoding and with any separator; other columns are not read.

    A column that is not required may be missing; its cells are then empty. Raise FileRefused if the file cannot be
    read, or has not the columns.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        reason = f"cannot be read: {error.strerror}"
        raise build_refusal(path.name, reason, fits=f"a CSV file with {', '.join(columns)}") from None
    origin = _wrap_content(path.name, content)
    broken = BrokenRows()
    survey = survey_source(origin, limits=STANDARD)
    csv = open_csv(origin, survey=survey, limits=STANDARD, notes=Notes(), allow_doubt=True)
    folded = {name: name.strip().casefold().replace(" ", "_") for name in csv.dialect.names}
    if missing := [name for name in required if name not in folded.values()]:
        reason, fits = f"has no column {', '.join(missing)}", f"a first line with {','.join(columns)}"
        raise build_refusal(path.name, reason, line=1, field=missing[0], fits=fits)
    lines: list[int] = []
    cells: dict[str, list[str]] = {name: [] for name in columns}
    for frame in csv.iter_chunks(notes=Notes(), names=folded, broken=broken):
        lines += frame[LINE].to_list()
        for name in columns:
            texts = frame[name].fill_null("").str.strip_chars() if name in frame.columns else None
            cells[name] += [""] * frame.height if texts is None else texts.to_list()
    rejects = broken.take_rejects().select("line", "field", "reason").iter_rows()
    problems = tuple(Problem(file=path.name, reason=reason, line=line, field=field) for line, field, reason in rejects)
    table = {name: tuple(texts) for name, texts in cells.items()}
    return GivenRows(file=path.name, lines=tuple(lines), columns=table, problems=problems)


def truncate_value(text: str) -> str:
    """Return a cell as it goes into a message."""
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _wrap_content(name: str, content: bytes) -> ByteSource:
    @contextmanager
    def open_content() -> Iterator[BinaryIO]:
        yield io.BytesIO(content)

    return ByteSource(name=name, folder="", size=len(content), open=open_content)
