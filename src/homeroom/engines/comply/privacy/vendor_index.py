"""Which agreements are about which product: by its name, its vendor's, and what other lists state about both."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from homeroom.domain.comply.privacy.flows import VendorAgreement
from homeroom.domain.comply.privacy.vendor_names import build_vendor_key, split_product_names

OTHER_KINDS = re.compile(
    r"(certificate of |cyber |liability )*insurance( certificate| policy)?"
    r"|security( review| questionnaire| assessment| audit)?",
    re.IGNORECASE,
)
"""Kinds of agreements that allow no data."""


@dataclass(frozen=True, kw_only=True)
class VendorParty:
    """A product, or a vendor as such, by its names as written."""

    key: str
    vendor: str
    product: str | None


@dataclass(frozen=True, kw_only=True)
class VendorIndex:
    """Agreements and vendors by the keys of names.

    `vendor_of` has the key of the vendor by the key of a product; `product_names` and `vendor_names` are as written.
    """

    by_product: Mapping[str, Sequence[VendorAgreement]]
    by_vendor: Mapping[str, Sequence[VendorAgreement]]
    vendor_of: Mapping[str, str]
    product_names: Mapping[str, str] = field(default_factory=dict)
    vendor_names: Mapping[str, str] = field(default_factory=dict)

    def find_party(self, name: str, *, publisher: str | None = None) -> VendorParty:
        """Return the product or vendor that a name means; a name that no list has is a product of its own."""
        key = build_vendor_key(name)
        if key not in self.by_product and key in self.by_vendor:
            products = {agreement.product for agreement in self.by_vendor[key] if agreement.product is not None}
            is_general = any(agreement.product is None for agreement in self.by_vendor[key])
            if len(products) == 1 and not is_general:
                return self.find_party(next(iter(products)))
            return VendorParty(key=key, vendor=self.vendor_names.get(key, name), product=None)
        vendor_key = self.vendor_of.get(key) or build_vendor_key(publisher)
        product = self.product_names.get(key, name)
        vendor = self.vendor_names.get(vendor_key) or publisher or self.vendor_names.get(key, product)
        return VendorParty(key=key, vendor=vendor, product=product)

    def list_agreements(self, party: VendorParty, *, publisher: str | None = None) -> tuple[VendorAgreement, ...]:
        """Return the agreements about a product and those about all products of its vendor.

        Data that is sent to a vendor as such may rest on any agreement with it.
        """
        if party.product is None:
            return tuple(self.by_vendor.get(party.key, ()))
        vendor_keys = {self.vendor_of.get(party.key, ""), build_vendor_key(publisher), party.key} - {""}
        general = (
            agreement
            for key in sorted(vendor_keys)
            for agreement in self.by_vendor.get(key, ())
            if agreement.product is None
        )
        return tuple(dict.fromkeys((*self.by_product.get(party.key, ()), *general)))


def build_index(agreements: Iterable[VendorAgreement], *, products: Iterable[tuple[str, str]] = ()) -> VendorIndex:
    """Build the index. `products` are (product, vendor) pairs of other lists, such as contracts and apps."""
    by_product: dict[str, list[VendorAgreement]] = defaultdict(list)
    by_vendor: dict[str, list[VendorAgreement]] = defaultdict(list)
    vendor_of: dict[str, str] = {}
    product_names: dict[str, str] = {}
    vendor_names: dict[str, str] = {}
    for agreement in sorted(agreements, key=_is_other):
        allows_data = not _is_other(agreement)
        vendor = build_vendor_key(agreement.vendor)
        vendor_names.setdefault(vendor, agreement.vendor)
        if allows_data:
            by_vendor[vendor].append(agreement)
        keys = dict.fromkeys((build_vendor_key(agreement.product), *split_product_names(agreement.product)))
        for key in filter(None, keys):
            if allows_data:
                by_product[key].append(agreement)
            vendor_of.setdefault(key, vendor)
            product_names.setdefault(key, agreement.product or "")
    for product, vendor_name in products:
        key, vendor = build_vendor_key(product), build_vendor_key(vendor_name)
        if key and vendor and key != vendor:
            vendor_of.setdefault(key, vendor)
            product_names.setdefault(key, product)
            vendor_names.setdefault(vendor, vendor_name)
    return VendorIndex(
        by_product=by_product,
        by_vendor=by_vendor,
        vendor_of=vendor_of,
        product_names=product_names,
        vendor_names=vendor_names,
    )


def _is_other(agreement: VendorAgreement) -> bool:
    """Return whether an agreement is of a kind that allows no data; it still states whose a product is."""
    return OTHER_KINDS.fullmatch(agreement.kind.strip()) is not None
