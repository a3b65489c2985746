"""The vendors and products of a district as choices of a form."""

from __future__ import annotations

from dataclasses import dataclass

from homeroom.apps.comply.vendors.vendor_pages import build_review_key, load_reviews
from homeroom.evidence.loads.store import EvidenceStore


@dataclass(frozen=True, kw_only=True)
class VendorChoice:
    """A vendor, or a product of one, by its names; `product` is empty for a vendor as such."""

    key: str
    vendor: str
    product: str = ""

    @property
    def title(self) -> str:
        """Return its name in a list."""
        return build_party_title(self.vendor, self.product)


def list_vendor_choices(*, store: EvidenceStore) -> tuple[VendorChoice, ...]:
    """Return every vendor and product that has an agreement, a permission or data, by name. Raise QueryTimeout."""
    reviews = load_reviews(store=store).reviews
    choices = (
        VendorChoice(key=build_review_key(review), vendor=review.vendor, product=review.product or "")
        for review in reviews
    )
    return tuple(sorted(choices, key=lambda choice: (choice.title.casefold(), choice.key)))


def build_party_title(vendor: str, product: str) -> str:
    """Return the name of a product with its vendor, or of a vendor as such."""
    return f"{product} ({vendor})" if product and product != vendor else product or vendor
