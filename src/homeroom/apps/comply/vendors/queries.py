"""Queries over vendors: the reality check of the resolved snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from homeroom.domain.comply.privacy.elements import DataElement
from homeroom.domain.comply.privacy.flows import VendorReview
from homeroom.engines.comply.privacy.flow_inputs import read_agreements, read_inputs, read_products
from homeroom.engines.comply.privacy.flow_review import FlowInputs, review_vendors
from homeroom.engines.comply.privacy.product_terms import AllowedElements, find_allowed
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from homeroom.library.comply.privacy.elements import load_elements, load_vocabulary


class VendorsNotResolved(Exception):
    """Nothing was resolved yet, so nobody knows who is a student."""


def list_vendor_reviews(*, store: EvidenceStore, today: date) -> tuple[VendorReview, ...]:
    """Return the review of each vendor and product, the heaviest overreach first. Raise VendorsNotResolved."""
    newest = store.get_latest_derived()
    if newest is None:
        raise VendorsNotResolved("nothing was loaded yet; run homeroom load, then homeroom assess")
    weights = {entry.id: entry.weight for entry in load_elements()}
    with open_session(store.pin_snapshot(derived=newest.id)) as session:
        inputs = read_inputs(session, vocabulary=load_vocabulary(), today=today)
    return review_vendors(inputs, weights=weights, today=today)


def find_allowed_elements(*, store: EvidenceStore, product: str, today: date) -> AllowedElements:
    """Return what the agreements in force name for a product or vendor."""
    with open_session(store.pin_snapshot()) as session:
        inputs = FlowInputs(
            agreements=read_agreements(session, vocabulary=load_vocabulary(), today=today),
            products=read_products(session),
        )
    return find_allowed(inputs, product=product, today=today)


def get_elements() -> Mapping[str, DataElement]:
    """Return the elements by id."""
    return {entry.id: entry for entry in load_elements()}


def build_vendors_document(reviews: tuple[VendorReview, ...]) -> dict[str, Any]:
    """Build the JSON document of the reviews."""
    return {"vendors": [_convert_review(review) for review in reviews]}


def _convert_review(review: VendorReview) -> dict[str, Any]:
    return {
        "vendor": review.vendor,
        "product": review.product,
        "agreement": review.agreement,
        "state": str(review.state),
        "ends_on": review.ends_on,
        "children": review.children,
        "allowed": review.allowed,
        "sent": [
            {"element": entry.element, "way": str(entry.way), "filled": entry.filled, "on": entry.sent_on}
            for entry in review.sent
        ],
        "granted": [
            {"scope": entry.scope, "element": entry.element, "students": entry.students}
            for entry in review.granted
            if entry.students
        ],
        "overreach": [
            {"kind": str(entry.kind), "element": entry.element, "children": entry.children, "since": entry.since}
            for entry in review.overreach
        ],
        "cannot_tell": review.cannot_tell,
        "not_understood": review.unread,
    }
