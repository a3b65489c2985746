"""Write the software bill of materials: what an installed server is made of, as CycloneDX 1.6 JSON, from the lock.

The same lock gives the same file, byte for byte: no time, and a serial number from the lock's content.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import sys
import tomllib
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from tools.locked_packages import LOCK, PROJECT, LockedPackage, list_runtime_roots, read_lock, select_required

NAME = "homeroom"


def run_sbom(arguments: Sequence[str]) -> int:
    """Write the bill of materials to the file that is named, or print it; return 0, or 2 for other arguments."""
    if len(arguments) > 1 or any(word.startswith("-") for word in arguments):
        print("usage: ./run sbom [FILE]", file=sys.stderr)
        return 2
    text = render_sbom()
    if arguments:
        Path(arguments[0]).write_text(text, encoding="utf-8")
    else:
        print(text, end="")
    return 0


def render_sbom(lock: Path = LOCK, project: Path = PROJECT) -> str:
    """Return the bill of materials of the lock's runtime part as text."""
    roots = list_runtime_roots(project)
    packages = select_required(read_lock(lock), roots)
    components = {name: _build_component(package) for name, package in packages.items()}
    product = _build_product(project)
    bom = Bom(
        components=components.values(),
        metadata=BomMetaData(component=product),
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, hashlib.sha256(lock.read_bytes()).hexdigest()),
    )
    bom.register_dependency(product, [components[name] for name in roots])
    for name, component in components.items():
        bom.register_dependency(component, [components[child] for child in _list_children(packages, name)])
    document = json.loads(JsonV1Dot6(bom).output_as_string())
    del document["metadata"]["timestamp"]
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _build_product(project: Path) -> Component:
    tables = tomllib.loads(project.read_text(encoding="utf-8"))["project"]
    return Component(
        name=NAME,
        version=tables["version"],
        type=ComponentType.APPLICATION,
        bom_ref=BomRef(NAME),
        description=tables["description"],
        licenses=[LicenseFactory().make_from_string(tables["license"])],
    )


def _build_component(package: LockedPackage) -> Component:
    """Return a package with the hash of each of its files: which of them is installed depends on the platform."""
    return Component(
        name=package.name,
        version=package.version,
        type=ComponentType.LIBRARY,
        bom_ref=BomRef(package.name),
        purl=PackageURL(type="pypi", name=package.name, version=package.version),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=value) for value in package.hashes],
        licenses=[LicenseFactory().make_from_string(text) for text in _read_license(package.name)],
        properties=[Property(name="homeroom:marker", value=package.marker)] if package.marker else [],
    )


def _read_license(name: str) -> list[str]:
    """Return the license expression that the installed package states; nothing if it is not installed here."""
    try:
        metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return []
    text = metadata.get("License-Expression") or metadata.get("License") or ""
    named = [line.rpartition(" :: ")[2] for line in metadata.get_all("Classifier") or [] if line.startswith("License")]
    short = text if text and "\n" not in text and len(text) < 100 else ""
    return [short] if short else named[:1]


def _list_children(packages: Mapping[str, LockedPackage], name: str) -> list[str]:
    return [child for child, package in packages.items() if name in package.parents]
