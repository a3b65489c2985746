"""Product identification: map software to a product of the catalog or a package of a distribution or language.

A product key names what an update would replace: `google-chrome`, `firefox@esr`, `pkg:ubuntu:22.04/openssl`,
`check:nessus:156032`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from homeroom.domain.know.software.products import (
    Product,
    ProductCatalog,
    ProductLine,
    find_product_line,
    is_embedded,
    matches_any,
)

UNKNOWN, INSIDE_ANOTHER, UNREADABLE, DISTRIBUTION = (
    "unknown",
    "inside another program",
    "version unreadable",
    "distribution build",
)
PACKAGE_ECOSYSTEMS: Mapping[str, tuple[str, str]] = {
    "pypi": ("pypi", "python"), "npm": ("npm", "semver"), "gem": ("rubygems", "gem"), "rubygems": ("rubygems", "gem"),
    "go": ("go", "semver"), "golang": ("go", "semver"), "cargo": ("crates", "semver"), "maven": ("maven", "maven"),
    "nuget": ("nuget", "nuget"), "composer": ("packagist", "plain"),
}  # fmt: skip
"""Package ecosystems by package URL type or listing, with the scheme of their versions."""
_LISTING_ECOSYSTEMS: tuple[tuple[re.Pattern[str], str], ...] = (
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
_UPSTREAM_DEB_VERSION = re.compile(r"\A(?:[0-9]+:)?(.+?)(?:-[0-9][0-9a-z.]*)?\Z")
_VERSION_IN_NAME = re.compile(r"(?<![\w.])v?([0-9]+(?:\.[0-9]+)+[a-z0-9]*)")
_PRERELEASE_IN_NAME = re.compile(r"\A[\s-]*(preview|release candidate|rc|alpha|beta)[\s.]*([0-9]*)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class ProductListing:
    """One distinct listing of a software version; texts are empty where the source has none."""

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
class ProductIdentity:
    """The product that a listing identifies.

    `product_key` is empty where the listing cannot be compared, and `reason` names the cause.
    """

    product_key: str = ""
    product: str | None = None
    title: str = ""
    line: str | None = None
    scheme: str = "plain"
    version: str = ""
    lifecycle: str = ""
    reason: str = ""


def identify_product(listing: ProductListing, *, shelf: ProductCatalog) -> ProductIdentity:
    """Identify the product of a listing, by the product catalog and by package ecosystems."""
    if listing.kind == "system":
        return _identify_system(listing, shelf)
    package = _identify_package(listing)
    is_distribution_package = package is not None and package.scheme in ("deb", "rpm")
    if package is not None and not is_distribution_package:
        return package
    product = shelf.find_product(
        name=listing.name,
        listing=listing.listing,
        platform=listing.platform,
        vendor=listing.vendor,
        identifier=listing.identifier,
    )
    version = listing.version or _extract_version(listing.name)
    if product is not None and (is_distribution_package or listing.kind == "service"):
        # A distribution patches old versions: only the vendor's own package has the vendor's version number.
        upstream_version = _UPSTREAM_DEB_VERSION.match(version)
        product = None if _BUILT_BY_DISTRIBUTION.search(version.lower()) else product
        version = upstream_version[1] if upstream_version and product else version
    if product is not None:
        identity = _identify_release_line(product, listing.name, version)
        # A banner does not show who packaged the service: its distribution may patch it long after the vendor stopped.
        return replace(identity, lifecycle="") if listing.kind == "service" else identity
    if package is not None:
        return package
    reason = INSIDE_ANOTHER if is_embedded(listing=listing.listing, identifier=listing.identifier) else UNKNOWN
    if _BUILT_BY_DISTRIBUTION.search(listing.version.lower()):
        reason = DISTRIBUTION
    return ProductIdentity(title=listing.name, version=version, reason=reason)


def _identify_release_line(product: Product, name: str, version: str) -> ProductIdentity:
    version = _choose_version(product, name, version) if product.version_in_name else version
    line = find_product_line(product, name=name, version=version)
    return ProductIdentity(
        product_key=build_product_key(product, line),
        product=product.id,
        title=product.title,
        line=line.id if line else None,
        scheme=product.scheme,
        version=version,
        lifecycle=(line.lifecycle if line else "") or product.lifecycle,
    )


def _choose_version(product: Product, name: str, listed: str) -> str:
    """Return the version in a name, or the listed version where the name has none or only the beginning of it.

    Where the listed version is the installer's, the name has all there is: 3.11.x, which is compared with no
    range but has an end of support.
    """
    named = _extract_version(name)
    if named and not (named.count(".") < 2 and listed.startswith(f"{named}.")):
        return named
    if not matches_any(listed, product.installer_versions):
        return listed
    return f"{named}.x" if named else ""


def build_product_key(product: Product, line: ProductLine | None) -> str:
    """Return the product key of a product or of one of its release lines."""
    return f"{product.id}@{line.id}" if line else product.id


def _identify_system(listing: ProductListing, shelf: ProductCatalog) -> ProductIdentity:
    # The platform's own product, or one that the name alone identifies, such as switches and firewalls.
    product = shelf.find_operating_system(platform=listing.platform, name=listing.name) or shelf.find_operating_system(
        platform="linux", name=listing.name
    )
    if product is None:
        return ProductIdentity(title=listing.name, version=listing.version, reason=UNKNOWN)
    return _identify_release_line(product, listing.name, listing.version)


def _identify_package(software: ProductListing) -> ProductIdentity | None:
    """Identify a package of a language or distribution, by its package URL or by the kind of its list."""
    if software.kind == "service":
        return None
    if purl := _PURL.match(software.identifier):
        return _identify_by_purl(software, purl)
    listing_kind = software.listing.lower()
    if "rpm" in listing_kind or "deb" in listing_kind or "dpkg" in listing_kind:
        kind = "rpm" if "rpm" in listing_kind else "deb"
        ecosystem = parse_distribution(software.system)
        return _build_package_identity(f"{ecosystem or kind}", software.name, software.version, kind)
    package_type = next((ecosystem for pattern, ecosystem in _LISTING_ECOSYSTEMS if pattern.search(listing_kind)), None)
    return (
        _build_package_identity(
            PACKAGE_ECOSYSTEMS[package_type][0], software.name, software.version, PACKAGE_ECOSYSTEMS[package_type][1]
        )
        if package_type
        else None
    )


def _identify_by_purl(software: ProductListing, purl: re.Match[str]) -> ProductIdentity | None:
    kind, space, name, qualifiers = purl[1].lower(), purl[2], purl[3], purl[4] or ""
    if kind in ("deb", "rpm"):
        distro = next((part[7:] for part in qualifiers.split("&") if part.startswith("distro=")), "")
        ecosystem = parse_distribution(distro.replace("-", " ")) or parse_distribution(software.system) or kind
        return _build_package_identity(ecosystem, name, software.version, kind)
    if kind not in PACKAGE_ECOSYSTEMS:
        return None
    ecosystem, scheme = PACKAGE_ECOSYSTEMS[kind]
    separator = ":" if kind == "maven" else "/"
    return _build_package_identity(ecosystem, f"{space}{separator}{name}" if space else name, software.version, scheme)


def _build_package_identity(ecosystem: str, name: str, version: str, scheme: str) -> ProductIdentity:
    return ProductIdentity(product_key=build_package_key(ecosystem, name), title=name, scheme=scheme, version=version)


def build_package_key(ecosystem: str, name: str) -> str:
    """Return the product key of a package.

    Python's names are compared without case, and with dots and underscores as hyphens.
    """
    normalized_name = re.sub(r"[-_.]+", "-", name.lower()) if ecosystem == "pypi" else name.lower()
    return f"pkg:{ecosystem}/{normalized_name}"


def parse_distribution(text: str) -> str:
    """Return a distribution and its release, such as ubuntu:22.04 or debian:12, from a text; else empty."""
    match = _DISTRO.search(text)
    if match is None:
        return ""
    name = match[1].lower().replace(" ", "").replace("rhel", "redhat").replace("centos", "redhat")
    release = match[2] if name in ("ubuntu", "suse") else match[2].partition(".")[0]
    return f"{name}:{release}"


def parse_ecosystem(ecosystem: str) -> str:
    """Return the package ecosystem of a feed's ecosystem: PyPI is pypi, Ubuntu:22.04:LTS is ubuntu:22.04."""
    return parse_distribution(ecosystem.replace(":", " ")) or ecosystem.lower().removesuffix(".io")


def _extract_version(name: str) -> str:
    """Return the last version in a name, with its prerelease: 9.0.0-preview.7 for `9.0.0 Preview 7 (x64)`."""
    matches = list(_VERSION_IN_NAME.finditer(name))
    if not matches:
        return ""
    prerelease = _PRERELEASE_IN_NAME.match(name[matches[-1].end() :])
    if prerelease is None:
        return matches[-1][1]
    word = "rc" if prerelease[1].lower() == "release candidate" else prerelease[1].lower()
    return f"{matches[-1][1]}-{word}{'.' if prerelease[2] else ''}{prerelease[2]}"


def index_products_by_cpe(products: Iterable[Product]) -> Mapping[str, tuple[tuple[str, str, str | None], ...]]:
    """Map each maker:product of the feeds to (product key, scheme, edition); the edition is null where any applies."""
    entries: dict[str, list[tuple[str, str, str | None]]] = {}
    for product in products:
        for name in product.cpes:
            entries.setdefault(name, []).append((product.id, product.scheme, None))
            for line in product.lines:
                product_key = build_product_key(product, line)
                entries[name] += [(product_key, product.scheme, edition) for edition in line.editions]
        for line in product.lines:
            for name in line.cpes:
                entries.setdefault(name, []).append((build_product_key(product, line), product.scheme, None))
    return {name: tuple(values) for name, values in entries.items()}


def normalize_cpe_name(vendor: str, product: str) -> str:
    """Return maker:product in the NVD's spelling for the names of another feed."""
    return ":".join("_".join(part.lower().replace("\u00ae", "").split()) for part in (vendor, product))
