"""What the files of a course share: reading them, problems of fields and lines, ids and bilingual texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from homeroom.domain.teach.courses.course import LANGUAGES, BilingualText
from homeroom.library.yaml_loader import (
    ContentField,
    ContentProblem,
    get_relative_name,
    parse_strict_yaml,
    validate_fields,
)

ID_FITS = "small letters, digits and hyphens, such as spot-it"
TEXT_FIELDS = tuple(
    ContentField(name=name, type=str, fits=f"the text in {language}")
    for name, language in zip(LANGUAGES, ("English", "Spanish"), strict=True)
)
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(kw_only=True)
class FaultList:
    """The problems of one file."""

    file: str
    problems: list[ContentProblem] = field(default_factory=list)

    def add(self, name: str, message: str) -> None:
        """Add a problem of a field or line."""
        self.problems.append(ContentProblem(file=self.file, field=name, message=message))

    def add_line(self, line: int, message: str) -> None:
        """Add a problem of a line, counted from 1."""
        self.add(f"line {line}", message)

    def check_fields(self, raw: object, fields: Iterable[ContentField], *, under: str = "") -> set[str]:
        """Add problems of fields; return the names of those that are there and fit."""
        names = [entry.name for entry in fields]
        if not isinstance(raw, dict):
            self.add(under.rstrip("."), f"{raw!r}; a mapping with {', '.join(names)} would fit")
            return set()
        new_problems = validate_fields(raw, tuple(fields), file=self.file, under=under)
        self.problems += new_problems
        return {name for name in names if name in raw} - {problem.field.removeprefix(under) for problem in new_problems}

    def check_id(self, value: object, name: str) -> bool:
        """Check whether a value can be an id; add a problem if not."""
        fits = isinstance(value, str) and _ID.fullmatch(value) is not None
        if not fits:
            self.add(name, f"{value!r}; {ID_FITS} would fit")
        return fits

    def check_unique(self, values: Iterable[object], name: str) -> None:
        """Add a problem for each value that an earlier value equals."""
        seen: list[object] = []
        for value in values:
            if value in seen:
                self.add(name, f"{value!r} is there twice; once would fit")
            seen.append(value)

    def read_bilingual(self, raw: object, name: str) -> BilingualText | None:
        """Return a text in both languages; None and problems if a language is missing or blank."""
        if not isinstance(raw, dict):
            self.add(name, f"{raw!r}; a text in English (en) and in Spanish (es) would fit")
            return None
        fitting = self.check_fields(raw, TEXT_FIELDS, under=f"{name}.")
        blank = [language for language in LANGUAGES if language in fitting and not raw[language].strip()]
        for language in blank:
            self.add(f"{name}.{language}", "blank; a text would fit")
        if len(fitting) < len(LANGUAGES) or blank:
            return None
        return BilingualText(en=raw["en"], es=raw["es"])


def read_text(path: Path, root: Path) -> tuple[str | None, FaultList]:
    """Return the text of a file; None and a problem if it is not there or no UTF-8."""
    faults = FaultList(file=get_relative_name(path, root))
    if not path.is_file():
        faults.add("", "missing; the file would fit")
        return None, faults
    content = path.read_bytes()
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.add_line(content.count(b"\n", 0, error.start) + 1, "not UTF-8; text saved as UTF-8 would fit")
        return None, faults
    return text.replace("\r\n", "\n").replace("\r", "\n"), faults


def read_yaml(path: Path, root: Path) -> tuple[Any, FaultList]:
    """Return what a YAML file holds; None and a problem of the line if it is not YAML."""
    text, faults = read_text(path, root)
    if text is None:
        return None, faults
    try:
        return parse_strict_yaml(text), faults
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or getattr(error, "reason", None) or str(error)
        if mark is None:
            faults.add("", f"not YAML: {reason}")
        else:
            faults.add_line(mark.line + 1, f"not YAML: {reason}")
        return None, faults
    except ValueError as error:
        faults.add("", f"not YAML: {error}")
        return None, faults
