"""CSV as a file that is completely written before its first byte is sent, so that nobody ever gets half of one."""

from __future__ import annotations

from collections.abc import Iterable
from tempfile import SpooledTemporaryFile
from typing import IO, Any

from django.conf import settings

from homeroom.domain.spreadsheets import iterate_csv_lines

MAX_IN_MEMORY_BYTES = 8 << 20


def write_csv_file(rows: Iterable[Iterable[Any]]) -> IO[bytes]:
    """Write rows to a CSV file that is deleted when it is closed; beyond 8 MB it is in the data folder."""
    file: Any = SpooledTemporaryFile(max_size=MAX_IN_MEMORY_BYTES, dir=str(settings.DATA))  # noqa: SIM115 (the answer closes it)
    for line in iterate_csv_lines(rows):  # one by one: the file moves to disk between two writes
        file.write(line.encode())
    file.seek(0)
    return file  # type: ignore[no-any-return]
