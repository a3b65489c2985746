"""Recognition of binary files by their first bytes."""

from __future__ import annotations

# First bytes, name of the format, what would fit. The first that matches wins.
_BINARY_FORMATS: tuple[tuple[bytes, str, str], ...] = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel or Office file", "the sheet, saved as CSV UTF-8"),
    (b"%PDF-", "a PDF", "the same list, exported as CSV"),
    (b"\x1f\x8b", "a gzip file", "the file, unpacked"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", "a zip"),
    (b"Rar!\x1a\x07", "a RAR archive", "a zip"),
    (b"BZh", "a bzip2 file", "the file, unpacked"),
    (b"\xfd7zXZ\x00", "an xz file", "the file, unpacked"),
    (b"SQLite format 3\x00", "a SQLite database", "an export as CSV"),
    (b"PAR1", "a Parquet file", "an export as CSV"),
    (b"\x89PNG", "a PNG picture", "an export as CSV"),
    (b"\xff\xd8\xff", "a JPEG picture", "an export as CSV"),
    (b"GIF8", "a GIF picture", "an export as CSV"),
    (b"{\\rtf", "an RTF document", "the same list, exported as CSV"),
    (b"MZ", "a Windows program", "an export as CSV"),
    (b"\x7fELF", "a program", "an export as CSV"),
)
# Text that is no table, in lower case, after blanks and a byte order mark.
_MARKUP: tuple[tuple[bytes, str, str], ...] = (
    (
        b"<!doctype html",
        "a web page, perhaps the console's sign-in page",
        "the export itself, downloaded while signed in",
    ),
    (b"<html", "a web page, perhaps the console's sign-in page", "the export itself, downloaded while signed in"),
    (b"<table", "a web page with a table in it", "the table, saved as CSV UTF-8"),
)
_PROGRAMS = (b"MZ", b"BZh")
ZIP = b"PK\x03\x04"
EMPTY_ZIP = b"PK\x05\x06"


def detect_binary_format(head: bytes) -> tuple[str, str] | None:
    """Return the name of the format and what would fit instead, or None if the bytes may be text."""
    for start, name, fits in _BINARY_FORMATS:
        # Two letters may begin a column's name as well: a program soon has NULs after them.
        if head.startswith(start) and (start not in _PROGRAMS or b"\0" in head[:512]):
            return name, fits
    text = head[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return next(((name, fits) for start, name, fits in _MARKUP if text.startswith(start)), None)


def is_zip(head: bytes) -> bool:
    """Check whether the bytes begin a zip archive."""
    return head.startswith((ZIP, EMPTY_ZIP))
