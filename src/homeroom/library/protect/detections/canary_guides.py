"""The guides to canaries of a content folder: canaries/<place>.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.protect.detections.canaries import CanaryGuide, CanaryPlace, CanarySource, CanaryStep
from homeroom.library.protect.logs.log_kinds import load_log_kinds
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

FOLDER = "canaries"
MAX_LINE = 400
MIN_BAITS = 10
"""Fewer would soon be used up, or known to everybody."""
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="place", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="what it is and where"),
    ContentField(name="value", type=str, fits="what to enter once it is planted"),
    ContentField(name="logs", type=list, fits="ids of kinds of logs"),
    ContentField(name="judged", type=list, fits="logs as judging names them, in lower case, such as google/login"),
    ContentField(name="baits", type=list, fits=f"at least {MIN_BAITS} names"),
    ContentField(name="plant", type=list, fits="a list of {text, command}"),
    ContentField(name="test", type=list, fits="a list of {text, command}"),
    ContentField(name="retire", type=list, fits="a list of {text, command}"),
    ContentField(name="sources", type=list, fits="a list of {name, address}"),
)
STEP: tuple[ContentField, ...] = (
    ContentField(name="text", type=str, fits="a sentence: what to do"),
    ContentField(name="command", type=str, fits="a command for it", required=False),
)
SOURCE: tuple[ContentField, ...] = (
    ContentField(name="name", type=str, fits="whose page it is"),
    ContentField(name="address", type=str, fits="its address, https://…"),
)
_ITEMS = {"plant": STEP, "test": STEP, "retire": STEP, "sources": SOURCE}


@cache
def load_canary_guides(directory: Path = BUILTIN_CONTENT) -> tuple[CanaryGuide, ...]:
    """Load the guide of every place, in the order of places; raise ContentRefused with all problems."""
    files = sorted((directory / FOLDER).glob("*.yaml"))
    loaded, problems = load_files(files, lambda path: _load_guide(path, directory))
    if problems:
        raise ContentRefused(problems, valid=loaded)
    order = list(CanaryPlace)
    return tuple(sorted(loaded, key=lambda guide: order.index(guide.place)))


def get_canary_guide(place: CanaryPlace) -> CanaryGuide:
    """Return the built-in guide of a place."""
    return next(guide for guide in load_canary_guides() if guide.place == place)


def _load_guide(path: Path, root: Path) -> CanaryGuide:
    raw, file = load_yaml(path, root=root), get_relative_name(path, root)
    problems = validate_fields(raw, FIELDS, file=file)
    if not problems:
        problems = [*_validate_items(raw, file), *_validate_values(raw, file, stem=path.stem)]
    if problems:
        raise ContentRefused(problems)
    return _build_guide(raw)


def _validate_items(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    problems = []
    for name, fields in _ITEMS.items():
        for position, item in enumerate(raw[name]):
            under = f"{name}[{position}]."
            problems += validate_fields(item, fields, file=file, under=under)
            problems += _validate_item(item, file, under) if isinstance(item, dict) else []
    return problems


def _validate_item(item: Mapping[str, Any], file: str, under: str) -> list[ContentProblem]:
    text, address = item.get("text", "A sentence."), item.get("address", "https://")
    checks = (
        ("text", _is_sentence(text), f"a sentence with a period, of at most {MAX_LINE} characters"),
        ("address", isinstance(address, str) and address.startswith("https://"), "an address with https://"),
    )
    return [
        ContentProblem(file=file, field=f"{under}{name}", message=f"{item[name]!r}; {fits} would fit")
        for name, is_valid, fits in checks
        if not is_valid
    ]


def _is_sentence(text: object) -> bool:
    return isinstance(text, str) and text.endswith(".") and text == " ".join(text.split()) and len(text) <= MAX_LINE


def _validate_values(raw: Mapping[str, Any], file: str, *, stem: str) -> list[ContentProblem]:
    kinds = {kind.id for kind in load_log_kinds()}
    baits = raw["baits"]
    checks = (
        ("place", raw["place"] == stem and stem in set(CanaryPlace), ", ".join(CanaryPlace)),
        ("logs", set(map(str, raw["logs"])) <= kinds, "ids of log-kinds.yaml"),
        ("judged", all(_is_log(name) for name in raw["judged"]), "names such as google/login, in lower case"),
        (
            "baits",
            len(set(map(str, baits))) == len(baits) >= MIN_BAITS and all(isinstance(bait, str) for bait in baits),
            f"at least {MIN_BAITS} different names",
        ),
    )
    problems = [
        ContentProblem(file=file, field=name, message=f"{str(raw[name])[:80]!r}; {fits} would fit")
        for name, is_valid, fits in checks
        if not is_valid
    ]
    for name in ("title", "value"):
        problems += validate_statement(raw[name], file=file, field=name)
    return problems


def _is_log(name: object) -> bool:
    return isinstance(name, str) and name == name.lower() and name.count("/") == 1


def _build_guide(raw: Mapping[str, Any]) -> CanaryGuide:
    return CanaryGuide(
        place=CanaryPlace(raw["place"]),
        title=raw["title"],
        value=raw["value"],
        logs=tuple(raw["logs"]),
        judged=tuple(raw["judged"]),
        baits=tuple(raw["baits"]),
        plant=_build_steps(raw["plant"]),
        test=_build_steps(raw["test"]),
        retire=_build_steps(raw["retire"]),
        sources=tuple(CanarySource(name=item["name"], address=item["address"]) for item in raw["sources"]),
    )


def _build_steps(items: list[Mapping[str, str]]) -> tuple[CanaryStep, ...]:
    return tuple(CanaryStep(text=item["text"], command=item.get("command", "")) for item in items)
