"""The rules that judge a district's logs: which run, which see nothing here, which are off, and how right they were."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse

from homeroom.apps.detection.rule_pages import RuleLine, RuleState, list_rule_lines, load_rule_page
from homeroom.domain.district import District
from homeroom.web.shared.access import DistrictRequest, district_view

PAGE = 100


@district_view()
def list_rules(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the rules, all or those in one state."""
    lines = list_rule_lines(district=district, now=request.visit.now)
    state, after = request.GET.get("state", ""), _parse_start(request)
    shown = [line for line in lines if line.state == state] if state in set(RuleState) else list(lines)
    chosen = state if state in set(RuleState) else ""
    page = shown[after : after + PAGE]
    context = {
        "lines": page,
        "states": [("", len(lines), _build_url("", 0)), *_count_states(lines)],
        "chosen": chosen,
        "first": _build_url(chosen, 0) if after else "",
        "next": _build_url(chosen, after + PAGE) if len(shown) > after + PAGE else "",
        "numbers": (after + 1, after + len(page)),
    }
    return render(request, "alerts/rules.html", context)


@district_view()
def show_rule(request: DistrictRequest, *, district: District, rule: str) -> HttpResponse:
    """Show one rule: what it means, the first step, and what its test has."""
    page = load_rule_page(district=district, rule=rule, now=request.visit.now)
    if page is None:
        raise Http404
    return render(request, "alerts/rule.html", {"page": page, "line": page.line})


def _count_states(lines: tuple[RuleLine, ...]) -> list[tuple[str, int, str]]:
    return [(str(state), sum(line.state == state for line in lines), _build_url(str(state), 0)) for state in RuleState]


def _parse_start(request: DistrictRequest) -> int:
    text = request.GET.get("after", "")
    return int(text) if text.isdecimal() and len(text) < 9 else 0


def _build_url(state: str, after: int) -> str:
    parameters = ({"state": state} if state else {}) | ({"after": str(after)} if after else {})
    return reverse("alert-rules") + (f"?{urlencode(parameters)}" if parameters else "")


urlpatterns = [
    path("alerts/rules", list_rules, name="alert-rules"),
    path("alerts/rules/<path:rule>", show_rule, name="alert-rule"),
]
