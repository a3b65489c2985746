"""The reference page of recognizers: every key of a file, and the kinds of student data that are recognized."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from homeroom.domain.protect.loose.recognizers import Recognizer
from homeroom.engines.comply.privacy.recognizing.checks import CHECKS
from homeroom.library.protect.recognizers.recognizer_files import EXAMPLE, FIELDS, FORM, WORD_LIST, load_recognizers
from homeroom.library.yaml_loader import ContentField

INTRODUCTION = """# Recognizers

What `homeroom scan` recognizes ([loose student data](../protect/loose-data.md)). A kind is a file in
`content/recognizers/`; a file that is put there is used from the next scan on, and `homeroom check-content DIR` proves
its examples. Patterns are Python's regular expressions. Words match in capitals and small letters, never within a
longer word; a blank in them matches a tab as well. `@samples` stands for the list of words in
`content/recognizers/words/samples.yaml`.
"""
TABLES = (
    ("A recognizer", FIELDS, "`recognizers/<id>.yaml`"),
    ("A form", FORM, "An entry of `forms`: a way to write a value"),
    ("An example", EXAMPLE, "An entry of `examples`: a text, or rows, and how many values have to be recognized in it"),
    ("A list of words", WORD_LIST, "`recognizers/words/<id>.yaml`"),
)
MEANINGS = {
    "form": "what is searched: values, words, names or numbers of students",
    "beside_student": "beside a student: in the same row, the same paragraph or within three lines",
    "cues": "words that speak for a value beside them",
    "against": "words that win against it where they are nearer or head its column",
    "spoilers": "words that win wherever they are in the paragraph",
    "headings": "headings of a column that answers for each student",
    "given": "headings of given names",
    "family": "headings of family names",
    "hints": "small letters; a text with none of them is not searched for its cues",
    "never": "values that were never given out, or that thousands of forms show",
    "answers_no": "cells of such a column that answer no",
    "needs": "what a value needs around it; `other` is another value of the kind beside it",
    "check": "the arithmetic check of the value",
    "width": "digits to which a number that lost its first zeros is filled up",
    "secondary": "a routing number beside an account is not counted again",
    "sign": "a text without these letters is not searched for this form",
}


def render_pages() -> dict[str, str]:
    """Render the keys and all recognizers on a page."""
    parts = [INTRODUCTION]
    for title, fields, where in TABLES:
        parts += [f"## {title}\n", f"{where}.\n", *_render_fields(fields), ""]
    parts += ["## Checks\n", ", ".join(f"`{name}`" for name in sorted(CHECKS)) + ".\n", "## Kinds\n"]
    parts += [line for recognizer in load_recognizers() for line in _render_recognizer(recognizer)]
    return {"recognizers.md": "\n".join(parts) + "\n"}


def _render_fields(fields: Iterable[ContentField]) -> Iterator[str]:
    yield "| key | value | |"
    yield "|---|---|---|"
    for field in fields:
        meaning = "; ".join(filter(None, (field.fits, MEANINGS.get(field.name, ""))))
        yield f"| `{field.name}` | {meaning} | {'required' if field.required else 'may be missing'} |"


def _render_recognizer(recognizer: Recognizer) -> Iterator[str]:
    place = "beside a student" if recognizer.beside_student else "wherever it is"
    checks = sorted({form.check for form in recognizer.forms})
    detail = f", {len(recognizer.forms)} forms, checks {', '.join(checks)}" if checks else ""
    examples = f"{len(recognizer.examples)} examples"
    yield f"- `{recognizer.id}`: {recognizer.title}; a {recognizer.form}, {place}{detail}, {examples}"
