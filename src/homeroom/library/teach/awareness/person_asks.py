"""The ask of a control: `asks` as a mapping of the asked table, the minutes, and the text in two languages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from homeroom.domain.protect.person_asks import ANY, AskText, PersonAsk
from homeroom.domain.suggestions import suggest_names
from homeroom.domain.teach.courses.course import ADULT_GRADE, LANGUAGES
from homeroom.domain.teach.courses.reading_level import measure_reading_level
from homeroom.engines.protect.posture.control_sql import SUBJECT_KINDS
from homeroom.library.know.manifests.connector_names import list_connector_names
from homeroom.library.teach.courses.faults import FaultList
from homeroom.library.yaml_loader import ContentField, ContentProblem

PERSONAL_KINDS = frozenset({"person", "account", "device"})
PERSONAL_TABLES = tuple(table for table, kind in SUBJECT_KINDS.items() if kind in PERSONAL_KINDS)
"""Tables whose subjects belong to a person: the person, their accounts, and the devices that they have."""
CONFIDED_COLUMNS = frozenset({"drills_missed", "helped_since"})
"""Results of drills are between the person and their coach: no ask may come from them."""
MINUTES = (1, 60)
MAX_SENTENCE = 120
MAX_STEPS = 8
ASK_FIELDS = (
    ContentField(name="of", type=str, fits=", ".join(PERSONAL_TABLES)),
    ContentField(name="minutes", type=int, fits=f"a whole number from {MINUTES[0]} to {MINUTES[1]}"),
    *(
        ContentField(name=name, type=dict, fits=f"sentence, why and steps in {language}")
        for name, language in zip(LANGUAGES, ("English", "Spanish"), strict=True)
    ),
)
TEXT_FIELDS = (
    ContentField(name="sentence", type=str, fits="one plain sentence to the person, with a period"),
    ContentField(name="why", type=str, fits="why it matters, in a sentence or two"),
    ContentField(name="steps", type=(list, dict), fits="a list of steps, or lists by connector such as google: […]"),
)


def get_asked_table(asks: Any) -> Any:
    """Return the table of `asks`, which is a name or a mapping with an ask; what is neither is returned unchanged."""
    return asks.get("of", "") if isinstance(asks, Mapping) else asks


def read_person_ask(raw: Mapping[str, Any], *, file: str) -> tuple[PersonAsk | None, list[ContentProblem]]:
    """Return the ask of a control's fields, None if it has none, and every problem of it."""
    asks = raw["asks"]
    if not isinstance(asks, Mapping):
        return None, []
    faults = FaultList(file=file)
    fitting = faults.check_fields(asks, ASK_FIELDS, under="asks.")
    _check_table(raw, fitting, faults)
    if "minutes" in fitting and not MINUTES[0] <= asks["minutes"] <= MINUTES[1]:
        faults.add("asks.minutes", f"{asks['minutes']}; {ASK_FIELDS[1].fits} would fit")
    texts = {name: _read_text(asks[name], f"asks.{name}", faults) for name in LANGUAGES if name in fitting}
    complete = {name: text for name, text in texts.items() if text is not None}
    if len(complete) == len(LANGUAGES):
        _check_same_steps(complete, faults)
        _check_own_words(raw, complete, faults)
        _check_level(complete["en"], faults)
    if faults.problems:
        return None, faults.problems
    return PersonAsk(minutes=asks["minutes"], texts=complete), []


def _check_table(raw: Mapping[str, Any], fitting: set[str], faults: FaultList) -> None:
    """Check that the subjects of the control belong to people, and that nothing confided leads to them."""
    table = raw["asks"].get("of")
    if "of" in fitting and table not in PERSONAL_TABLES:
        faults.add("asks.of", f"{table!r}; {suggest_names(table, PERSONAL_TABLES)} would fit")
    if "subject" in raw:
        faults.add("asks", "a control with a subject of its own asks no person; the name of a table would fit")
    tested = str([raw.get(name) for name in ("applies_to", "requires", "sql", "shows")])
    confided = [name for name in sorted(CONFIDED_COLUMNS) if name in tested]
    for name in confided:
        faults.add("asks", f"{name} is between a person and their coach; the name of a table would fit")


def _read_text(raw: Mapping[str, Any], name: str, faults: FaultList) -> AskText | None:
    before = len(faults.problems)
    fitting = faults.check_fields(raw, TEXT_FIELDS, under=f"{name}.")
    for part in ("sentence", "why"):
        if part in fitting:
            _check_line(raw[part], f"{name}.{part}", faults)
    if "sentence" in fitting and (len(raw["sentence"]) > MAX_SENTENCE or raw["sentence"].count(". ")):
        faults.add(f"{name}.sentence", f"one sentence of at most {MAX_SENTENCE} characters would fit")
    steps = _read_steps(raw["steps"], f"{name}.steps", faults) if "steps" in fitting else {}
    if len(faults.problems) > before or len(fitting) < len(TEXT_FIELDS):
        return None
    return AskText(sentence=raw["sentence"], why=raw["why"], steps=steps)


def _check_line(text: str, name: str, faults: FaultList) -> None:
    if text != " ".join(text.split()) or not text.endswith((".", "!")):
        faults.add(name, f"{text!r}; a line without spaces around it and with a period would fit")


def _read_steps(raw: Any, name: str, faults: FaultList) -> dict[str, tuple[str, ...]]:
    lists = raw if isinstance(raw, Mapping) else {ANY: raw}
    allowed = list_connector_names()
    for key in lists:
        if isinstance(raw, Mapping) and key not in allowed:
            faults.add(f"{name}.{key}", f"no such product; {suggest_names(str(key), allowed)} would fit")
    if not lists:
        faults.add(name, "none; a list of steps would fit")
    return {
        str(key): _read_list(steps, name if key == ANY else f"{name}.{key}", faults) for key, steps in lists.items()
    }


def _read_list(raw: Any, name: str, faults: FaultList) -> tuple[str, ...]:
    if not isinstance(raw, list) or not 1 <= len(raw) <= MAX_STEPS:
        faults.add(name, f"a list of 1 to {MAX_STEPS} steps would fit")
        return ()
    for position, step in enumerate(raw):
        if not isinstance(step, str):
            faults.add(f"{name}[{position}]", f"{step!r}; a sentence would fit")
        else:
            _check_line(step, f"{name}[{position}]", faults)
    return tuple(map(str, raw))


def _check_same_steps(texts: Mapping[str, AskText], faults: FaultList) -> None:
    """Check that both languages have steps for the same connectors, and as many."""
    counts = {language: {key: len(steps) for key, steps in text.steps.items()} for language, text in texts.items()}
    if counts["es"] != counts["en"]:
        wanted = ", ".join(f"{key}: {count}" for key, count in counts["en"].items())
        faults.add("asks.es.steps", f"not the steps of the English text; {wanted} would fit")


def _check_own_words(raw: Mapping[str, Any], texts: Mapping[str, AskText], faults: FaultList) -> None:
    """Check that no text that is for the team is shown to the person."""
    team_texts = {_fold(text) for text in _list_team_texts(raw)}
    for language, text in texts.items():
        for part, words in (("sentence", text.sentence), ("why", text.why)):
            if _fold(words) in team_texts:
                faults.add(f"asks.{language}.{part}", "words of the finding; words to the person would fit")


def _list_team_texts(raw: Mapping[str, Any]) -> Iterable[str]:
    return (str(raw.get("title")), str(raw.get("because")), str(raw.get("question")), *_list_words(raw.get("fix")))


def _list_words(value: Any) -> Iterable[str]:
    return map(str, value.values()) if isinstance(value, Mapping) else ()


def _fold(text: str) -> str:
    return " ".join(text.casefold().rstrip(".!?").split())


def _check_level(text: AskText, faults: FaultList) -> None:
    passages = (text.sentence, text.why, *(step for steps in text.steps.values() for step in steps))
    grade = measure_reading_level(passages).grade
    if grade is not None and grade > ADULT_GRADE:
        message = f"reading level {grade}; at most {ADULT_GRADE} fits: shorter sentences and shorter words would fit"
        faults.add("asks.en", message)
