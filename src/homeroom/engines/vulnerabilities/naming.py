"""What a piece of software is to the feeds: a product of the shelf, a package of a distribution or language, or unknown.

A thing is what an update would replace: `google-chrome`, `firefox@esr`, `pkg:ubuntu:22.04/openssl`, `check:nessus:156032`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from homeroom.domain.software import INSIDE, Line, Product, Shelf, line_of

UNKNOWN, INSIDE_ANOTHER, UNREADABLE, DISTRIBUTION = (
    "unknown",
    "inside another program",
    "version unreadable",
    "distribution build",
)
WORLDS: Mapping[str, tuple[str, str]] = {
    "pypi": ("pypi", "python"), "npm": ("npm", "semver"), "gem": ("rubygems", "gem"), "rubygems": ("rubygems", "gem"),
    "go": ("go", "semver"), "golang": ("go", "semver"), "cargo": ("crates", "semver"), "maven": ("maven", "maven"),
    "nuget": ("nuget", "nuget"), "composer": ("packagist", "plain"),
}  # fmt: skip
"""Worlds of packages by package URL type or listing, with how their versions are compared."""
_LISTED: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"python|pypi|pip"), "pypi"),
    (re.compile(r"\bnpm"), "npm"),
    (re.compile(r"gem"), "gem"),
    (re.compile(r"go_binaries|golang"), "go"),
)
_PURL = re.compile(r"pkg:([a-z0-9.+-]+)/(?:([^@?]+)/)?([^/@?]+)(?:@[^?]*)?(?:\?(.*))?\Z", re.IGNORECASE)
_DISTRO = re.compile(
    r"(ubuntu|debian|red ?hat|rhel|rocky|alma|suse|fedora|centos)[^0-9]*([0-9]+(?:\.[0-9]+)?)", re.IGNORECASE
)
_BUILT_BY_DISTRIBUTION = re.compile(
    r"ubuntu|debian|\+dfsg|deb[0-9]|~bpo|\.el[0-9]|\.fc[0-9]|\.suse|\+b[0-9]|snap|build[0-9]$"
)
_DEB_OWN = re.compile(r"\A(?:[0-9]+:)?(.+?)(?:-[0-9][0-9a-z.]*)?\Z")
_IN_NAME = re.compile(r"(?<![\w.])v?([0-9]+(?:\.[0-9]+)+[a-z0-9]*)")


@dataclass(frozen=True, kw_only=True)
class Way:
    """One way in which a version is listed; texts are empty where the source says nothing."""

    name: str
    version: str = ""
    listing: str = ""
    vendor: str = ""
    identifier: str = ""
    platform: str = ""
    system: str = ""
    kind: str = "software"
    """software, system (a device's own), or service (what answered a scan)."""


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a way is. `thing` is empty where it is nothing that can be compared, and `reason` says why."""

    thing: str = ""
    product: str | None = None
    title: str = ""
    line: str | None = None
    scheme: str = "plain"
    version: str = ""
    lifecycle: str = ""
    reason: str = ""


def named(way: Way, *, shelf: Shelf) -> Named:
    """What a way is, by the shelf and by package worlds."""
    if way.kind == "system":
        return _system(way, shelf)
    package = _package(way)
    packed = package is not None and package.scheme in ("deb", "rpm")
    if package is not None and not packed:
        return package
    product = shelf.product_of(
        name=way.name, listing=way.listing, platform=way.platform, vendor=way.vendor, identifier=way.identifier
    )
    version = way.version or _version_in(way.name)
    if product is not None and (packed or way.kind == "service"):
        # A distribution mends old versions: only what the maker itself packs has the maker's own number.
        own = _DEB_OWN.match(version)
        product = None if _BUILT_BY_DISTRIBUTION.search(version.lower()) else product
        version = own[1] if own and product else version
    if product is not None:
        found = _of(product, way.name, version)
        # A banner does not say who packed the service: its distribution may mend it long after its makers stopped.
        return replace(found, lifecycle="") if way.kind == "service" else found
    if package is not None:
        return package
    reason = INSIDE_ANOTHER if re.search(INSIDE, way.listing.lower()) else UNKNOWN
    if _BUILT_BY_DISTRIBUTION.search(way.version.lower()):
        reason = DISTRIBUTION
    return Named(title=way.name, version=version, reason=reason)


def _of(product: Product, name: str, version: str) -> Named:
    version = (_version_in(name) if product.version_in_name else "") or version
    line = line_of(product, name=name, version=version)
    return Named(
        thing=thing_of(product, line),
        product=product.id,
        title=product.title,
        line=line.id if line else None,
        scheme=product.scheme,
        version=version,
        lifecycle=(line.lifecycle if line else "") or product.lifecycle,
    )


def thing_of(product: Product, line: Line | None) -> str:
    """The thing that a product, or one of its lines, is."""
    return f"{product.id}@{line.id}" if line else product.id


def _system(way: Way, shelf: Shelf) -> Named:
    # The platform's own product, or one that is told by its words alone, as switches and firewalls are.
    product = shelf.system_of(platform=way.platform, name=way.name) or shelf.system_of(platform="linux", name=way.name)
    if product is None:
        return Named(title=way.name, version=way.version, reason=UNKNOWN)
    return _of(product, way.name, way.version)


def _package(way: Way) -> Named | None:
    """A package of a language or distribution, by its package URL or by the list that it stands in."""
    if way.kind == "service":
        return None
    if purl := _PURL.match(way.identifier):
        return _by_purl(way, purl)
    listing = way.listing.lower()
    if "rpm" in listing or "deb" in listing or "dpkg" in listing:
        kind = "rpm" if "rpm" in listing else "deb"
        world = distribution(way.system)
        return _packed(f"{world or kind}", way.name, way.version, kind)
    known = next((world for pattern, world in _LISTED if pattern.search(listing)), None)
    return _packed(WORLDS[known][0], way.name, way.version, WORLDS[known][1]) if known else None


def _by_purl(way: Way, purl: re.Match[str]) -> Named | None:
    kind, space, name, more = purl[1].lower(), purl[2], purl[3], purl[4] or ""
    if kind in ("deb", "rpm"):
        distro = next((part[7:] for part in more.split("&") if part.startswith("distro=")), "")
        world = distribution(distro.replace("-", " ")) or distribution(way.system) or kind
        return _packed(world, name, way.version, kind)
    if kind not in WORLDS:
        return None
    world, scheme = WORLDS[kind]
    between = ":" if kind == "maven" else "/"
    return _packed(world, f"{space}{between}{name}" if space else name, way.version, scheme)


def _packed(world: str, name: str, version: str, scheme: str) -> Named:
    return Named(thing=package_of(world, name), title=name, scheme=scheme, version=version)


def package_of(world: str, name: str) -> str:
    """The thing that a package of a world is; Python's names count without case, dots and lines between them."""
    folded = re.sub(r"[-_.]+", "-", name.lower()) if world == "pypi" else name.lower()
    return f"pkg:{world}/{folded}"


def distribution(words: str) -> str:
    """A distribution and its release, such as ubuntu:22.04 or debian:12, from what a device or feed calls it; else empty."""
    found = _DISTRO.search(words)
    if found is None:
        return ""
    name = found[1].lower().replace(" ", "").replace("rhel", "redhat").replace("centos", "redhat")
    release = found[2] if name in ("ubuntu", "suse") else found[2].partition(".")[0]
    return f"{name}:{release}"


def world_of(ecosystem: str) -> str:
    """The world of a feed's ecosystem: PyPI is pypi, Ubuntu:22.04:LTS is ubuntu:22.04."""
    return distribution(ecosystem.replace(":", " ")) or ecosystem.lower().removesuffix(".io")


def _version_in(name: str) -> str:
    found = _IN_NAME.findall(name)
    return str(found[-1]) if found else ""


def things_by_name(products: Iterable[Product]) -> Mapping[str, tuple[tuple[str, str, str | None], ...]]:
    """For each maker:product of the feeds the (thing, scheme, edition) that it speaks of; the edition null where any is."""
    found: dict[str, list[tuple[str, str, str | None]]] = {}
    for product in products:
        for name in product.cpes:
            found.setdefault(name, []).append((product.id, product.scheme, None))
            for line in product.lines:
                thing = thing_of(product, line)
                found[name] += [(thing, product.scheme, edition) for edition in line.editions]
        for line in product.lines:
            for name in line.cpes:
                found.setdefault(name, []).append((thing_of(product, line), product.scheme, None))
    return {name: tuple(every) for name, every in found.items()}


def folded(vendor: str, product: str) -> str:
    """maker:product as the NVD would write what another feed writes as words."""
    return ":".join("_".join(part.lower().replace("\u00ae", "").split()) for part in (vendor, product))
