"""Queries of pages over vendors: reviews from the published flows, which count the permissions already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import duckdb

from homeroom.domain.comply.privacy.flows import Flow, GrantedElement, VendorReview
from homeroom.domain.comply.privacy.vendor_names import build_vendor_key
from homeroom.domain.ids import format_public_id, hash_flow_id
from homeroom.engines.comply.privacy.flow_inputs import read_agreements, read_products, read_sent
from homeroom.engines.comply.privacy.flow_review import FlowInputs, review_vendors
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import WEB, open_session
from homeroom.library.comply.privacy.elements import load_elements, load_vocabulary

_VIEWS = ("agreement_records", "sent_records", "contract_records", "app_grants", "flows")
_GRANTED_SQL = """SELECT coalesce(product, vendor) AS app, vendor, scope, element, children, since
    FROM (SELECT *, unnest(scopes) AS scope FROM flows WHERE way = 'grant') ORDER BY ALL"""
_GENERAL = "vendor-"
"""What begins the address of a vendor as such, apart from a product of the same name."""


@dataclass(frozen=True, kw_only=True)
class PublishedReviews:
    """The reviews as of the day of the published snapshot; `today` is None if nothing was resolved yet."""

    reviews: tuple[VendorReview, ...]
    today: date | None

    def find(self, key: str) -> VendorReview | None:
        """Return the review with this key of its address, or None."""
        return next((review for review in self.reviews if build_review_key(review) == key), None)


@dataclass(frozen=True, kw_only=True)
class DataMap:
    """The children of each element at each product: `rows` has (review, the largest flow of each of `elements`)."""

    elements: tuple[str, ...]
    rows: tuple[tuple[VendorReview, tuple[Flow | None, ...]], ...]


def load_reviews(*, store: EvidenceStore) -> PublishedReviews:
    """Load the review of each vendor and product, the heaviest overreach first."""
    newest = store.get_latest_derived()
    if newest is None or "flows" not in newest.tables:
        return PublishedReviews(reviews=(), today=None)
    pinned = store.pin_snapshot(derived=newest.id).restrict_to(*_VIEWS)
    with open_session(pinned, limits=WEB) as session:
        agreements = read_agreements(session, vocabulary=load_vocabulary(), today=newest.today)
        inputs = FlowInputs(
            agreements=agreements,
            sent=read_sent(session),
            granted=tuple(_iter_granted(session)),
            products=read_products(session),
            is_listed=bool(agreements),
        )
    weights = {entry.id: entry.weight for entry in load_elements()}
    return PublishedReviews(reviews=review_vendors(inputs, weights=weights, today=newest.today), today=newest.today)


def build_review_key(review: VendorReview) -> str:
    """Return the part of an address that names a review."""
    key = build_vendor_key(review.product or review.vendor)
    return key if review.product else f"{_GENERAL}{key}"


def build_flow_id(review: VendorReview, flow: Flow) -> str:
    """Return the public id of a flow, as in inventory pages."""
    key = build_vendor_key(review.product or review.vendor)
    return format_public_id("flow", hash_flow_id(key if review.product else f"vendor {key}", flow.element, flow.way))


def build_data_map(reviews: Sequence[VendorReview]) -> DataMap:
    """Build the map of products and elements, of what goes somewhere alone."""
    present = {flow.element for review in reviews for flow in review.flows}
    elements = tuple(entry.id for entry in load_elements() if entry.id in present)
    rows = [
        (review, tuple(_find_largest(review.flows, element) for element in elements))
        for review in reviews
        if review.flows
    ]
    return DataMap(elements=elements, rows=tuple(rows))


def _find_largest(flows: Sequence[Flow], element: str) -> Flow | None:
    matching = [flow for flow in flows if flow.element == element]
    return max(matching, key=lambda flow: (flow.kind is not None, flow.children), default=None)


def _iter_granted(session: duckdb.DuckDBPyConnection) -> Iterator[GrantedElement]:
    for app, vendor, scope, element, children, since in session.execute(_GRANTED_SQL).fetchall():
        values: dict[str, Any] = {"app": app, "publisher": vendor, "scope": scope, "element": element, "since": since}
        yield GrantedElement(**values, students=children, unknown=0 if children else 1)
