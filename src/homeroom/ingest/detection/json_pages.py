"""The JSON files of one folder: pages of one export are joined, other files are packages of their own."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from homeroom.ingest.contract.connector import Connector, JsonKind, XmlKind
from homeroom.ingest.contract.errors import Problem
from homeroom.ingest.contract.format_versions import build_version_problem, is_supported
from homeroom.ingest.detection.file_kinds import KindMatch, NoMatch, match_empty_export, match_kind
from homeroom.ingest.detection.numbered_pages import JsonPage, are_numbered_pages
from homeroom.ingest.detection.package import DetectionResult, Package
from homeroom.ingest.detection.package_builder import build_package, build_problem
from homeroom.ingest.detection.sniffer import SniffedFile

_MAX_LISTED = 3
"""Lists that a sentence names before it mentions others."""
NaturalSortKey = tuple[list[tuple[bool, int, str]], str]


def build_json_packages(files: Sequence[SniffedFile], *, connectors: Sequence[Connector]) -> DetectionResult:
    """Build the packages of JSON files of one folder."""
    problems: list[Problem] = []
    pages: dict[str, list[JsonPage]] = defaultdict(list)
    empty: list[SniffedFile] = []
    matches: dict[object, KindMatch[JsonKind] | NoMatch] = {}  # pages of one export have the same names
    value_names = {
        name
        for connector in connectors
        for kind in connector.kinds
        if isinstance(kind, JsonKind)
        for name in kind.values
    }
    for file in files:
        within = file.document.names if file.document else None
        top = {name: file.top[name] for name in sorted(value_names) if name in file.top}
        names = (file.names, tuple(sorted((within or {}).items())), tuple(top.items()))
        if names not in matches:
            matches[names] = match_kind(file.names, kind_class=JsonKind, connectors=connectors, within=within, top=top)
        match = matches[names]
        if not isinstance(match, NoMatch) and (version_problem := check_version(file, match.kind)):
            problems.append(version_problem)
        elif not isinstance(match, NoMatch):
            pages[match.kind.id].append((file, match))
        elif empty_match := match_empty_file(file, connectors):
            pages[empty_match.kind.id].append((file, empty_match))
        elif file.document and not all(file.document.rows.values()):
            empty.append(file)
        else:
            problems.append(build_problem(file, match))
    problems += [problem for file in empty for problem in _place_empty_page(file, pages, connectors)]
    packages = [
        package for page_files in pages.values() for package in _build_page_packages(sorted(page_files, key=_sort_key))
    ]
    return DetectionResult(packages=tuple(packages), problems=tuple(problems))


def check_version(file: SniffedFile, kind: JsonKind | XmlKind) -> Problem | None:
    """Return the problem of a file that declares an unknown version, or None."""
    for name, supported_versions in kind.versions.items():
        version = str(file.top.get(name, ""))
        if not is_supported(version, supported_versions):
            return build_version_problem(
                file.origin.name, field=name, version=version, supported=supported_versions, title=kind.title
            )
    return None


def match_empty_file(file: SniffedFile, connectors: Sequence[Connector]) -> KindMatch[JsonKind] | None:
    """Match an export without rows that identifies itself: a console that has nothing, a scan that found nothing."""
    document = file.document
    if (
        document is None
        or any(rows for envelope, rows in document.rows.items() if envelope)
        or document.rows.get("", 0) > 1
    ):
        return None
    return match_empty_export(document.names.get("", ()), top=document.top, lists=document.rows, connectors=connectors)


def _place_empty_page(
    file: SniffedFile, pages: dict[str, list[JsonPage]], connectors: Sequence[Connector]
) -> list[Problem]:
    """Add a page without rows to the pages in the same folder, if they are of one kind and in the same envelope.

    It is also added if only one kind of list has that envelope: some consoles mark the end only by such a page.
    Otherwise it is refused: assigning it to the wrong list would mean that everything in that list is gone.
    """
    rows = file.document.rows if file.document else {}
    envelope = next((name for name in rows if name), "")
    kinds = [
        kind
        for connector in connectors
        for kind in connector.kinds
        if envelope and isinstance(kind, JsonKind) and kind.envelope == envelope
    ]
    candidates = [
        page_files
        for page_files in pages.values()
        if rows.get(page_files[0][1].kind.envelope) == 0 and (any(map(_has_more_rows, page_files)) or len(kinds) == 1)
    ]
    if len(candidates) == 1:
        candidates[0].append((file, candidates[0][0][1]))
        return []
    titles = [kind.title for kind in kinds[:_MAX_LISTED]]
    reason = f"holds no rows{f' under {envelope}' if envelope else ''}, so nothing tells which list is empty"
    reason += f": it may be {' or '.join(titles)}{' or others' if kinds[_MAX_LISTED:] else ''}" if titles else ""
    identifying_names = sorted({name for kind in kinds for name in kind.named} - set(file.top))
    fits = [f"the answer with its {' and '.join(identifying_names)}"] if identifying_names else []
    fits += ["an export with at least one row", "the same list as CSV, whose header tells what it is"]
    fits += ["the console connected, which knows what it asked for"] if kinds else []
    return [Problem(file=file.origin.name, reason=reason, fits=", or ".join(fits))]


def _build_page_packages(pages: list[JsonPage]) -> list[Package]:
    if not any(map(_has_more_rows, pages)):
        has_end = any(_is_past_the_last(page) for page in pages)
        return (
            [build_package(pages)]
            if has_end or are_numbered_pages(pages)
            else [build_package(group) for group in _group_by_container(pages)]
        )
    if total := max(map(_get_total, pages)):
        return [build_package(pages, incomplete=_describe_missing_rows(sum(map(_count_rows, pages)), total))]
    last_pages = sum(not _has_next_page(page) for page in pages)
    incomplete = (
        "" if last_pages == 1 else ("the last page is missing" if not last_pages else "pages of two exports are mixed")
    )
    return [build_package(pages, incomplete=incomplete)]


def _group_by_container(pages: list[JsonPage]) -> list[list[JsonPage]]:
    """Return the pages of each file that holds several, and every other file alone."""
    groups: dict[str, list[JsonPage]] = defaultdict(list)
    for page in pages:
        groups[page[0].container or page[0].origin.name].append(page)
    return list(groups.values())


def _describe_missing_rows(rows: int, total: int) -> str:
    if rows < total:
        return f"the pages hold {rows:,} of {total:,} rows"
    return "" if rows == total else "pages of two exports are mixed"


def _has_more_rows(page: JsonPage) -> bool:
    return _has_next_page(page) or _get_total(page) > _count_rows(page)


def _is_past_the_last(page: JsonPage) -> bool:
    """Check whether it is the page without rows that a console returns past the last page."""
    return not page[1].is_empty and not _count_rows(page)


def _get_total(page: JsonPage) -> int:
    """Return how many rows the file declares for all pages together; 0 if it declares none."""
    file, match = page
    return file.document.get_total(match.kind) if file.document else 0


def _count_rows(page: JsonPage) -> int:
    file, match = page
    return file.document.rows.get(file.document.find_envelope(match.kind), 0) if file.document else 0


def _has_next_page(page: JsonPage) -> bool:
    file, match = page
    return bool(file.document and file.document.has_more(match.kind))


def _sort_key(page: JsonPage) -> NaturalSortKey:
    return build_natural_sort_key(page[0].origin.name)


def build_natural_sort_key(name: str) -> NaturalSortKey:
    """Build a sort key for names, numbers by their value: page-2 before page-10."""
    parts = re.split(r"(\d{1,18})", name)
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts], name
