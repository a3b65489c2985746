"""A list of the district's own, column by column: what it is, what each column means, and loading it. Asked once a list."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.audit.commands import record
from homeroom.apps.sources import mapped
from homeroom.apps.sources.jobs import keep_files, make_job
from homeroom.apps.sources.tasks import load_job
from homeroom.evidence.tables import TABLES
from homeroom.ingest.mapped import MADE, MAPPED, PURPOSES
from homeroom.ingest.mapping import MISSING
from homeroom.ingest.problems import Problem, Refused
from homeroom.ingest.suggesting import suggested
from homeroom.library.shipped import Shipped, shipped_mappings
from homeroom.web.access import district_view
from homeroom.web.inventory_words import field_word

_KEPT = "list-to-map"
_NAME = re.compile(r"[^a-z0-9]+")
WHAT = {
    "contract_records": gettext_lazy("Licences and contracts"),
    "purchase_records": gettext_lazy("Purchases"),
    "app_use_records": gettext_lazy("Use of apps"),
    "training_records": gettext_lazy("Training and acknowledged policies"),
    "agreement_records": gettext_lazy("Agreements about data"),
    "backup_records": gettext_lazy("Backups"),
    "coverage_records": gettext_lazy("What a filter, an antivirus or a classroom tool covers"),
    "device_records": gettext_lazy("Devices"),
    "person_records": gettext_lazy("People"),
    "account_records": gettext_lazy("Accounts"),
    "mail_domains": gettext_lazy("Mail domains"),
    "calendar_days": gettext_lazy("Days of the calendar"),
    "orgs": gettext_lazy("Schools"),
}


@district_view(methods=("GET", "POST"))
def lists(request: HttpRequest, *, district: Any) -> HttpResponse:
    """The lists that are known by their headings, and the form that takes a new one."""
    wrong = ""
    if request.method == "POST":
        files = request.FILES.getlist("file")[:1]
        wrong = _taken(request, files) if not settings.DEMO else gettext("The demo takes no files of your own.")
        if not wrong:
            return redirect("map-list", table=_table(request))
    known = [{**vars(one), "word": WHAT.get(one.table, one.table)} for one in mapped.remembered(district=district)]
    given = {"known": known, "what": WHAT, "products": shipped_mappings(), "wrong": wrong}
    return render(request, "sources/lists.html", given, status=400 if wrong else 200)


@district_view(methods=("GET", "POST"))
def columns(request: HttpRequest, *, district: Any, table: str) -> HttpResponse:
    """The list's columns with what they probably mean; a POST keeps what a person says and loads the list."""
    kept = request.session.get(_KEPT)
    if table not in WHAT or not kept or not (Path(kept["folder"]) / kept["file"]).is_file():
        raise Http404
    try:
        found = mapped.columns_at(Path(kept["folder"]) / kept["file"], sheet=request.GET.get("sheet", ""))
    except Refused as why:  # another sheet than the one that was looked at when the file came
        return render(request, "sources/lists.html", {"wrong": str(why.problems[0])}, status=400)
    product = _product(kept["like"])
    chosen = product.columns(found.headings) if product else suggested(found.headings, table=table)
    known = mapped.name_of(district=district, table=table, headings=found.headings)
    name = product.name if product else _short(known or found.file)
    given = {"name": name, "purpose": "" if product else PURPOSES[0]}
    wrong: list[str] = []
    if request.method == "POST":
        given = {name: request.POST.get(name, "").strip() for name in ("name", "purpose", "replaces")}
        chosen = {
            column: heading
            for column in TABLES[table].names
            if (heading := request.POST.get(f"c-{column}", "")) in found.headings
        }
        wrong = _kept_and_loaded(request, district, kept, table=table, chosen=chosen, found=found, given=given)
        if not wrong:
            return redirect("job", number=request.session.pop("list-job"))
    other = mapped.other_list(district=district, name=_short(given["name"]), table=table, headings=found.headings)
    shown = {
        "table": table,
        "other": {"name": other.name, "what": WHAT.get(other.table, other.table)} if other else None,
        "what": WHAT,
        "file": found.file,
        "sheets": [(one, one.removesuffix(".csv")) for one in found.sheets],
        "headings": [(name, ", ".join(found.samples[name])[:120]) for name in found.headings],
        "lines": [
            _line(table, column, chosen.get(column, ""), found) for column in TABLES[table].names if column != "purpose"
        ],
        "purposes": PURPOSES if "purpose" in TABLES[table].names and not product else (),
        "product": product,
        "given": given,
        "wrong": wrong,
    }
    return render(request, "sources/columns.html", shown, status=400 if wrong else 200)


@district_view(methods=("POST",))
def forget(request: HttpRequest, *, district: Any, number: int) -> HttpResponse:
    """Forgets what a list's columns mean."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    if not mapped.forget_columns(district=district, number=number, actor=visit.actor, at=visit.now):
        raise Http404
    messages.success(request, gettext("Forgotten. What was loaded stands."), extra_tags="good")
    return redirect("lists")


def _taken(request: HttpRequest, files: list[Any]) -> str:
    """Keeps the file aside for the next page; why it is not taken, or empty text."""
    if not files:
        return gettext("Choose a file.")
    if int(files[0].size or 0) > settings.DROP_MOST_BYTES:
        return gettext("The file is too big to send. Load it with the command line: homeroom load.")
    folder, kept = keep_files(files)
    try:
        mapped.columns_at(folder / kept[0]["name"])
    except Refused as why:
        shutil.rmtree(folder)  # nobody comes back for it
        return str(why.problems[0])
    about = {"folder": str(folder), "file": kept[0]["name"], "bytes": kept[0]["bytes"]}
    request.session[_KEPT] = {**about, "like": request.POST.get("table", "").partition("like:")[2]}
    return ""


def _table(request: HttpRequest) -> str:
    """The table that the list fills: the one that was chosen, or that of the product."""
    product = _product(request.session[_KEPT]["like"])
    return product.table if product else request.POST.get("table", MAPPED[0])


def _product(name: str) -> Shipped | None:
    """The product whose list it is, where one was chosen."""
    return next((one for one in shipped_mappings() if one.name == name), None)


def _kept_and_loaded(
    request: HttpRequest,
    district: Any,
    kept: dict[str, Any],
    *,
    table: str,
    chosen: dict[str, str],
    found: mapped.Columns,
    given: dict[str, str],
) -> list[str]:
    """Remembers the columns and makes a job of the list; what does not fit, or nothing."""
    visit: Any = request.visit  # type: ignore[attr-defined]
    constants = {"purpose": given["purpose"]} if given["purpose"] and "purpose" in TABLES[table].names else {}
    try:
        mapped.remember(
            district=district,
            name=_short(given["name"]),
            table=table,
            columns=chosen,
            headings=found.headings,
            constants=constants,
            like=kept["like"],
            replaces=given["replaces"] == "yes",
            actor=visit.actor,
            at=visit.now,
        )
    except Refused as why:
        return [_said_of(problem, table=table) for problem in why.problems]
    if len(found.sheets) > 1:  # the others may be other years of the same list, and would take its place
        alone = mapped.only_sheet(Path(kept["folder"]) / kept["file"], sheet=found.file)
        kept = {**kept, "file": alone.name, "bytes": alone.stat().st_size}
    files = [{"name": kept["file"], "bytes": kept["bytes"]}]
    number = make_job(district=district, actor=visit.actor, at=visit.now, folder=Path(kept["folder"]), files=files)
    detail = {"files": 1, "bytes": kept["bytes"]}
    record(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="drop files",
        subject_kind="job",
        subject=str(number),
        detail=detail,
    )
    del request.session[_KEPT]
    request.session["list-job"] = number
    load_job.enqueue(district.slug, number)
    return []


def _said_of(problem: Problem, *, table: str) -> str:
    """What is wrong with the choice, in the page's words: the file that it would become is nobody's."""
    place = (problem.field or "").removeprefix("columns.")
    word = field_word(place) if place in TABLES[table].names else ""
    if not word or problem.reason != MISSING:
        return f"{word}: {problem.reason}. {problem.fits}".removeprefix(": ")
    others = [field_word(name) for name in MADE.get(table, ())] if place == "key" else []
    text = gettext("Choose the column of %(columns)s, since it tells rows apart.")
    return text % {"columns": gettext(" or ").join(f"“{one}”" for one in (*others, word))}


def _line(table: str, column: str, heading: str, found: mapped.Columns) -> dict[str, Any]:
    about = TABLES[table].column(column)
    sample = ", ".join(found.samples[heading])[:120] if heading else ""
    return {"name": column, "word": field_word(column), "meaning": about.meaning, "heading": heading, "sample": sample}


def _short(name: str) -> str:
    """A name as mapping files have it."""
    return _NAME.sub("-", name.rpartition(".csv")[0].lower() or name.lower()).strip("-")[:40] or "list"


urlpatterns = [
    path("sources/lists", lists, name="lists"),
    path("sources/lists/map/<slug:table>", columns, name="map-list"),
    path("sources/lists/<int:number>/forget", forget, name="forget-list"),
]
