"""A tolerant walk through the text of a JSON document: of a list, of envelopes, of pages, one after another."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn

from homeroom.ingest.files.byte_source import ByteGap
from homeroom.ingest.json_files.damage import Damage, LostObject, NotRepairable, PageLists, mask_excerpt
from homeroom.ingest.json_files.strict_values import STRICT, has_no_lone_surrogate

BYTES_AS_ESCAPES = "surrogateescape"
"""How bytes that are not UTF-8 are decoded: each as half a letter, so that its object is lost."""
_BLANK = re.compile(r"[ \t\r\n]*")
_NO_OBJECT = r'(?:"(?:[^"\\]|\\.)*+"|\[[^][{}"]*+\]|[a-z0-9.+-]++)[ \t\r\n]*+,[ \t\r\n]*+'
_LIST_OF_OBJECTS = re.compile(rf"\[[ \t\r\n]*(?:{_NO_OBJECT}){{0,50}}(?:[\]{{]|\Z)", re.IGNORECASE)
"""A list that is empty, or of objects after a few entries that are none."""
_FIRST_NAME = re.compile(r'\{[ \t\r\n]*("(?:[^"\\]|\\.)*+")')
_BRACKET_OR_QUOTE = re.compile(r'"(?:[^"\\]|\\.)*+"|["\[\]{}]', re.DOTALL)
_ENDS = re.compile(r'[]}",]')
_NEAR_END = 8
"""Characters within which a value that is cut fails: as many as a literal or an escape has."""
_MAX_LOST, _MIN_SOUND = 500, 10
"""Broken objects from which a file is given up if fewer than so many times as many before were sound."""
_FITS = "use a whole JSON object"


class _Cut(Exception):
    """Raised when the end of the text is reached too early, after the edit that closes what is open."""


class _NoPage(Exception):
    """Raised if an object that cannot be read has no list of rows."""


@dataclass(frozen=True, kw_only=True)
class _Edit:
    """Text from `start` up to `end` that is replaced."""

    start: int
    end: int
    replacement: str


@dataclass
class _Marks:
    """Result of a walk so far. `closers` are the brackets that close what is open."""

    edits: list[_Edit] = field(default_factory=list)
    lost_objects: list[LostObject] = field(default_factory=list)
    commas: list[int] = field(default_factory=list)
    closers: list[str] = field(default_factory=list)
    sound_count: int = 0
    pages: int = 0

    def copy(self) -> _Marks:
        return _Marks(
            list(self.edits),
            list(self.lost_objects),
            list(self.commas),
            list(self.closers),
            self.sound_count,
            self.pages,
        )


def is_cut_at(text: str, fault: ValueError) -> bool:
    """Check whether an object is broken only because the text ends."""
    if not isinstance(fault, json.JSONDecodeError):
        return False
    rest = text[fault.pos : fault.pos + _NEAR_END + 1].rstrip()
    return fault.msg.startswith("Unterminated string") or not (len(rest) > _NEAR_END or _ENDS.search(rest))


def explain_fault(fault: ValueError, *, at: int) -> str:
    """Return what is wrong with an object, at a character of it, from 1."""
    return f"is no JSON: {fault.msg}, at character {at:,}" if isinstance(fault, json.JSONDecodeError) else str(fault)


class DocumentScan:
    """One walk through a text that begins `offset` bytes after the start of its file."""

    def __init__(self, text: str, *, offset: int, page_lists: PageLists) -> None:
        self._text, self._offset, self._page_lists = text, offset, page_lists
        self._envelopes = page_lists.envelopes
        self._marks = _Marks()
        self._sample = (0, 0)
        self._has_pages = False
        self._start = self._skip_blanks(0)
        self._line_at = (0, 1)

    def find_damage(self) -> Damage:
        """Walk through the text. Raise NotRepairable."""
        is_cut = False
        try:
            self._walk_all()
        except _Cut:
            is_cut = True
        except (_NoPage, RecursionError) as error:
            raise NotRepairable from error
        marks = self._marks
        lost_objects = [
            replace(item, ordinal=None) if item.is_top and self._has_pages else item for item in marks.lost_objects
        ]
        return Damage(
            gaps=self._build_gaps(),
            lost_objects=tuple(lost_objects),
            sound_count=marks.sound_count,
            is_cut=is_cut,
            comma_lines=tuple(map(self._count_lines, marks.commas)),
        )

    def _walk_all(self) -> None:
        at = self._start
        if self._text[at : at + 1] == "[":
            at = self._skip_blanks(self._walk_list(at, is_top=True))
        else:
            kept_end, ordinal = at, 0
            while self._text[at : at + 1] == "{":
                ordinal += 1
                end, is_sound = self._walk_entry(at, kept_end=kept_end, ordinal=ordinal, is_top=True)
                if is_sound:
                    kept_end = end
                else:
                    self._remove(at, end)
                at = self._skip_blanks(end)
        if at < len(self._text):
            raise NotRepairable

    def _walk_list(self, at: int, *, is_top: bool = False, has_ordinals: bool = True) -> int:
        """Walk through a list from its bracket, and return where it ends."""
        self._marks.closers.append("]")
        kept_end, comma, ordinal = at + 1, -1, 0
        unkept = -1  # where a broken entry begins that no sound one precedes
        at = self._skip_blanks(at + 1)
        is_end = self._text[at : at + 1] == "]"
        while not is_end:
            ordinal += 1
            end, is_sound = self._walk_entry(
                at, kept_end=kept_end, ordinal=ordinal if has_ordinals else None, is_top=is_top
            )
            if is_sound:
                kept_end = end
            elif comma >= 0:
                self._remove(comma, end)
            else:
                unkept = at
            at = self._skip_blanks(end)
            is_end = self._text[at : at + 1] == "]"
            if not is_end:
                after, is_end = self._pass_comma(at, "]", kept_end=kept_end, is_kept=unkept < 0)
                comma, at = (at if unkept < 0 else -1), after
            if unkept >= 0:
                self._remove(unkept, at)
                unkept = -1
        self._marks.closers.pop()
        return at + 1

    def _pass_comma(self, at: int, closer: str, *, kept_end: int, is_kept: bool) -> tuple[int, bool]:
        """Return the place after a comma, and whether the list or object ends there, against the rules."""
        if at >= len(self._text):
            self._cut(kept_end)
        if self._text[at] != ",":
            raise NotRepairable
        after = self._skip_blanks(at + 1)
        if after >= len(self._text):
            self._cut(kept_end)
        is_end = self._text[after] == closer
        if is_end:
            self._marks.commas.append(at)
            if is_kept:
                self._remove(at, at + 1)
        return after, is_end

    def _walk_entry(self, start: int, *, kept_end: int, ordinal: int | None, is_top: bool) -> tuple[int, bool]:
        """Return where an entry ends, and whether it can be read."""
        if start >= len(self._text):
            self._cut(kept_end)
        end, fault, value = self._check_entry(start)
        if fault is None and isinstance(value, dict) and self._page_lists.has_mixed_list(value):
            fault = ValueError("a list in it has entries that are no objects")
        if fault is None:
            self._sample = (start, end)
            rows = self._page_lists.count_rows(value) if is_top else -1
            self._has_pages |= rows >= 0
            self._marks.sound_count += rows if rows >= 0 else 1
            self._marks.pages += is_top
            return end, True
        may_be_page = self._has_pages or not self._marks.pages if is_top else ordinal is None and self._is_main(start)
        if may_be_page and (page_end := self._try_page(start)):
            return page_end, True
        if is_cut_at(self._text, fault):
            self._add_lost(start, ordinal, fault, reason="the file ends in the middle of this object", is_top=is_top)
            self._cut(kept_end)
        end = self._find_end(start, fault) if end < 0 else end
        reason = explain_fault(fault, at=_get_place(fault, start) - start + 1)
        self._add_lost(start, ordinal, fault, reason=reason, is_top=is_top)
        return end, False

    def _check_entry(self, start: int) -> tuple[int, ValueError | None, Any]:
        """Return the end of an entry, or -1, what is wrong with it, or None, and its value."""
        try:
            value, end = STRICT.raw_decode(self._text, start)
        except ValueError as error:
            return -1, error, None
        if not isinstance(value, dict):
            return end, ValueError("is no object"), value
        part = self._text[start:end]
        if ("\\" in part or not part.isascii()) and not has_no_lone_surrogate(value):
            return end, ValueError("half a letter (a lone surrogate), or a byte that is not UTF-8"), value
        return end, None, value

    def _try_page(self, start: int) -> int:
        """Walk through an object that may be a page with a list of rows; return where it ends, or 0 if it is none."""
        before = self._marks.copy()
        try:
            end, has_list = self._walk_page(start)
        except _NoPage:
            self._marks = before
            return 0
        if (len(self._marks.edits), len(self._marks.lost_objects)) == (len(before.edits), len(before.lost_objects)):
            self._marks = before  # something else is wrong with it
            return 0
        self._marks.pages += 1
        self._marks.sound_count += not has_list
        self._has_pages |= has_list
        return end

    def _walk_page(self, start: int) -> tuple[int, bool]:
        """Walk through an object from its bracket; return where it ends, and whether it has a list of rows."""
        if self._text[start : start + 1] != "{":
            raise _NoPage
        self._marks.closers.append("}")
        kept_end, has_list, names = start + 1, False, set[str]()
        at = self._skip_blanks(start + 1)
        is_end = self._text[at : at + 1] == "}"
        while not is_end:
            name, at = self._read_member(at, kept_end, has_list)
            if not isinstance(name, str) or name in names:
                raise _NoPage
            names.add(name)
            at = self._skip_blanks(at)
            if self._text[at : at + 1] != ":":
                self._stop(at, kept_end, has_list)
            at = self._skip_blanks(at + 1)
            if _LIST_OF_OBJECTS.match(self._text, at) and (name in self._envelopes or self._is_main(at)):
                has_list, at = True, self._walk_list(at, has_ordinals=name in self._envelopes)
            elif self._text[at : at + 1] == "{":
                at, has_inner_list = self._walk_inner(at, kept_end, has_list)
                has_list |= has_inner_list
            else:
                _, at = self._read_member(at, kept_end, has_list)
            kept_end = at
            at = self._skip_blanks(at)
            is_end = self._text[at : at + 1] == "}"
            if not is_end and self._text[at : at + 1] != ",":
                self._stop(at, kept_end, has_list)
            if not is_end:
                at, is_end = self._pass_comma(at, "}", kept_end=kept_end, is_kept=True)
        self._marks.closers.pop()
        return at + 1, has_list

    def _walk_inner(self, at: int, kept_end: int, has_list: bool) -> tuple[int, bool]:
        """Return where an object within a page ends, and whether the list of rows is in it."""
        before = self._marks.copy()
        end, fault, _ = self._check_entry(at)
        if fault is None:
            return end, False
        try:
            end, has_inner_list = self._walk_page(at)
        except _NoPage:
            has_inner_list = False
        if has_inner_list:
            return end, True
        self._marks = before
        return self._stop(len(self._text) if is_cut_at(self._text, fault) else at, kept_end, has_list)

    def _is_main(self, at: int) -> bool:
        """Check whether a list or object makes up most of a file that is one object: a report, and no single row."""
        if self._text[self._start : self._start + 1] != "{":
            return False
        try:
            end = self._find_bracket(at)
        except NotRepairable:
            end = len(self._text)
        return 2 * (end - at) > len(self._text)

    def _read_member(self, at: int, kept_end: int, has_list: bool) -> tuple[Any, int]:
        """Return a name or a value beside the rows, and where it ends."""
        try:
            value, end = STRICT.raw_decode(self._text, at)
        except ValueError as error:
            self._stop(len(self._text) if is_cut_at(self._text, error) else at, kept_end, has_list)
        return value, end

    def _stop(self, at: int, kept_end: int, has_list: bool) -> NoReturn:
        """End the walk through a page: at the end of the text what is whole stays, elsewhere the page is broken."""
        if has_list and at >= len(self._text):
            self._cut(kept_end)
        raise _NoPage

    def _find_end(self, start: int, fault: ValueError) -> int:
        """Return the end of a broken object. Raise NotRepairable if it cannot be known.

        The text between two sound objects marks it, unless it also occurs within one; otherwise the brackets do.
        """
        first_name = _FIRST_NAME.match(self._text, self._sample[0]) if self._sample[1] else None
        if first_name and isinstance(fault, json.JSONDecodeError):
            between = re.compile(r"\}[ \t\r\n]*,?[ \t\r\n]*\{[ \t\r\n]*" + re.escape(first_name[1]))
            if not between.search(self._text, *self._sample) and (next_one := between.search(self._text, fault.pos)):
                return next_one.start() + 1
        return self._find_bracket(start)

    def _find_bracket(self, start: int) -> int:
        """Return the place after the bracket that closes this one. Raise NotRepairable if none does."""
        depth = 0
        for match in _BRACKET_OR_QUOTE.finditer(self._text, start) if self._text[start] in "[{" else ():
            token = match[0]
            if token == '"':
                break  # a quote that never closes
            depth += (token in ("[", "{")) - (token in ("]", "}"))
            if not depth:
                return match.end()
        raise NotRepairable

    def _add_lost(self, start: int, ordinal: int | None, fault: ValueError, *, reason: str, is_top: bool) -> None:
        count = len(self._marks.lost_objects)
        if count >= _MAX_LOST and count * _MIN_SOUND > self._marks.sound_count:
            raise NotRepairable
        line, place = self._count_lines(start), _get_place(fault, start)
        value = getattr(fault, "value", "") or self._text[place : place + 100]
        self._marks.lost_objects.append(
            LostObject(
                ordinal=ordinal,
                line=line,
                reason=f"line {line:,}: {reason}; {_FITS}",
                page=self._marks.pages,
                is_top=is_top,
                field=getattr(fault, "field", "") or None,
                value=mask_excerpt(value),
            )
        )

    def _cut(self, kept_end: int) -> NoReturn:
        """Replace everything after the last whole part by the brackets that close what is open."""
        self._marks.edits = [edit for edit in self._marks.edits if edit.start < kept_end]
        self._marks.edits.append(
            _Edit(start=kept_end, end=len(self._text), replacement="".join(reversed(self._marks.closers)))
        )
        raise _Cut

    def _remove(self, start: int, end: int) -> None:
        self._marks.edits.append(_Edit(start=start, end=end, replacement="\n" * self._text.count("\n", start, end)))

    def _skip_blanks(self, at: int) -> int:
        blanks = _BLANK.match(self._text, at)
        return blanks.end() if blanks else at

    def _count_lines(self, at: int) -> int:
        """Return the line of a place; places that follow each other cost only what is between them."""
        before, line = self._line_at if self._line_at[0] <= at else (0, 1)
        self._line_at = (at, line + self._text.count("\n", before, at))
        return self._line_at[1]

    def _build_gaps(self) -> tuple[ByteGap, ...]:
        """Return the edits as gaps in the bytes of the file."""
        gaps: list[ByteGap] = []
        at, position = 0, self._offset
        for edit in sorted(self._marks.edits, key=lambda edit: edit.start):
            if edit.start < at:
                raise NotRepairable
            start = position + self._count_bytes(at, edit.start)
            position = start + self._count_bytes(edit.start, edit.end)
            gaps.append(ByteGap(start=start, end=position, replacement=edit.replacement.encode()))
            at = edit.end
        return tuple(gaps)

    def _count_bytes(self, start: int, end: int) -> int:
        return len(self._text[start:end].encode("utf-8", BYTES_AS_ESCAPES))


def _get_place(fault: ValueError, start: int) -> int:
    """Return where in the text an object is broken: at its beginning, if nothing else is known."""
    return fault.pos if isinstance(fault, json.JSONDecodeError) else start
