"""What teachers read: one plain sentence a visit, in English and in Spanish."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pytest

from homeroom.apps.manage.rollouts.teachers.room_pages import build_room_page
from homeroom.apps.manage.rollouts.visits.teacher_texts import (
    ENGLISH,
    LANGUAGES,
    SPANISH,
    Task,
    format_clock,
    format_full_clock,
    join_names,
    name_place,
    name_room,
    write_sentence,
)
from homeroom.apps.manage.rollouts.visits.visit_slots import VisitSlot, find_visit_slot
from homeroom.domain.manage.rollouts.plan import PlannedVisit
from homeroom.domain.manage.rollouts.spec import RolloutRoom, RolloutSchool, RolloutSpec, TeamMember
from homeroom.domain.schooldays import BellCalendar, DayType, Stretch

SWAP = Task(kind="swap", noun="Chromebooks", noun_es="Chromebooks")
TUESDAY = date(2025, 10, 14)


@dataclass(frozen=True, kw_only=True)
class ToldVisit:
    """What a sentence needs of a visit."""

    day: date = TUESDAY
    starts: int = 614
    ends: int = 664
    people: tuple[str, ...] = ("Kim",)
    name: str = "101"
    devices: int = 30
    class_minutes: int = 0
    slot: str = "free"
    period: str = ""


@dataclass(frozen=True, kw_only=True)
class PagedVisit(ToldVisit):
    """What a page needs of a visit."""

    school: str = "Maple High"


def test_the_sentence_of_a_free_period():
    assert write_sentence(ToldVisit(), SWAP, language=ENGLISH) == (
        "Tuesday, October 14, 10:14 to 11:04, your free period: "
        "Kim swaps the 30 Chromebooks of Room 101. Your students miss nothing."
    )
    assert write_sentence(ToldVisit(), SWAP, language=SPANISH) == (
        "Martes 14 de octubre, de 10:14 a 11:04, en su hora libre: "
        "Kim cambia 30 Chromebooks en el salón 101. Sus estudiantes no pierden nada."
    )


def test_what_class_loses_is_said_with_its_period():
    visit = ToldVisit(
        slot="class", period="Period 3", class_minutes=1, people=("Kim", "Lee"), devices=0, name="Library"
    )
    work = Task(kind="hand", noun="projector", noun_es="proyector")
    assert write_sentence(visit, work, language=ENGLISH) == (
        "Tuesday, October 14, 10:14 to 11:04, during Period 3: "
        "Kim and Lee work on the projector of the library. Your students miss 1 minute of class. "
        "Meanwhile they work on paper, without the projector."
    )
    for period, words in (("Period 3", "el período 3"), ("block B", "el bloque B"), ("Advisory", "Advisory")):
        assert f"durante {words}: " in write_sentence(replace(visit, period=period), work, language=SPANISH)
    longer = replace(visit, class_minutes=20, period="")
    assert "durante la clase: Kim y Lee trabajan con proyector en la biblioteca" in write_sentence(
        longer, work, language=SPANISH
    )
    assert write_sentence(longer, work, language=SPANISH).endswith(
        "pierden 20 minutos de clase. Mientras tanto trabajan en papel, sin proyector."
    )


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["swap", "hand", "action"])
@pytest.mark.parametrize("slot", ["free", "lunch", "before", "after", "no_school", "between", "class", ""])
def test_each_sentence_has_when_who_and_what_is_lost(language: str, kind: str, slot: str):
    text = write_sentence(
        ToldVisit(slot=slot, starts=13 * 60 + 5, ends=13 * 60 + 30), Task(kind=kind), language=language
    )
    assert "1:05" in text
    assert "1:30 p.m." in text
    assert "Kim" in text
    assert text.count(".") == 4, "two sentences, and p.m."
    assert "  " not in text
    assert "{" not in text


def test_times_names_and_rooms_are_as_people_say_them():
    assert [format_clock(minute) for minute in (0, 605, 720, 785)] == ["12:00", "10:05", "12:00", "1:05"]
    assert join_names(["A", "B", "C"], language=ENGLISH) == "A, B and C"
    assert join_names(["A"], language=SPANISH) == "A"
    assert join_names([], language=ENGLISH) == ""
    pairs = [join_names(["Kim", name], language=SPANISH) for name in ("Iris", "Hilda", "Ian", "Lee")]
    assert pairs == ["Kim e Iris", "Kim e Hilda", "Kim y Ian", "Kim y Lee"]
    assert [format_full_clock(minute) for minute in (0, 425, 720, 905)] == [
        "12:00 a.m.", "7:05 a.m.", "12:00 p.m.", "3:05 p.m.",
    ]  # fmt: skip
    assert [name_place("LIBRARY ", language) for language in LANGUAGES] == ["the library", "la biblioteca"]
    assert [name_place("Gym B", language) for language in LANGUAGES] == ["Gym B", "Gym B"]
    assert [name_room(name) for name in ("101", "Room 7b", "Library")] == ["Room 101", "Room 7b", "Library"]
    assert [name_room(name, SPANISH) for name in ("room 7", "Library")] == ["el salón 7", "Library"]


def test_a_page_for_a_room_counts_its_minutes_in_words():
    visits: list[Any] = [PagedVisit(class_minutes=minutes, slot="class") for minutes in (1, 20)]
    texts = [part.paragraphs[0][1] for visit in visits for part in build_room_page(visit, SWAP).texts]
    lengths = ("ready for 1 minute.", "para 1 minuto.", "ready for 20 minutes.", "para 20 minutos.")
    assert all(length in text for length, text in zip(lengths, texts, strict=True))


def measure_grade(text: str) -> float:
    """Return the grade in which a text can be read (Flesch and Kincaid); a group of vowels is a syllable."""
    sentences = max(1, len(re.findall(r"[.!?](?:\s|$)", text)))
    words = re.findall(r"[A-Za-z’']+|\d[\d:]*", text)
    syllables = sum(max(1, len(re.findall(r"[aeiouy]+", re.sub(r"e$", "", word.lower())))) for word in words)
    return 0.39 * len(words) / sentences + 11.8 * syllables / len(words) - 15.59


def test_a_sixth_grader_can_read_the_page_of_a_room():
    assert measure_grade("The administration unfortunately necessitates considerable reconfiguration.") > 12
    for slot, minutes in (("free", 0), ("class", 20)):
        visit: Any = PagedVisit(slot=slot, class_minutes=minutes, period="Period 3")
        page = build_room_page(visit, SWAP, link="https://homeroom.example/d/maple/not-then/1-x")
        english = page.texts[0]
        paragraphs = [text for _, text in english.paragraphs]
        assert measure_grade(" ".join([english.sentence, *paragraphs, english.ask])) <= 6, slot
        assert (page.code is None) == (not page.link)


NORMAL = DayType(
    name="normal",
    stretches=tuple(
        Stretch(starts=starts, ends=ends, name=name)
        for starts, ends, name in (
            (480, 530, "Period 1"), (530, 535, "Passing"), (535, 585, "Period 2"), (585, 620, "Lunch"),
            (620, 670, "Period 3"), (670, 700, "Free"),
        )
    ),
)  # fmt: skip


@pytest.mark.parametrize(
    ("starts", "ends", "minutes", "kind", "period"),
    [
        (420, 480, 0, "before", ""), (670, 700, 0, "after", ""), (535, 580, 0, "free", "Period 2"),
        (590, 615, 0, "lunch", "Lunch"), (530, 580, 0, "between", ""), (500, 540, 30, "class", "Period 1"),
        (600, 640, 20, "class", "Period 3"),
    ],
)  # fmt: skip
def test_when_a_visit_is_for_its_room(starts: int, ends: int, minutes: int, kind: str, period: str):
    bells = BellCalendar(types={"normal": NORMAL, "off": DayType(name="off")}, week={1: "normal", 2: "off"})
    school = RolloutSchool(id="s", bells=bells, opens=420, closes=1000)
    room = RolloutRoom(id="r", school="s", minutes=30, free=frozenset({"period 2"}))
    spec = RolloutSpec(
        title="", zone=None, first=TUESDAY, last=TUESDAY, schools=(school,), rooms=(room,),  # type: ignore[arg-type]
        team=(TeamMember(id="kim", works={}),),
    )  # fmt: skip
    visit = PlannedVisit(room="r", day=TUESDAY, starts=starts, ends=ends, people=("kim",), class_minutes=minutes)
    assert find_visit_slot(visit, room, school, spec) == VisitSlot(kind=kind, period=period)
    off = replace(visit, day=TUESDAY + timedelta(days=1), class_minutes=0)
    assert find_visit_slot(off, room, school, spec) == VisitSlot(kind="no_school")
