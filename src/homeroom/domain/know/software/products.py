"""Software products that controls and feeds refer to, and the names under which sources list them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from homeroom.domain.expressions import adapt_for_python, convert_to_portable
from homeroom.domain.know.software.needs import ProductNeeds

_EMBEDDED_LISTINGS = re.compile("extension|add-?on|plugin|python|pypi|npm|gem|go_|jetbrains|vscode|atom|chrome[ _]?app")
"""Listings of software inside another program, which is no program of its own: names state what it is for."""
_EXTENSION_IDENTIFIERS = re.compile(r"\A(?:[a-p]{32}|[\w.{}-]+@[\w.-]+)\Z")
"""Ids of extensions: 32 letters in browsers made of Chromium, an address of its own in Firefox."""


def is_embedded(*, listing: str, identifier: str) -> bool:
    """Check whether a list of software, or the id in it, is one of extensions or packages inside another program."""
    return bool(_EMBEDDED_LISTINGS.search(listing.lower()) or _EXTENSION_IDENTIFIERS.match(identifier))


@dataclass(frozen=True, kw_only=True)
class ProductLine:
    """A line of a product with its own versions and vulnerabilities, such as an extended support release.

    Software is of that line if any of `names` matches the name, or any of `versions` the version. `cpes` are the names
    (maker:product, as the National Vulnerability Database writes them) that feeds use for it, `editions` the editions
    of the product's own names that mean this line. `lifecycle` is its product at endoflife.date if that is another than
    the product's own.
    """

    id: str
    names: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()
    cpes: tuple[str, ...] = ()
    editions: tuple[str, ...] = ()
    lifecycle: str = ""


@dataclass(frozen=True, kw_only=True)
class Product:
    """One product as content states it.

    `names` are portable regular expressions; at least one must match in the name as a source writes it (ignoring case).
    No expression of `never` may match; they exclude updaters and parts of the same name. `platforms` are those it runs
    on; a device whose platform is not known is compared all the same. If a source names the maker, one of `vendors`
    must match it. `bundles` are ids of Mac and iPad apps that are the product, whatever their names. `scheme` is how
    its versions are compared, `cpes` and `lines` the names that feeds use for it. `lifecycle` is its name at
    endoflife.date. A `system` is found by a device's platform and what it runs, never by a piece of software. If a
    product's installer counts otherwise than its makers, `version_in_name` marks that the name has the right version,
    and `installer_versions` match those of the installer, which are never compared. `needs` are those of a device on
    which it is to run, as far as its maker's are known.
    """

    id: str
    kind: str
    names: tuple[str, ...]
    never: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    title: str = ""
    scheme: str = "plain"
    vendors: tuple[str, ...] = ()
    bundles: tuple[str, ...] = ()
    cpes: tuple[str, ...] = ()
    lines: tuple[ProductLine, ...] = ()
    lifecycle: str = ""
    system: bool = False
    version_in_name: bool = False
    installer_versions: tuple[str, ...] = ()
    needs: ProductNeeds | None = None


@dataclass(frozen=True)
class ProductCatalog:
    """All products, indexed so that a name finds its product without matching each of them."""

    products: Sequence[Product]

    def find_product(
        self, *, name: str, listing: str = "", platform: str = "", vendor: str = "", identifier: str = ""
    ) -> Product | None:
        """Return the product that a source lists under a name; None if there is none or it is inside another."""
        if is_embedded(listing=listing, identifier=identifier):
            return None
        bundled = self._product_by_bundle.get(identifier.lower())
        if bundled is not None:
            return bundled
        folded = name.lower()
        candidates = (*self._products_by_prefix.get(folded[:_PREFIX_LENGTH], ()), *self._products_by_prefix.get("", ()))
        for matcher in candidates:
            if matcher.matches_name(name, platform=platform, vendor=vendor):
                return matcher.product
        return None

    def find_operating_system(self, *, platform: str, name: str) -> Product | None:
        """Return the operating system of a platform by name (its edition and version as written)."""
        for matcher in self._operating_systems:
            if platform in matcher.product.platforms and matcher.matches_name(name, platform=platform, vendor=""):
                return matcher.product
        return None

    def list_matching_ids(self, name: str, *, product: Product) -> list[str]:
        """Return the ids of all products that match a name, among those searched where `product` is."""
        if product.system:
            platforms = {*product.platforms}
            candidates = [matcher for matcher in self._operating_systems if platforms & {*matcher.product.platforms}]
        else:
            prefix = name.lower()[:_PREFIX_LENGTH]
            candidates = [*self._products_by_prefix.get(prefix, ()), *self._products_by_prefix.get("", ())]
        return [matcher.product.id for matcher in candidates if matcher.matches_name(name, platform="", vendor="")]

    @cached_property
    def _product_by_bundle(self) -> Mapping[str, Product]:
        return {name.lower(): product for product in self.products for name in product.bundles}

    @cached_property
    def _operating_systems(self) -> tuple[_ProductMatcher, ...]:
        return tuple(_ProductMatcher(product) for product in self.products if product.system)

    @cached_property
    def _products_by_prefix(self) -> Mapping[str, tuple[_ProductMatcher, ...]]:
        """Return the products by name prefix; under "" those whose name may begin with anything."""
        matchers_by_prefix: dict[str, list[_ProductMatcher]] = {}
        for product in self.products:
            if product.system:
                continue
            matcher = _ProductMatcher(product)
            prefixes = frozenset().union(*(list_prefixes(name) for name in product.names))
            for prefix in {""} if "" in prefixes else prefixes:
                matchers_by_prefix.setdefault(prefix, []).append(matcher)
        return {prefix: tuple(matchers) for prefix, matchers in matchers_by_prefix.items()}


class _ProductMatcher:
    """A product with its expressions compiled."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._names, self._never = _compile_any(product.names), _compile_any(product.never)
        self._vendors = _compile_any(product.vendors)

    def matches_name(self, name: str, *, platform: str, vendor: str) -> bool:
        """Check whether a name on a platform, and the maker if there is one, match this product."""
        if platform and self.product.platforms and platform not in self.product.platforms:
            return False
        if self._names is None or not self._names.search(name):
            return False
        if vendor and self._vendors is not None and not self._vendors.search(vendor):
            return False
        return self._never is None or not self._never.search(name)


_PREFIX_LENGTH = 3
_LITERAL_PREFIX = re.compile(rf"([a-z0-9 &-]{{{_PREFIX_LENGTH}}})(?![*?{{|])")


def list_prefixes(expression: str) -> frozenset[str]:
    """Return the three-letter prefixes of names that an expression matches; with empty text if any may match."""
    return _parse_prefixes(expression[1:]) if expression.startswith("^") and "|^" not in expression else frozenset({""})


def _parse_prefixes(rest: str) -> frozenset[str]:
    if literal := _LITERAL_PREFIX.match(rest):
        return frozenset({literal[1]})
    close = _find_group_end(rest)
    if close is None:
        return frozenset({""})
    after = rest[close + 1 :]
    options = [f"{branch}{after.removeprefix('?')}" for branch in rest[1:close].split("|")]
    if after.startswith("?"):
        options.append(after[1:])
    prefixes = frozenset().union(*(_parse_prefixes(branch) for branch in options))
    return frozenset({""}) if "" in prefixes else prefixes


def _find_group_end(rest: str) -> int | None:
    """Return where a group that begins the text closes, if it holds no other group and is not repeated."""
    close = rest.find(")")
    plain = rest.startswith("(") and close > 0 and not set("([\\") & set(rest[1:close])
    return close if plain and rest[close + 1 : close + 2] not in ("*", "+", "{") else None


@cache
def _compile_any(expressions: tuple[str, ...]) -> re.Pattern[str] | None:
    groups = [f"(?:{adapt_for_python(convert_to_portable(expression))})" for expression in expressions]
    return re.compile("|".join(groups), re.IGNORECASE) if groups else None


def find_product_line(product: Product, *, name: str, version: str) -> ProductLine | None:
    """Return the line of a product that a name and version belong to; None for the product itself."""
    for line in product.lines:
        if matches_any(name, line.names) or matches_any(version, line.versions):
            return line
    return None


def matches_any(text: str, expressions: tuple[str, ...]) -> bool:
    """Check whether any of the expressions matches in a text, ignoring case."""
    pattern = _compile_any(expressions)
    return pattern is not None and pattern.search(text) is not None
