"""Reading of one file, contained: whatever breaks while it is read costs that file."""

from __future__ import annotations

from collections.abc import Callable

from homeroom.evidence.files.reading_journal import get_journal
from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.contract.faults import FITS, convert_fault
from homeroom.ingest.detection.package import PackageFile


def contain_file[T](file: PackageFile, read: Callable[[], T], *, expected: tuple[type[Exception], ...] = ()) -> T:
    """Return what `read` makes of a file. Raise FileRefused if it raises an exception, or broke this program before.

    FileRefused and the `expected` exceptions are raised again as they are.
    """
    journal = get_journal()
    identity = (f"read {file.sniffed.origin.name}", file.sniffed.origin.size)
    if verdict := journal.take_verdict(*identity):
        raise build_refusal(file.name, verdict, fits=FITS)
    try:
        with journal.watch(identity):
            result = read()
    except Exception as error:
        if isinstance(error, (FileRefused, *expected)):
            raise
        raise convert_fault(error, file=file.name) from error
    journal.clear(*identity)
    return result
