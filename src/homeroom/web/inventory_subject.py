"""One device, person or account: what Homeroom holds it to be, and its records from every source side by side."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext

from homeroom.apps.audit.commands import record
from homeroom.apps.districts.stores import store_of
from homeroom.apps.inventory.listings import LISTINGS
from homeroom.apps.inventory.records import Record, SideBySide, side_by_side
from homeroom.apps.inventory.subjects import Subject, belonging_to, merged_into, names_of, subject
from homeroom.apps.posture.subjects import open_findings_of
from homeroom.apps.posture.words import product_word
from homeroom.domain.ids import public_id
from homeroom.evidence.asking import TooSlow
from homeroom.web.access import district_view
from homeroom.web.inventory import PLURAL, TITLE
from homeroom.web.inventory_lines import lines_of, shown_value, subject_address, usual
from homeroom.web.inventory_words import field_word, value_word


@district_view()
def one(request: HttpRequest, *, district: Any, kind: str, public: str) -> HttpResponse:
    """The page of one subject. An id that was merged into another leads there; a pupil's page is logged."""
    found = subject(district=district, public=public)
    if found is None or found.kind != kind:
        into = merged_into(district=district, public=public)
        if into is None or found is not None:
            raise Http404
        return redirect(subject_address(kind, into))
    _log_pupil(request, found)
    return render(request, "inventory/subject.html", _given(district, found))


def _log_pupil(request: HttpRequest, found: Subject) -> None:
    if found.values.get("kind") == "student" and found.kind in ("person", "account"):
        visit: Any = request.visit  # type: ignore[attr-defined]
        record(
            district=visit.district,
            at=visit.now,
            actor=visit.actor,
            action="opened-pupil",
            subject_kind=found.kind,
            subject=found.public,
        )


def _given(district: Any, found: Subject) -> dict[str, Any]:
    shelf = LISTINGS[found.kind]
    values = found.values
    names = ("name", "serial", "asset_tag") if found.kind == "device" else ("name", "email")
    return {
        "subject": found,
        "title": next((values[name] for name in names if values.get(name)), found.public),
        "list_title": TITLE[found.kind],
        "list_url": reverse(PLURAL[found.kind]),
        "summary": _summary(found),
        "facts": [
            (column.label, _fact(column.name, values[column.name])) for column in shelf.shown if column.name != "name"
        ],
        "left": values.get("left") or values.get("holder_left"),
        "related": _related(district, found),
        "findings": open_findings_of(district=district, subject_kind=found.kind, subject=found.id),
        **_records(district, found),
    }


def _fact(name: str, value: Any) -> Any:
    if name == "sources":
        return [product_word(source) for source in value.split()] or None
    return value_word(name, shown_value(name, value))


def _summary(found: Subject) -> str:
    """What somebody asks first, in one line: which kind of thing it is, which model, where it belongs."""
    wanted = {
        "device": ("model", "status"),
        "person": ("kind", "title", "grade_band"),
        "account": ("directory", "role"),
    }
    words = [value_word(name, found.values.get(name)) for name in (*wanted[found.kind], "school")]
    return " · ".join(str(word) for word in words if word)


def _records(district: Any, found: Subject) -> dict[str, Any]:
    store = store_of(district=district)
    try:
        side = side_by_side(store=store, derived=found.derived, kind=found.kind, subject=found.id)
    except TooSlow:
        return {"slow": True}
    return {"side": side, "headings": [_heading(record) for record in side.records], "lines": _lines(side)}


def _heading(of: Record) -> dict[str, Any]:
    return {"record": of, "named": of.instance if of.instance != of.connector else ""}


def _lines(side: SideBySide) -> list[dict[str, Any]]:
    """A row a field: a cell a record; of differing values each but the commonest is marked."""
    return [
        {
            "name": line.column.name,
            "word": field_word(line.column.name),
            "meaning": line.column.meaning,
            "differs": line.differs,
            "cells": [value_word(line.column.name, value) for value in line.values],
        }
        for line in side.lines
    ]


def _related(district: Any, found: Subject) -> list[dict[str, Any]]:
    """What belongs to a person, or the person that a thing belongs to."""
    if found.kind == "person":
        things = belonging_to(district=district, person=found.id)
        return [
            {"title": TITLE[kind], "lines": lines_of(LISTINGS[kind], rows, usual(LISTINGS[kind]))}
            for kind, rows in things.items()
            if rows
        ]
    person = found.values.get("holder" if found.kind == "device" else "person")
    title = gettext("Held by") if found.kind == "device" else gettext("Belongs to")
    return [] if person is None else [{"title": title, "lines": _person(district, person)}]


def _person(district: Any, person: int) -> list[dict[str, Any]]:
    row = names_of(district=district, kind="person", subject=person)
    if row is None:
        return [{"name": public_id("person", person), "url": "", "heads": [], "cells": ""}]
    return lines_of(LISTINGS["person"], [row], usual(LISTINGS["person"]))


urlpatterns = [path(f"{plural}/<str:public>", one, {"kind": kind}, name=kind) for kind, plural in PLURAL.items()]
