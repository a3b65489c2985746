"""The matrix: which capability each school has, needed ones first, and where one is missing."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, gettext_lazy, ngettext

from homeroom.apps.manage.tools.need_matrix import CellState, MatrixRow, build_need_matrix
from homeroom.apps.manage.tools.published_portfolio import PublishedPortfolio, load_published_portfolio
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import DistrictRequest, district_view
from homeroom.web.shared.navigation import NavItem

AREA_PAGE = NavItem(order=2, title=gettext_lazy("Matrix"), name="tool-matrix", findings_of=frozenset({"tool_cover"}))

MAX_MATRICES = 24
"""Matrices that a process has rendered: one of 70 capabilities and 40 schools is 300 KB."""


@district_view(permission="tools.read")
def show_matrix(request: DistrictRequest, *, district: District) -> HttpResponse:
    """Show the capabilities by school; each cell opens to its tools."""
    portfolio = load_published_portfolio(store=get_evidence_store(district=district))
    school, is_needed_only = request.GET.get("school", ""), request.GET.get("needed") == "1"
    schools, rows = _render_rows(portfolio, school, is_needed_only, reverse("tools"), get_language())
    context: dict[str, Any] = {
        "portfolio": portfolio,
        "schools": schools,
        "rows": rows,
        "school": school,
        "is_needed_only": is_needed_only,
    }
    return render(request, "tools/matrix.html", context)


@lru_cache(maxsize=MAX_MATRICES)
def _render_rows(
    portfolio: PublishedPortfolio, school: str, is_needed_only: bool, prefix: str, language: str | None
) -> tuple[tuple[str, ...], list[dict[str, Any]]]:
    """Return the schools and the rows of a matrix; they are the same until the next load, page after page."""
    del language  # in which the words of the cells are
    matrix = build_need_matrix(portfolio, school=school, is_needed_only=is_needed_only)
    places = [quote(name) for name in matrix.schools]
    return matrix.schools, [
        {
            "title": row.title,
            "need": row.need,
            "url": f"{prefix}?capability={row.capability}",
            "is_nowhere": row.need is not None and row.need.gap == "none",
            "cells": mark_safe("".join(_iter_cells(row, places, prefix))),  # noqa: S308
        }
        for row in matrix.rows
    ]


def _iter_cells(row: MatrixRow, places: list[str], prefix: str) -> Iterator[SafeString]:
    """Yield the cells of a row as HTML: a page has thousands, and a template that looks up each takes too long."""
    missing, twice = gettext("Missing"), gettext("paid twice")
    plain = {
        CellState.MISSING: format_html('<td class="missing">{}</td>', missing),
        CellState.UNKNOWN: format_html('<td class="unknown">{}</td>', gettext("Unknown")),
        CellState.NOTHING: mark_safe('<td class="none">–</td>'),
    }
    counts: dict[tuple[CellState, int], tuple[str, str]] = {}
    for cell, place in zip(row.cells, places, strict=True):
        if cell.state in plain:
            yield plain[cell.state]
            continue
        key = cell.state, cell.tools
        if key not in counts:
            words = ngettext("%(n)d tool", "%(n)d tools", cell.tools) % {"n": cell.tools}
            mark = format_html('<span class="twice">{}</span>', twice) if cell.state is CellState.TWICE else ""
            counts[key] = (
                format_html('<td><a href="{}?capability={}&amp;school=', prefix, row.capability),
                format_html('">{}</a>{}</td>', words, mark),
            )
        before, after = counts[key]
        yield mark_safe(f"{before}{place}{after}")  # noqa: S308


urlpatterns = [path("tools/matrix", show_matrix, name="tool-matrix")]
