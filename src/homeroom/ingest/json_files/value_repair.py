"""Repair of single values in a JSON document that is no plain list of rows, such as a report of one object.

Only what has one meaning is repaired, and noted: half a letter and a byte of another encoding are lost letters or
letters of Windows-1252, a line end in a text is one, a stray quote or backslash is that sign, and a name twice in one
object is read once if both values agree, else not at all. A document that ends early keeps the whole entries of its
outermost list that has any. The strict reader reads the result once more, so a wrong repair refuses the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NoReturn

from homeroom.ingest.contract.errors import Notes
from homeroom.ingest.files.byte_source import ByteGap
from homeroom.ingest.json_files.damage import TRAILING_COMMA_NOTE, Damage, LostObject, NotRepairable
from homeroom.ingest.json_files.document_scan import BYTES_AS_ESCAPES

_MAX_FAULTS = 100
_MAX_DEPTH = 64
_BLANK = re.compile(r"[ \t\r\n]*")
_LITERAL = re.compile(r"-?[0-9][0-9.eE+-]*|true|false|null")
_PLAIN = re.compile(r'[^"\\\x00-\x1f\ud800-\udfff]*')
_ESCAPE = re.compile(r'\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4})')
_PAIR = re.compile(r"\\u[Dd][89ABab][0-9A-Fa-f]{2}\\u[Dd][C-Fc-f][0-9A-Fa-f]{2}")
_HALF = re.compile(r"\\u[Dd][89A-Fa-f][0-9A-Fa-f]{2}")
_STRUCTURE = re.compile(r'[{}\[\]\n]|"\s*[:,]|[:,]\s*"')
"""What a text with a stray quote must not hold: the quote may be the end of a text whose other quote is lost."""
_CONTROL = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_LOST_LETTER = "half a letter or a byte without meaning, which is lost"


@dataclass(kw_only=True)
class _Open:
    """An object or list that is open. `entries` counts its whole entries, `end` is where the last of them ends.

    `members` has the names of an object with the place of each name and the text of its value.
    """

    closer: str
    end: int
    entries: int = 0
    has_objects: bool = False
    members: dict[str, tuple[int, int, str]] = field(default_factory=dict)


class ValueRepair:
    """One walk through a text that begins `offset` bytes after the start of its file."""

    def __init__(self, text: str, *, offset: int) -> None:
        self._text, self._offset = text, offset
        self._edits: list[tuple[int, int, str]] = []
        self._stack: list[_Open] = []
        self._notes = Notes()
        self._is_cut = False
        self._line, self._counted = 1, 0

    def find_damage(self) -> Damage:
        """Walk through the text. Raise NotRepairable if anything else is wrong with it."""
        at = self._skip_blanks(0)
        try:
            end = self._skip_blanks(self._pass_value(at))
        except IndexError:
            self._cut()
        else:
            if end < len(self._text):
                raise NotRepairable
        if not self._edits:
            raise NotRepairable
        return Damage(
            gaps=self._build_gaps(),
            lost_objects=self._list_lost_objects(),
            sound_count=1,
            is_cut=self._is_cut,
            value_notes=self._notes.list_all(),
        )

    def _list_lost_objects(self) -> tuple[LostObject, ...]:
        """Return the object in which the text ends, if it does."""
        if not self._is_cut:
            return ()
        line = self._text.count("\n") + 1
        reason = f"line {line:,}: the file ends in the middle of this object; use the whole file"
        return (LostObject(ordinal=None, line=line, reason=reason),)

    def _pass_value(self, at: int) -> int:
        """Return the end of a value. Raise IndexError if the text ends in it."""
        letter = self._text[at]
        if letter == '"':
            return self._pass_string(at, followers=",]}")
        if letter in "{[":
            return self._pass_container(at)
        match = _LITERAL.match(self._text, at)
        if match is None or (match.end() == len(self._text) and self._stack):
            self._fail(at)
        return match.end()

    def _pass_container(self, at: int) -> int:
        if len(self._stack) >= _MAX_DEPTH:
            raise NotRepairable
        is_object = self._text[at] == "{"
        container = _Open(closer="}" if is_object else "]", end=at + 1)
        self._stack.append(container)
        at, comma = self._skip_blanks(at + 1), -1
        while self._text[at] != container.closer:
            container.has_objects = container.has_objects or self._text[at] == "{"
            at = self._pass_member(at, container) if is_object else self._pass_value(at)
            container.entries, container.end, comma = container.entries + 1, at, -1
            at = self._skip_blanks(at)
            if self._text[at] == ",":
                comma, at = at, self._skip_blanks(at + 1)
            elif self._text[at] != container.closer:
                raise NotRepairable
        if comma >= 0:
            self._edit(comma, comma + 1, "", TRAILING_COMMA_NOTE)
        self._stack.pop()
        return at + 1

    def _pass_member(self, at: int, container: _Open) -> int:
        """Return the end of a name and its value."""
        if self._text[at] != '"':
            raise NotRepairable
        name_end = self._pass_string(at, followers=":")
        colon = self._skip_blanks(name_end)
        if self._text[colon] != ":":
            raise NotRepairable
        start = self._skip_blanks(colon + 1)
        end = self._pass_value(start)
        name, value = self._text[at:name_end], self._text[start:end]
        if name in container.members:
            self._rename_repeated(container, name, at=at, end=name_end, value=value)
        else:
            container.members[name] = (at, name_end, value)
        return end

    def _rename_repeated(self, container: _Open, name: str, *, at: int, end: int, value: str) -> None:
        """Rename a repeated name so that nobody reads it; the first one too if its value differs."""
        first_at, first_end, first_value = container.members[name]
        reason = f"the name {name[1:-1]} twice in one object"
        if first_value == value:
            self._edit(at, end, f'"(again {at})"', f"{reason} with one value")
            return
        if len(self._stack) == 1:
            raise NotRepairable  # the names at the top decide what the document is
        if first_end:
            self._edit(first_at, first_end, f'"(again {first_at})"', f"{reason} with different values, so none is read")
        self._edit(at, end, f'"(again {at})"', "")
        container.members[name] = (at, 0, "")

    def _pass_string(self, at: int, *, followers: str) -> int:
        """Return the end of a string. A quote ends it if one of the followers comes after it."""
        start, has_stray_quote = at, False
        at += 1
        while True:
            at = _PLAIN.match(self._text, at).end()  # type: ignore[union-attr] # matches nothing at least
            letter = self._text[at]
            if letter == '"':
                after = self._skip_blanks(at + 1)
                if after >= len(self._text) or self._text[after] in followers:
                    if has_stray_quote and _STRUCTURE.search(self._text, start + 1, at):
                        raise NotRepairable
                    return at + 1
                has_stray_quote = True
                self._edit(at, at, "\\", "a quote inside a text, read as that sign")
                at += 1
            elif letter == "\\":
                at = self._pass_escape(at)
            elif letter < " ":
                replacement = _CONTROL.get(letter, _REPLACEMENT)
                self._edit(at, at + 1, replacement, "a line end or other control character inside a text")
                at += 1
            else:
                self._pass_other_byte(at, letter)
                at += 1

    def _pass_escape(self, at: int) -> int:
        if pair := _PAIR.match(self._text, at):
            return pair.end()
        if half := _HALF.match(self._text, at):
            self._edit(at, half.end(), _REPLACEMENT, _LOST_LETTER)
            return half.end()
        if escape := _ESCAPE.match(self._text, at):
            return escape.end()
        if len(self._text) - at < len(r"\u0000"):
            raise IndexError
        self._edit(at, at, "\\", "a backslash that begins no escape, read as that sign")
        return at + 1

    def _pass_other_byte(self, at: int, letter: str) -> None:
        replacement = _REPLACEMENT
        if "\udc80" <= letter <= "\udcff":
            replacement = bytes([ord(letter) & 0xFF]).decode("cp1252", "replace")
        reason = _LOST_LETTER if replacement == _REPLACEMENT else "read as Windows-1252"
        self._edit(at, at + 1, replacement, reason)

    def _fail(self, at: int) -> NoReturn:
        """Raise IndexError at the end of the text, elsewhere NotRepairable."""
        if len(self._text) - at < len("false"):
            raise IndexError
        raise NotRepairable

    def _cut(self) -> None:
        """Remove what follows the last whole entry of the outermost list of objects that has one, and close it."""
        number = next(
            (
                number
                for number, container in enumerate(self._stack)
                if container.closer == "]" and container.has_objects and container.entries
            ),
            None,
        )
        if number is None:
            raise NotRepairable
        end = self._stack[number].end
        closers = "".join(container.closer for container in reversed(self._stack[: number + 1]))
        self._edits = [edit for edit in self._edits if edit[1] <= end]
        self._edits.append((end, len(self._text), closers))
        self._is_cut = True

    def _skip_blanks(self, at: int) -> int:
        match = _BLANK.match(self._text, at)
        return match.end() if match else at

    def _edit(self, start: int, end: int, replacement: str, reason: str) -> None:
        if len(self._edits) >= _MAX_FAULTS:
            raise NotRepairable
        if reason:
            if start < self._counted:
                self._line, self._counted = 1, 0
            self._line += self._text.count("\n", self._counted, start)
            self._counted = start
            self._notes.add(reason, line=self._line)
        self._edits.append((start, end, replacement))

    def _build_gaps(self) -> tuple[ByteGap, ...]:
        gaps, position, size = [], 0, self._offset
        for start, end, replacement in sorted(self._edits):
            if start < position:
                raise NotRepairable
            size += len(self._text[position:start].encode("utf-8", BYTES_AS_ESCAPES))
            length = len(self._text[start:end].encode("utf-8", BYTES_AS_ESCAPES))
            gaps.append(ByteGap(start=size, end=size + length, replacement=replacement.encode()))
            size, position = size + length, end
        return tuple(gaps)
