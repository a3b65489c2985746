"""The reach of an incident on its page, and all of it as CSV."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import FileResponse, Http404
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.apps.protect.incidents.cases import find_case
from homeroom.apps.protect.incidents.reach import get_complete_reach
from homeroom.domain.platform.district import District
from homeroom.domain.protect.incidents.reach import Reach, ReachItem, ReachKind
from homeroom.domain.spreadsheets import escape_formula
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.csv_files import write_csv_file

KINDS = {
    ReachKind.OTHER_ACCOUNT: gettext_lazy("Other accounts from the same new addresses"),
    ReachKind.DOCUMENT: gettext_lazy("Documents"),
    ReachKind.MAIL: gettext_lazy("Mail, mail rules and forwarding"),
    ReachKind.APP: gettext_lazy("Apps that were let in"),
    ReachKind.ACCOUNT: gettext_lazy("Accounts that were changed"),
    ReachKind.COMPUTER: gettext_lazy("Computers and devices"),
    ReachKind.ADDRESS: gettext_lazy("Where they came from"),
    ReachKind.REST: gettext_lazy("Everything else, by kind of event"),
}
OUTSIDE = {
    ReachKind.DOCUMENT: (gettext_lazy("Open to outside"), gettext_lazy("%(n)s open to outside")),
    ReachKind.MAIL: (gettext_lazy("Goes outside"), gettext_lazy("%(n)s to outside")),
    ReachKind.ADDRESS: (gettext_lazy("New for the account"), gettext_lazy("%(n)s new for the account")),
}
"""By kind: what the answer `outside` means there, on a row and as a count. Of other kinds there is none."""
_ANSWERS = {True: gettext_lazy("yes"), False: gettext_lazy("no"), None: gettext_lazy("unknown")}
MAX_OPEN = 8
"""Rows up to which a section is open when the page comes."""


def build_reach_context(reach: Reach) -> list[dict[str, Any]]:
    """Return the sections as the page shows them; one account alone is not named on every row."""
    accounts = {name for section in reach.sections for item in section.items for name in item.accounts}
    return [
        {
            "kind": section.kind,
            "title": KINDS[section.kind],
            "section": section,
            "outside_title": OUTSIDE.get(section.kind, ("", ""))[0],
            "outside_count": OUTSIDE[section.kind][1] % {"n": f"{section.outside:,}"}
            if section.outside and section.kind in OUTSIDE
            else "",
            "rows": [(item, _ANSWERS[item.outside]) for item in section.items],
            "names_accounts": len(accounts) > 1,
            "is_open": section.total <= MAX_OPEN and section.kind is not ReachKind.REST,
        }
        for section in reach.sections
    ]


@district_view(permission="alerts.read")
def export_reach_csv(request: DistrictRequest, *, district: District, public: str) -> HttpResponseBase:
    """Export the complete reach of an incident, with students by their ids."""
    visit = request.visit
    view = find_case(district=district, public=public)
    if view is None:
        raise Http404
    reach = get_complete_reach(district=district, incident=view, at=visit.now)
    record_audit_entry(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action="export reach of incident",
        subject_kind="incident",
        subject=view.id,
        detail={"count": sum(section.total for section in reach.sections)},
    )
    name = f"reach-{view.id}-{visit.today.isoformat()}.csv"
    return FileResponse(
        write_csv_file(_iter_rows(reach)), as_attachment=True, filename=name, content_type="text/csv; charset=utf-8"
    )


def _iter_rows(reach: Reach) -> Iterator[list[str]]:
    yield [
        *(gettext("what"), gettext("name"), gettext("id"), gettext("done"), gettext("by"), gettext("owner")),
        *(gettext("outside"), gettext("notes"), gettext("events"), gettext("from a new address")),
        *(gettext("first"), gettext("last")),
    ]
    for section in reach.sections:
        for item in section.items:
            yield [escape_formula(cell) for cell in _list_cells(item)]


def _list_cells(item: ReachItem) -> list[str]:
    return [
        str(KINDS[item.kind]),
        item.account.label if item.account is not None else item.name,
        item.id,
        "; ".join(item.words),
        "; ".join(item.accounts),
        item.owner,
        str(_ANSWERS[item.outside]) if item.kind in OUTSIDE else "",
        "; ".join(item.notes),
        str(item.events),
        str(item.foreign),
        item.first.isoformat(),
        item.last.isoformat(),
    ]


urlpatterns = [path("alerts/incidents/<slug:public>/reach.csv", export_reach_csv, name="incident-reach-csv")]
