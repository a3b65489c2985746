"""Candidates: what is written like a value of a kind, before the words around it are judged."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from typing import NamedTuple

from homeroom.domain.protect.loose.recognizers import Evidence, Recognizer, ValueForm
from homeroom.engines.comply.privacy.recognizing.checks import CHECKS, keep_digits
from homeroom.engines.comply.privacy.recognizing.passages import Passage, is_within_line
from homeroom.engines.comply.privacy.recognizing.pattern_needs import LOOKS_AT_END, count_digits, list_hints
from homeroom.engines.comply.privacy.recognizing.roster_index import normalize_number

VALUE = "value"
"""Name of the group of a pattern that is the value, where the pattern includes its cue."""


class Candidate(NamedTuple):
    """A value as it is written, the one form in which it is counted, and its line with the offsets in it."""

    form: ValueForm
    value: str
    written: str
    line: int
    start: int
    end: int


def iter_candidates(
    passage: Passage,
    recognizer: Recognizer,
    *,
    headings: str = "",
    numbers: Container[str] | None = None,
    forms: Iterable[ValueForm] | None = None,
) -> Iterator[Candidate]:
    """Yield what is written in a form of the recognizer and passes its check; forms for cells alone are left out.

    Forms that need a cue are left out too where neither the text nor the headings above it can hold one. With
    `numbers`, others are left out.
    """
    for form in list_forms(passage, recognizer, headings=headings) if forms is None else forms:
        hints = _list_hints(recognizer, form, headings) if numbers is None else ()
        for match in _iter_matches(passage, recognizer, form, hints):
            group = VALUE if VALUE in form.pattern.groupindex else 0
            written = match.group(group)
            if numbers is not None and normalize_number(written) not in numbers:
                continue
            value = check_value(written, form, recognizer)
            if value is None:
                continue
            line = passage.get_line(match.start(group))
            offset = passage.starts[line]
            yield Candidate(
                form=form,
                value=value,
                written=written,
                line=line,
                start=match.start() - offset if group == 0 else max(0, match.start(group) - offset),
                end=match.end() - offset,
            )


def list_forms(passage: Passage, recognizer: Recognizer, *, headings: str = "") -> list[ValueForm]:
    """Return the forms that may be written in a passage, without those for cells alone."""
    forms = [
        form
        for form in recognizer.forms
        if form.needs is not Evidence.HEADING and form.sign in passage.text and passage.may_match(form.pattern)
    ]
    sufficient = [form for form in forms if form.needs is Evidence.NOTHING and VALUE not in form.pattern.groupindex]
    if len(sufficient) == len(forms) or not recognizer.hints:
        return forms
    return forms if any(passage.holds(hint) or hint in headings for hint in recognizer.hints) else sufficient


def _list_hints(recognizer: Recognizer, form: ValueForm, headings: str) -> tuple[str, ...]:
    """Return the hints beside which alone a value counts; none where it needs no cue, or the headings hold one."""
    if form.needs is Evidence.NOTHING or VALUE in form.pattern.groupindex:
        return ()
    hints = list_hints(recognizer, form)
    return () if any(hint in headings for hint in hints) else hints


def _iter_matches(
    passage: Passage, recognizer: Recognizer, form: ValueForm, hints: tuple[str, ...]
) -> Iterator[re.Match[str]]:
    """Yield the matches of a form; in rows those that blanks may lengthen are searched in each row apart."""
    if not passage.cells:
        for start, end in passage.list_spans(form.pattern, beside_student=recognizer.beside_student, hints=hints):
            yield from form.pattern.finditer(passage.text, start, end)
        return
    if "\\s" not in form.pattern.pattern:
        rows = passage.list_rows_of(form.pattern) if is_within_line(form.pattern) else None
        if rows is None:
            yield from form.pattern.finditer(passage.text)
        else:
            for row in rows:
                start = passage.starts[row]
                yield from form.pattern.finditer(passage.text, start, start + len(passage.lines[row]))
        return
    lines = passage.list_lines_of_digits(count_digits(form.pattern.pattern))
    if recognizer.beside_student:
        lines = [line for line in lines if line in passage.students]
    if lines and not LOOKS_AT_END.search(form.pattern.pattern):  # a line that holds a value is part of some match
        rows = passage.list_rows_of(form.pattern)
        touched = _list_touched_lines(passage, form.pattern) if rows is None else set(rows)
        lines = [line for line in lines if line in touched]
    for line in lines:
        start = passage.starts[line]
        yield from form.pattern.finditer(passage.text, start, start + len(passage.lines[line]))


def _list_touched_lines(passage: Passage, pattern: re.Pattern[str]) -> set[int]:
    touched: set[int] = set()
    for match in pattern.finditer(passage.text):
        touched.update(range(passage.get_line(match.start()), passage.get_line(match.end()) + 1))
    return touched


def check_value(written: str, form: ValueForm, recognizer: Recognizer, *, may_pad: bool = False) -> str | None:
    """Return the form in which a value is counted, or None if it cannot be one.

    With `may_pad`, a number that lost its first zeros in a spreadsheet is filled up.
    """
    text = written
    if may_pad and form.width:
        digits = keep_digits(written.removesuffix(".0"))
        if form.width - 3 < len(digits) < form.width:
            text = digits.zfill(form.width)
    value = CHECKS[form.check](text)
    return None if value is None or value in recognizer.never else value
