"""Recognition of a file's kind by the names in it: never by the file's name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from homeroom.ingest.contract.connector import Connector, CsvKind, FileKind, JsonKind, NamedKind, TextKind, XmlKind
from homeroom.ingest.contract.masking import mask_value

UNKNOWN = "is no known kind"
"""The beginning of the reason for a file that matches no kind."""
_MAX_LISTED = 12
_NAME_LIKE = re.compile(r"[A-Za-z_@][\w .@/()#-]{0,59}")


@dataclass(frozen=True, kw_only=True)
class KindMatch[Kind: FileKind]:
    """The one kind that fits best.

    `is_empty` is true of an export without rows that identifies itself.
    """

    connector: Connector
    kind: Kind
    is_empty: bool = False


@dataclass(frozen=True, kw_only=True)
class NoMatch:
    """The reason why no kind fits, and what the nearest one lacks."""

    reason: str
    fits: str


def match_kind[Kind: NamedKind](
    names: Iterable[str],
    *,
    kind_class: type[Kind],
    connectors: Sequence[Connector],
    member: str = "",
    within: Mapping[str, Iterable[str]] | None = None,
) -> KindMatch[Kind] | NoMatch:
    """Return the kind of a class whose names are all present, with most matches.

    Names are compared without regard to case and outer blanks. With `member`, only kinds of that bundle member are
    considered. `within` has the names of a JSON file's rows by the envelope that holds them, and under "" those of its
    objects: a kind is compared with its own envelope if the file has it. A tie between two kinds is no match.
    """
    names_by_envelope = {
        envelope: _normalize_names(envelope_names) for envelope, envelope_names in (within or {"": names}).items()
    }

    def get_names(kind: NamedKind) -> set[str]:
        envelope = kind.envelope if isinstance(kind, JsonKind) else ""
        return names_by_envelope.get(envelope) or names_by_envelope.get("", set())

    candidates = [
        KindMatch(connector=connector, kind=kind)
        for connector in connectors
        for kind in connector.kinds
        if isinstance(kind, kind_class) and (_is_member(kind, member) if member else not _needs_name(kind))
    ]
    scores = {match.kind.id: _score_kind(match.kind, get_names(match.kind)) for match in candidates}
    fitting = sorted(
        (match for match in candidates if _matches_kind(match.kind, get_names(match.kind))),
        key=lambda m: -scores[m.kind.id],
    )
    if not fitting:
        near = max(candidates, key=lambda match: scores[match.kind.id], default=None)
        return _build_miss(names, near.kind if near and scores[near.kind.id] else None, get_names)
    best = [match for match in fitting if scores[match.kind.id] == scores[fitting[0].kind.id]]
    return _build_tie([match.kind for match in best]) if len(best) > 1 else best[0]


def score_match(match: KindMatch[CsvKind], names: Iterable[str]) -> int:
    """Return how many names of a file the matched kind knows."""
    return _score_kind(match.kind, _normalize_names(names))


def _is_member(kind: NamedKind, member: str) -> bool:
    return isinstance(kind, CsvKind) and kind.member.casefold() == member.casefold()


def _needs_name(kind: NamedKind) -> bool:
    return isinstance(kind, CsvKind) and kind.by_name


def match_root(root: str, *, connectors: Sequence[Connector]) -> KindMatch[XmlKind] | None:
    """Return the one kind of XML with this root element, in any case; None if none or several have it."""
    matches = [
        KindMatch(connector=connector, kind=kind)
        for connector in connectors
        for kind in connector.kinds
        if isinstance(kind, XmlKind) and all(name.casefold() == root.strip().casefold() for name in kind.needs)
    ]
    return matches[0] if len(matches) == 1 else None


def match_empty_export(
    names: Iterable[str], *, top: Mapping[str, str | bool], connectors: Sequence[Connector]
) -> KindMatch[JsonKind] | None:
    """Return the one kind whose export without rows this JSON object is, by `named` and `bare`.

    None if none or several fit. `names` and `top` are its top-level names, and the plain values of those.
    """
    top_names = {name for name in names if "." not in name}
    matches = [
        KindMatch(connector=connector, kind=kind, is_empty=True)
        for connector in connectors
        for kind in connector.kinds
        if isinstance(kind, JsonKind)
        and (kind.named or kind.bare)
        and _matches_empty_export(kind, top_names=top_names, top=top)
    ]
    return matches[0] if len(matches) == 1 else None


def _matches_empty_export(kind: JsonKind, *, top_names: set[str], top: Mapping[str, str | bool]) -> bool:
    has_values = all(re.fullmatch(pattern, str(top.get(name, ""))) for name, pattern in kind.named.items())
    return has_values and (not kind.bare or (kind.envelope in top_names and top_names <= set(kind.bare)))


def match_text_kind(text: str, *, connectors: Sequence[Connector]) -> KindMatch[TextKind] | NoMatch | None:
    """Return the kind of form text whose marks all occur in the beginning of a text, or None.

    Of several kinds, it is the one with most marks.
    """
    fitting = [
        KindMatch(connector=connector, kind=kind)
        for connector in connectors
        for kind in connector.kinds
        if isinstance(kind, TextKind) and all(_contains_mark(mark, text) for mark in kind.marks)
    ]
    highest = max((len(match.kind.marks) for match in fitting), default=0)
    best = [match for match in fitting if len(match.kind.marks) == highest]
    if not best:
        return None
    return _build_tie([match.kind for match in best]) if len(best) > 1 else best[0]


def _contains_mark(mark: str, text: str) -> bool:
    """Check whether a text holds a mark.

    A mark for the very beginning is looked for nowhere else, and plain words are searched as text, since every page of
    an export is checked.
    """
    if mark.replace(" ", "").isalnum():
        return mark in text
    find = re.match if mark.startswith(r"\A") and "|" not in mark else re.search
    return find(mark, text, re.MULTILINE) is not None


def _build_tie(best: Sequence[FileKind]) -> NoMatch:
    titles = " and ".join(kind.title for kind in best)
    return NoMatch(reason=f"fits two kinds of file alike: {titles}", fits="something that only one of them has")


def map_spellings(kind: NamedKind, *, names: Iterable[str]) -> dict[str, str]:
    """Map each name of the file to the kind's own spelling where that differs.

    An exact name is left alone.
    """
    file_names = list(names)
    kind_names = {name.casefold(): name for name in kind.select_names(_normalize_names(file_names))}
    return {
        name: kind_names[name.strip().casefold()]
        for name in file_names
        if name.strip().casefold() in kind_names and kind_names[name.strip().casefold()] not in file_names
    }


def _normalize_names(names: Iterable[str]) -> set[str]:
    return {name.strip().casefold() for name in names}


def _matches_kind(kind: NamedKind, names: set[str]) -> bool:
    return (
        all(name.casefold() in names for name in kind.select_needs(names))
        and (not kind.any_of or any(name.casefold() in names for name in kind.any_of))
        and not any(name.casefold() in names for name in kind.never)
    )


def _score_kind(kind: NamedKind, names: set[str]) -> int:
    return len({name.casefold() for name in kind.select_names(names)} & names)


def _build_miss(names: Iterable[str], near: NamedKind | None, get_names: Callable[[NamedKind], set[str]]) -> NoMatch:
    reason = f"{UNKNOWN} of file; it has {_format_names(names)}"
    if near is None:
        return NoMatch(reason=reason, fits="a file that a connector reads, or a mapping file for this one")
    return NoMatch(reason=reason, fits=f"{near.title}, which {_describe_lack(near, get_names(near))}")


def _describe_lack(kind: NamedKind, names: set[str]) -> str:
    missing = [name for name in kind.select_needs(names) if name.casefold() not in names]
    if missing:
        return f"also needs {', '.join(missing)}"
    forbidden = [name for name in kind.never if name.casefold() in names]
    if forbidden:
        return f"never has {', '.join(forbidden)}"
    return f"also needs one of {', '.join(kind.any_of)}"


def _format_names(names: Iterable[str]) -> str:
    """Format the names, but mask anything that looks like a value.

    A file without a header would reveal a person's row here.
    """
    all_names = list(names)
    listed = [name if _NAME_LIKE.fullmatch(name) else mask_value(name) for name in all_names[:_MAX_LISTED]]
    rest = f" and {len(all_names) - _MAX_LISTED} more" if len(all_names) > _MAX_LISTED else ""
    return f"{', '.join(listed)}{rest}" if all_names else "no names"
