"""Lifetimes of devices: the earlier end counts, the age only where nothing else is known, and content proves itself."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from homeroom.domain.manage.refresh.lifetimes import LifetimeFacts, find_last_good
from homeroom.library.manage.refresh.lifetimes import find_unproven_lifetimes, list_lifetime_rules, load_lifetimes
from homeroom.library.yaml_loader import ContentRefused

FILE = """id: closet
title: Switches of a closet
rules:
  - {from: end of support of the model, models: [Kestrel 24], kinds: [switch], ends_on: 2029-06-30}
sources: [{name: Kestrel, address: "https://kestrel.example/ends"}]
checked_on: 2026-11-28
examples:
  - {kind: switch, model: Kestrel 24-P, last_good: 2029-06-30, from: end of support of the model}
  - {kind: switch, model: Kestrel 248, from: nothing known}
"""


def write_file(folder: Path, text: str) -> Path:
    path = folder / "lifetimes" / "closet.yaml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("device", "expected"),
    [
        (LifetimeFacts(kind="laptop", bought_on=date(2024, 2, 29)), (date(2029, 2, 28), "age rule")),
        (
            LifetimeFacts(kind="laptop", platform="windows", release="10", bought_on=date(2024, 1, 15)),
            (date(2025, 10, 14), "end of Windows 10"),
        ),
        (
            LifetimeFacts(kind="laptop", platform="windows", release="11", bought_on=date(2024, 1, 15)),
            (date(2029, 1, 15), "age rule"),
        ),
        (
            LifetimeFacts(kind="switch", model="Cisco WS-C2960X-24PS-L", bought_on=date(2015, 1, 15)),
            (date(2027, 10, 31), "end of support of the model"),
        ),
        (LifetimeFacts(kind="printer"), (None, "nothing known")),
    ],
)
def test_an_end_of_support_comes_before_the_age(device: LifetimeFacts, expected: tuple[date | None, str]) -> None:
    assert find_last_good(device, list_lifetime_rules()) == expected


def test_a_file_that_is_dropped_in_is_loaded_and_proves_itself(tmp_path: Path) -> None:
    (loaded,) = load_lifetimes(write_file(tmp_path, FILE))
    assert find_unproven_lifetimes([loaded]) == []
    assert find_unproven_lifetimes(load_lifetimes()) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ends_on: 2029-06-30}\ns", "ends_on: 2030-06-30}\ns", "examples[0]: the rules say 2030-06-30"),
        (
            "  - {kind: switch, model: Kestrel 248, from: nothing known}\n",
            "",
            "examples: too few; a device for 'nothing known'",
        ),
    ],
)
def test_a_file_whose_examples_do_not_come_out_is_unproven(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in FILE
    (loaded,) = load_lifetimes(write_file(tmp_path, FILE.replace(old, new)))
    assert message in str(find_unproven_lifetimes([loaded])[0])


@pytest.mark.parametrize(
    ("old", "new", "field", "fits"),
    [
        ("id: closet", "id: attic", "id", "'closet', the file's own name, would fit"),
        ("kinds: [switch]", "kinds: [swich]", "rules[0].kinds", "switch would fit"),
        ("ends_on: 2029-06-30}\ns", "years: 5, ends_on: 2029-06-30}\ns", "rules[0]", "one of them would fit"),
        ("models: [Kestrel 24], kinds", "kinds", "rules[0]", "models or a platform would fit"),
        ("models: [Kestrel 24]", "models: [24]", "rules[0].models", "a text in quotes would fit"),
        ("kinds: [switch]", "platform: windoze", "rules[0].platform", "windows would fit"),
        ("ends_on: 2029-06-30}\ns", "ends_on: soon}\ns", "rules[0].ends_on", "the last day of support"),
        ("ends_on: 2029-06-30}\ns", "years: 400}\ns", "rules[0].years", "a whole number from 1 to 40 would fit"),
    ],
)
def test_a_bad_file_is_refused_with_its_field_and_what_would_fit(
    tmp_path: Path, old: str, new: str, field: str, fits: str
) -> None:
    assert old in FILE
    with pytest.raises(ContentRefused) as refusal:
        load_lifetimes(write_file(tmp_path, FILE.replace(old, new, 1)))
    problem = next(item for item in refusal.value.problems if item.field == field)
    assert problem.file == "lifetimes/closet.yaml"
    assert fits in problem.message
