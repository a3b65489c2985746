"""The review of doubtful pairs: both sides side by side, one question, and the answers given so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.audit.commands import record
from homeroom.apps.districts.stores import store_of
from homeroom.apps.inventory.decisions import NoSuchDecision, NoSuchQuestion, decide, take_back
from homeroom.apps.inventory.reviewing import Question, Sides, queue, sides_of
from homeroom.evidence.asking import TooSlow
from homeroom.web.access import district_view
from homeroom.web.inventory import PLURAL, TITLE
from homeroom.web.inventory_lines import subject_address
from homeroom.web.inventory_words import field_word, value_word

ASKED = {
    "device": gettext_lazy("Are these the same device?"),
    "person": gettext_lazy("Are these the same person?"),
    "account": gettext_lazy("Does this account belong to this person?"),
}
YES = {
    "device": gettext_lazy("Yes, one device"),
    "person": gettext_lazy("Yes, one person"),
    "account": gettext_lazy("Yes, it is theirs"),
}
NO = {
    "device": gettext_lazy("No, two devices"),
    "person": gettext_lazy("No, two people"),
    "account": gettext_lazy("No, it is not"),
}
_SHOWN = 50  # answers that the page lists


@district_view()
def review(request: HttpRequest, *, district: Any) -> HttpResponse:
    """One question of the queue, the weightiest or the one that the address names, and what was answered."""
    waiting = queue(district=district, store=store_of(district=district))
    wanted = request.GET.get("question", "")
    at = next((n for n, one in enumerate(waiting.questions) if one.id == wanted), 0)
    asked = waiting.questions[at] if waiting.questions else None
    _log_pupils(request, asked)
    following = waiting.questions[at + 1 : at + 2] if asked else ()
    given = {
        "asked": asked,
        "waiting": len(waiting.questions),
        "after": following[0].id if following else "",
        "said": [{"one": one, "kind": TITLE[one.kind]} for one in waiting.said[:_SHOWN]],
        "tabs": [{"title": title, "url": PLURAL[kind]} for kind, title in TITLE.items()],
        **(_compared(district, asked) if asked else {}),
    }
    return render(request, "inventory/review.html", given)


@district_view(methods=("POST",))
def answering(request: HttpRequest, *, district: Any, question: str) -> HttpResponse:
    """Keeps the answer to a question; the next resolve obeys it."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    if request.POST.get("same") not in ("yes", "no"):
        raise Http404
    same = request.POST["same"] == "yes"
    try:
        decide(
            district=district,
            store=store_of(district=district),
            question=question,
            same=same,
            actor=visit.actor,
            at=visit.now,
        )
    except NoSuchQuestion as missing:
        raise Http404 from missing
    messages.success(
        request, gettext("Kept. The next resolve goes by it; you can take it back below."), extra_tags="good"
    )
    return redirect("review")


@district_view(methods=("POST",))
def taking_back(request: HttpRequest, *, district: Any, decision: int) -> HttpResponse:
    """Takes an answer back."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    try:
        take_back(district=district, decision=decision, actor=visit.actor, at=visit.now)
    except NoSuchDecision as missing:
        raise Http404 from missing
    messages.success(request, gettext("Taken back. The next resolve decides without it."), extra_tags="good")
    return redirect("review")


def _compared(district: Any, asked: Question) -> dict[str, Any]:
    kinds = ("account", "person") if asked.kind == "account" else (asked.kind, asked.kind)
    given = {
        "question": ASKED[asked.kind],
        "yes": YES[asked.kind],
        "no": NO[asked.kind],
        "signs": asked.why.split("; "),
        "addresses": [
            subject_address(kind, public) for kind, public in zip(kinds, (asked.one, asked.other), strict=True)
        ],
    }
    try:
        sides = sides_of(store=store_of(district=district), question=asked)
    except TooSlow:
        return {**given, "slow": True}
    return {**given, "sides": sides, "lines": _lines(sides)}


def _lines(sides: Sides) -> list[dict[str, Any]]:
    first = len(sides.one)
    return [
        {
            "word": field_word(line.column.name),
            "meaning": line.column.meaning,
            "differs": line.differs and _at_odds(line.values[:first], line.values[first:]),
            "cells": [
                {"value": value_word(line.column.name, value), "turns": at == first}
                for at, value in enumerate(line.values)
            ],
        }
        for line in sides.lines
    ]


def _at_odds(one: Sequence[Any], other: Sequence[Any]) -> bool:
    """Whether both sides say something and nothing alike: what one side says in two ways tells nothing about the other."""
    mine, theirs = ([value for value in side if value is not None] for side in (one, other))
    return bool(mine and theirs) and not any(value in theirs for value in mine)


def _log_pupils(request: HttpRequest, asked: Question | None) -> None:
    """Whoever looks at two people or accounts side by side has opened records that may be pupils'."""
    if asked is not None and asked.kind != "device":
        visit: Any = request.visit  # type: ignore[attr-defined]
        record(
            district=visit.district,
            at=visit.now,
            actor=visit.actor,
            action="opened doubtful pair",
            subject_kind=asked.kind,
            subject=asked.id,
        )


urlpatterns = [
    path("inventory/review", review, name="review"),
    path("inventory/review/<slug:question>/answer", answering, name="review-answer"),
    path("inventory/review/decisions/<int:decision>/take-back", taking_back, name="review-take-back"),
]
