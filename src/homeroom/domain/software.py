"""A product that controls ask about and feeds speak of, and by which names sources list it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

from homeroom.domain.expressions import for_python, portable

INSIDE = "extension|add-?on|plugin|python|pypi|npm|gem|go_|jetbrains|vscode|atom"
"""Listings of what stands inside another program and is no program of the computer: their names say what it is for."""


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of a product that has versions and flaws of its own, such as an extended support release.

    It is that line where any of `names` is found in the name, or any of `versions` in the version. `cpes` are the names
    (maker:product, as the National Vulnerability Database writes them) under which feeds speak of it, `editions` the
    editions of the product's own names that mean this line. `lifecycle` is its product at endoflife.date where that is
    another than the product's own.
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

    `names` are portable regular expressions, any of which must be found in the name as a source writes it (case does not
    count); `never` are those none of which may be found, for updaters and parts of the same name. `platforms` are those
    it runs on; a device whose platform is not known is compared all the same. Where a source names the maker, one of
    `vendors` must be found in it. `bundles` are ids of Mac and iPad apps, each of which is the product whatever its name.
    `scheme` says how its versions are compared, `cpes` and `lines` under which names feeds speak of it. `lifecycle` is its
    name at endoflife.date. A `system` is found by a device's platform and what it runs, never by a piece of software. Of a
    product whose installer counts otherwise than its makers, `version_in_name` says that the name has the right version.
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
    lines: tuple[Line, ...] = ()
    lifecycle: str = ""
    system: bool = False
    version_in_name: bool = False


@dataclass(frozen=True)
class Shelf:
    """All products, so that a name finds its own without asking each of them."""

    products: Sequence[Product]

    def product_of(
        self, *, name: str, listing: str = "", platform: str = "", vendor: str = "", identifier: str = ""
    ) -> Product | None:
        """The product that a source lists under a name; None where it is none of them, or stands inside another."""
        if _INSIDE.search(listing.lower()):
            return None
        bundled = self._bundles.get(identifier.lower())
        if bundled is not None:
            return bundled
        folded = name.lower()
        asked = (*self._candidates.get(folded[:_START], ()), *self._candidates.get("", ()))
        for one in asked:
            if one.fits(name, platform=platform, vendor=vendor):
                return one.product
        return None

    def system_of(self, *, platform: str, name: str) -> Product | None:
        """The operating system of a platform that is called so (its edition and version as written)."""
        for one in self._systems:
            if platform in one.product.platforms and one.fits(name, platform=platform, vendor=""):
                return one.product
        return None

    def claiming(self, name: str, *, beside: Product) -> list[str]:
        """The ids of all products that a name alone is, among those that are looked for where `beside` is."""
        if beside.system:
            platforms = {*beside.platforms}
            every = [one for one in self._systems if platforms & {*one.product.platforms}]
        else:
            start = name.lower()[:_START]
            every = [*self._candidates.get(start, ()), *self._candidates.get("", ())]
        return [one.product.id for one in every if one.fits(name, platform="", vendor="")]

    @cached_property
    def _bundles(self) -> Mapping[str, Product]:
        return {name.lower(): one for one in self.products for name in one.bundles}

    @cached_property
    def _systems(self) -> tuple[_Asked, ...]:
        return tuple(_Asked(one) for one in self.products if one.system)

    @cached_property
    def _candidates(self) -> Mapping[str, tuple[_Asked, ...]]:
        """The products by how their names begin; under "" those of which a name may begin with anything."""
        found: dict[str, list[_Asked]] = {}
        for product in self.products:
            if product.system:
                continue
            asked = _Asked(product)
            starts = frozenset().union(*(starts_of(name) for name in product.names))
            for start in {""} if "" in starts else starts:
                found.setdefault(start, []).append(asked)
        return {start: tuple(every) for start, every in found.items()}


class _Asked:
    """A product with its expressions ready to use."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self._names, self._never = _any_of(product.names), _any_of(product.never)
        self._vendors = _any_of(product.vendors)

    def fits(self, name: str, *, platform: str, vendor: str) -> bool:
        """Whether a name on a platform, of a maker where one is named, is this product."""
        if platform and self.product.platforms and platform not in self.product.platforms:
            return False
        if self._names is None or not self._names.search(name):
            return False
        if vendor and self._vendors is not None and not self._vendors.search(vendor):
            return False
        return self._never is None or not self._never.search(name)


_INSIDE = re.compile(INSIDE)
_START = 3
_LITERAL = re.compile(rf"([a-z0-9 &-]{{{_START}}})(?![*?{{|])")


def starts_of(expression: str) -> frozenset[str]:
    """The three letters with which any name begins that the expression finds; empty text among them where any may."""
    return _starts(expression[1:]) if expression.startswith("^") and "|^" not in expression else frozenset({""})


def _starts(rest: str) -> frozenset[str]:
    if found := _LITERAL.match(rest):
        return frozenset({found[1]})
    close = _closing(rest)
    if close is None:
        return frozenset({""})
    after = rest[close + 1 :]
    options = [f"{one}{after.removeprefix('?')}" for one in rest[1:close].split("|")]
    if after.startswith("?"):
        options.append(after[1:])
    every = frozenset().union(*(_starts(one) for one in options))
    return frozenset({""}) if "" in every else every


def _closing(rest: str) -> int | None:
    """Where a group that the text begins with closes, if it holds no other group and is not repeated."""
    close = rest.find(")")
    plain = rest.startswith("(") and close > 0 and not set("([\\") & set(rest[1:close])
    return close if plain and rest[close + 1 : close + 2] not in ("*", "+", "{") else None


@cache
def _any_of(expressions: tuple[str, ...]) -> re.Pattern[str] | None:
    every = [f"(?:{for_python(portable(one))})" for one in expressions]
    return re.compile("|".join(every), re.IGNORECASE) if every else None


def line_of(product: Product, *, name: str, version: str) -> Line | None:
    """The line of a product that a name and version are of; None for the product's own."""
    for line in product.lines:
        if found_in(name, line.names) or found_in(version, line.versions):
            return line
    return None


def found_in(text: str, expressions: tuple[str, ...]) -> bool:
    """Whether any of the expressions is found in a text, whatever the case."""
    asked = _any_of(expressions)
    return asked is not None and asked.search(text) is not None
