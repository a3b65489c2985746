"""The JSON files of one folder: pages of one export are put together, the others stand alone."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence

from homeroom.ingest.connector import Connector, Kind
from homeroom.ingest.kinds import Match, Miss, match_of, void_match
from homeroom.ingest.looking import JSON, Look
from homeroom.ingest.packages import Package, Recognised
from homeroom.ingest.packaging import package_of, problem_of
from homeroom.ingest.problems import Problem
from homeroom.ingest.versions import is_read, newer

_SHOWN = 3
"""Lists that a sentence names before it says that there are others."""
Natural = tuple[list[tuple[bool, int, str]], str]


def documents_of(looks: Sequence[Look], *, connectors: Sequence[Connector]) -> Recognised:
    """The packages of JSON files that lie in one folder."""
    problems: list[Problem] = []
    pages: dict[str, list[tuple[Look, Match]]] = defaultdict(list)
    empty: list[Look] = []
    known: dict[object, Match | Miss] = {}  # pages of one export have the same names
    for look in looks:
        within = look.document.names if look.document else None
        names = (look.names, tuple(sorted((within or {}).items())))
        if names not in known:
            known[names] = match_of(look.names, form=JSON, connectors=connectors, within=within)
        match = known[names]
        if not isinstance(match, Miss) and (newer := other_version(look, match.kind)):
            problems.append(newer)
        elif not isinstance(match, Miss):
            pages[match.kind.id].append((look, match))
        elif void := _void(look, connectors):
            pages[void.kind.id].append((look, void))
        elif look.document and not all(look.document.rows.values()):
            empty.append(look)
        else:
            problems.append(problem_of(look, match))
    problems += [problem for look in empty for problem in _empty_page(look, pages, connectors)]
    made = [package for found in pages.values() for package in _paged(sorted(found, key=_in_order))]
    return Recognised(packages=tuple(made), problems=tuple(problems))


def other_version(look: Look, kind: Kind) -> Problem | None:
    """What is wrong where a file says that it is of a version that nobody here has read."""
    for name, known in kind.versions.items():
        said = str(look.top.get(name, ""))
        if not is_read(said, known):
            return newer(look.origin.name, field=name, said=said, known=known, title=kind.title)
    return None


def _void(look: Look, connectors: Sequence[Connector]) -> Match | None:
    """The kind of an export without rows that says whose it is: a console that has nothing, a scan that found nothing."""
    document = look.document
    if document is None or any(rows for under, rows in document.rows.items() if under) or document.rows.get("", 0) > 1:
        return None
    return void_match(document.names.get("", ()), top=document.top, connectors=connectors)


def _empty_page(
    look: Look, pages: dict[str, list[tuple[Look, Match]]], connectors: Sequence[Connector]
) -> list[Problem]:
    """A page without rows belongs to the pages beside it, if they are of one kind and in the same envelope.

    So it does where only one kind of list has that envelope: some consoles say that there are no more by such a page alone.
    Else it is refused: to take it for the wrong list would say that everything in that list is gone.
    """
    rows = look.document.rows if look.document else {}
    under = next((name for name in rows if name), "")
    alike = [kind for one in connectors for kind in one.kinds if under and kind.envelope == under]
    beside = [
        found
        for found in pages.values()
        if rows.get(found[0][1].kind.envelope) == 0 and (any(map(_goes_on, found)) or len(alike) == 1)
    ]
    if len(beside) == 1:
        beside[0].append((look, beside[0][0][1]))
        return []
    titles = [kind.title for kind in alike[:_SHOWN]]
    reason = f"holds no rows{f' under {under}' if under else ''}, so nothing tells which list is empty"
    reason += f": it may be {' or '.join(titles)}{' or others' if alike[_SHOWN:] else ''}" if titles else ""
    said = sorted({name for kind in alike for name in kind.named} - set(look.top))
    fits = [f"the answer with its {' and '.join(said)}"] if said else []
    fits += ["an export with at least one row", "the same list as CSV, whose header tells what it is"]
    fits += ["the console connected, which knows what it asked for"] if alike else []
    return [Problem(file=look.origin.name, reason=reason, fits=", or ".join(fits))]


def _paged(found: list[tuple[Look, Match]]) -> list[Package]:
    if not any(map(_goes_on, found)):
        ended = any(_is_past_the_last(one) for one in found)
        return [package_of(found)] if ended else [package_of([one]) for one in found]
    if total := max(map(_total, found)):
        return [package_of(found, incomplete=_counted(sum(map(_rows, found)), total))]
    last = sum(not _more(one) for one in found)
    incomplete = "" if last == 1 else ("the last page is missing" if not last else "pages of two exports are mixed")
    return [package_of(found, incomplete=incomplete)]


def _counted(rows: int, total: int) -> str:
    if rows < total:
        return f"the pages hold {rows:,} of {total:,} rows"
    return "" if rows == total else "pages of two exports are mixed"


def _goes_on(one: tuple[Look, Match]) -> bool:
    return _more(one) or _total(one) > _rows(one)


def _is_past_the_last(one: tuple[Look, Match]) -> bool:
    """Whether it is the page without rows that a console answers with where somebody asks past the last one."""
    return not one[1].void and not _rows(one)


def _total(one: tuple[Look, Match]) -> int:
    """How many rows the file says that all pages have together; 0 where it says nothing."""
    look, match = one
    return look.document.total(match.kind) if look.document else 0


def _rows(one: tuple[Look, Match]) -> int:
    look, match = one
    return look.document.rows.get(look.document.under(match.kind), 0) if look.document else 0


def _more(one: tuple[Look, Match]) -> bool:
    look, match = one
    return bool(look.document and look.document.more(match.kind))


def _in_order(one: tuple[Look, Match]) -> Natural:
    return natural(one[0].origin.name)


def natural(name: str) -> Natural:
    """What to sort names by, numbers by their value: page-2 before page-10."""
    parts = re.split(r"(\d{1,18})", name)
    return [(part.isdigit(), int(part) if part.isdigit() else 0, part) for part in parts], name
