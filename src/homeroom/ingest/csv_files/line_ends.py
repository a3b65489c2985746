"""The kinds of line ends in a CSV file: several in one file are odd."""

from __future__ import annotations

from homeroom.ingest.files.text_layout import count_ends_by_kind


class LineEnds:
    """The line ends seen so far.

    Those inside quotes count too, so only files without quotes are called mixed.
    """

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def add(self, data: bytes) -> None:
        """Count the line ends of a text without quotes."""
        if b'"' in data:
            return
        pairs, feeds, returns = count_ends_by_kind(data)
        counts = {"CRLF": pairs, "LF": feeds - pairs, "CR": returns - pairs}
        self._seen |= {name for name, count in counts.items() if count}

    @property
    def oddity(self) -> str:
        """Note about unusual line ends; empty if every one is LF, or every one CR LF as RFC 4180 has it."""
        return "mixed line ends" if len(self._seen) > 1 else "line ends of CR alone" if "CR" in self._seen else ""
