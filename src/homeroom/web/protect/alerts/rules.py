"""The rules that judge a district's logs: which run, which see nothing here, which are off, and how right they were."""

from __future__ import annotations

import shutil
from pathlib import Path, PureWindowsPath
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.urls import path
from django.utils.translation import gettext, ngettext

from homeroom.apps.protect.detection.rule_imports import (
    import_rules,
    list_import_origins,
    remove_import,
    switch_imported_rule,
)
from homeroom.apps.protect.detection.rule_pages import RuleLine, RuleState, list_rule_lines, load_rule_page
from homeroom.domain.platform.district import District
from homeroom.library.protect.detections.imported_rules import DEFAULT_LICENSE, NoRulesToImport, RuleImport
from homeroom.web.protect.alerts.list_paging import build_list_url, build_page_url, build_paging, parse_start
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.request_bodies import FORM_BYTES, accept_files, mark_file_view, read_content_length
from homeroom.web.templatetags.alerts import level_word, percent, rule_state, stage_word
from homeroom.web.templatetags.homeroom import counted

PAGE = 50
MAX_UPLOAD_BYTES = 20 << 20
MAX_SHOWN = 200
"""Lines of each table of what an import came to."""
SHOWN_LOGS = 2
"""Logs of a rule that its line of the list names."""


@district_view(permission="alerts.read", change="alerts.set_rules")
def list_rules(request: DistrictRequest, *, district: District) -> HttpResponse:
    """List the rules, all or those in one state."""
    lines = list_rule_lines(district=district, now=request.visit.now)
    state, after = request.GET.get("state", ""), parse_start(request)
    shown = [line for line in lines if line.state == state] if state in set(RuleState) else list(lines)
    chosen = state if state in set(RuleState) else ""
    page = shown[after : after + PAGE]
    context = {
        "lines": [_build_cells(line) for line in page],
        "states": [("", len(lines), build_list_url("alert-rules")), *_count_states(lines)],
        "chosen": chosen,
        **build_paging(
            lambda start: build_list_url("alert-rules", state=chosen, after=start),
            after=after,
            lines=len(page),
            size=PAGE,
            has_more=len(shown) > after + PAGE,
        ),
        "may_import": request.visit.may_change,
    }
    return render(request, "alerts/rules.html", context)


@district_view(permission="alerts.read", change="alerts.set_rules")
def show_rule(request: DistrictRequest, *, district: District, rule: str) -> HttpResponse:
    """Show one rule: what it means, the first step, and what its test has."""
    page = load_rule_page(district=district, rule=rule, now=request.visit.now)
    if page is None:
        raise Http404
    may_switch = page.line.is_imported and request.visit.may_change
    context = {"page": page, "line": page.line, "is_on": page.line.state != RuleState.OFF, "may_switch": may_switch}
    return render(request, "alerts/rule.html", context)


@district_view(permission="alerts.set_rules", methods=("POST",))
def switch_rule_view(request: DistrictRequest, *, district: District, rule: str) -> HttpResponse:
    """Switch an imported rule on or off."""
    visit, is_on = request.visit, request.POST.get("switch") == "on"
    try:
        switch_imported_rule(district=district, rule=rule, is_on=is_on, actor=visit.actor, at=visit.now)
    except LookupError as error:
        raise Http404 from error
    text = gettext("On. It judges what comes from now on.") if is_on else gettext("Off. It judges nothing from now on.")
    messages.success(request, text, extra_tags="good")
    return redirect("alert-rule", rule=rule)


@mark_file_view
@district_view(permission="alerts.set_rules", methods=("GET", "POST"))
def show_rule_import(request: DistrictRequest, *, district: District) -> HttpResponseBase:
    """Show the form and what was imported; a posted file is imported, and what came of it is shown."""
    if request.method != "POST":
        return _render_import(request, district)
    if read_content_length(request) > MAX_UPLOAD_BYTES + FORM_BYTES:
        return _render_import(request, district, wrong=_explain_size())
    return _import_rules(request, district=district)


@accept_files
def _import_rules(request: DistrictRequest, *, district: District) -> HttpResponse:
    visit, file = request.visit, request.FILES.get("file")
    if file is None or file.file is None:
        return _render_import(request, district, wrong=gettext("Choose a zip or a rule’s file."))
    name = PureWindowsPath(file.name or "").name[-120:] or "rules"
    license_name = " ".join(request.POST.get("license", "").split())[:120]
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        with path.open("wb") as target:
            shutil.copyfileobj(cast("BinaryIO", file.file), target)
        try:
            outcome = import_rules(
                path,
                default_license=license_name or DEFAULT_LICENSE,
                district=district,
                actor=visit.actor,
                at=visit.now,
                name=name,
            )
        except NoRulesToImport as error:
            text = gettext("Nothing was imported: %(reason)s.") % {"reason": str(error).replace(str(path), name)}
            return _render_import(request, district, wrong=text)
    return _render_import(request, district, outcome=outcome, name=name)


@district_view(permission="alerts.set_rules", methods=("POST",))
def remove_import_view(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Remove the rules of an import."""
    visit = request.visit
    try:
        number = remove_import(
            district=district, origin=request.POST.get("origin", ""), actor=visit.actor, at=visit.now
        )
    except LookupError as error:
        raise Http404 from error
    text = ngettext("Removed %(many)d rule.", "Removed %(many)d rules.", number) % {"many": number}
    messages.success(request, text, extra_tags="good")
    return redirect("alert-rule-import")


def _render_import(
    request: DistrictRequest, district: District, *, wrong: str = "", outcome: RuleImport | None = None, name: str = ""
) -> HttpResponse:
    rules = outcome.rules if outcome else ()
    context = {
        "wrong": wrong,
        "name": name,
        "outcome": outcome,
        "on": [rule for rule in rules if rule.is_on],
        "off": [rule for rule in rules if not rule.is_on],
        "origins": list_import_origins(district=district),
        "license": DEFAULT_LICENSE,
        "most": MAX_SHOWN,
        "most_bytes": MAX_UPLOAD_BYTES,
    }
    return render(request, "alerts/rule_import.html", context, status=422 if wrong else 200)


def _explain_size() -> str:
    return gettext("The file is larger than %(most)s; homeroom rules import takes it on the command line.") % {
        "most": filesizeformat(MAX_UPLOAD_BYTES)
    }


def _build_cells(line: RuleLine) -> dict[str, str]:
    """Return the texts of a line of the list; a template that looks up each one takes most of the page's time."""
    more = len(line.logs) - SHOWN_LOGS
    texts = ["; ".join(line.logs[:SHOWN_LOGS])]
    if more > 0:
        texts.append(ngettext("and %(n)s more", "and %(n)s more", more) % {"n": more})
    return {
        "url": build_page_url("alert-rule", line.id),
        "title": line.title or line.id,
        "author": line.author,
        "level": level_word(line.level),
        "stage": stage_word(line.stage),
        "logs": " ".join(texts),
        "state": rule_state(line.state),
        "off_because": line.off_because,
        "detections": counted(line.detections),
        "right": percent(line.precision.share) if line.precision else "",
    }


def _count_states(lines: tuple[RuleLine, ...]) -> list[tuple[str, int, str]]:
    return [
        (str(state), sum(line.state == state for line in lines), build_list_url("alert-rules", state=str(state)))
        for state in RuleState
    ]


urlpatterns = [
    path("alerts/rules", list_rules, name="alert-rules"),
    path("alerts/rules/import", show_rule_import, name="alert-rule-import"),
    path("alerts/rules/import/remove", remove_import_view, name="alert-rule-import-remove"),
    path("alerts/rules/<path:rule>/switch", switch_rule_view, name="alert-rule-switch"),
    path("alerts/rules/<path:rule>", show_rule, name="alert-rule"),
]
