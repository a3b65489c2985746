"""Texts of controls and policies: no dialect, and a reason of two short sentences at a reading grade of 9 or less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.domain.teach.courses.reading_level import measure_reading_level
from homeroom.library.yaml_loader import BUILTIN_CONTENT, parse_strict_yaml

HIGHEST_GRADE, MOST_SENTENCES = 9.0, 2
OTHER_EDITED_CONTENT = (
    "awareness",
    "canaries",
    "capabilities",
    "courses",
    "detections",
    "elements",
    "frameworks",
    "guides",
    "laws",
    "lifetimes",
    "log-kinds.yaml",
    "mappings",
    "playbooks",
    "profiles",
    "programs",
    "questionnaires",
    "software",
    "tools",
    "triage.yaml",
)
"""Content of other kinds whose texts a person reads, and which is written in the same words."""
WITHOUT_TEXTS = ("planning.yaml", "risk.yaml", "vulnerabilities.yaml")
"""Files of numbers. Texts of recognizers are samples and patterns of what a scan finds."""

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


def load_rated_content(kind: str) -> list[tuple[Path, dict[str, Any]]]:
    """Return the file and the content of each control or policy that comes with Homeroom."""
    files = sorted((BUILTIN_CONTENT / kind).rglob("*.yaml"))
    contents = [(file, parse_strict_yaml(file.read_text(encoding="utf-8"))) for file in files]
    entries = [(file, content) for file, content in contents if "because" in content]
    assert len(entries) > 150
    return entries


def list_texts(content: dict[str, Any]) -> Iterator[str]:
    """Give each text of a control or policy that a technician reads."""
    fields = ("title", "because", "problem", "behind", "question", "fix", "by_hand")
    grouping = content.get("groups", {})
    for text in (*map(content.get, fields), grouping.get("title"), grouping.get("problem")):
        yield from text.values() if isinstance(text, dict) else [text] if isinstance(text, str) else []


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


def find_wording_problems(content: dict[str, Any]) -> list[str]:
    """Return what is wrong with a control or policy: banned words, and a reason that is too long or too hard."""
    faults = [f"{match.group()!r} in {text!r}" for text in list_texts(content) for match in BANNED.finditer(text)]
    because = content["because"]
    grade = measure_reading_level([because]).grade
    if grade is None or grade > HIGHEST_GRADE:
        faults.append(f"grade {grade}: {because!r}")
    if len(END_OF_SENTENCE.findall(because)) > MOST_SENTENCES:
        faults.append(f"more than {MOST_SENTENCES} sentences: {because!r}")
    return faults


@pytest.mark.parametrize("kind", ["controls", "baselines"])
def test_controls_and_policies_are_written_in_the_words_of_an_american_technician(kind: str) -> None:
    problems = {
        f"{file.parent.name}/{file.stem}": faults
        for file, content in load_rated_content(kind)
        if (faults := find_wording_problems(content))
    }
    assert problems == {}


@pytest.mark.parametrize("name", OTHER_EDITED_CONTENT)
def test_other_content_is_written_in_the_same_words(name: str) -> None:
    files = [BUILTIN_CONTENT / name] if name.endswith(".yaml") else sorted((BUILTIN_CONTENT / name).rglob("*.y*ml"))
    documents = [content for file in files for content in yaml.safe_load_all(file.read_text(encoding="utf-8"))]
    sentences = list(list_sentences(documents))
    assert sentences
    assert [text for text in sentences if BANNED.search(text)] == []


def test_lessons_are_written_in_the_same_words() -> None:
    lessons = sorted((BUILTIN_CONTENT / "courses").rglob("*.en.md"))
    assert len(lessons) > 20
    texts = {file.name: BANNED.findall(file.read_text(encoding="utf-8")) for file in lessons}
    assert {name: words for name, words in texts.items() if words} == {}


def test_content_of_each_kind_is_tested_unless_it_has_no_texts() -> None:
    kinds = {path.name for path in BUILTIN_CONTENT.iterdir() if not path.name.startswith("_")}
    tested = {"controls", "baselines", *OTHER_EDITED_CONTENT}
    assert kinds - tested == {"recognizers", *WITHOUT_TEXTS}


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
