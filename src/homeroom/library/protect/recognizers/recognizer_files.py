"""The recognizers of a content folder: recognizers/<id>.yaml, with lists of words in words/ that they share."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from homeroom.domain.protect.loose.recognizers import Evidence, Recognizer, RecognizerExample, RecognizerForm, ValueForm
from homeroom.engines.comply.privacy.recognizing.checks import CHECKS
from homeroom.library.protect.recognizers.recognizer_patterns import lower_pattern, start_with_letter
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
    validate_statement,
)

FOLDER = "recognizers"
WORDS_FOLDER = "words"
_FORMS, _NEEDS, _CHECKS = ", ".join(RecognizerForm), ", ".join(Evidence), ", ".join(sorted(CHECKS))
_WORD_FIELDS = ("cues", "against", "spoilers", "headings", "given", "family")
_MAX_WIDTH = 20
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="what is recognized"),
    ContentField(name="form", type=str, fits=_FORMS),
    ContentField(name="beside_student", type=bool, fits="true if it counts only beside a student, else false"),
    ContentField(name="shown", type=bool, fits="true if the shape of a value may be shown", required=False),
    *(
        ContentField(name=name, type=list, fits="a list of words, phrases or @lists", required=False)
        for name in _WORD_FIELDS
    ),
    ContentField(name="forms", type=list, fits="a list of {pattern, needs, check}", required=False),
    ContentField(name="hints", type=list, fits="letters of which some are in each text with a cue", required=False),
    ContentField(name="never", type=list, fits="a list of values that do not count", required=False),
    ContentField(name="answers_no", type=list, fits="a list of cells that answer no", required=False),
    ContentField(name="examples", type=list, fits="a list of {finds, text or rows}"),
)
FORM: tuple[ContentField, ...] = (
    ContentField(name="pattern", type=str, fits="a regular expression"),
    ContentField(name="needs", type=str, fits=_NEEDS),
    ContentField(name="check", type=str, fits=_CHECKS),
    ContentField(name="cues", type=list, fits="a list of words, phrases or @lists", required=False),
    ContentField(name="width", type=int, fits=f"1 to {_MAX_WIDTH}", required=False),
    ContentField(name="sign", type=str, fits="letters that are in each value", required=False),
    ContentField(
        name="secondary", type=bool, fits="true if counted only where no other value was found", required=False
    ),
)
WORD_LIST: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="whose words they are"),
    ContentField(name="words", type=list, fits="a list of words and phrases"),
)
EXAMPLE: tuple[ContentField, ...] = (
    ContentField(name="finds", type=int, fits="how many are found"),
    ContentField(name="text", type=str, fits="a text", required=False),
    ContentField(name="rows", type=list, fits="rows of cells, the first with the headings", required=False),
    ContentField(name="name", type=str, fits="what the example shows", required=False),
)


@cache
def load_recognizers(directory: Path = BUILTIN_CONTENT) -> tuple[Recognizer, ...]:
    """Load every recognizer, by id; raise ContentRefused with all problems."""
    files = sorted((directory / FOLDER).glob("*.yaml"))
    words, word_problems = _load_words(directory)
    loaded, problems = load_files(files, lambda path: _load_recognizer(path, directory, words))
    if word_problems or problems:
        raise ContentRefused([*word_problems, *problems], valid=loaded)
    return tuple(loaded)


def _load_words(directory: Path) -> tuple[dict[str, list[str]], list[ContentProblem]]:
    """Return the lists of words, those of the folder before built-in ones of the same id, and the problems of files."""
    folders = (BUILTIN_CONTENT, directory) if directory != BUILTIN_CONTENT else (directory,)
    words: dict[str, list[str]] = {}
    problems: list[ContentProblem] = []
    for folder in folders:
        files = sorted((folder / FOLDER / WORDS_FOLDER).glob("*.yaml"))
        loaded, problems = load_files(files, partial(_load_word_list, root=folder))
        words |= dict(loaded)
    return words, problems


def _load_word_list(path: Path, *, root: Path) -> tuple[str, list[str]]:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, WORD_LIST, file=file)
    if not problems and raw["id"] != path.stem:
        problems = [ContentProblem(file=file, field="id", message=f"{raw['id']!r}; {path.stem} would fit")]
    if not problems:
        problems = _validate_words(raw["words"], {}, file=file, field="words")
    if problems:
        raise ContentRefused(problems)
    return raw["id"], raw["words"]


def _load_recognizer(path: Path, root: Path, words: Mapping[str, list[str]]) -> Recognizer:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, FIELDS, file=file)
    if not problems:
        problems = [
            *_validate_values(raw, file, path.stem),
            *_validate_forms(raw, file, words),
            *_validate_examples(raw, file),
        ]
        for name in (*_WORD_FIELDS, "answers_no"):
            problems += _validate_words(raw.get(name, []), words, file=file, field=name)
    if problems:
        raise ContentRefused(problems)
    return _build_recognizer(raw, words)


def _validate_values(raw: Mapping[str, Any], file: str, stem: str) -> list[ContentProblem]:
    checks = (
        ("id", raw["id"] == stem, stem),
        ("form", raw["form"] in set(RecognizerForm), _FORMS),
    )
    problems = [
        ContentProblem(file=file, field=field, message=f"{raw[field]!r}; {fits} would fit")
        for field, is_valid, fits in checks
        if not is_valid
    ]
    if not problems and raw["form"] in (RecognizerForm.VALUE, RecognizerForm.STUDENT_NUMBER) and not raw.get("forms"):
        problems.append(ContentProblem(file=file, field="forms", message="missing; a list of forms would fit"))
    return problems + validate_statement(raw["title"], file=file, field="title")


def _validate_forms(raw: Mapping[str, Any], file: str, words: Mapping[str, list[str]]) -> list[ContentProblem]:
    problems: list[ContentProblem] = []
    for position, form in enumerate(raw.get("forms", [])):
        under = f"forms[{position}]."
        wrong = validate_fields(form, FORM, file=file, under=under)
        if not wrong:
            checks = (
                ("needs", form["needs"] in set(Evidence), _NEEDS),
                ("check", form["check"] in CHECKS, _CHECKS),
                ("width", 1 <= form.get("width", 1) <= _MAX_WIDTH, f"1 to {_MAX_WIDTH}"),
            )
            wrong = [
                ContentProblem(file=file, field=f"{under}{name}", message=f"{form[name]!r}; {fits} would fit")
                for name, is_valid, fits in checks
                if not is_valid
            ]
            wrong += _validate_pattern(form["pattern"], file=file, field=f"{under}pattern")
            wrong += _validate_words(form.get("cues", []), words, file=file, field=f"{under}cues")
        problems += wrong
    return problems


def _validate_pattern(pattern: str, *, file: str, field: str) -> list[ContentProblem]:
    try:
        matches_nothing = re.compile(pattern).match("") is not None
    except re.error as error:
        message = f"{pattern!r}: {error}; a regular expression would fit"
        return [ContentProblem(file=file, field=field, message=message)]
    if matches_nothing:
        message = f"{pattern!r} matches an empty text; one that needs a letter or digit would fit"
        return [ContentProblem(file=file, field=field, message=message)]
    return []


def _validate_words(
    entries: Iterable[object], words: Mapping[str, list[str]], *, file: str, field: str
) -> list[ContentProblem]:
    problems: list[ContentProblem] = []
    for position, entry in enumerate(entries):
        place = f"{field}[{position}]"
        if not isinstance(entry, str) or not entry:
            problems.append(ContentProblem(file=file, field=place, message=f"{entry!r}; a word would fit"))
        elif entry.startswith("@"):
            if entry[1:] not in words:
                message = f"there is no list {entry}; {', '.join(f'@{name}' for name in sorted(words))} would fit"
                problems.append(ContentProblem(file=file, field=place, message=message))
        else:
            problems += _validate_pattern(_widen_blanks(entry), file=file, field=place)
    return problems


def _validate_examples(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    problems: list[ContentProblem] = []
    for position, example in enumerate(raw["examples"]):
        under = f"examples[{position}]."
        wrong = validate_fields(example, EXAMPLE, file=file, under=under)
        if not wrong and ("text" in example) == ("rows" in example):
            message = "a text, or rows of cells, would fit"
            wrong = [ContentProblem(file=file, field=f"{under}text", message=message)]
        if not wrong and not all(
            isinstance(row, list) and all(isinstance(cell, str) for cell in row) for row in example.get("rows", [])
        ):
            message = "a list of rows, each a list of texts, would fit"
            wrong = [ContentProblem(file=file, field=f"{under}rows", message=message)]
        problems += wrong
    counts = [example["finds"] for example in raw["examples"]] if not problems else [0, 1]
    for finds, fits in ((0, "an example that must not fire (finds: 0)"), (1, "an example that must fire")):
        if not any((count > 0) == (finds > 0) for count in counts):
            problems.append(ContentProblem(file=file, field="examples", message=f"{fits} would fit"))
    return problems


def _build_recognizer(raw: Mapping[str, Any], words: Mapping[str, list[str]]) -> Recognizer:
    patterns = {name: _compile_words(raw.get(name), words) for name in _WORD_FIELDS}
    return Recognizer(
        id=raw["id"],
        title=raw["title"],
        form=RecognizerForm(raw["form"]),
        beside_student=raw["beside_student"],
        shown=raw.get("shown", False),
        forms=tuple(_build_form(form, words) for form in raw.get("forms", ())),
        hints=tuple(raw.get("hints", ())),
        never=frozenset(raw.get("never", ())),
        answers_no=_compile_answers(raw.get("answers_no")),
        examples=tuple(_build_example(example) for example in raw["examples"]),
        **patterns,
    )


def _build_form(raw: Mapping[str, Any], words: Mapping[str, list[str]]) -> ValueForm:
    return ValueForm(
        pattern=re.compile(start_with_letter(raw["pattern"])),
        needs=Evidence(raw["needs"]),
        cues=_compile_words(raw.get("cues"), words),
        check=raw["check"],
        width=raw.get("width", 0),
        secondary=raw.get("secondary", False),
        sign=raw.get("sign", ""),
    )


def _build_example(raw: Mapping[str, Any]) -> RecognizerExample:
    rows = tuple(tuple(row) for row in raw.get("rows", ()))
    return RecognizerExample(finds=raw["finds"], text=raw.get("text", ""), rows=rows, name=raw.get("name", ""))


def _compile_words(entries: Iterable[str] | None, words: Mapping[str, list[str]]) -> re.Pattern[str] | None:
    """Compile words and phrases to one pattern: none of them within a longer word, any blanks for a blank."""
    if not entries:
        return None
    expanded = [word for entry in entries for word in (words[entry[1:]] if entry.startswith("@") else (entry,))]
    parts = "|".join(map(_widen_blanks, expanded))
    return re.compile(rf"(?<![a-z])(?:{lower_pattern(parts)})(?![a-z])")


def _widen_blanks(word: str) -> str:
    """Return a word's pattern in which a tab, which parts cells, is as good as a blank."""
    return re.sub(r"(?<![\\\[\]]) (?![\]?-])", r"[ \\t]", word)


def _compile_answers(entries: Iterable[str] | None) -> re.Pattern[str] | None:
    return re.compile(rf"(?i)(?:{'|'.join(entries)})") if entries else None
