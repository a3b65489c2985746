"""The texts of controls: no dialect, a reason of two short sentences at most, and a reading grade of at most 9."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.domain.courses.reading_level import measure_reading_level
from homeroom.library.controls import list_control_files
from homeroom.library.yaml_loader import BUILTIN_CONTENT

HIGHEST_GRADE, MOST_SENTENCES = 9.0, 2
NOT_YET_EDITED = frozenset({"identity", "loose", "mail", "monitoring", "network", "tools"})
"""Folders of controls whose texts are still in the old words; only removal is ever needed here."""
OTHER_EDITED_CONTENT = (
    "capabilities",
    "frameworks",
    "lifetimes",
    "log-kinds.yaml",
    "mappings",
    "playbooks",
    "questionnaires",
)
"""Content of other kinds whose texts a person reads, and which is written in the same words."""

BRITISH = (
    "pupils?", "licences?", "licenced", "catalogues?", "organisations?", "judgements?", "enrolments?", "enrols?",
    "behaviour", "colours?", "centres?", "programmes?", "recognis\\w+", "authoris\\w+", "unauthoris\\w+", "fulfils?",
    "cancelled", "counsellors?", "defence", "whilst", "learnt",
)  # fmt: skip
DIALECT = (
    "second factors?", "makers?", "mend(?:s|ed|ing)?", "gear", "leavers?", "swindlers?", "stands?", "standing", "stood",
    "told", "somebody", "anybody", "everybody", "would fit", "any more", "by itself", "from afar",
    "holes?", "takes in", "left at the door", "the suite", "cannot tell", "gets at", "knocks?", "pours?", "answers for",
    "hands? round", "lets? in",
)  # fmt: skip
BANNED = re.compile(rf"\b(?:{'|'.join((*BRITISH, *DIALECT))})\b", re.IGNORECASE)
END_OF_SENTENCE = re.compile(r"[.!?](?=\s|$)")


@cache
def load_raw_controls() -> tuple[tuple[Path, dict[str, Any]], ...]:
    """Return the file and the content of each control that comes with Homeroom."""
    files = list_control_files(BUILTIN_CONTENT)
    return tuple((file, yaml.safe_load(file.read_text(encoding="utf-8"))) for file in files)


def list_texts(control: dict[str, Any]) -> Iterator[str]:
    """Give each text of a control that a technician reads."""
    grouping = control.get("groups", {})
    yield from (control["title"], control["because"], control.get("question", ""), grouping.get("title", ""))
    for texts in (control["problem"], control.get("behind", {}), grouping.get("problem", {}), control.get("fix", {})):
        yield from texts.values()


def list_sentences(value: object) -> Iterator[str]:
    """Give each text of more than a word in a value; a word alone is a key or an id."""
    if isinstance(value, str) and " " in value:
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from list_sentences(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from list_sentences(inner)


def find_wording_problems(control: dict[str, Any]) -> list[str]:
    """Return what is wrong with the texts of a control: banned words, and a reason that is too long or too hard."""
    faults = [f"{match.group()!r} in {text!r}" for text in list_texts(control) for match in BANNED.finditer(text)]
    because = control["because"]
    grade = measure_reading_level([because]).grade
    if grade is None or grade > HIGHEST_GRADE:
        faults.append(f"grade {grade}: {because!r}")
    if len(END_OF_SENTENCE.findall(because)) > MOST_SENTENCES:
        faults.append(f"more than {MOST_SENTENCES} sentences: {because!r}")
    return faults


def test_controls_are_written_in_the_words_of_an_american_technician() -> None:
    problems = {
        f"{file.parent.name}/{file.stem}": faults
        for file, control in load_raw_controls()
        if file.parent.name not in NOT_YET_EDITED and (faults := find_wording_problems(control))
    }
    assert problems == {}


@pytest.mark.parametrize("folder", sorted(NOT_YET_EDITED))
def test_a_folder_that_reads_well_is_no_longer_excepted(folder: str) -> None:
    controls = [control for file, control in load_raw_controls() if file.parent.name == folder]
    assert controls, f"there are no controls in {folder}: take it out of NOT_YET_EDITED"
    assert any(map(find_wording_problems, controls)), f"{folder} reads well now: take it out of NOT_YET_EDITED"


@pytest.mark.parametrize("name", OTHER_EDITED_CONTENT)
def test_other_content_is_written_in_the_same_words(name: str) -> None:
    files = [BUILTIN_CONTENT / name] if name.endswith(".yaml") else sorted((BUILTIN_CONTENT / name).rglob("*.yaml"))
    sentences = [text for file in files for text in list_sentences(yaml.safe_load(file.read_text(encoding="utf-8")))]
    assert sentences
    assert [text for text in sentences if BANNED.search(text)] == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"title": "No program is installed that its maker has given up"}, "'maker' in"),
        ({"because": "Pupils click yes to anything."}, "'Pupils' in"),
        ({"problem": {"one": "{n} flaw was mended", "other": "{n} flaws are open"}}, "'mended' in"),
        ({"fix": {"any": "Move it. Nothing else would fit."}}, "'would fit' in"),
        ({"question": "Who was told?"}, "'told' in"),
        ({"because": "It is old. It is slow. It is loud."}, "more than 2 sentences"),
        ({"because": "Administrators' vulnerabilities endanger organizational confidentiality."}, "grade "),
    ],
)
def test_a_text_in_dialect_or_too_hard_is_found(changes: dict[str, Any], problem: str) -> None:
    good = {"title": "Every Mac is up to date", "because": "Old Macs have known flaws.", "fix": {"any": "Update it."}}
    good["problem"] = {"one": "{n} Mac is out of date", "other": "{n} Macs are out of date"}
    assert find_wording_problems(good) == []
    (fault,) = find_wording_problems(good | changes)
    assert fault.startswith(problem)


@pytest.mark.parametrize("word", ["understands", "standard", "mendable", "gearbox", "pouring", "enrolled", "lender"])
def test_a_word_that_only_holds_a_banned_one_is_no_dialect(word: str) -> None:
    assert BANNED.search(word) is None
