"""Search lines of text: a value counts by the words around it, and beside a student by paragraph and distance."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from homeroom.domain.protect.loose.recognizers import Evidence, Recognizer, RecognizerForm
from homeroom.engines.comply.privacy.recognizing.candidates import VALUE, Candidate, iter_candidates
from homeroom.engines.comply.privacy.recognizing.context import (
    CueVerdict,
    LineContext,
    get_cues,
    is_spoiled,
    judge_line,
    may_hold_cue,
)
from homeroom.engines.comply.privacy.recognizing.exclusions import is_own
from homeroom.engines.comply.privacy.recognizing.passages import Passage, build_text_passage
from homeroom.engines.comply.privacy.recognizing.printed_tables import are_heading_words
from homeroom.engines.comply.privacy.recognizing.roster_index import RosterIndex, normalize_number
from homeroom.engines.comply.privacy.recognizing.tallies import DocumentTally
from homeroom.engines.comply.privacy.recognizing.words import fold_word

_TITLE = re.compile(
    r"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Coach|Principal|Superintendent|Nurse|Officer|Director|Counselor|Teacher)\b\.?\s+"
    r"((?:[A-Z][\w'’.-]*\s+)?[A-Z][\w'’-]+)"
)
_GREETING = re.compile(
    r"\b(?:dear|hello|hi|hey|greetings|good (?:morning|afternoon|evening|day)|attention|attn|estimad[oa]s?)\b"
    r"[^.!?;]*[,!:-] *$|^\W*(?:[\w/&]+ ){0,3}\w+s, *$",
    re.IGNORECASE,
)
"""Who is addressed, up to the comma before the first sentence: Dear parent, or Hello all,"""
_GREETED = 60  # characters before a name in which somebody may be addressed, or its role named
_BEFORE = 90  # characters before a value in which somebody else may be named
_EMAIL = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")
_NEEDS_LINE = 2  # lines around a value in which a sample is named


@dataclass(frozen=True, kw_only=True)
class LineScan:
    """Lines of text with their places; `headings` is a line of headings above them whose columns are not apart."""

    lines: Sequence[str]
    places: Sequence[str]
    headings: str
    index: RosterIndex
    recognizers: Sequence[Recognizer]
    tally: DocumentTally

    def run(self) -> None:
        """Count everything in the lines."""
        passage = build_text_passage(self.lines)
        mentions: dict[int, list[tuple[int, int, int]]] = {}
        for recognizer in self.recognizers:
            if recognizer.form is RecognizerForm.STUDENT_NAME:
                self._find_names(passage, recognizer, mentions)
        for recognizer in self.recognizers:
            if recognizer.form is RecognizerForm.STUDENT_NUMBER:
                self._find_numbers(passage, recognizer)
        if self.index.emails and "@" in passage.text:
            for match in _EMAIL.finditer(passage.text):
                student = self.index.emails.get(match.group().lower().rstrip("."))
                if student is not None:
                    passage.add_student(passage.get_line(match.start()), student)
        for students in passage.students.values():
            self.tally.students |= students
        for recognizer in self.recognizers:
            if recognizer.beside_student and not passage.students:
                continue
            if recognizer.form is RecognizerForm.VALUE:
                self._find_values(passage, recognizer, mentions)
            elif recognizer.form is RecognizerForm.WORD:
                self._find_words(passage, recognizer)

    def _find_names(
        self, passage: Passage, recognizer: Recognizer, mentions: dict[int, list[tuple[int, int, int]]]
    ) -> None:
        for mention in self.index.iter_mentions(passage.text):
            line = passage.get_line(mention.start)
            offset = passage.starts[line]
            left = passage.lines[line][max(0, mention.start - offset - _GREETED) : mention.start - offset]
            if (
                recognizer.against is not None
                and recognizer.against.search(left.lower())
                and not _GREETING.search(left)
            ):
                continue
            passage.add_student(line, mention.student)
            mentions.setdefault(line, []).append((mention.start - offset, mention.end - offset, mention.student))
            self.tally.add(recognizer, places=self.places, line=line, students=(mention.student,))

    def _find_numbers(self, passage: Passage, recognizer: Recognizer) -> None:
        forms = [form for form in recognizer.forms if passage.may_match(form.pattern)]
        if not any(self.index.may_hold_numbers(passage.text, form.pattern) for form in forms):
            return
        for candidate in iter_candidates(passage, recognizer, numbers=self.index.numbers):
            number = normalize_number(candidate.value)
            student = self.index.numbers.get(number)
            if student is None:
                continue
            cues = get_cues(recognizer, candidate.form)
            context = self._get_context(passage, candidate)
            verdict = judge_line(context, cues=cues, against=recognizer.against)
            is_beside = student in passage.find_students_near(candidate.line)
            if verdict is CueVerdict.FOR or (verdict is CueVerdict.NOTHING and is_beside):
                passage.add_student(candidate.line, student)
                self._add_number(recognizer, candidate.line, number, student)

    def _add_number(self, recognizer: Recognizer, line: int, number: str, student: int) -> None:
        self.tally.add(recognizer, places=self.places, line=line, value=number, students=(student,), written=number)

    def _get_context(self, passage: Passage, candidate: Candidate) -> LineContext:
        line = candidate.line
        return LineContext(
            line=passage.lines[line],
            start=candidate.start,
            end=candidate.end,
            before=_get_line_before(passage.lines, line),
            headings=self._get_headings(passage, line),
        )

    def _get_headings(self, passage: Passage, line: int) -> str:
        """Return the line that may head the block of a line, else the headings above all lines."""
        first = passage.firsts[line]
        text = passage.lines[first]
        return text if first < line and are_heading_words(text) else self.headings

    def _find_values(
        self, passage: Passage, recognizer: Recognizer, mentions: dict[int, list[tuple[int, int, int]]]
    ) -> None:
        waiting: list[Candidate] = []
        accepted: list[int] = []
        for candidate in iter_candidates(passage, recognizer, headings=self.headings.lower()):
            if not self._is_accepted(passage, recognizer, candidate, mentions):
                continue
            if candidate.form.needs is Evidence.OTHER:
                waiting.append(candidate)
                continue
            accepted.append(candidate.line)
            self._add_value(passage, recognizer, candidate)
        for candidate in waiting:
            if passage.is_near(candidate.line, accepted):
                self._add_value(passage, recognizer, candidate)

    def _is_accepted(
        self,
        passage: Passage,
        recognizer: Recognizer,
        candidate: Candidate,
        mentions: dict[int, list[tuple[int, int, int]]],
    ) -> bool:
        line = candidate.line
        if recognizer.beside_student:
            near = passage.find_students_near(line)
            if not near or self._is_of_somebody_else(passage, recognizer, candidate, mentions, near):
                return False
        if VALUE not in candidate.form.pattern.groupindex:  # where its cue is not part of its pattern
            context = self._get_context(passage, candidate)
            needs_cue = candidate.form.needs is not Evidence.NOTHING
            if needs_cue and not may_hold_cue(context, recognizer.hints):
                return False
            verdict = judge_line(context, cues=get_cues(recognizer, candidate.form), against=recognizer.against)
            if verdict is CueVerdict.AGAINST or (verdict is CueVerdict.NOTHING and needs_cue):
                return False
        around = range(max(0, line - _NEEDS_LINE), min(line + _NEEDS_LINE, len(passage.lines)))
        return not (
            is_spoiled(recognizer, [self.headings])
            or any(passage.has_words(other, recognizer.spoilers) for other in around)
        )

    def _is_of_somebody_else(
        self,
        passage: Passage,
        recognizer: Recognizer,
        candidate: Candidate,
        mentions: dict[int, list[tuple[int, int, int]]],
        near: set[int],
    ) -> bool:
        """Check whether words between the student and a value name somebody else: a teacher, an office."""
        line = passage.lines[candidate.line]
        before = [end for _, end, _ in mentions.get(candidate.line, ()) if end <= candidate.start]
        start = max(before) if before else max(0, candidate.start - _BEFORE)
        between = line[start : candidate.start]
        families = {word for student in near for word in self.index.families.get(student, ())}
        for match in _TITLE.finditer(between):
            if families.isdisjoint(map(fold_word, match[1].split())):
                return True
        return (
            bool(before) and recognizer.against is not None and recognizer.against.search(between.lower()) is not None
        )

    def _add_value(self, passage: Passage, recognizer: Recognizer, candidate: Candidate) -> None:
        if is_own(self.index, recognizer, candidate.form, candidate.value):
            return
        self.tally.add(
            recognizer,
            places=self.places,
            line=candidate.line,
            value=candidate.value,
            students=passage.find_students_near(candidate.line),
            written=candidate.written,
            secondary=candidate.form.secondary,
        )

    def _find_words(self, passage: Passage, recognizer: Recognizer) -> None:
        if recognizer.cues is None:
            return
        for start, end in passage.list_spans(recognizer.cues, beside_student=True):
            for match in recognizer.cues.finditer(passage.lower, start, end):
                line = passage.get_line(match.start())
                offset = match.start() - passage.starts[line]
                near = passage.find_students_near(line)
                around = passage.lines[line][max(0, offset - 30) : offset + len(match.group()) + 30]
                if near and not (recognizer.against is not None and recognizer.against.search(around.lower())):
                    self.tally.add(recognizer, places=self.places, line=line, students=near)


def _get_line_before(lines: Sequence[str], line: int) -> str:
    """Return the line before, or the one before that if it is blank."""
    for number in (line - 1, line - 2):
        if number >= 0 and lines[number].strip():
            return lines[number]
    return ""
