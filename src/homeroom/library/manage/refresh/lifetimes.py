"""Lifetimes of devices of a content folder: lifetimes/<id>.yaml, each proven by its examples."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.know.devices.kinds import DEVICE_KINDS
from homeroom.domain.manage.refresh.lifetimes import (
    UNKNOWN,
    LifetimeExample,
    LifetimeFacts,
    LifetimeFile,
    LifetimeRule,
    SupportExtension,
    find_last_good,
)
from homeroom.domain.manage.refresh.programs import ProgramSource
from homeroom.domain.suggestions import suggest_names
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

FOLDER = "lifetimes"
PLATFORMS = ("chromeos", "windows", "macos", "ios", "android", "linux")
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="which devices it is about"),
    ContentField(name="rules", type=list, fits="rules with ends_on or years", required=False),
    ContentField(name="extensions", type=list, fits="support beyond the usual end", required=False),
    ContentField(name="sources", type=list, fits="a list of {name, address}"),
    ContentField(name="checked_on", type=date, fits="the day on which a person read the sources"),
    ContentField(name="examples", type=list, fits="devices with last_good and from"),
)
RULE: tuple[ContentField, ...] = (
    ContentField(name="from", type=str, fits="what the day is from, such as end of Windows 10"),
    ContentField(name="models", type=list, fits="whole words of models", required=False),
    ContentField(name="kinds", type=list, fits=f"of {', '.join(DEVICE_KINDS)}", required=False),
    ContentField(name="platform", type=str, fits=", ".join(PLATFORMS), required=False),
    ContentField(name="release", type=str, fits='the release of the system in quotes, such as "10"', required=False),
    ContentField(name="ends_on", type=date, fits="the last day of support", required=False),
    ContentField(name="years", type=int, fits="years after a device was bought", required=False),
    ContentField(name="minutes", type=int, fits="minutes of work for a device", required=False),
)
EXTENSION: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="a short name"),
    ContentField(name="title", type=str, fits="what it is called"),
    ContentField(name="platform", type=str, fits=", ".join(PLATFORMS)),
    ContentField(name="release", type=str, fits='the release of the system in quotes, such as "10"', required=False),
    ContentField(name="until", type=date, fits="its last day, if the console does not say it", required=False),
    ContentField(name="dollars", type=list, fits="dollars a device for each year, such as [1, 2, 4]; [0] for free"),
    ContentField(name="means", type=list, fits="sentences"),
)
SOURCE: tuple[ContentField, ...] = (
    ContentField(name="name", type=str, fits="what the source is"),
    ContentField(name="address", type=str, fits="its address"),
)
EXAMPLE: tuple[ContentField, ...] = (
    ContentField(name="kind", type=str, fits=", ".join(DEVICE_KINDS), required=False),
    ContentField(name="model", type=str, fits="a model", required=False),
    ContentField(name="platform", type=str, fits=", ".join(PLATFORMS), required=False),
    ContentField(name="release", type=str, fits='the release of the system in quotes, such as "10"', required=False),
    ContentField(name="bought_on", type=date, fits="a day", required=False),
    ContentField(name="last_good", type=date, fits="its last good day; left out if nothing is known", required=False),
    ContentField(name="from", type=str, fits=f"what that day is from, or {UNKNOWN}"),
)
PARTS = (("rules", RULE), ("extensions", EXTENSION), ("sources", SOURCE), ("examples", EXAMPLE))


@cache
def load_lifetimes(directory: Path = BUILTIN_CONTENT) -> tuple[LifetimeFile, ...]:
    """Load every file of lifetimes, by id; raise ContentRefused with all problems."""
    files = sorted((directory / FOLDER).glob("*.yaml"))
    lifetimes, problems = load_files(files, lambda path: _load_file(path, directory))
    if problems:
        raise ContentRefused(problems, valid=lifetimes)
    return tuple(lifetimes)


@cache
def list_lifetime_rules() -> tuple[LifetimeRule, ...]:
    """List the rules of all files that come with Homeroom."""
    return tuple(rule for file in load_lifetimes() for rule in file.rules)


def find_unproven_lifetimes(lifetimes: Iterable[LifetimeFile]) -> list[ContentProblem]:
    """Return the examples that do not come out, and files whose rules no device and no near-miss proves."""
    problems = []
    for file in lifetimes:
        name = f"{FOLDER}/{file.id}.yaml"
        for number, example in enumerate(file.examples):
            last_good, origin = find_last_good(example.device, file.rules)
            if (last_good, origin) != (example.last_good, example.origin):
                message = f"the rules say {last_good or 'no day'}, from {origin}"
                problems.append(ContentProblem(file=name, field=f"examples[{number}]", message=message))
        shown = {example.origin for example in file.examples}
        unproven = sorted({rule.origin for rule in file.rules} - shown)
        if unproven or UNKNOWN not in shown:
            message = f"too few; a device for {unproven[0] if unproven else UNKNOWN!r} would fit"
            problems.append(ContentProblem(file=name, field="examples", message=message))
    return problems


def _load_file(path: Path, root: Path) -> LifetimeFile:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, FIELDS, file=file)
    if not problems:
        for part, fields in PARTS:
            for number, item in enumerate(raw.get(part, [])):
                problems += validate_fields(item, fields, file=file, under=f"{part}[{number}].")
    if not problems:
        problems = list(_iterate_wrong_values(raw, file, path.stem))
    if problems:
        raise ContentRefused(problems)
    return LifetimeFile(
        id=raw["id"],
        title=raw["title"],
        rules=tuple(_build_rule(item) for item in raw.get("rules", [])),
        extensions=tuple(_build_extension(item) for item in raw.get("extensions", [])),
        sources=tuple(ProgramSource(**item) for item in raw["sources"]),
        checked_on=raw["checked_on"],
        examples=tuple(_build_example(item) for item in raw["examples"]),
    )


def _iterate_wrong_values(raw: Mapping[str, Any], file: str, stem: str) -> Iterable[ContentProblem]:
    if raw["id"] != stem:
        yield ContentProblem(file=file, field="id", message=f"{raw['id']!r}; {stem!r}, the file's own name, would fit")
    if not raw.get("rules") and not raw.get("extensions"):
        yield ContentProblem(file=file, field="rules", message="nothing; rules or extensions would fit")
    for number, rule in enumerate(raw.get("rules", [])):
        under = f"rules[{number}]"
        if ("ends_on" in rule) == ("years" in rule):
            message = "neither or both of ends_on and years; one of them would fit"
            yield ContentProblem(file=file, field=under, message=message)
        if "years" in rule and not 0 < rule["years"] <= 40:
            message = f"{rule['years']}; a whole number from 1 to 40 would fit"
            yield ContentProblem(file=file, field=f"{under}.years", message=message)
        if "ends_on" in rule and not (rule.get("models") or rule.get("platform")):
            message = "holds for every device; models or a platform would fit"
            yield ContentProblem(file=file, field=under, message=message)
        for kind in rule.get("kinds", []):
            if kind not in DEVICE_KINDS:
                message = f"{kind!r}; {suggest_names(str(kind), DEVICE_KINDS)} would fit"
                yield ContentProblem(file=file, field=f"{under}.kinds", message=message)
        for model in rule.get("models", []):
            if not isinstance(model, str) or not model.strip():
                message = f"{model!r}; a text in quotes would fit"
                yield ContentProblem(file=file, field=f"{under}.models", message=message)
    for part in ("rules", "extensions"):
        for number, item in enumerate(raw.get(part, [])):
            if item.get("platform", PLATFORMS[0]) not in PLATFORMS:
                message = f"{item['platform']!r}; {suggest_names(item['platform'], PLATFORMS)} would fit"
                yield ContentProblem(file=file, field=f"{part}[{number}].platform", message=message)
    for number, item in enumerate(raw.get("extensions", [])):
        if not all(type(price) in (int, float) and 0 <= price < 10**6 for price in item["dollars"]):
            message = f"{item['dollars']!r}; dollars of 0 or more for each year would fit"
            yield ContentProblem(file=file, field=f"extensions[{number}].dollars", message=message)


def _build_rule(raw: Mapping[str, Any]) -> LifetimeRule:
    return LifetimeRule(
        origin=raw["from"],
        models=tuple(raw.get("models", ())),
        kinds=frozenset(raw.get("kinds", ())),
        platform=raw.get("platform", ""),
        release=raw.get("release", ""),
        ends_on=raw.get("ends_on"),
        years=raw.get("years"),
        minutes=raw.get("minutes"),
    )


def _build_extension(raw: Mapping[str, Any]) -> SupportExtension:
    return SupportExtension(
        id=raw["id"],
        title=raw["title"],
        platform=raw["platform"],
        release=raw.get("release", ""),
        until=raw.get("until"),
        dollars=tuple(Fraction(str(price)) for price in raw["dollars"]),
        means=tuple(raw["means"]),
    )


def _build_example(raw: Mapping[str, Any]) -> LifetimeExample:
    device = LifetimeFacts(
        kind=raw.get("kind", "other"),
        model=raw.get("model", ""),
        platform=raw.get("platform", ""),
        release=raw.get("release", ""),
        bought_on=raw.get("bought_on"),
    )
    return LifetimeExample(device=device, last_good=raw.get("last_good"), origin=raw["from"])
