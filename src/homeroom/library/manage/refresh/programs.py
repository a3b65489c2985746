"""The programs of a content folder: programs/<id>.yaml, each proven by its examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.manage.refresh.programs import FundingProgram, ProgramExample, ProgramSource
from homeroom.library.yaml_loader import (
    BUILTIN_CONTENT,
    ContentField,
    ContentProblem,
    ContentRefused,
    get_relative_name,
    load_files,
    load_yaml,
    validate_fields,
)

FOLDER = "programs"
NUMBER = (int, float)
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="the name of the program"),
    ContentField(name="effective", type=date, fits="the first day of its figures, such as 2026-07-01"),
    ContentField(name="until", type=date, fits="their last day"),
    ContentField(name="per_student", type=NUMBER, fits="dollars for a student, such as 201.57"),
    ContentField(name="floor", type=NUMBER, fits="the least dollars of a district, such as 30175"),
    ContentField(name="pays_at_most", type=NUMBER, fits="the largest share that it pays, such as 0.85"),
    ContentField(name="kinds", type=list, fits="the kinds that it pays for, such as [switch]"),
    ContentField(name="reason", type=str, fits="why it pays for no other kind"),
    ContentField(name="rules", type=list, fits="sentences"),
    ContentField(name="sources", type=list, fits="a list of {name, address}"),
    ContentField(name="checked_on", type=date, fits="the day on which a person read the sources"),
    ContentField(name="examples", type=list, fits="{students, total} and {kind, fits}, one of them false"),
)
SOURCE: tuple[ContentField, ...] = (
    ContentField(name="name", type=str, fits="what the source is"),
    ContentField(name="address", type=str, fits="its address, https://…"),
)
AMOUNT_EXAMPLE: tuple[ContentField, ...] = (
    ContentField(name="students", type=int, fits="a number of students"),
    ContentField(name="total", type=NUMBER, fits="the dollars for them"),
)
KIND_EXAMPLE: tuple[ContentField, ...] = (
    ContentField(name="kind", type=str, fits="a kind"),
    ContentField(name="fits", type=bool, fits="true or false"),
)


@cache
def load_programs(directory: Path = BUILTIN_CONTENT) -> tuple[FundingProgram, ...]:
    """Load every program, by id; raise ContentRefused with all problems."""
    files = sorted((directory / FOLDER).glob("*.yaml"))
    programs, problems = load_files(files, lambda path: _load_program(path, directory))
    if problems:
        raise ContentRefused(problems, valid=programs)
    return tuple(programs)


def find_unproven_programs(programs: Iterable[FundingProgram]) -> list[ContentProblem]:
    """Return the examples that do not come out, and programs that no kind and no amount proves."""
    problems = []
    for program in programs:
        file = f"{FOLDER}/{program.id}.yaml"
        for number, example in enumerate(program.examples):
            message = _judge_example(program, example)
            if message:
                problems.append(ContentProblem(file=file, field=f"examples[{number}]", message=message))
        fits = {example.fits for example in program.examples}
        if not {True, False} <= fits or not any(example.students is not None for example in program.examples):
            message = "too few; an amount, a kind that fits and a kind that does not would fit"
            problems.append(ContentProblem(file=file, field="examples", message=message))
    return problems


def _judge_example(program: FundingProgram, example: ProgramExample) -> str:
    if example.students is not None:
        total = program.compute_total(example.students)
        return "" if total == example.total else f"{example.students} students get {float(total):,.2f}"
    fits = example.kind in program.kinds
    return "" if fits == example.fits else f"{example.kind} {'fits' if fits else 'does not fit'}"


def _load_program(path: Path, root: Path) -> FundingProgram:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, FIELDS, file=file)
    if not problems:
        problems = [*_validate_values(raw, file, path.stem), *_validate_lists(raw, file)]
    if problems:
        raise ContentRefused(problems)
    return FundingProgram(
        id=raw["id"],
        title=raw["title"],
        effective=raw["effective"],
        until=raw["until"],
        per_student=Fraction(str(raw["per_student"])),
        floor=Fraction(str(raw["floor"])),
        pays_at_most=Fraction(str(raw["pays_at_most"])),
        kinds=frozenset(raw["kinds"]),
        reason=raw["reason"],
        rules=tuple(raw["rules"]),
        sources=tuple(ProgramSource(**source) for source in raw["sources"]),
        checked_on=raw["checked_on"],
        examples=tuple(_build_example(example) for example in raw["examples"]),
    )


def _build_example(raw: Mapping[str, Any]) -> ProgramExample:
    total = Fraction(str(raw["total"])) if "total" in raw else None
    return ProgramExample(students=raw.get("students"), total=total, kind=raw.get("kind"), fits=raw.get("fits"))


def _validate_values(raw: Mapping[str, Any], file: str, stem: str) -> list[ContentProblem]:
    checks = (
        ("id", raw["id"] == stem, f"{stem!r}, the file's own name,"),
        ("until", raw["until"] > raw["effective"], "a day after effective"),
        ("per_student", _is_between(raw["per_student"], 0, 10**6), "dollars for a student"),
        ("floor", _is_between(raw["floor"], 0, 10**9), "dollars of a district"),
        ("pays_at_most", _is_between(raw["pays_at_most"], 0, 1), "a share of at most 1"),
        ("kinds", all(isinstance(kind, str) for kind in raw["kinds"]), "a list of words"),
        ("rules", all(isinstance(rule, str) and rule.endswith(".") for rule in raw["rules"]), "a list of sentences"),
    )
    return [
        ContentProblem(file=file, field=name, message=f"{raw[name]!r}; {fits} would fit")
        for name, is_valid, fits in checks
        if not is_valid
    ]


def _is_between(number: float, low: float, high: float) -> bool:
    """Return True if a number is in a range; NaN is in none."""
    return low <= number <= high


def _validate_lists(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    problems: list[ContentProblem] = []
    for number, source in enumerate(raw["sources"]):
        problems += validate_fields(source, SOURCE, file=file, under=f"sources[{number}].")
    for number, example in enumerate(raw["examples"]):
        fields: Sequence[ContentField] = KIND_EXAMPLE if _has_kind(example) else AMOUNT_EXAMPLE
        problems += validate_fields(example, fields, file=file, under=f"examples[{number}].")
    return problems


def _has_kind(example: object) -> bool:
    return isinstance(example, Mapping) and "kind" in example
