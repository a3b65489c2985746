"""Cells whose formula failed, as a spreadsheet saves them: they are no values, and are read as empty."""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
import polars as pl

from homeroom.ingest.contract.errors import Notes

_ERROR = r"#(?:N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)"
_IN_BYTES = re.compile(_ERROR.encode())


def may_contain_errors(data: bytes) -> bool:
    """Check whether a text may hold a cell whose formula failed."""
    return _IN_BYTES.search(data) is not None


def clear_errors(frame: pl.DataFrame, *, lines: npt.NDArray[np.int64], notes: Notes) -> pl.DataFrame:
    """Return the rows with null for each cell that is an error of a spreadsheet, and note how many are."""
    is_error = frame.select(pl.all().str.contains(f"^{_ERROR}$").fill_null(value=False))
    counts = is_error.select(pl.sum_horizontal(pl.all().cast(pl.UInt32))).to_series()
    if counts.sum():
        first = int(lines[int((counts > 0).arg_true()[0])])
        reason = "a cell whose formula failed, such as #N/A, read as empty"
        notes.add(reason, line=first, count=int(counts.sum()))
        frame = frame.select(
            pl.when(~pl.col(name).str.contains(f"^{_ERROR}$")).then(pl.col(name)).alias(name) for name in frame.columns
        )
    return frame
