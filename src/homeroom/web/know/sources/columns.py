"""Mapping the columns of a district's own list: its table, each column's meaning, and loading it; once per list."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.know.sources import saved_mappings
from homeroom.apps.know.sources.jobs import create_job, store_uploads
from homeroom.apps.know.sources.tasks import load_job
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District
from homeroom.evidence.tables import TABLES
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.mappings.capability_words import list_capability_ids
from homeroom.ingest.mappings.column_suggestions import suggest_columns
from homeroom.ingest.mappings.mapping_file import MISSING_REASON
from homeroom.ingest.mappings.mapping_targets import COMPOSED_KEYS, MAPPABLE_TABLES, PURPOSES
from homeroom.library.know.builtin_mappings import BuiltinMapping, load_builtin_mappings
from homeroom.web.know.sources.column_choices import (
    build_row_id_choice,
    find_double_choices,
    list_choices,
    list_targets,
    read_choices,
)
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.inventory_labels import get_field_label
from homeroom.web.shared.request_bodies import accept_files, mark_file_view

_SESSION_KEY = "list-to-map"
_NAME = re.compile(r"[^a-z0-9]+")
LIST_TITLES = {
    "contract_records": gettext_lazy("Licenses and contracts"),
    "purchase_records": gettext_lazy("Purchases"),
    "fund_records": gettext_lazy("Money for devices by fund"),
    "price_records": gettext_lazy("Prices of devices by kind"),
    "app_use_records": gettext_lazy("Use of apps"),
    "ticket_records": gettext_lazy("Tickets of the help desk"),
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
    "line_records": gettext_lazy("Lines to the internet"),
}


@mark_file_view
@district_view(permission="sources.read", change="sources.load", methods=("GET", "POST"))
@accept_files
def show_lists(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the lists that are known by their headings, and the form that uploads a new one."""
    wrong = ""
    if request.method == "POST":
        files = request.FILES.getlist("file")[:1]
        wrong = _store_upload(request, files) if not settings.DEMO else gettext("The demo takes no real files.")
        if not wrong:
            return redirect("map-list", table=_select_table(request))
    saved_lists = [
        {**vars(saved_list), "word": LIST_TITLES.get(saved_list.table, saved_list.table)}
        for saved_list in saved_mappings.list_mappings(district=district)
    ]
    context = {"known": saved_lists, "what": LIST_TITLES, "products": load_builtin_mappings(), "wrong": wrong}
    return render(request, "sources/lists.html", context, status=400 if wrong else 200)


@district_view(permission="sources.read", change="sources.load", methods=("GET", "POST"))
def map_columns_view(request: DistrictRequest, *, district: District, table: str) -> HttpResponse:
    """Show the list's columns with their suggested meaning; a POST stores the mapping and loads the list."""
    upload = request.session.get(_SESSION_KEY)
    if table not in LIST_TITLES or not upload or not (Path(upload["folder"]) / upload["file"]).is_file():
        raise Http404
    try:
        sheet_columns = saved_mappings.read_columns(
            Path(upload["folder"]) / upload["file"], sheet=request.GET.get("sheet", "")
        )
    except FileRefused as error:  # another sheet than the one that was looked at when the file came
        return render(request, "sources/lists.html", {"wrong": str(error.problems[0])}, status=400)
    product = _find_product(upload["like"])
    heading_by_column = (
        product.match_columns(sheet_columns.headings)
        if product
        else suggest_columns(sheet_columns.headings, table=table)
    )
    saved_name = saved_mappings.find_mapping_name(district=district, table=table, headings=sheet_columns.headings)
    name = product.name if product else _normalize_name(saved_name or sheet_columns.file)
    form = {"name": name, "purpose": "" if product else PURPOSES[0]}
    wrong: list[str] = []
    if request.method == "POST":
        form = {name: request.POST.get(name, "").strip() for name in ("name", "purpose", "replaces")}
        answers = {name: str(value) for name, value in request.POST.items()}
        heading_by_column = read_choices(answers, headings=sheet_columns.headings, table=table)
        wrong = find_double_choices(answers, headings=sheet_columns.headings, table=table) or _save_and_load(
            request,
            district,
            upload,
            table=table,
            heading_by_column=heading_by_column,
            sheet_columns=sheet_columns,
            form=form,
        )
        if not wrong:
            return redirect("job", number=request.session.pop("list-job"))
    conflicting_list = saved_mappings.find_other_mapping(
        district=district, name=_normalize_name(form["name"]), table=table, headings=sheet_columns.headings
    )
    context = {
        "table": table,
        "other": {
            "name": conflicting_list.name,
            "what": LIST_TITLES.get(conflicting_list.table, conflicting_list.table),
        }
        if conflicting_list
        else None,
        "what": LIST_TITLES,
        "file": sheet_columns.file,
        "sheets": [(sheet, sheet.removesuffix(".csv")) for sheet in sheet_columns.sheets],
        "choices": list_choices(sheet_columns.headings, sheet_columns.samples, heading_by_column=heading_by_column),
        "targets": list_targets(table),
        "row_id": build_row_id_choice(table, heading_by_column=heading_by_column),
        "purposes": (*PURPOSES, *list_capability_ids()) if "purpose" in TABLES[table].names and not product else (),
        "product": product,
        "given": form,
        "wrong": wrong,
    }
    return render(request, "sources/columns.html", context, status=400 if wrong else 200)


@district_view(permission="sources.load", methods=("POST",))
def forget_list_view(request: DistrictRequest, *, district: District, number: int) -> HttpResponse:
    """Forget the mapping of a list's columns."""
    visit = request.visit
    if not saved_mappings.delete_mapping(district=district, number=number, actor=visit.actor, at=visit.now):
        raise Http404
    messages.success(request, gettext("Removed. Data already loaded stays."), extra_tags="good")
    return redirect("lists")


def _store_upload(request: DistrictRequest, files: list[Any]) -> str:
    """Store the file for the next page; return the reason if it is refused, else empty text."""
    if not files:
        return gettext("Choose a file.")
    if int(files[0].size or 0) > settings.DROP_MOST_BYTES:
        return gettext("The file is too large to upload. Use the command line: homeroom load.")
    folder, stored_files = store_uploads(files)
    try:
        saved_mappings.read_columns(folder / stored_files[0]["name"])
    except FileRefused as error:
        shutil.rmtree(folder)  # nobody comes back for it
        return str(error.problems[0])
    details = {"folder": str(folder), "file": stored_files[0]["name"], "bytes": stored_files[0]["bytes"]}
    request.session[_SESSION_KEY] = {**details, "like": request.POST.get("table", "").partition("like:")[2]}
    return ""


def _select_table(request: DistrictRequest) -> str:
    """Return the table that the list fills: the chosen one, or that of the product."""
    product = _find_product(request.session[_SESSION_KEY]["like"])
    return product.table if product else request.POST.get("table", MAPPABLE_TABLES[0])


def _find_product(name: str) -> BuiltinMapping | None:
    """Return the product of the list, if one was chosen."""
    return next((mapping for mapping in load_builtin_mappings() if mapping.name == name), None)


def _save_and_load(
    request: DistrictRequest,
    district: District,
    upload: dict[str, Any],
    *,
    table: str,
    heading_by_column: dict[str, str],
    sheet_columns: saved_mappings.ColumnPreview,
    form: dict[str, str],
) -> list[str]:
    """Save the column mapping and create a job for the list; return the errors, if any."""
    visit = request.visit
    constants = {"purpose": form["purpose"]} if form["purpose"] and "purpose" in TABLES[table].names else {}
    try:
        saved_mappings.save_mapping(
            district=district,
            name=_normalize_name(form["name"]),
            table=table,
            columns=heading_by_column,
            headings=sheet_columns.headings,
            constants=constants,
            like=upload["like"],
            replaces=form["replaces"] == "yes",
            actor=visit.actor,
            at=visit.now,
        )
    except FileRefused as error:
        return [_format_problem(problem, table=table) for problem in error.problems]
    if len(sheet_columns.sheets) > 1:  # the others may be other years of the same list, and would take its place
        single_sheet = saved_mappings.extract_sheet(Path(upload["folder"]) / upload["file"], sheet=sheet_columns.file)
        upload = {**upload, "file": single_sheet.name, "bytes": single_sheet.stat().st_size}
    files = [{"name": upload["file"], "bytes": upload["bytes"]}]
    number = create_job(district=district, actor=visit.actor, at=visit.now, folder=Path(upload["folder"]), files=files)
    detail = {"files": 1, "bytes": upload["bytes"]}
    record_audit_entry(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="drop files",
        subject_kind="job",
        subject=str(number),
        detail=detail,
    )
    del request.session[_SESSION_KEY]
    request.session["list-job"] = number
    load_job.enqueue(district.slug, number)
    return []


def _format_problem(problem: Problem, *, table: str) -> str:
    """Describe a problem of the mapping in the page's words, since the generated mapping file belongs to nobody."""
    column = (problem.field or "").removeprefix("columns.")
    column_label = get_field_label(column) if column in TABLES[table].names else ""
    if not column_label or problem.reason != MISSING_REASON:
        return f"{column_label}: {problem.reason}. {problem.fits}".removeprefix(": ")
    key_labels = [get_field_label(name) for name in COMPOSED_KEYS.get(table, ())] if column == "key" else []
    text = gettext("Choose the column for %(columns)s. It identifies each row.")
    return text % {"columns": gettext(" or ").join(f"“{label}”" for label in (*key_labels, column_label))}


def _normalize_name(name: str) -> str:
    """Normalize a name to the form that mapping files use."""
    return _NAME.sub("-", name.rpartition(".csv")[0].lower() or name.lower()).strip("-")[:40] or "list"


urlpatterns = [
    path("sources/lists", show_lists, name="lists"),
    path("sources/lists/map/<slug:table>", map_columns_view, name="map-list"),
    path("sources/lists/<int:number>/forget", forget_list_view, name="forget-list"),
]
