"""The roster as an index: names of students in a text, however they are written, and numbers and addresses."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from homeroom.domain.protect.loose.recognizers import Roster, RosterStudent
from homeroom.engines.comply.privacy.recognizing.words import WORD, fold_word, split_name

TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "coach",
        "principal",
        "superintendent",
        "officer",
        "nurse",
        "counselor",
        "teacher",
        "director",
        "señor",
        "señora",
        "sr",
        "sra",
        "sergeant",
        "deputy",
        "judge",
        "pastor",
        "father",
    ]
)
"""Words before a name that is no student's."""
_SIGNS = re.compile(r"[\W_]+")
_LABELS = frozenset(["student", "students", "name", "names", "child", "re", "to", "for", "and", "from", "subject"])
"""Words before a name that are none of its own."""
_MEMORY = 16 << 20  # letters of rows whose names are remembered
_NOT_STUDENT = -1
_LETTERS = bytes(sign if sign > 127 or sign == 10 or chr(sign).isalpha() else 32 for sign in range(256))
_MARK_BYTES = b"'`"
_TAIL = re.compile(r"\d+$")
_RUNS = re.compile(r"\d+")
_ENDS_WITH_DIGITS = re.compile(
    r"(?:\(\?<!\[[\\\w.-]+\]\))?(?:\[A-Za-z\]\{\d,\d\})?(?:-\??)?\\d\{\d+,\d+\}\(\?!\[\\w-\]\|\\\.\\d\)"
)
"""Patterns of a few letters and all digits that follow, whose matches end where no digit goes on."""
_RUNS_OF_BYTES = bytes(sign if 48 <= sign <= 57 else 32 for sign in range(256))
_CAPITALS = re.compile(r"[A-Z][A-Za-z]*+(?:['`-][A-Za-z]++)*(?=[ \t\n.\"'(),]+[A-Z\x80-\U0010ffff])")
"""A word before one more, as in a name within a text."""
_ENDING = re.compile(rb"(?<=[a-z])'s(?![a-z])|['`]{2,}")
_INNER_ENDING = re.compile(rb"'s['`-]")
"""A possessive ending within a longer word, where it is none."""


class Mention(NamedTuple):
    """A student in a text, from `start` up to `end`."""

    student: int
    start: int
    end: int


class RosterIndex:
    """Names, numbers and addresses of students, to be searched in texts. Built once a scan."""

    def __init__(self, roster: Roster) -> None:
        self.roster = roster
        self._forward: dict[str, int] = {}
        self._reverse: dict[str, tuple[int, int]] = {}
        self._starts: dict[str, tuple[int, ...]] = {}
        self._mentions: dict[str, Sequence[Mention]] = {}
        self._remembered = 0
        self.families: dict[int, frozenset[str]] = {}
        self.numbers: dict[str, int] = {}
        self.emails: dict[str, int] = {}
        for student in roster.students:
            self._add_student(student)
        for given_name, family in roster.staff:
            self._exclude(split_name(given_name), split_name(family))
        self._tails = {match[0].lstrip("0") for number in self.numbers if (match := _TAIL.search(number))}
        self._ascii_tails = {tail.encode() for tail in self._tails}
        self.has_letters = not all(map(str.isdigit, self.numbers))
        lengths: dict[str, set[int]] = {}
        for key in (*self._forward, *self._reverse):
            words = key.split(" ")
            lengths.setdefault(words[0], set()).add(len(words))
        self._starts = {word: tuple(sorted(sizes, reverse=True)) for word, sizes in lengths.items()}
        parts = [key.replace("-", " ").encode().split() for key in (*self._forward, *self._reverse)]
        self._first_parts = frozenset(words[0] for words in parts)
        self._pairs = frozenset((words[0], words[1]) for words in parts)
        self._longest = max((sizes[0] for sizes in self._starts.values()), default=0) + 1  # with an initial

    def __len__(self) -> int:
        return len(self.roster.students)

    def _add_student(self, student: RosterStudent) -> None:
        families: set[str] = set()
        for given_name, middle, family in student.names:
            for family_words in _list_variants(split_name(family)):
                families.update(family_words)
                for given_words in _list_given_names(split_name(given_name), split_name(middle)):
                    key = " ".join((*given_words, *family_words))
                    self._forward.setdefault(key, student.id)
                    reverse = " ".join((*family_words, *given_words))
                    self._reverse.setdefault(reverse, (student.id, len(family_words)))
        self.families[student.id] = frozenset(families)
        for number in student.numbers:
            if normalized := normalize_number(number):
                self.numbers.setdefault(normalized, student.id)
        for email in student.emails:
            self.emails.setdefault(email.lower(), student.id)

    def _exclude(self, first_names: Sequence[str], family: Sequence[str]) -> None:
        """Claim no name that somebody who works here has as well."""
        for family_words in _list_variants(family):
            for given_words in ([*first_names], [*first_names[:1]]):
                forward = " ".join((*given_words, *family_words))
                reverse = " ".join((*family_words, *given_words))
                if forward in self._forward:
                    self._forward[forward] = _NOT_STUDENT
                if reverse in self._reverse:
                    self._reverse[reverse] = (_NOT_STUDENT, len(family_words))

    def may_hold_numbers(self, text: str, pattern: re.Pattern[str]) -> bool:
        """Check whether a text may hold a number of a student: its last digits, where a pattern ends with them."""
        if not _ENDS_WITH_DIGITS.fullmatch(pattern.pattern):
            return True
        if text.isascii():
            runs = set(text.encode().translate(_RUNS_OF_BYTES).split())
            return not self._ascii_tails.isdisjoint([run.lstrip(b"0") for run in runs])
        return not self._tails.isdisjoint([run.lstrip("0") for run in _RUNS.findall(text)])

    def find_name(self, first_name: str, family: str) -> int | None:
        """Return the student with that given and family name, each from a cell of its own, or None."""
        words = split_name(first_name)
        family_words = split_name(family)
        for given_words in (words, words[:1]):
            student = self._forward.get(" ".join((*given_words, *family_words)), _NOT_STUDENT)
            if given_words and family_words and student != _NOT_STUDENT:
                return student
        return None

    def iter_mentions(self, text: str, *, cells: bool = False) -> Iterator[Mention]:
        """Yield the names of students in a text; in `cells`, names are written in any case, and a tab parts them."""
        for start, end in self._list_spans(text, cells=cells):
            for mention in self._iter_mentions(text[start:end], cells):
                yield Mention(student=mention.student, start=start + mention.start, end=start + mention.end)

    def list_mentions_of_rows(self, rows: Sequence[str]) -> list[Sequence[Mention]]:
        """Return the names of students in each row of cells; the same rows are searched once."""
        memory = self._mentions
        if unknown := [*(set(rows) - memory.keys())]:
            self._remembered += sum(map(len, unknown))
            if self._remembered > _MEMORY:
                memory.clear()
                unknown = [*set(rows)]
                self._remembered = sum(map(len, unknown))
            memory.update(dict.fromkeys(unknown, ()))
            starts = [0, *accumulate(len(row) + 1 for row in unknown)]
            for mention in self.iter_mentions("\n".join(unknown), cells=True):
                number = bisect_right(starts, mention.start) - 1
                start, end = mention.start - starts[number], mention.end - starts[number]
                memory[unknown[number]] = (
                    *memory[unknown[number]],
                    Mention(student=mention.student, start=start, end=end),
                )
        return [memory[row] for row in rows]

    def _iter_mentions(self, text: str, cells: bool) -> Iterator[Mention]:
        starts = self._starts
        words = self.split_words(text)
        if not self.may_hold_names(words):
            return
        matches = list(WORD.finditer(text))
        following = 0
        for position in [number for number, word in enumerate(words) if word in starts]:
            if position < following:
                continue
            match = self._match(text, matches, words, position, starts[words[position]], cells)
            if match is None:
                continue
            student, size = match
            if student != _NOT_STUDENT and not _has_title(text, matches, words, position):
                start, end = matches[position].start(), matches[position + size - 1].end()
                yield Mention(student=student, start=start, end=end)
            following = position + size

    def _list_spans(self, text: str, *, cells: bool) -> list[tuple[int, int]]:
        """Return the spans of lines that may begin a name, in text each with some lines more, in which it may go on.

        That takes a fraction of the time of splitting a text into words.
        """
        if not self._starts:
            return []
        hits = self._find_rows(text) if cells else self._find_lines(text)
        if not hits:
            return []
        lines = 0 if cells else self._longest
        offsets = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
        spans: list[tuple[int, int]] = []
        for hit in hits:
            start, end = offsets[hit], offsets[min(hit + lines + 1, len(offsets) - 1)] - 1
            if spans and start <= spans[-1][1] + 1:
                start = spans.pop()[0]
            spans.append((start, end))
        return spans

    def _find_lines(self, text: str) -> list[int]:
        """Return the lines of a text that hold the first word of a name before a second one, both with a capital.

        Lines with letters that are not ASCII are not judged.
        """
        starts = self._starts
        offsets = [match.start() for match in _CAPITALS.finditer(text) if fold_word(match.group()) in starts]
        if not offsets and text.isascii():
            return []
        ends = [*accumulate(len(line) + 1 for line in text.split("\n"))]
        hits = {bisect_right(ends, offset) for offset in offsets}
        if not text.isascii():
            hits.update(number for number, line in enumerate(text.split("\n")) if not line.isascii())
        return sorted(hits)

    def _find_rows(self, text: str) -> list[int]:
        """Return the rows of a text that hold the first two parts of a name, which blanks or hyphens part.

        The second may be an initial that the roster does not have. Rows with letters that are not ASCII are not judged.
        """
        lower = text.lower().encode(errors="replace")
        if any(mark in lower for mark in _MARK_BYTES):
            if _INNER_ENDING.search(lower) is not None:
                return [*range(lower.count(b"\n") + 1)]
            lower = _ENDING.sub(b" ", lower)
        has_no_name = self._first_parts.isdisjoint
        rows = enumerate(lower.translate(_LETTERS, _MARK_BYTES).split(b"\n"))
        return [
            number
            for number, row in rows
            if not row.isascii() or not (has_no_name(words := row.split()) or not self._may_begin_name(words))
        ]

    def _may_begin_name(self, words: Sequence[bytes]) -> bool:
        first_parts, pairs = self._first_parts, self._pairs
        return any(
            first in first_parts and (len(second) == 1 or (first, second) in pairs) for first, second in pairwise(words)
        )

    def split_words(self, text: str) -> list[str]:
        """Return the folded words of a text."""
        if text.isascii():
            return [word if word.isalpha() else fold_word(word) for word in WORD.findall(text.lower())]
        return [fold_word(word) for word in WORD.findall(text)]

    def is_first_word(self, word: str) -> bool:
        """Check whether a name of a student may begin with a folded word."""
        return word in self._starts

    def may_begin_names(self, text: str) -> bool:
        """Check whether some word of a text may begin a name."""
        return not self._starts.keys().isdisjoint(self.split_words(text))

    def may_hold_names(self, words: Sequence[str]) -> bool:
        """Check whether words follow each other as in a name; most texts name no student at all."""
        starts, forward, reverse = self._starts, self._forward, self._reverse
        for position, word in enumerate(words):
            sizes = starts.get(word)
            if sizes is None:
                continue
            for size in sizes:
                key = " ".join(words[position : position + size])
                if key in forward or key in reverse:
                    return True
            if position + 2 < len(words) and len(words[position + 1]) == 1:
                return True
        return False

    def _match(
        self,
        text: str,
        matches: Sequence[re.Match[str]],
        words: Sequence[str],
        position: int,
        sizes: Sequence[int],
        cells: bool,
    ) -> tuple[int, int] | None:
        count = len(words)
        for size in sizes:
            if position + size > count:
                continue
            key = " ".join(words[position : position + size])
            student = self._forward.get(key)
            if student is not None and _is_one_name(text, matches, position, size, comma=0, cells=cells):
                return student, size
            reverse = self._reverse.get(key)
            if (
                reverse is not None
                and _is_one_name(text, matches, position, size, comma=reverse[1], cells=cells)
                and (cells or not self._is_list_of_names(text, matches, words, position, size, reverse[1]))
            ):
                return reverse[0], size
        return self._match_initial(text, matches, words, position, cells)

    def _is_list_of_names(
        self, text: str, matches: Sequence[re.Match[str]], words: Sequence[str], position: int, size: int, comma: int
    ) -> bool:
        """Check whether a comma parts two names rather than a family name from a given one: Ana Smith, John Doe."""
        first, end = position + comma, position + size
        if end >= len(words) or text[matches[end - 1].end() : matches[end].start()] != " ":
            return False
        if not matches[end].group()[0].isupper() or "," not in text[matches[first - 1].end() : matches[first].start()]:
            return False
        for length in self._starts.get(words[first], ()):
            if first + length > end and " ".join(words[first : first + length]) in self._forward:
                return _is_one_name(text, matches, first, length, comma=0, cells=False)
        if position == 0 or text[matches[position - 1].end() : matches[position].start()] != " ":
            return False
        return matches[position - 1].group()[0].isupper() and words[position - 1] not in _LABELS

    def _match_initial(
        self, text: str, matches: Sequence[re.Match[str]], words: Sequence[str], position: int, cells: bool
    ) -> tuple[int, int] | None:
        """Match a name with an initial that the roster does not have: Maria E. Lopez."""
        for size in (3, 4):
            if position + size > len(words) or len(words[position + 1]) != 1:
                continue
            student = self._forward.get(" ".join((words[position], *words[position + 2 : position + size])))
            if student is not None and _is_one_name(text, matches, position, size, comma=0, cells=cells):
                return student, size
        return None


def normalize_number(number: str) -> str:
    """Return a number of a student in capitals, without signs and without leading zeros."""
    if number.isdigit():
        return number.lstrip("0")
    return _SIGNS.sub("", number.upper()).lstrip("0")


def _list_variants(words: Sequence[str]) -> list[list[str]]:
    """Return the ways to write a family name: as it is, and with its hyphens as blanks."""
    if not words:
        return []
    parts = [part for word in words for part in word.split("-") if part]
    return [[*words]] if parts == [*words] else [[*words], parts]


def _list_given_names(first_names: Sequence[str], middle: Sequence[str]) -> Iterable[list[str]]:
    """Return the ways to write given names: with and without the middle one, as an initial, the first alone."""
    if not first_names:
        return []
    ways = [[*first_names], [*first_names[:1]]]
    if middle:
        ways += [[*first_names, *middle], [*first_names, middle[0][:1]], [*first_names[:1], *middle]]
    return ways


def _is_one_name(
    text: str, matches: Sequence[re.Match[str]], position: int, size: int, *, comma: int, cells: bool
) -> bool:
    """Check what parts the words: blanks, and a comma behind `comma` words of a family name (0 for none)."""
    for number in range(size - 1):
        current, following = matches[position + number], matches[position + number + 1]
        gap = text[current.end() : following.start()]
        if "\n" in gap and (cells or gap.count("\n") > 1):
            return False
        if "." in gap and matches[position + number].end() - matches[position + number].start() > 1:
            return False  # only an initial has a period: an address of e-mail is no name
        sign = gap.strip(" \t\n.\"'()")
        if comma and number == comma - 1:
            is_alone = cells or "\t" in gap or _starts_line(text, matches[position].start())
            if sign != "," and not (is_alone and not sign):
                return False
        elif sign or (not cells and ("\t" in gap or len(gap) > 3)):
            return False
    if cells:
        return True
    return all(matches[position + number].group()[0].isupper() for number in range(size))


def _starts_line(text: str, offset: int) -> bool:
    """Check whether nothing but blanks and numbers is before a word in its line."""
    return not any(map(str.isalpha, text[text.rfind("\n", 0, offset) + 1 : offset][-40:]))


def _has_title(text: str, matches: Sequence[re.Match[str]], words: Sequence[str], position: int) -> bool:
    if position == 0 or words[position - 1] not in TITLES:
        return False
    gap = text[matches[position - 1].end() : matches[position].start()]
    return len(gap) <= 2 and not gap.strip(" .")
