"""Inventory lists as CSV: every matching row, streamed, with an entry in the audit trail.

Columns about students are masked in an auditor's file, and in every file for students who opted out of directory
information.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import batched
from typing import Any

from django.http import HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.comply.privacy.opt_outs.masking import OptOutMask, load_opt_out_mask
from homeroom.apps.know.inventory.list_definitions import LISTINGS, ListColumn
from homeroom.apps.know.inventory.masked_lists import list_named_devices
from homeroom.apps.know.inventory.queries import ListQuery, get_page, iter_list_rows
from homeroom.apps.platform.audit.commands import record_audit_entry
from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.school_scope import SchoolScope
from homeroom.domain.spreadsheets import escape_formula, iterate_csv_lines
from homeroom.evidence.tables import Privacy
from homeroom.web.know.inventory.list_addresses import KIND, describe_query, parse_list_query
from homeroom.web.know.inventory.list_columns import select_columns
from homeroom.web.know.inventory.list_rows import convert_for_display
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.downloads import name_download
from homeroom.web.templatetags.homeroom import shown

_BATCH_ROWS = 1_000


@district_view(permission="inventory.read")
def export_list_csv(
    request: DistrictRequest, *, district: District, schools: SchoolScope, plural: str
) -> HttpResponse | StreamingHttpResponse:
    """Export every row of a list, with the columns that were chosen for it."""
    listing = LISTINGS[KIND[plural]]
    query, columns = parse_list_query(request, listing, schools=schools), select_columns(request, listing)
    visit = request.visit
    count = get_page(district=district, query=query, columns=[], rows=1)
    masked = query.masked and any(column.privacy is Privacy.STUDENT or column.name == "name" for column in columns)
    record_audit_entry(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action=f"export {plural}",
        subject_kind=listing.kind,
        detail={"asked": describe_query(query), "count": count.count, "masked": masked},
    )
    mask = load_opt_out_mask(district=district)
    response = StreamingHttpResponse(
        iterate_csv_lines(_iterate_rows(district, query, columns, mask=mask)),
        content_type="text/csv; charset=utf-8",
    )
    return name_download(response, f"{plural}-{visit.today.isoformat()}.csv")


def _iterate_rows(
    district: District, query: ListQuery, columns: Sequence[ListColumn], *, mask: OptOutMask
) -> Iterator[list[str]]:
    names = [column.name for column in columns]
    yield ["id", *(str(column.label) for column in columns)]
    private = [column.privacy is Privacy.STUDENT for column in columns]
    for batch in batched(iter_list_rows(district=district, query=query, columns=names), _BATCH_ROWS):
        hidden = _find_hidden(district, query, [row.public for row in batch])
        for row in batch:
            values = mask.mask_cells([row.values[name] for name in names], private)
            yield [
                row.public,
                *(
                    _format_cell(
                        column,
                        value,
                        masked=query.masked
                        and (column.privacy is Privacy.STUDENT or (column.name == "name" and row.public in hidden)),
                    )
                    for column, value in zip(columns, values, strict=True)
                ),
            ]


def _find_hidden(district: District, query: ListQuery, publics: Sequence[str]) -> frozenset[str]:
    """Return the devices of a masked list whose names are masked, since they may be a student's."""
    if not query.masked or query.kind != "device":
        return frozenset()
    return frozenset(publics) - list_named_devices(publics, district=district)


def _format_cell(column: ListColumn, value: Any, *, masked: bool) -> str:
    if masked and value not in (None, ""):
        return gettext("masked")
    return escape_formula(str(shown(convert_for_display(column.name, value))))


urlpatterns = [path(f"{plural}.csv", export_list_csv, {"plural": plural}, name=f"{plural}-csv") for plural in KIND]
