"""The inventory's lists as CSV: every row that was asked for, streamed, with an entry in the audit trail.

Columns about pupils are for directors and technicians; an auditor's file has them masked.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path
from django.utils.translation import gettext

from homeroom.apps.audit.commands import record
from homeroom.apps.inventory.listings import LISTINGS, Shown
from homeroom.apps.inventory.queries import Ask, every, page_of
from homeroom.domain.spreadsheets import harmless
from homeroom.evidence.tables import Privacy
from homeroom.web.access import CHANGERS, district_view
from homeroom.web.inventory import KIND, asked_of, chosen_columns, told
from homeroom.web.inventory_lines import shown_value
from homeroom.web.templatetags.homeroom import shown


@district_view()
def list_csv(request: HttpRequest, *, district: Any, role: str, plural: str) -> HttpResponse | StreamingHttpResponse:
    """Every row of a list, with the columns that were chosen for it."""
    shelf = LISTINGS[KIND[plural]]
    asked, columns = asked_of(request, shelf), chosen_columns(request, shelf)
    visit: Any = request.visit  # type: ignore[attr-defined]
    count = page_of(district=district, ask=asked, columns=[], rows=1)
    masked = role not in CHANGERS and any(column.privacy is Privacy.STUDENT for column in columns)
    record(
        district=district,
        at=visit.now,
        actor=visit.actor,
        action=f"export {plural}",
        subject_kind=shelf.kind,
        detail={"asked": told(asked), "count": count.count, "more": count.too_many, "masked": masked},
    )
    answer = StreamingHttpResponse(
        _lines(district, asked, columns, masked=masked), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = f'attachment; filename="{plural}-{visit.today.isoformat()}.csv"'
    return answer


class _Echo:
    """What csv writes to: hands each line back."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line


def _lines(district: Any, asked: Ask, columns: Sequence[Shown], *, masked: bool) -> Iterator[str]:
    writer: Any = csv.writer(_Echo())
    names = [column.name for column in columns]
    yield writer.writerow(["id", *(str(column.label) for column in columns)])
    for row in every(district=district, ask=asked, columns=names):
        yield writer.writerow([row.public, *(_cell(one, row.values[one.name], masked=masked) for one in columns)])


def _cell(column: Shown, value: Any, *, masked: bool) -> str:
    if masked and column.privacy is Privacy.STUDENT and value not in (None, ""):
        return gettext("masked")
    return harmless(str(shown(shown_value(column.name, value))))


urlpatterns = [path(f"{plural}.csv", list_csv, {"plural": plural}, name=f"{plural}-csv") for plural in KIND]
