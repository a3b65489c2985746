"""The derived table of flows, from the reviews of vendors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pyarrow as pa

from homeroom.domain.comply.privacy.elements import DataElement
from homeroom.domain.comply.privacy.flows import FlowState, VendorReview
from homeroom.domain.comply.privacy.vendor_names import build_vendor_key
from homeroom.domain.ids import hash_flow_id
from homeroom.evidence.files.arrow_schema import build_arrow_schema
from homeroom.evidence.tables.flows import FLOWS


def build_flows_table(reviews: Iterable[VendorReview], *, elements: Mapping[str, DataElement]) -> pa.Table:
    """Return the derived table of flows, by id."""
    rows = {str(row["id"]): row for review in reviews for row in _iter_rows(review, elements)}
    return pa.Table.from_pylist(sorted(rows.values(), key=_get_id), schema=build_arrow_schema(FLOWS))


def _get_id(row: Mapping[str, object]) -> int:
    return int(str(row["id"]))


def _iter_rows(review: VendorReview, elements: Mapping[str, DataElement]) -> Iterator[dict[str, object]]:
    name = review.product or review.vendor
    key = build_vendor_key(name) if review.product else f"vendor {build_vendor_key(name)}"
    for flow in review.flows:
        element = elements.get(flow.element)
        state = {FlowState.ALLOWED: "allowed", FlowState.CANNOT_TELL: None}.get(flow.state, flow.kind)
        yield {
            "id": hash_flow_id(key, flow.element, flow.way),
            "title": f"{element.title if element else flow.element}: {name}",
            "vendor": flow.vendor,
            "product": flow.product,
            "element": flow.element,
            "sensitivity": str(element.sensitivity) if element else None,
            "way": str(flow.way),
            "children": flow.children,
            "since": flow.since,
            "newest": flow.newest,
            "agreement": None if review.state == "unknown" else str(review.state),
            "state": None if state is None else str(state),
            "scopes": list(flow.scopes) or None,
        }
