"""Asks of controls: they are for the person alone, in two languages, and easy to read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from homeroom.domain.teach.courses.reading_level import measure_reading_level
from homeroom.library.protect.controls import load_controls
from homeroom.library.validate_content import find_content_problems
from homeroom.library.yaml_loader import BUILTIN_CONTENT

FILE = "controls/identity/staff-second-factor.yaml"


def read_fields(name: str = FILE) -> dict[str, Any]:
    fields: dict[str, Any] = yaml.safe_load((BUILTIN_CONTENT / name).read_text(encoding="utf-8"))
    return fields


def check_fields(folder: Path, fields: dict[str, Any], name: str = FILE) -> list[str]:
    path = folder / name
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump(fields, allow_unicode=True), encoding="utf-8")
    return [str(problem) for problem in find_content_problems(folder)]


def change_ask(path: str, value: object) -> dict[str, Any]:
    """Return the fields of the control with one value of its ask replaced; None removes it."""
    fields = read_fields()
    *parents, last = path.split(".")
    place = fields["asks"]
    for name in parents:
        place = place[name]
    if value is None:
        del place[last]
    else:
        place[last] = value
    return fields


def test_shipped_asks_are_in_both_languages_and_easy_to_read() -> None:
    asks = {control.id: control.ask for control in load_controls() if control.ask is not None}
    assert len(asks) >= 20
    for name, ask in asks.items():
        text = ask.texts["en"]
        grade = measure_reading_level([text.sentence, text.why, *text.select_steps(())]).grade
        assert grade is not None
        assert grade <= 8, name
        assert set(ask.texts) == {"en", "es"}
        assert ask.texts["es"].sentence != text.sentence


def test_no_ask_repeats_what_a_finding_tells_the_team() -> None:
    for control in load_controls():
        if control.ask is not None:
            shown = " ".join((text.sentence + text.why) for text in control.ask.texts.values())
            assert control.title not in shown
            assert control.because not in shown


def test_results_of_drills_are_never_asked_about() -> None:
    assert {control.id: control.ask for control in load_controls()}["drill-help-offered"] is None


def test_steps_are_those_of_the_directory_that_signs_in() -> None:
    ask = {control.id: control.ask for control in load_controls()}["staff-second-factor"]
    assert ask is not None
    google, microsoft = (ask.get_text("en").select_steps({name}) for name in ("google", "microsoft"))
    assert google
    assert microsoft
    assert not set(google) & set(microsoft)
    assert ask.get_text("en").select_steps({"google", "microsoft"}) == google + microsoft
    assert ask.get_text("en").select_steps({"classlink"}) == google + microsoft


def test_a_control_that_names_its_table_alone_has_no_ask(tmp_path: Path) -> None:
    assert check_fields(tmp_path, read_fields() | {"asks": "accounts"}) == []


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("of", "acounts", "asks.of: 'acounts'; accounts would fit"),
        ("of", "domains", "asks.of: 'domains'; "),
        ("of", None, "asks.of: None; people, accounts, devices"),
        ("minutes", 0, "asks.minutes: 0; a whole number from 1 to 60 would fit"),
        ("minutes", "five", "asks.minutes: 'five'; a whole number"),
        ("es", None, "asks.es: None; sentence, why and steps in Spanish would fit"),
        ("es.why", None, "asks.es.why: None; why it matters"),
        ("es.steps", {"google": ["Vaya a su cuenta."]}, "asks.es.steps: not the steps of the English text; google: 3"),
        ("en.title", "Hello", "asks.en.title: no such field; there are sentence, steps, why"),
        ("en.sentence", "Do this. Then that.", "asks.en.sentence: one sentence of at most 120 characters"),
        ("en.sentence", "Turn it on", "asks.en.sentence: 'Turn it on'; a line"),
        ("en.steps", {"gogle": ["Go there."]}, "asks.en.steps.gogle: no such product; google would fit"),
        ("en.steps", [], "asks.en.steps: []; a list of steps, or lists by connector"),
        ("en.steps", [3], "asks.en.steps[0]: 3; a sentence would fit"),
        (
            "en.why",
            "Organizational authentication infrastructure necessitates multifactorial verification methodologies.",
            "asks.en: reading level ",
        ),
    ],
)
def test_an_ask_that_does_not_fit_is_refused_with_what_would(
    tmp_path: Path, path: str, value: object, message: str
) -> None:
    problems = check_fields(tmp_path, change_ask(path, value))
    assert any(problem.startswith(f"{FILE}: {message}") for problem in problems), problems


def test_words_of_the_finding_are_refused(tmp_path: Path) -> None:
    fields = read_fields()
    fields["asks"]["en"]["sentence"] = fields["title"] + "."
    assert any("words of the finding" in problem for problem in check_fields(tmp_path, fields))


def test_an_ask_that_comes_from_drills_is_refused(tmp_path: Path) -> None:
    name = "controls/awareness/drill-help-offered.yaml"
    fields = read_fields(name)
    fields["asks"] = read_fields()["asks"] | {"of": "people"}
    problems = check_fields(tmp_path, fields, name)
    assert any("drills_missed is between a person and their coach" in problem for problem in problems)
