"""Lines of CSV that are no rows: repeated headers of joined files, and the dashes that databases write below one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from homeroom.ingest.contract.errors import Notes
from homeroom.ingest.files.text_layout import LINE

REPEATED_NOTE = "the header again, which is no row of the list"
RULE_NOTE = "a line of dashes below the header, which is no row of the list"
_RULE = "-="


def drop_repeated(
    frame: pl.DataFrame, *, names: Sequence[str], repeated: Mapping[str, str], first_line: int, notes: Notes
) -> pl.DataFrame:
    """Return the frame without rows that are no rows of the list, each of them noted.

    `names` are those of the header in the order of the columns, `repeated` the true names of those that occur twice;
    `first_line` is the line below the header.
    """
    if frame.height and int(frame[LINE][0]) == first_line and _is_rule(frame.drop(LINE).row(0)):
        notes.add(RULE_NOTE, line=first_line)
        frame = frame[1:]
    columns = [column for column in frame.columns if column != LINE]
    pairs = [(column, repeated.get(name, name)) for column, name in zip(columns, names, strict=True)]
    named = [(column, name) for column, name in pairs if not name.startswith("(column ")]
    if len(named) < 2 or not (frame[named[0][0]] == named[0][1]).any():
        return frame
    is_repeated = frame.select(
        pl.all_horizontal(pl.col(column).str.strip_chars() == name for column, name in named)
    ).to_series()
    is_repeated = is_repeated.fill_null(value=False)
    if not is_repeated.any():
        return frame
    notes.add(REPEATED_NOTE, line=int(frame[LINE].filter(is_repeated)[0]), count=int(is_repeated.sum()))
    return frame.filter(~is_repeated)


def _is_rule(values: Sequence[str | None]) -> bool:
    """Check whether a row as wide as the header is nothing but dashes."""
    return len(values) > 1 and all(value and not value.strip().strip(_RULE) for value in values)
