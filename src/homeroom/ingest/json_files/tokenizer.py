"""JSON text read piece by piece: objects of an array, an envelope or lines, never the whole file in memory.

Numbers stay the text that they were. A name that occurs twice in one object, NaN and Infinity are refused, since two
programs would read them differently.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from homeroom.ingest.contract.errors import FileRefused, build_refusal
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.json_files.strict_values import STRICT, TRUSTING, StrictJsonError, has_no_lone_surrogate

_WHITESPACE = re.compile(r"[ \t\r\n]*")
_FITS = "JSON as RFC 8259 has it"
_STRING_CONTENT = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)
_TOKEN = re.compile(r'\\.|["\[\]{}]', re.DOTALL)
_PLAIN = bytes(set(range(256)) - set(b'[]{}"'))  # neither brackets nor quotes
_CLOSES = {"]": "[", "}": "{"}
_MAX_SKIPPED_DEPTH = 256  # levels of a value that is passed over
_LARGE = 4 << 20  # characters of one value, from which its entries are counted before it is taken apart
_BATCH_SIZE = 1 << 20  # characters of a list's entries that are taken apart together
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
"""An escape that is a surrogate, valid only together with its other half."""
_BETWEEN = re.compile(r'[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*"(?:[^"\\]|\\.)*+"')
"""The text between one object of a list and the next, up to the end of that one's first name."""


def _extract_brackets(text: str) -> bytes:
    """Return the brackets of a text, and its quotes except pairs of adjacent ones, which cancel each other."""
    plain = text.replace("\\\\", "").replace('\\"', "") if "\\" in text else text
    return plain.encode("utf-8", "surrogatepass").translate(None, _PLAIN).replace(b'""', b"")


class JsonTokenizer:
    """A window over a stream of text, with a position in it.

    Holds only as much as the current value needs. `again` is true of a text that was read before from end to end, so
    that repeated names are not looked for.
    """

    def __init__(self, pieces: Iterator[str], *, file: str, limits: Limits, again: bool = False) -> None:
        self._pieces = pieces
        self._decoder = TRUSTING if again else STRICT
        self._file = file
        self._limits = limits
        self._window = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._before = 0
        self._no_batch_before = 0

    @property
    def position(self) -> int:
        """Number of characters that were passed."""
        return self._before + self._at

    @property
    def line(self) -> int:
        """Line of this position, from 1."""
        return self._line + self._window.count("\n", 0, self._at)

    @property
    def unread(self) -> str:
        """Text in the window that was not passed yet."""
        return self._window[self._at :]

    def peek(self) -> str:
        """Return the next character that is not blank, or empty text at the end."""
        while True:
            blanks = _WHITESPACE.match(self._window, self._at)
            self._at = blanks.end() if blanks else self._at
            if self._at < len(self._window) or not self._read_more():
                return self._window[self._at : self._at + 1]

    def take(self, expected: str) -> None:
        """Pass over one character.

        Raise FileRefused if there is another one.
        """
        if self.peek() not in set(expected) or not self.peek():
            self.fail(f"{' or '.join(expected)} is missing here")
        self._at += 1

    def read_value(self) -> Any:
        """Read the complete value that begins here.

        Raise FileRefused if there is none.
        """
        self.peek()
        self._trim()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._window, self._at)
            except StrictJsonError as error:
                self.fail(str(error))
            except RecursionError:
                self.fail(f"is nested deeper than {self._limits.depth} levels")
            except json.JSONDecodeError as error:
                if not self._read_more(len(self._window)):
                    self.fail(f"is no JSON: {error.msg}", at=error.pos)
                continue
            if end < len(self._window) or not self._read_more():
                break
        if _SURROGATE_ESCAPE.search(self._window, self._at, end) and not has_no_lone_surrogate(value):
            self.fail("half a letter (a lone surrogate)")
        self._at = end
        return value

    def read_batch(self) -> list[Any]:
        """Read the next entries of a list of objects after one was read; empty if they must be read one by one.

        They are split at text that looks like the text after the entry that was read. The split is verified by parsing:
        a cut within a value or a string is no JSON.
        """
        if self.position < self._no_batch_before:
            return []
        if len(self._window) - self._at < _BATCH_SIZE:
            self._trim()
            self._read_more(min(_BATCH_SIZE, self._limits.row))
        entries, end = self._split_entries()
        if entries:
            self._at = end
        else:
            self._no_batch_before = (
                self.position + _BATCH_SIZE
            )  # so that a text that cannot be parted is not looked through again and again
        return entries

    def _split_entries(self) -> tuple[list[Any], int]:
        """Return the complete entries in the window, and the end of the last one.

        Empty if there is no place to split them.
        """
        between = _BETWEEN.match(self._window, self._at)
        end = self._window.rfind(between[0], between.end(), self._at + _BATCH_SIZE) if between else -1
        if end < 0:
            return [], end
        comma = self._window.index(",", self._at)
        try:
            entries = list(self._decoder.decode(f"[{self._window[comma + 1 : end]}]"))
        except (ValueError, RecursionError):
            return [], end
        has_lone_surrogate = _SURROGATE_ESCAPE.search(self._window, comma, end) and not has_no_lone_surrogate(entries)
        return ([] if has_lone_surrogate else entries), end  # read one by one, the one with half a letter is found

    def skip(self) -> None:
        """Pass over the value that begins here without ever holding it, however large it is.

        Only its quotes and brackets are checked: a skipped value is known to end, not to be well-formed.
        """
        first = self.peek()
        if first == '"':
            self._skip_string()
        elif first and first in "[{":
            self._skip_nested()
        else:
            self.read_value()

    def _skip_string(self) -> None:
        self._at += 1
        while True:
            content = _STRING_CONTENT.match(self._window, self._at)
            self._at = content.end() if content else self._at
            if self._window[self._at : self._at + 1] == '"':
                self._at += 1
                return
            self._discard_before(self._at)
            self._must_read_more()

    def _skip_nested(self) -> None:
        stack, inside = self._window[self._at], False
        self._discard_before(self._at + 1)
        while True:
            text = self._window
            odd = (len(text) - len(text.rstrip("\\"))) % 2
            window = text[: len(text) - odd]  # an escape that is cut waits for its other half
            parts = _extract_brackets(window).split(b'"')
            brackets = self._cancel_brackets(b"".join(parts[1 if inside else 0 :: 2]).decode("ascii"))
            opens = brackets.lstrip("]}")
            closes = brackets[: len(brackets) - len(opens)]
            if len(closes) >= len(stack):
                self._skip_to_end(stack, inside)
                return
            stack = self._apply_brackets(stack, closes, opens)
            inside ^= len(parts) % 2 == 0
            self._discard_before(len(window))
            self._must_read_more()

    def _cancel_brackets(self, brackets: str) -> str:
        """Return the unpaired brackets: first the closing, then the opening ones."""
        for _ in range(2 * _MAX_SKIPPED_DEPTH):
            reduced = brackets.replace("[]", "").replace("{}", "")
            if len(reduced) == len(brackets):
                return brackets
            brackets = reduced
        raise self.build_refusal(f"is nested deeper than {_MAX_SKIPPED_DEPTH} levels")

    def _apply_brackets(self, stack: str, closes: str, opens: str) -> str:
        for bracket in closes:
            if _CLOSES[bracket] != stack[-1]:
                self.fail(f"is no JSON: {bracket} closes what {stack[-1]} opened")
            stack = stack[:-1]
        if "]" in opens or "}" in opens:
            self.fail("is no JSON: brackets that cross")
        if len(stack) + len(opens) > _MAX_SKIPPED_DEPTH:
            self.fail(f"is nested deeper than {_MAX_SKIPPED_DEPTH} levels")
        return stack + opens

    def _skip_to_end(self, stack: str, inside: bool) -> None:
        """Find the position in the window where the value ends."""
        for match in _TOKEN.finditer(self._window, self._at):
            token = match[0]
            if token == '"':
                inside = not inside
            elif not inside and token in _CLOSES:
                stack = self._apply_brackets(stack, token, "")
                if not stack:
                    self._at = match.end()
                    return
            elif not inside and token in "[{":
                stack += token
        self.fail("is no JSON: brackets that cross")

    def _must_read_more(self) -> None:
        if not self._read_more():
            self.fail("is no JSON: a value that never ends")

    def fail(self, reason: str, *, at: int | None = None) -> NoReturn:
        """Refuse the file at this position, or at another one in the window."""
        raise self.build_refusal(reason, at=at)

    def build_refusal(self, reason: str, *, at: int | None = None) -> FileRefused:
        """Return the refusal for this position."""
        at = min(self._at if at is None else at, len(self._window))
        line = self._line + self._window.count("\n", 0, at)
        column = at - (self._window.rfind("\n", 0, at) + 1) + 1
        return build_refusal(self._file, f"{reason}, at character {column} of the line", line=line, fits=_FITS)

    def _read_more(self, minimum: int = 1) -> bool:
        """Read at least as many further characters as requested.

        Return False at the end.
        """
        if self._ended:
            return False
        if len(self._window) - self._at > self._limits.row:
            self.fail(f"one value of more than {self._limits.row:,} characters, or one that never ends")
        pieces: list[str] = []
        size = 0
        while size < minimum:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                break
            pieces.append(piece)
            size += len(piece)
        self._window += "".join(pieces)
        if len(self._window) - self._at > _LARGE and self._window.count(",", self._at) > self._limits.entries:
            # A list of empty lists takes thirty times its own size in memory, so even a short text may be too large.
            self.fail(f"one value of more than {self._limits.entries:,} entries")
        return size > 0

    def _trim(self) -> None:
        """Discard text that was read."""
        if self._at > 1 << 18:
            self._discard_before(self._at)

    def _discard_before(self, at: int) -> None:
        self._line += self._window.count("\n", 0, at)
        self._before += at
        self._window, self._at = self._window[at:], 0
