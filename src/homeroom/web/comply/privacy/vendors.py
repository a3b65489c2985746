"""Pages of vendors: the list, one vendor's product, and the map of student data."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext, gettext_lazy

from homeroom.apps.comply.vendors.acts import EndingAct, list_acts
from homeroom.apps.comply.vendors.queries import get_elements
from homeroom.apps.comply.vendors.vendor_pages import (
    DataMap,
    PublishedReviews,
    build_data_map,
    build_flow_id,
    build_review_key,
    load_reviews,
)
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.comply.privacy.elements import DataElement
from homeroom.domain.comply.privacy.flows import Flow, FlowState, FlowWay, Overreach, OverreachKind, VendorReview
from homeroom.domain.platform.district import District
from homeroom.web.shared.access import district_view
from homeroom.web.shared.navigation import NavItem

AREA_PAGE = NavItem(
    order=2,
    title=gettext_lazy("Vendors"),
    name="privacy-vendors",
    findings_of=frozenset({"flows", "agreements"}),
)
STATES = {
    "signed": gettext_lazy("signed"),
    "ended": gettext_lazy("ended"),
    "refused": gettext_lazy("refused"),
    "asked": gettext_lazy("asked for, not signed"),
    "unsigned": gettext_lazy("not signed"),
    "none": gettext_lazy("none"),
    "unknown": gettext_lazy("no list of agreements"),
}
KINDS = {
    OverreachKind.NOT_ALLOWED: gettext_lazy("Not allowed"),
    OverreachKind.NO_AGREEMENT: gettext_lazy("No agreement"),
    OverreachKind.NOT_SIGNED: gettext_lazy("Agreement not signed"),
    OverreachKind.ENDED: gettext_lazy("Agreement ended"),
    OverreachKind.REFUSED: gettext_lazy("Agreement refused"),
}
WAYS = {
    FlowWay.ROSTER: gettext_lazy("roster"),
    FlowWay.HAND: gettext_lazy("sheet by hand"),
    FlowWay.GRANT: gettext_lazy("permission"),
}
_CELL, _LABEL, _HEAD = 26, 220, 150
"""Sizes in the drawing of the map: a cell, the names at the left, the names above."""
_MAX_DRAWN = 40
"""Products in the drawing; the table has all."""


@dataclass(frozen=True, kw_only=True)
class VendorRow:
    """One row of the list."""

    key: str
    review: VendorReview
    state: Any
    beyond: tuple[str, ...]
    unclear: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BeyondRow:
    """One overreach of a product, with what ends it."""

    kind: Any
    what: str
    overreach: Overreach
    acts: tuple[EndingAct, ...]
    flows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class BeyondGroup:
    """Overreaches of a product that the same acts end."""

    kind: Any
    rows: tuple[BeyondRow, ...]

    @property
    def acts(self) -> tuple[EndingAct, ...]:
        """Return what ends them."""
        return self.rows[0].acts


@dataclass(frozen=True, kw_only=True)
class MapRow:
    """One product in the table of the map: the kinds of data that it has, each with the children, by state."""

    key: str
    name: str
    children: int
    beyond: tuple[tuple[str, int], ...]
    unclear: tuple[tuple[str, int], ...]
    allowed: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class MapDot:
    """One flow in the drawing of the map: where it is, how large, and its state."""

    x: int
    y: int
    radius: int
    state: str
    label: str


@district_view(permission="duties.read")
def show_vendors(request: HttpRequest, *, district: District) -> HttpResponse:
    """List the vendors' products by the weight of what goes beyond what is agreed."""
    published = load_reviews(store=get_evidence_store(district=district))
    elements = get_elements()
    rows = [_build_row(review, elements) for review in published.reviews]
    context = {
        "rows": rows,
        "active": [row for row in rows if row.review.children or row.beyond or row.unclear],
        "idle": [row for row in rows if not (row.review.children or row.beyond or row.unclear)],
        "published": published,
        "beyond": sum(bool(row.beyond) for row in rows),
    }
    return render(request, "privacy/vendors.html", context)


@district_view(permission="duties.read")
def show_vendor(request: HttpRequest, *, district: District, key: str) -> HttpResponse:
    """Show one product: what is allowed, sent and granted, what goes beyond it, and what is open."""
    published: PublishedReviews = load_reviews(store=get_evidence_store(district=district))
    review = published.find(key)
    if review is None:
        raise Http404
    elements = get_elements()
    context = {
        "review": review,
        "title": review.product or review.vendor,
        "state": STATES[review.state],
        "published": published,
        "allowed": [_get_title(name, elements) for name in review.allowed],
        "sent": [(_get_title(entry.element, elements), WAYS[entry.way], entry) for entry in review.sent],
        "granted": [(_get_title(entry.element, elements), entry) for entry in review.granted if entry.students],
        "beyond": _group_beyond([_build_beyond(review, entry, elements) for entry in review.overreach]),
        "unclear": [_get_title(name, elements) for name in review.cannot_tell],
    }
    return render(request, "privacy/vendor.html", context)


@district_view(permission="duties.read")
def show_data_map(request: HttpRequest, *, district: District) -> HttpResponse:
    """Show which product has which kind of data of how many children, drawn and as a table."""
    published = load_reviews(store=get_evidence_store(district=district))
    elements = get_elements()
    data_map = build_data_map(published.reviews)
    context = {
        "published": published,
        "rows": [_build_map_row(review, flows, elements) for review, flows in data_map.rows],
        **_build_drawing(data_map, elements),
    }
    return render(request, "privacy/data_map.html", context)


def _build_row(review: VendorReview, elements: dict[str, DataElement] | Any) -> VendorRow:
    return VendorRow(
        key=build_review_key(review),
        review=review,
        state=STATES[review.state],
        beyond=tuple(
            _get_title(entry.element, elements) if entry.element else str(KINDS[entry.kind])
            for entry in review.overreach
        ),
        unclear=tuple(_get_title(name, elements) for name in review.cannot_tell),
    )


def _build_beyond(review: VendorReview, overreach: Overreach, elements: Any) -> BeyondRow:
    flows = [
        flow
        for flow in review.flows
        if flow.state is FlowState.OVERREACH
        and flow.kind is overreach.kind
        and (overreach.element is None or flow.element == overreach.element)
    ]
    return BeyondRow(
        kind=KINDS[overreach.kind],
        what=_get_title(overreach.element, elements) if overreach.element else gettext("Everything that it gets"),
        overreach=overreach,
        acts=list_acts(review, kind=overreach.kind, element=overreach.element),
        flows=tuple((build_flow_id(review, flow), _describe_flow(flow, elements)) for flow in flows),
    )


def _group_beyond(rows: Sequence[BeyondRow]) -> list[BeyondGroup]:
    """Group overreaches by what ends them, in their order."""
    groups: dict[tuple[str, tuple[EndingAct, ...]], list[BeyondRow]] = {}
    for row in rows:
        groups.setdefault((str(row.kind), row.acts), []).append(row)
    return [BeyondGroup(kind=kind, rows=tuple(members)) for (kind, _), members in groups.items()]


def _describe_flow(flow: Flow, elements: Any) -> str:
    return gettext("%(element)s, by %(way)s") % {"element": _get_title(flow.element, elements), "way": WAYS[flow.way]}


def _get_title(name: str, elements: Any) -> str:
    return elements[name].title if name in elements else name


def _get_state(flow: Flow | None) -> str:
    if flow is None:
        return ""
    return {FlowState.ALLOWED: "pass", FlowState.OVERREACH: "fail", FlowState.CANNOT_TELL: "cannot_tell"}[flow.state]


def _build_map_row(review: VendorReview, flows: Sequence[Flow | None], elements: Any) -> MapRow:
    def list_kinds(state: FlowState) -> tuple[tuple[str, int], ...]:
        return tuple(
            (_get_title(flow.element, elements), flow.children) for flow in flows if flow and flow.state is state
        )

    return MapRow(
        key=build_review_key(review),
        name=review.product or review.vendor,
        children=max(flow.children for flow in flows if flow),
        beyond=list_kinds(FlowState.OVERREACH),
        unclear=list_kinds(FlowState.CANNOT_TELL),
        allowed=list_kinds(FlowState.ALLOWED),
    )


def _build_drawing(data_map: DataMap, elements: Any) -> dict[str, Any]:
    rows = data_map.rows[:_MAX_DRAWN]
    return {
        "dots": tuple(_iter_dots(rows, data_map.elements, elements)),
        "columns": [
            (_LABEL + position * _CELL + _CELL // 2, _get_title(name, elements))
            for position, name in enumerate(data_map.elements)
        ],
        "names": [
            (_HEAD + position * _CELL + _CELL // 2 + 4, (review.product or review.vendor)[:30])
            for position, (review, _flows) in enumerate(rows)
        ],
        "width": _LABEL + len(data_map.elements) * _CELL + _CELL * 4,
        "height": _HEAD + len(rows) * _CELL + _CELL // 2,
        "left": _LABEL - 8,
        "top": _HEAD - 6,
    }


def _iter_dots(
    rows: Sequence[tuple[VendorReview, Sequence[Flow | None]]], names: Sequence[str], elements: Any
) -> Iterator[MapDot]:
    largest = max((flow.children for _, flows in rows for flow in flows if flow), default=1) or 1
    for line, (review, flows) in enumerate(rows):
        for column, flow in enumerate(flows):
            if flow is not None:
                yield MapDot(
                    x=_LABEL + column * _CELL + _CELL // 2,
                    y=_HEAD + line * _CELL + _CELL // 2,
                    radius=3 + round(8 * (flow.children / largest) ** 0.5),
                    state=_get_state(flow),
                    label=f"{review.product or review.vendor}: {_get_title(names[column], elements)}, {flow.children}",
                )


urlpatterns = [
    path("privacy/vendors", show_vendors, name="privacy-vendors"),
    path("privacy/data-map", show_data_map, name="privacy-data-map"),
    path("privacy/vendors/<str:key>", show_vendor, name="privacy-vendor"),
]
