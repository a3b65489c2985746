"""Detect the packages at some paths, with the district's saved mappings and with mapping files among the paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from homeroom.apps.know.sources.saved_mappings import load_saved_connectors
from homeroom.domain.platform.district import District
from homeroom.domain.progress import Progress
from homeroom.ingest.contract.connector import Connector, CsvKind, FileKind
from homeroom.ingest.contract.errors import FileRefused, Problem
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.detection.detect import DetectionResult, FileLocation, detect_packages, find_mappings
from homeroom.library.know.builtin_mappings import get_builtin_mapping
from homeroom.library.know.connectors import load_connectors
from homeroom.library.know.mappings import parse_mapping


def detect_files(
    paths: Sequence[Path], *, district: District, mapping: str, limits: Limits, progress: Progress
) -> DetectionResult:
    """Detect the packages at the paths, by the built-in mapping of that name if there is one, else by content.

    Raise LookupError for an unknown mapping.
    """
    builtin = (get_builtin_mapping(mapping).connector,) if mapping else None
    progress("Looking at the files", 0, 0)
    if builtin:
        return detect_packages(paths, connectors=builtin, limits=limits)
    return _detect_by_content(paths, limits, district=district)


def _detect_by_content(paths: Sequence[Path], limits: Limits, *, district: District) -> DetectionResult:
    saved, problems = load_saved_connectors(district=district)
    available = (*saved, *load_connectors())
    mapped_connectors: list[Connector] = []
    collected_problems: list[Problem] = list(problems)
    places: dict[str, FileLocation] = {}
    for mapping in find_mappings(paths, connectors=available, limits=limits):
        try:
            mapped_connectors.append(parse_mapping(mapping.text, file=mapping.name))
            places |= {kind.id: mapping.place for kind in mapped_connectors[-1].kinds}
        except FileRefused as error:
            collected_problems += error.problems
    if mapped_connectors:
        # A mapping file beside the list takes precedence over a saved mapping of the same headings.
        available = (*mapped_connectors, *_exclude_mapped(saved, mapped_connectors), *load_connectors())
    detected = detect_packages(paths, connectors=available, limits=limits, locations=places)
    return replace(detected, problems=(*collected_problems, *detected.problems))


def _exclude_mapped(saved: Sequence[Connector], mapped: Sequence[Connector]) -> list[Connector]:
    """Return the saved lists that no mapping file covers as well."""
    mapped_needs = [_get_headings(kind) for connector in mapped for kind in connector.kinds]
    return [
        connector
        for connector in saved
        if not any(needs <= _get_headings(connector.kinds[0]) for needs in mapped_needs)
    ]


def _get_headings(kind: FileKind) -> frozenset[str]:
    return frozenset(kind.needs if isinstance(kind, CsvKind) else ())
