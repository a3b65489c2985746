"""Review of uncertain matches: both sides side by side, one question, and the previous answers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.know.inventory.decisions import UnknownDecision, UnknownMatchReview, record_decision, revoke_decision
from homeroom.apps.know.inventory.masked_lists import list_named_devices
from homeroom.apps.know.inventory.match_review import MatchReview, ReviewSides, load_review_queue, load_review_sides
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.evidence.query.executor import QueryTimeout
from homeroom.web.know.inventory.list_addresses import PLURAL, TITLE
from homeroom.web.know.inventory.list_rows import build_subject_url
from homeroom.web.know.inventory.record_cells import format_record_cell
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.inventory_labels import get_field_label

QUESTION_TEXTS = {
    "device": gettext_lazy("Are these the same device?"),
    "person": gettext_lazy("Are these the same person?"),
    "account": gettext_lazy("Does this account belong to this person?"),
}
YES_ANSWERS = {
    "device": gettext_lazy("Yes, one device"),
    "person": gettext_lazy("Yes, one person"),
    "account": gettext_lazy("Yes, it is theirs"),
}
NO_ANSWERS = {
    "device": gettext_lazy("No, two devices"),
    "person": gettext_lazy("No, two people"),
    "account": gettext_lazy("No, it is not"),
}
_MAX_ANSWERS = 50  # answers that the page lists


@district_view(permission="inventory.read_all", change="inventory.answer")
def review_matches_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show one question of the queue, the most important or the one in the address, and the previous answers.

    What the page of either side masks for a role is masked here too, with the keys of people and accounts in answers.
    """
    review_queue = load_review_queue(district=district, store=get_evidence_store(district=district))
    question_id = request.GET.get("question", "")
    at = next((n for n, entry in enumerate(review_queue.reviews) if entry.id == question_id), 0)
    question = review_queue.reviews[at] if review_queue.reviews else None
    _log_students(request, question)
    masked = not request.visit.may_read_private
    following = review_queue.reviews[at + 1 : at + 2] if question else ()
    context = {
        "asked": question,
        "waiting": len(review_queue.reviews),
        "after": following[0].id if following else "",
        "said": [
            {"one": entry, "kind": TITLE[entry.kind], "masked": masked and entry.kind != "device"}
            for entry in review_queue.decisions[:_MAX_ANSWERS]
        ],
        "tabs": [{"title": title, "url": PLURAL[kind]} for kind, title in TITLE.items()],
        **(_build_comparison(district, question, masked=masked) if question else {}),
    }
    return render(request, "inventory/review.html", context)


@district_view(permission="inventory.answer", methods=("POST",))
def answer_question_view(request: DistrictRequest, *, district: District, question: str) -> HttpResponse:
    """Store the answer to a question; the next resolve applies it."""
    visit = request.visit
    if request.POST.get("same") not in ("yes", "no"):
        raise Http404
    same = request.POST["same"] == "yes"
    try:
        record_decision(
            district=district,
            store=get_evidence_store(district=district),
            review_id=question,
            same=same,
            actor=visit.actor,
            at=visit.now,
        )
    except UnknownMatchReview as error:
        raise Http404 from error
    messages.success(
        request, gettext("Kept. The next resolve goes by it; you can take it back below."), extra_tags="good"
    )
    return redirect("review")


@district_view(permission="inventory.answer", methods=("POST",))
def withdraw_decision_view(request: DistrictRequest, *, district: District, decision: int) -> HttpResponse:
    """Withdraw an answer."""
    visit = request.visit
    try:
        revoke_decision(district=district, decision=decision, actor=visit.actor, at=visit.now)
    except UnknownDecision as error:
        raise Http404 from error
    messages.success(request, gettext("Taken back. The next resolve decides without it."), extra_tags="good")
    return redirect("review")


def _build_comparison(district: District, question: MatchReview, *, masked: bool) -> dict[str, Any]:
    kinds = ("account", "person") if question.kind == "account" else (question.kind, question.kind)
    context = {
        "question": QUESTION_TEXTS[question.kind],
        "yes": YES_ANSWERS[question.kind],
        "no": NO_ANSWERS[question.kind],
        "signs": question.why.split("; "),
        "addresses": [
            build_subject_url(kind, public) for kind, public in zip(kinds, (question.one, question.other), strict=True)
        ],
    }
    try:
        sides = load_review_sides(store=get_evidence_store(district=district), match_review=question)
    except QueryTimeout:
        return {**context, "slow": True}
    publics = {question.one, question.other} if masked and question.kind == "device" else set()
    is_holder_masked = not publics <= list_named_devices(publics, district=district)
    lines = _build_comparison_lines(sides, masked=masked, is_holder_masked=is_holder_masked)
    return {**context, "sides": sides, "lines": lines}


def _build_comparison_lines(sides: ReviewSides, *, masked: bool, is_holder_masked: bool) -> list[dict[str, Any]]:
    first = len(sides.one)
    return [
        {
            "word": get_field_label(line.column.name),
            "meaning": line.column.meaning,
            "differs": line.differs and _has_conflict(line.values[:first], line.values[first:]),
            "cells": [
                {
                    "value": format_record_cell(line.column, value, masked=masked, is_holder_masked=is_holder_masked),
                    "turns": at == first,
                }
                for at, value in enumerate(line.values)
            ],
        }
        for line in sides.lines
    ]


def _has_conflict(first_side: Sequence[Any], second_side: Sequence[Any]) -> bool:
    """Check whether both sides have values and share none of them."""
    first_values, second_values = ([value for value in side if value is not None] for side in (first_side, second_side))
    return bool(first_values and second_values) and not any(value in second_values for value in first_values)


def _log_students(request: DistrictRequest, question: MatchReview | None) -> None:
    """Log the comparison of two people or accounts, since it opens records that may be students'."""
    if question is not None and question.kind != "device":
        visit = request.visit
        record_audit_entry(
            district=visit.district,
            at=visit.now,
            actor=visit.actor,
            action="opened doubtful pair",
            subject_kind=question.kind,
            subject=question.id,
        )


urlpatterns = [
    path("inventory/review", review_matches_view, name="review"),
    path("inventory/review/<slug:question>/answer", answer_question_view, name="review-answer"),
    path("inventory/review/decisions/<int:decision>/take-back", withdraw_decision_view, name="review-take-back"),
]
