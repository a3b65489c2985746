"""The laws of a content folder: laws/<us|us-xx|district>/<id>.yaml."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from homeroom.domain.comply.laws.facts import list_types
from homeroom.domain.comply.laws.holidays import BusinessCalendar, HolidayList
from homeroom.domain.comply.laws.law import EVERYBODY, EffectiveDoubt, Law, LawDepth, LawDuty, LawStanding, RollRule
from homeroom.library.comply.laws.clock_fields import (
    build_clock,
    build_doubt,
    build_extension,
    parse_condition,
    validate_clock,
    validate_condition,
)
from homeroom.library.comply.laws.fact_fields import FILE as FACTS
from homeroom.library.comply.laws.fact_fields import find_fact_fields
from homeroom.library.comply.laws.holiday_lists import load_holiday_lists
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

FOLDER = "laws"
PATTERN = "*/*.yaml"
HOLIDAYS = "holidays"
SUFFIXES = (".yaml", ".yml")
ROLLS_TO = "next business day"
MAX_EFFORT = 10_000
MAX_LISTS = 4
_JURISDICTION = re.compile(r"us(-[a-z]{2})?|district")
_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
STANDINGS, DEPTHS = ", ".join(LawStanding), ", ".join(LawDepth)
FIELDS: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="the file's own name without .yaml"),
    ContentField(name="title", type=str, fits="what the law is called"),
    ContentField(name="version", type=str, fits="its version, in quotes"),
    ContentField(name="citation", type=str, fits="how it is cited"),
    ContentField(name="source", type=str, fits="where it was read"),
    ContentField(name="license", type=str, fits="the terms of the source"),
    ContentField(name="effective", type=date, fits="its first day, such as 2020-01-29"),
    ContentField(name="checked_on", type=date, fits="the day when somebody last compared it with the source"),
    ContentField(name="standing", type=str, fits=STANDINGS),
    ContentField(name="depth", type=str, fits=DEPTHS),
    ContentField(name="applies_to", type=(dict, list), fits="a condition over facts, or {} for every district"),
    ContentField(name="counting", type=dict, fits="holidays, and rolls if the law has such a rule"),
    ContentField(name="duties", type=list, fits="a list of duties"),
    ContentField(name="supersedes", type=str, fits="the id of the older version", required=False),
    ContentField(name="doubt", type=dict, fits="{says, or_effective}", required=False),
)
COUNTING: tuple[ContentField, ...] = (
    ContentField(name="holidays", type=list, fits="ids of holiday lists", required=False),
    ContentField(name="rolls", type=dict, fits=f"{{to: {ROLLS_TO}, citation: …}}", required=False),
)
ROLLS: tuple[ContentField, ...] = (
    ContentField(name="to", type=str, fits=ROLLS_TO),
    ContentField(name="citation", type=str, fits="how the rule is cited"),
)
DOUBT: tuple[ContentField, ...] = (
    ContentField(name="says", type=str, fits="on what sources differ"),
    ContentField(name="or_effective", type=date, fits="the later first day"),
)
DUTY: tuple[ContentField, ...] = (
    ContentField(name="id", type=str, fits="lower-case words with hyphens"),
    ContentField(name="title", type=str, fits="what is done, as a statement"),
    ContentField(name="citation", type=str, fits="how it is cited"),
    ContentField(name="who", type=str, fits="who does it"),
    ContentField(name="to", type=str, fits="to whom"),
    ContentField(name="trigger", type=str, fits="what triggers it"),
    ContentField(name="applies_to", type=(dict, list), fits="a condition over facts", required=False),
    ContentField(name="starts", type=list, fits="moments", required=False),
    ContentField(name="within", type=dict, fits="{count, unit}", required=False),
    ContentField(name="on", type=(date, list), fits="a day, or a list of {when, date}", required=False),
    ContentField(name="every", type=(dict, list), fits="{period, within}, or a list of those", required=False),
    ContentField(name="as_soon_as", type=str, fits="the law's words, such as without delay", required=False),
    ContentField(name="extension", type=dict, fits="{within, when}", required=False),
    ContentField(name="doubt", type=dict, fits="{says, or_within}", required=False),
    ContentField(name="ask_first", type=list, fits="whom to ask before anything is sent", required=False),
    ContentField(name="proven_by", type=(str, list), fits="controls, or the question to attest", required=False),
    ContentField(name="effort", type=int, fits="minutes", required=False),
    ContentField(name="penalty", type=str, fits="the penalty in a line", required=False),
)


@cache
def load_laws(directory: Path = BUILTIN_CONTENT) -> tuple[Law, ...]:
    """Load every law, by id; raise ContentRefused with all problems.

    A folder without facts or without a holiday list that a law names has the built-in ones.
    """
    types = list_types(find_fact_fields(directory).values())
    holidays, problems = _find_holidays(directory)
    files = [path for path in sorted((directory / FOLDER).glob(PATTERN)) if path.parent.name != HOLIDAYS]
    problems = [*problems, *_find_misplaced_files(directory, files)]
    reader = _LawReader(root=directory, types=types, holidays=holidays)
    loaded, law_problems = load_files(files, reader.load)
    problems = [*problems, *law_problems, *_find_repeated_ids(loaded), *_find_version_problems(loaded)]
    if problems:
        raise ContentRefused(problems, valid=loaded)
    return tuple(sorted(loaded, key=lambda law: law.id))


def _find_misplaced_files(directory: Path, files: Collection[Path]) -> list[ContentProblem]:
    """Return the YAML files below laws that are neither laws, holidays nor facts, so that none is left out silently."""
    folder = directory / FOLDER
    expected = {*files, directory / FACTS, *(folder / HOLIDAYS).glob("*.yaml")}
    misplaced = [path for path in sorted(folder.rglob("*")) if path.suffix in SUFFIXES and path not in expected]
    message = "is no place of a law; laws/<us|us-xx|district>/<id>.yaml would fit"
    return [ContentProblem(file=get_relative_name(path, directory), field="", message=message) for path in misplaced]


def _find_holidays(directory: Path) -> tuple[Mapping[str, HolidayList], Sequence[ContentProblem]]:
    lists = {holidays.id: holidays for holidays in load_holiday_lists(BUILTIN_CONTENT)}
    try:
        own: Iterable[HolidayList] = load_holiday_lists(directory)
        problems: Sequence[ContentProblem] = ()
    except ContentRefused as error:
        own, problems = error.valid, error.problems
    return lists | {holidays.id: holidays for holidays in own}, problems


def find_unknown_proofs(laws: Iterable[Law], *, control_ids: Collection[str]) -> list[ContentProblem]:
    """Return the controls that a duty names as its proof and that do not exist."""
    return [
        ContentProblem(
            file=FOLDER,
            field=f"{law.id}.{duty.id}.proven_by",
            message=f"there is no control {name!r}; a control's id, or a question to attest, would fit",
        )
        for law in laws
        for duty in law.duties
        for name in duty.proven_by
        if name not in control_ids
    ]


class _LawReader:
    """Reads law files with the facts that conditions may test and the holidays that laws may name."""

    def __init__(self, *, root: Path, types: Mapping[str, str], holidays: Mapping[str, HolidayList]) -> None:
        self._root = root
        self._types = types
        self._holidays = holidays

    def load(self, path: Path) -> Law:
        """Load one law; raise ContentRefused."""
        raw, file = load_yaml(path, root=self._root), get_relative_name(path, self._root)
        problems = validate_fields(raw, FIELDS, file=file)
        problems = problems or self._validate_values(raw, path, file)
        problems = problems or [
            problem
            for position, duty in enumerate(raw["duties"])
            for problem in self._validate_duty(duty, file, f"duties[{position}].")
        ]
        problems = problems or _find_repeated_duties(raw["duties"], file)
        if problems:
            raise ContentRefused(problems)
        return self._build_law(raw)

    def _validate_values(self, raw: Mapping[str, Any], path: Path, file: str) -> list[ContentProblem]:
        checks = (
            ("id", raw["id"] == path.stem and _ID.fullmatch(raw["id"]) is not None, path.stem),
            ("standing", raw["standing"] in set(LawStanding), STANDINGS),
            ("depth", raw["depth"] in set(LawDepth), DEPTHS),
            ("source", raw["source"].startswith("https://"), "an address that begins with https://"),
        )
        problems = [
            ContentProblem(file=file, field=field, message=f"{raw[field]!r}; {fits} would fit")
            for field, is_valid, fits in checks
            if not is_valid
        ]
        if not _JURISDICTION.fullmatch(path.parent.name):
            message = f"is in the folder {path.parent.name}; us, us-ny for a state, or district would fit"
            problems.append(ContentProblem(file=file, field="", message=message))
        problems += validate_condition(raw["applies_to"], types=self._types, file=file, field="applies_to")
        problems += self._validate_counting(raw["counting"], file)
        if "doubt" in raw:
            problems += validate_fields(raw["doubt"], DOUBT, file=file, under="doubt.") or _validate_doubt(raw, file)
        return problems

    def _validate_counting(self, raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
        problems = validate_fields(raw, COUNTING, file=file, under="counting.")
        if "holidays" not in raw:
            message = "missing; a list of holiday lists, or [] for none, would fit"
            problems.append(ContentProblem(file=file, field="counting.holidays", message=message))
        if problems:
            return problems
        problems = [
            ContentProblem(
                file=file,
                field=f"counting.holidays[{position}]",
                message=f"there are no holidays {name!r}; {', '.join(sorted(self._holidays))} would fit",
            )
            for position, name in enumerate(raw["holidays"])
            if name not in self._holidays
        ]
        if len(raw["holidays"]) > MAX_LISTS:
            message = f"{len(raw['holidays'])} lists; at most {MAX_LISTS} would fit"
            problems.append(ContentProblem(file=file, field="counting.holidays", message=message))
        if "rolls" in raw:
            problems += validate_fields(raw["rolls"], ROLLS, file=file, under="counting.rolls.")
            if not problems and raw["rolls"]["to"] != ROLLS_TO:
                message = f"{raw['rolls']['to']!r}; {ROLLS_TO} would fit"
                problems.append(ContentProblem(file=file, field="counting.rolls.to", message=message))
        return problems

    def _validate_duty(self, raw: object, file: str, under: str) -> list[ContentProblem]:
        problems = validate_fields(raw, DUTY, file=file, under=under)
        if problems or not isinstance(raw, Mapping):
            return problems
        if not _ID.fullmatch(raw["id"]):
            message = f"{raw['id']!r}; lower-case words with hyphens would fit"
            problems.append(ContentProblem(file=file, field=f"{under}id", message=message))
        if not 0 <= raw.get("effort", 0) <= MAX_EFFORT:
            message = f"{raw['effort']!r}; 0 to {MAX_EFFORT} minutes would fit"
            problems.append(ContentProblem(file=file, field=f"{under}effort", message=message))
        problems += validate_statement(raw["title"], file=file, field=f"{under}title")
        problems += _validate_texts(raw, file, under)
        if "applies_to" in raw:
            problems += validate_condition(raw["applies_to"], types=self._types, file=file, field=f"{under}applies_to")
        return problems + validate_clock(raw, types=self._types, file=file, under=under)

    def _build_law(self, raw: Mapping[str, Any]) -> Law:
        counting, doubt = raw["counting"], raw.get("doubt")
        rolls = RollRule(citation=counting["rolls"]["citation"]) if "rolls" in counting else None
        return Law(
            **{name: raw[name] for name in ("id", "title", "version", "citation", "source", "license")},
            effective=raw["effective"],
            checked_on=raw["checked_on"],
            standing=LawStanding(raw["standing"]),
            depth=LawDepth(raw["depth"]),
            applies_to=parse_condition(raw["applies_to"], types=self._types),
            business=BusinessCalendar(holidays=tuple(self._holidays[name] for name in counting["holidays"])),
            duties=tuple(map(self._build_duty, raw["duties"])),
            rolls=rolls,
            supersedes=raw.get("supersedes", ""),
            doubt=EffectiveDoubt(text=doubt["says"], or_effective=doubt["or_effective"]) if doubt else None,
        )

    def _build_duty(self, raw: Mapping[str, Any]) -> LawDuty:
        proof = raw.get("proven_by", [])
        return LawDuty(
            **{name: raw[name] for name in ("id", "title", "citation", "who", "to", "trigger")},
            clock=build_clock(raw, types=self._types),
            applies_to=parse_condition(raw["applies_to"], types=self._types) if "applies_to" in raw else EVERYBODY,
            extension=build_extension(raw.get("extension")),
            doubt=build_doubt(raw.get("doubt")),
            ask_first=tuple(raw.get("ask_first", ())),
            proven_by=() if isinstance(proof, str) else tuple(proof),
            attested_by=proof if isinstance(proof, str) else "",
            effort=raw.get("effort", 0),
            penalty=raw.get("penalty", ""),
        )


def _validate_doubt(raw: Mapping[str, Any], file: str) -> list[ContentProblem]:
    if raw["doubt"]["or_effective"] > raw["effective"]:
        return []
    message = f"{raw['doubt']['or_effective']}; a day after {raw['effective']} would fit: the earlier counts"
    return [ContentProblem(file=file, field="doubt.or_effective", message=message)]


def _validate_texts(raw: Mapping[str, Any], file: str, under: str) -> list[ContentProblem]:
    lists = {name: raw[name] for name in ("ask_first", "proven_by") if isinstance(raw.get(name), list)}
    return [
        ContentProblem(file=file, field=f"{under}{name}", message=f"{values!r}; a list of texts would fit")
        for name, values in lists.items()
        if not all(isinstance(value, str) for value in values)
    ]


def _find_repeated_duties(duties: Sequence[Mapping[str, Any]], file: str) -> list[ContentProblem]:
    ids = [duty["id"] for duty in duties]
    return [
        ContentProblem(file=file, field=f"duties[{position}].id", message=f"{name!r} is there twice; another would fit")
        for position, name in enumerate(ids)
        if name in ids[:position]
    ]


def _find_repeated_ids(laws: Sequence[Law]) -> list[ContentProblem]:
    ids = [law.id for law in laws]
    return [
        ContentProblem(file=FOLDER, field="id", message=f"{name!r} is there twice; one law a file would fit")
        for name in sorted({name for name in ids if ids.count(name) > 1})
    ]


def _find_version_problems(laws: Sequence[Law]) -> list[ContentProblem]:
    """Return the laws whose older version is not older, so that versions never go in a circle."""
    by_id = {law.id: law for law in laws}
    return [
        ContentProblem(
            file=FOLDER,
            field=f"{law.id}.supersedes",
            message=f"{law.supersedes} is in force from {by_id[law.supersedes].effective}; an older version would fit",
        )
        for law in laws
        if law.supersedes in by_id and by_id[law.supersedes].effective >= law.effective
    ]
