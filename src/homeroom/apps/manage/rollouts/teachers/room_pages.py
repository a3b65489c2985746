"""One page a room for its door and the substitute, in English and Spanish, at a sixth-grade level."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from homeroom.apps.manage.rollouts.queries import VisitView
from homeroom.apps.manage.rollouts.teachers.qr_codes import QrCode, build_qr_code
from homeroom.apps.manage.rollouts.visits.teacher_texts import (
    ENGLISH,
    LANGUAGES,
    SPANISH,
    Task,
    format_length,
    get_noun,
    join_names,
    name_place,
    name_room,
    write_sentence,
)

_TEXTS: Mapping[str, Mapping[str, str]] = {
    ENGLISH: {
        "title": "Visit to {room}",
        "class": "For the class",
        "calm": "Nothing changes for the class.",
        "disturbed": "Have work on paper ready for {length}. The {noun} cannot be used then.",
        "substitute": "For the substitute",
        "help": "Let {people} in. Please leave the {noun} where they are. You do not have to help. "
        "If something is wrong, call the school office.",
        "ask": "Teacher: is this a bad day? Scan the code, or open the link, and tap “Not then”. "
        "Cut this part off before you hang up the page.",
        "code": "QR code of the link for the teacher",
    },
    SPANISH: {
        "title": "Visita en {room}",
        "class": "Para la clase",
        "calm": "Nada cambia para la clase.",
        "disturbed": "Tenga listo trabajo en papel para {length}. En ese tiempo no hay {noun}.",
        "substitute": "Para quien suple",
        "help": "Deje entrar a {people}. Por favor deje todo ({noun}) en su lugar. No tiene que ayudar. "
        "Si algo no está bien, llame a la oficina de la escuela.",
        "ask": "Docente: ¿no le conviene este día? Escanee el código, o abra el enlace, y toque «Ese día no». "
        "Corte esta parte antes de colgar la hoja.",
        "code": "Código QR del enlace para el docente",
    },
}


@dataclass(frozen=True, kw_only=True)
class PageText:
    """A page's text in one language: a title, the sentence, titled paragraphs, and what the teacher can do."""

    language: str
    title: str
    sentence: str
    paragraphs: Sequence[tuple[str, str]]
    ask: str
    code_title: str


@dataclass(frozen=True, kw_only=True)
class RoomPage:
    """The page of a room; `link` and `code` are empty where links are turned off."""

    school: str
    room: str
    texts: Sequence[PageText]
    link: str = ""
    code: QrCode | None = None


def build_room_page(visit: VisitView, task: Task, *, link: str = "") -> RoomPage:
    """Return the page of the room of a visit."""
    return RoomPage(
        school=visit.school,
        room=name_room(visit.name),
        texts=[_write_text(visit, task, language) for language in LANGUAGES],
        link=link,
        code=build_qr_code(link) if link else None,
    )


def write_copy_text(visits: Sequence[VisitView], task: Task, *, find_link: Callable[[VisitView], str]) -> str:
    """Return the sentences of visits as plain text to copy, by school, with the links where there are any."""
    lines, school = [], None
    for visit in visits:
        if visit.school != school:
            lines += [visit.school, ""]
            school = visit.school
        lines += [write_sentence(visit, task, language=language) for language in LANGUAGES]
        link = find_link(visit)
        lines += [f"Not then / Ese día no: {link}", ""] if link else [""]
    return "\n".join(lines)


def _write_text(visit: VisitView, task: Task, language: str) -> PageText:
    texts = _TEXTS[language]
    values = {
        "room": name_place(visit.name, language),
        "length": format_length(visit.class_minutes, language),
        "noun": get_noun(task, language=language),
        "people": join_names(visit.people, language=language),
    }
    calm = texts["disturbed"] if visit.class_minutes else texts["calm"]
    return PageText(
        language=language,
        title=texts["title"].format(**values),
        sentence=write_sentence(visit, task, language=language),
        paragraphs=[(texts["class"], calm.format(**values)), (texts["substitute"], texts["help"].format(**values))],
        ask=texts["ask"],
        code_title=texts["code"],
    )
