"""JSON text read piece by piece: objects out of an array, an envelope or lines, never the whole file in memory.

Numbers stay the text that they were. A name that stands twice in one object, NaN and Infinity are refused, since two
programs would read two different things.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn

from homeroom.ingest.jsonvalues import AGAIN, STRICT, Misplaced, whole_letters
from homeroom.ingest.limits import Limits
from homeroom.ingest.problems import Refused, refused

_BLANK = re.compile(r"[ \t\r\n]*")
_FITS = "JSON as RFC 8259 has it"
_INSIDE = re.compile(r'(?:[^"\\]|\\.)*+', re.DOTALL)
_TOKEN = re.compile(r'\\.|["\[\]{}]', re.DOTALL)
_PLAIN = bytes(set(range(256)) - set(b'[]{}"'))  # neither brackets nor quotes
_CLOSES = {"]": "[", "}": "{"}
_DEEPEST = 256  # levels of a value that is passed over
_LARGE = 4 << 20  # characters of one value, from which its entries are counted before it is taken apart
_TOGETHER = 1 << 20  # characters of a list's entries that are taken apart together
_HALF = re.compile(r"\\u[dD][89a-fA-F]")
"""An escape that is half a letter, and is one only beside its other half."""
_BETWEEN = re.compile(r'[ \t\r\n]*,[ \t\r\n]*\{[ \t\r\n]*"(?:[^"\\]|\\.)*+"')
"""What stands between one object of a list and the next, up to the end of that one's first name."""


def _bare(text: str) -> bytes:
    """The brackets of a text, and such quotes that each stands within a string as before: of two in a row neither tells."""
    plain = text.replace("\\\\", "").replace('\\"', "") if "\\" in text else text
    return plain.encode("utf-8", "surrogatepass").translate(None, _PLAIN).replace(b'""', b"")


class Text:
    """A window over a stream of text, with a place in it. Only as much is held as the value at hand needs.

    `again` is true of a text that was read before from end to end, so that names that stand twice are not looked for.
    """

    def __init__(self, pieces: Iterator[str], *, file: str, limits: Limits, again: bool = False) -> None:
        self._pieces = pieces
        self._decoder = AGAIN if again else STRICT
        self._file = file
        self._limits = limits
        self._held = ""
        self._at = 0
        self._line = 1
        self._ended = False
        self._before = 0
        self._alone = 0

    @property
    def place(self) -> int:
        """How many characters were passed."""
        return self._before + self._at

    @property
    def line(self) -> int:
        """The line of this place, from 1."""
        return self._line + self._held.count("\n", 0, self._at)

    @property
    def ahead(self) -> str:
        """What was read of the text and not passed yet."""
        return self._held[self._at :]

    def peek(self) -> str:
        """The next character that is not blank, or empty text at the end."""
        while True:
            found = _BLANK.match(self._held, self._at)
            self._at = found.end() if found else self._at
            if self._at < len(self._held) or not self._more():
                return self._held[self._at : self._at + 1]

    def take(self, wanted: str) -> None:
        """Pass over one character. Refused where another one stands there."""
        if self.peek() not in set(wanted) or not self.peek():
            self.fail(f"{' or '.join(wanted)} is missing here")
        self._at += 1

    def value(self) -> Any:
        """The value that begins here, whole. Raises Refused where none does."""
        self.peek()
        self._trim()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._held, self._at)
            except Misplaced as error:
                self.fail(str(error))
            except RecursionError:
                self.fail(f"is nested deeper than {self._limits.depth} levels")
            except json.JSONDecodeError as error:
                if not self._more(len(self._held)):
                    self.fail(f"is no JSON: {error.msg}", at=error.pos)
                continue
            if end < len(self._held) or not self._more():
                break
        if _HALF.search(self._held, self._at, end) and not whole_letters(value):
            self.fail("half a letter (a lone surrogate)")
        self._at = end
        return value

    def several(self) -> list[Any]:
        """The next entries of a list of objects, where one of them has just been read; none where they have to be read one by one.

        They are parted where the text looks as it does after the entry that was read. Whether that was right the text itself
        tells: what is cut within a value or a string is no JSON.
        """
        if self.place < self._alone:
            return []
        if len(self._held) - self._at < _TOGETHER:
            self._trim()
            self._more(min(_TOGETHER, self._limits.row))
        found, cut = self._parted()
        if found:
            self._at = cut
        else:
            self._alone = (
                self.place + _TOGETHER
            )  # so that a text that cannot be parted is not looked through again and again
        return found

    def _parted(self) -> tuple[list[Any], int]:
        """The entries that stand whole in the window, and where the last one ends; none where no place to part them is found."""
        between = _BETWEEN.match(self._held, self._at)
        cut = self._held.rfind(between[0], between.end(), self._at + _TOGETHER) if between else -1
        if cut < 0:
            return [], cut
        comma = self._held.index(",", self._at)
        try:
            found = list(self._decoder.decode(f"[{self._held[comma + 1 : cut]}]"))
        except (ValueError, RecursionError):
            return [], cut
        halves = _HALF.search(self._held, comma, cut) and not whole_letters(found)
        return ([] if halves else found), cut  # read one by one, the one with half a letter is found

    def skip(self) -> None:
        """Pass over the value that begins here without ever holding it, however large it is.

        Only its quotes and brackets are looked at: a value that is passed over is known to end, not to be well-formed.
        """
        first = self.peek()
        if first == '"':
            self._skip_string()
        elif first and first in "[{":
            self._skip_nested()
        else:
            self.value()

    def _skip_string(self) -> None:
        self._at += 1
        while True:
            found = _INSIDE.match(self._held, self._at)
            self._at = found.end() if found else self._at
            if self._held[self._at : self._at + 1] == '"':
                self._at += 1
                return
            self._forget(self._at)
            self._must_go_on()

    def _skip_nested(self) -> None:
        stack, inside = self._held[self._at], False
        self._forget(self._at + 1)
        while True:
            held = self._held
            odd = (len(held) - len(held.rstrip("\\"))) % 2
            window = held[: len(held) - odd]  # an escape that is cut waits for its other half
            parts = _bare(window).split(b'"')
            brackets = self._reduced(b"".join(parts[1 if inside else 0 :: 2]).decode("ascii"))
            opens = brackets.lstrip("]}")
            closes = brackets[: len(brackets) - len(opens)]
            if len(closes) >= len(stack):
                self._skip_to_end(stack, inside)
                return
            stack = self._nested(stack, closes, opens)
            inside ^= len(parts) % 2 == 0
            self._forget(len(window))
            self._must_go_on()

    def _reduced(self, brackets: str) -> str:
        """Brackets without those that open and close among them: first what closes, then what opens."""
        for _ in range(2 * _DEEPEST):
            fewer = brackets.replace("[]", "").replace("{}", "")
            if len(fewer) == len(brackets):
                return brackets
            brackets = fewer
        raise self.refusal(f"is nested deeper than {_DEEPEST} levels")

    def _nested(self, stack: str, closes: str, opens: str) -> str:
        for bracket in closes:
            if _CLOSES[bracket] != stack[-1]:
                self.fail(f"is no JSON: {bracket} closes what {stack[-1]} opened")
            stack = stack[:-1]
        if "]" in opens or "}" in opens:
            self.fail("is no JSON: brackets that cross")
        if len(stack) + len(opens) > _DEEPEST:
            self.fail(f"is nested deeper than {_DEEPEST} levels")
        return stack + opens

    def _skip_to_end(self, stack: str, inside: bool) -> None:
        """Find the place in the window where the value ends."""
        for found in _TOKEN.finditer(self._held, self._at):
            token = found[0]
            if token == '"':
                inside = not inside
            elif not inside and token in _CLOSES:
                stack = self._nested(stack, token, "")
                if not stack:
                    self._at = found.end()
                    return
            elif not inside and token in "[{":
                stack += token
        self.fail("is no JSON: brackets that cross")

    def _must_go_on(self) -> None:
        if not self._more():
            self.fail("is no JSON: a value that never ends")

    def fail(self, reason: str, *, at: int | None = None) -> NoReturn:
        """Refuse the file at this place, or at another one in the window."""
        raise self.refusal(reason, at=at)

    def refusal(self, reason: str, *, at: int | None = None) -> Refused:
        """The refusal for this place."""
        at = min(self._at if at is None else at, len(self._held))
        line = self._line + self._held.count("\n", 0, at)
        column = at - (self._held.rfind("\n", 0, at) + 1) + 1
        return refused(self._file, f"{reason}, at character {column} of the line", line=line, fits=_FITS)

    def _more(self, least: int = 1) -> bool:
        """Read on, at least as much as asked. False at the end."""
        if self._ended:
            return False
        if len(self._held) - self._at > self._limits.row:
            self.fail(f"one value of more than {self._limits.row:,} characters, or one that never ends")
        pieces: list[str] = []
        size = 0
        while size < least:
            piece = next(self._pieces, None)
            if piece is None:
                self._ended = True
                break
            pieces.append(piece)
            size += len(piece)
        self._held += "".join(pieces)
        if len(self._held) - self._at > _LARGE and self._held.count(",", self._at) > self._limits.entries:
            # A list of empty lists takes thirty times its own size, so that its text may be short.
            self.fail(f"one value of more than {self._limits.entries:,} entries")
        return size > 0

    def _trim(self) -> None:
        """Let go of what was read."""
        if self._at > 1 << 18:
            self._forget(self._at)

    def _forget(self, at: int) -> None:
        self._line += self._held.count("\n", 0, at)
        self._before += at
        self._held, self._at = self._held[at:], 0
