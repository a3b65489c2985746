"""One sentence a visit for the people in its room, in plain words, in English and in Spanish."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

ENGLISH, SPANISH = "en", "es"
LANGUAGES = (ENGLISH, SPANISH)
_DAYS: Mapping[str, Sequence[str]] = {
    ENGLISH: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    SPANISH: ("Lunes", "Martes", "Miércoles", "Jueves", "Viernes", "Sábado", "Domingo"),
}
_MONTHS: Mapping[str, Sequence[str]] = {
    ENGLISH: (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    SPANISH: (
        "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
        "diciembre",
    ),
}  # fmt: skip
_SLOTS: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {
        "free": "your free period",
        "lunch": "at lunch",
        "before": "before school",
        "after": "after school",
        "no_school": "a day without class",
        "between": "when your room has no class",
        "class": "during {period}",
    },
    SPANISH: {
        "free": "en su hora libre",
        "lunch": "a la hora del almuerzo",
        "before": "antes de clases",
        "after": "después de clases",
        "no_school": "un día sin clases",
        "between": "cuando no hay clase en su salón",
        "class": "durante {period}",
    },
}
_CLASS_WORDS = {ENGLISH: "class", SPANISH: "la clase"}
_PERIODS = {"period": "el período", "block": "el bloque"}
_PERIOD = re.compile(r"(period|block)\s+(\S+)", re.IGNORECASE)
_VERBS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    ENGLISH: {"swap": ("swaps", "swap"), "hand": ("works on", "work on"), "action": ("updates", "update")},
    SPANISH: {"swap": ("cambia", "cambian"), "hand": ("trabaja con", "trabajan con"),
              "action": ("actualiza", "actualizan")},
}  # fmt: skip
_NUMBERED = re.compile(r"(?:room\s+)?(\d.*)", re.IGNORECASE)
_PLACES: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {
        name: f"the {name}"
        for name in ("library", "gym", "cafeteria", "office", "front office", "main office", "auditorium",
                     "computer lab", "media center", "staff room")
    },
    SPANISH: {
        "library": "la biblioteca", "gym": "el gimnasio", "cafeteria": "la cafetería", "office": "la oficina",
        "front office": "la oficina principal", "main office": "la oficina principal", "auditorium": "el auditorio",
        "computer lab": "el laboratorio de computación", "media center": "el centro de medios",
        "staff room": "la sala de maestros",
    },
}  # fmt: skip
"""Rooms that are called as what they are: a sentence names them with their article, in its language."""
_AND = {ENGLISH: "and", SPANISH: "y"}
_SOUNDS_AS_Y = re.compile(r"h?[ií](?![aeiouáéíóú])", re.IGNORECASE)
"""Beginnings of names before which Spanish says e instead of y, so that both sounds stay apart."""
_THINGS = {ENGLISH: "devices", SPANISH: "dispositivos"}


@dataclass(frozen=True, kw_only=True)
class Task:
    """What is done in a room: its kind, and the noun for what it is about, in English and in Spanish."""

    kind: str
    noun: str = ""
    noun_es: str = ""


def write_sentence(visit: Any, task: Task, *, language: str) -> str:
    """Return what a visit means for the people in its room: when, who, what, and what their students miss."""
    when = f"{_format_day(visit.day, language)}, {_format_times(visit.starts, visit.ends, language)}"
    slot = _SLOTS[language].get(visit.slot, "").format(period=_name_period(visit.period, language))
    start = f"{when}, {slot}" if slot else when
    return f"{start}: {_describe_task(visit, task, language)} {_describe_loss(visit.class_minutes, task, language)}"


def get_noun(task: Task, *, language: str) -> str:
    """Return the noun for what a task is about."""
    return (task.noun if language == ENGLISH else task.noun_es) or _THINGS[language]


def format_clock(minute: int) -> str:
    """Return a time of day as people read it on a clock with twelve hours."""
    hour, rest = divmod(minute % (24 * 60), 60)
    return f"{(hour - 1) % 12 + 1}:{rest:02}"


def format_full_clock(minute: int) -> str:
    """Return a time of day as people read it, with its half of the day, for a list without other words."""
    return f"{format_clock(minute)} {'p.m.' if minute % (24 * 60) >= 12 * 60 else 'a.m.'}"


def format_length(minutes: int, language: str) -> str:
    """Return a number of minutes in words of a language."""
    unit = {ENGLISH: "minute", SPANISH: "minuto"}[language]
    return f"{minutes} {unit}" if minutes == 1 else f"{minutes} {unit}s"


def name_room(name: str, language: str = ENGLISH) -> str:
    """Return the name of a room for a sentence; a number is preceded by the word for a room."""
    match = _NUMBERED.fullmatch(name)
    if language == SPANISH:
        return f"el salón {match[1]}" if match else name
    return f"Room {match[1]}" if match else name


def name_place(name: str, language: str) -> str:
    """Return the name of a room within a sentence."""
    return _PLACES[language].get(" ".join(name.split()).casefold()) or name_room(name, language)


def join_names(names: Sequence[str], *, language: str) -> str:
    """Return names as a list in words."""
    if len(names) < 2:
        return "".join(names)
    word = "e" if language == SPANISH and _SOUNDS_AS_Y.match(names[-1]) else _AND[language]
    return f"{', '.join(names[:-1])} {word} {names[-1]}"


def _name_period(name: str, language: str) -> str:
    """Return the name of a stretch of class within a sentence; the bells have it in English."""
    match = _PERIOD.fullmatch(name) if language == SPANISH else None
    return f"{_PERIODS[match[1].lower()]} {match[2]}" if match else name or _CLASS_WORDS[language]


def _format_day(day: date, language: str) -> str:
    weekday, month = _DAYS[language][day.weekday()], _MONTHS[language][day.month - 1]
    return f"{weekday}, {month} {day.day}" if language == ENGLISH else f"{weekday} {day.day} de {month}"


def _format_times(starts: int, ends: int, language: str) -> str:
    """Return from when to when; only an afternoon needs p.m., since a school's morning begins at 7."""
    suffix = " p.m." if ends >= 13 * 60 else ""
    first, last = format_clock(starts), format_clock(ends) + suffix
    return f"{first} to {last}" if language == ENGLISH else f"de {first} a {last}"


def _describe_task(visit: Any, task: Task, language: str) -> str:
    verb = _VERBS[language][task.kind][len(visit.people) > 1]
    noun = get_noun(task, language=language)
    people, room = join_names(visit.people, language=language), name_place(visit.name, language)
    count = f"{visit.devices} " if visit.devices > 1 else ""
    if language == ENGLISH:
        return f"{people} {verb} the {count}{noun} of {room}."
    return f"{people} {verb} {count}{noun} en {room}."


def _describe_loss(minutes: int, task: Task, language: str) -> str:
    """Return what the students miss and, where class is disturbed, what they do in the meantime."""
    noun, length = get_noun(task, language=language), format_length(minutes, language)
    if language == ENGLISH:
        loss = f"Your students miss {length} of class. Meanwhile they work on paper, without the {noun}."
        return loss if minutes else "Your students miss nothing."
    loss = f"Sus estudiantes pierden {length} de clase. Mientras tanto trabajan en papel, sin {noun}."
    return loss if minutes else "Sus estudiantes no pierden nada."
