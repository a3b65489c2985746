"""Products that get data of students, for the answer to a family: what was sent to them, and what they may read."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.apps.comply.vendors.queries import get_elements
from homeroom.apps.comply.vendors.vendor_pages import load_reviews
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.platform.district import District


@dataclass(frozen=True, kw_only=True)
class ProductFlow:
    """A product or vendor that gets data of students, and the kinds of data in words."""

    name: str
    elements: tuple[str, ...]


def list_product_flows(*, district: District) -> tuple[ProductFlow, ...]:
    """Return the products to which data of students goes, by name; they are about all students, not about one."""
    reviews = load_reviews(store=get_evidence_store(district=district)).reviews
    titles = {name: element.title for name, element in get_elements().items()}
    flows = [
        ProductFlow(
            name=review.product or review.vendor,
            elements=tuple(sorted({titles.get(flow.element, flow.element) for flow in review.flows})),
        )
        for review in reviews
        if review.flows
    ]
    return tuple(sorted(flows, key=lambda flow: flow.name.casefold()))
