"""A document as its parts: tables with rows of cells, and texts with lines, each with its place in the document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class NotReadReason(StrEnum):
    """Why a file, or a member of one, was not read."""

    LOCKED = "locked"
    DAMAGED = "damaged"
    NO_TEXT = "no text"
    TOO_LARGE = "too large"
    UNKNOWN_KIND = "unknown kind"


class DocumentNotRead(Exception):
    """A document cannot be read, for this reason."""

    def __init__(self, reason: NotReadReason) -> None:
        super().__init__(str(reason))
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class TablePart:
    """Rows of cells. The first has the number `first_row`; `continues` a table whose headings came before."""

    rows: Sequence[Sequence[str]]
    place: str = ""
    first_row: int = 1
    continues: bool = False


@dataclass(frozen=True, kw_only=True)
class TextPart:
    """Lines of text. The first has the number `first_line`; `blocks` is true if each line is a paragraph, `rows` if it
    is a row of a sheet.

    With `continues`, the lines before belong to the same text, and its headings hold on.
    """

    lines: Sequence[str]
    place: str = ""
    first_line: int = 1
    blocks: bool = False
    rows: bool = False
    continues: bool = False


type DocumentPart = TablePart | TextPart
