"""The one way in which records meet by the names of tools: contracts, apps, agreements, use."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from homeroom.domain.manage.tools.names import ToolNames
from homeroom.domain.manage.tools.products import ToolProduct
from homeroom.domain.manage.tools.stated_tools import DOMAIN, StatedTool, merge_stated


class ToolFinder:
    """Find the tool that a record names: a known product, else the bare text.

    `stated` replaces content. `same` are pairs of texts that are answered to be one tool. Answers are cached by text.
    """

    def __init__(
        self,
        products: Iterable[ToolProduct] = (),
        *,
        stated: Sequence[StatedTool] = (),
        same: Iterable[tuple[str, str]] = (),
    ) -> None:
        merged, self.stated_ids = merge_stated(tuple(products), stated)
        self.names = ToolNames(merged)
        self._by_software = {name: product for product in merged for name in product.software}
        self._joined: dict[str, str] = {}
        self._joined_products: dict[str, ToolProduct] = {}
        self._join_answered(same)

    def find_known(self, text: str | None) -> ToolProduct | None:
        """Return the product that a text or domain names, or None."""
        written = (text or "").strip()
        if not written:
            return None
        by_name = self._find_named(written)
        return by_name or (self._joined_products.get(self.bare(written)) if self._joined else None)

    def find_software(self, product: str | None) -> ToolProduct | None:
        """Return the product whose program has this id in content/software, or None."""
        return self._by_software.get(product or "")

    def find_contract(self, product: str | None, vendor: str | None) -> ToolProduct | None:
        """Return the product of a contract: by its name, else by the seller's and its name together.

        A seller's name alone names a product only where nothing else is written: two products of one vendor are two.
        """
        if not (product and product.strip()):
            return self.find_known(vendor)
        matched = self.find_known(product)
        if matched is None and vendor:
            together = self.find_known(f"{vendor} {product}")
            matched = together if together is not None and together is not self.find_known(vendor) else None
        return matched

    def find_app(self, client_id: str | None, name: str | None) -> ToolProduct | None:
        """Return the product of an authorized app: by its id, else by its name."""
        return self.names.find_client(client_id or "") or self.find_known(name)

    def bare(self, text: str) -> str:
        """Return the bare text of a tool that is not known; that of texts that are answered to be one is the same."""
        bare = self.names.bare(" ".join(text.split())) or text.strip().casefold()
        return self._joined.get(bare, bare)

    def build_key(self, product: ToolProduct | None, text: str | None) -> str | None:
        """Return the key under which records of one tool meet; None where nothing is written."""
        if product is not None:
            return f"tool {product.id}"
        return f"name {self.bare(text)}" if text and text.strip() else None

    def _find_named(self, written: str) -> ToolProduct | None:
        if DOMAIN.fullmatch(written):
            return self.names.find_domain(written) or self.names.find(written)
        return self.names.find(written)

    def _join_answered(self, same: Iterable[tuple[str, str]]) -> None:
        """Join the bare texts of answered pairs, and with them the product that one of them is."""
        for text, other_text in sorted(same):
            product = self.find_known(text) or self.find_known(other_text)
            first, second = sorted((self.bare(text), self.bare(other_text)))
            for bare in (first, *(bare for bare, joined in self._joined.items() if joined in (first, second)), second):
                self._joined[bare] = first
            if product is not None:
                self._joined_products.setdefault(first, product)
            elif second in self._joined_products:
                self._joined_products.setdefault(first, self._joined_products[second])
