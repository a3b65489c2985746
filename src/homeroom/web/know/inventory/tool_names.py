"""Names that may be one tool: pairs to answer, and the answers that count."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.know.tool_names.answers import UnknownAnswer, UnknownPair, record_answer, revoke_answer
from homeroom.apps.know.tool_names.likely_pairs import load_pair_queue
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.engines.manage.tools.likely_pairs import LONGER, SLIP
from homeroom.web.shared.access import DistrictRequest, district_view

REASONS = {
    SLIP: gettext_lazy("They differ by a letter or two."),
    LONGER: gettext_lazy("The words of one begin the other."),
}
MAX_PAIRS, MAX_ANSWERS = 20, 50


@district_view(permission="inventory.read_all", change="inventory.answer")
def review_tool_names_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the likely pairs of tools, what costs most first, and the current answers."""
    queue = load_pair_queue(district=district, store=get_evidence_store(district=district))
    context = {
        "pairs": [{"pair": pair, "reason": REASONS[pair.why]} for pair in queue.pairs[:MAX_PAIRS]],
        "waiting": len(queue.pairs),
        "answers": queue.answers[:MAX_ANSWERS],
    }
    return render(request, "inventory/tool_names.html", context)


@district_view(permission="inventory.answer", methods=("POST",))
def answer_tool_names_view(request: DistrictRequest, *, district: District, pair: str) -> HttpResponse:
    """Store whether two names are one tool; the next resolve applies it."""
    visit = request.visit
    if request.POST.get("same") not in ("yes", "no"):
        raise Http404
    try:
        record_answer(
            district=district,
            store=get_evidence_store(district=district),
            pair_id=pair,
            same=request.POST["same"] == "yes",
            actor=visit.actor,
            at=visit.now,
        )
    except UnknownPair as error:
        raise Http404 from error
    messages.success(
        request, gettext("Saved. It counts from the next load on; you can take it back below."), extra_tags="good"
    )
    return redirect("tool-names")


@district_view(permission="inventory.answer", methods=("POST",))
def revoke_tool_answer_view(request: DistrictRequest, *, district: District, answer: int) -> HttpResponse:
    """Take an answer back."""
    visit = request.visit
    try:
        revoke_answer(district=district, answer=answer, actor=visit.actor, at=visit.now)
    except UnknownAnswer as error:
        raise Http404 from error
    messages.success(request, gettext("Taken back. The next load decides without it."), extra_tags="good")
    return redirect("tool-names")


urlpatterns = [
    path("inventory/review/tools", review_tool_names_view, name="tool-names"),
    path("inventory/review/tools/<slug:pair>/answer", answer_tool_names_view, name="tool-names-answer"),
    path("inventory/review/tools/answers/<int:answer>/take-back", revoke_tool_answer_view, name="tool-names-take-back"),
]
