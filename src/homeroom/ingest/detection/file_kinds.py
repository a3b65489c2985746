"""Recognition of a file's kind by the names in it: never by the file's name."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from homeroom.ingest.contract.connector import Connector, CsvKind, FileKind, JsonKind, NamedKind, TextKind, XmlKind
from homeroom.ingest.contract.masking import mask_value

UNKNOWN = "is not a recognized kind"
"""The beginning of the reason for a file that matches no kind."""
_MAX_LISTED = 12
_TELLING = re.compile(r"[a-z][A-Z]|[^A-Za-z]|^[A-Z]{2,4}$")
"""A name of several words or an abbreviation, such as sourcedId, Asset IPV4 or QID; any other is a single word."""
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
class MissExplanation:
    """The reason why no kind fits, and what the nearest one lacks."""

    reason: str
    fits: str


@dataclass(frozen=True, kw_only=True)
class NoMatch:
    """No kind fits.

    The explanation is found only when somebody reads it: the header of a file is looked for in many places that hold
    none.
    """

    explain: Callable[[], MissExplanation]

    @property
    def reason(self) -> str:
        """Return the reason why no kind fits."""
        return self._explanation.reason

    @property
    def fits(self) -> str:
        """Return what would fit: the nearest kind, and what the file lacks of it."""
        return self._explanation.fits

    @cached_property
    def _explanation(self) -> MissExplanation:
        return self.explain()


def match_kind[Kind: NamedKind](
    names: Iterable[str],
    *,
    kind_class: type[Kind],
    connectors: Sequence[Connector],
    member: str = "",
    within: Mapping[str, Iterable[str]] | None = None,
    top: Mapping[str, str | bool] | None = None,
) -> KindMatch[Kind] | NoMatch:
    """Return the kind of a class whose names are all present, with most matches.

    Names are compared without regard to case and outer blanks. With `member`, only kinds of that bundle member are
    considered. `within` has the names of a JSON file's rows by the envelope that holds them, and under "" those of its
    objects: a kind is compared with its own envelope if the file has it. `top` has the plain values of a JSON file,
    with which kinds are compared that declare some. A tie between two kinds is no match.
    """
    names_by_envelope = {
        envelope: _normalize_names(envelope_names) for envelope, envelope_names in (within or {"": names}).items()
    }

    def get_names(kind: NamedKind) -> set[str]:
        envelope = kind.envelope if isinstance(kind, JsonKind) else ""
        return names_by_envelope.get(envelope) or names_by_envelope.get("", set())

    kinds = [
        KindMatch(connector=connector, kind=kind)
        for connector in connectors
        for kind in connector.kinds
        if isinstance(kind, kind_class) and (not member or _is_member(kind, member))
    ]
    candidates = [match for match in kinds if member or not _needs_name(match.kind)]
    fitting = [
        match
        for match in candidates
        if _matches_kind(match.kind, get_names(match.kind)) and _matches_values(match.kind, top)
    ]
    if not fitting:
        all_names = tuple(names)
        return NoMatch(explain=lambda: _explain_miss(all_names, _find_nearest(kinds, get_names), get_names, top))
    scores = [_score_kind(match.kind, get_names(match.kind)) for match in fitting]
    best = [match for match, score in zip(fitting, scores, strict=True) if score == max(scores)]
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
    names: Iterable[str], *, top: Mapping[str, str | bool], lists: Collection[str], connectors: Sequence[Connector]
) -> KindMatch[JsonKind] | None:
    """Return the one kind whose export without rows this JSON object is, by `named` and `bare`.

    None if none or several fit. `names`, `top` and `lists` are its top-level names, the plain values of those, and the
    names of lists: a name whose value is null or an object is no empty list.
    """
    top_names = {name for name in names if "." not in name}
    matches = [
        KindMatch(connector=connector, kind=kind, is_empty=True)
        for connector in connectors
        for kind in connector.kinds
        if isinstance(kind, JsonKind)
        and (kind.named or kind.bare)
        and _matches_empty_export(kind, top_names=top_names, top=top, lists=lists)
    ]
    return matches[0] if len(matches) == 1 else None


def _matches_empty_export(
    kind: JsonKind, *, top_names: set[str], top: Mapping[str, str | bool], lists: Collection[str]
) -> bool:
    has_values = all(re.fullmatch(pattern, str(top.get(name, ""))) for name, pattern in kind.named.items())
    return has_values and (not kind.bare or (kind.envelope in lists and top_names <= set(kind.bare)))


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
    explanation = MissExplanation(
        reason=f"fits two kinds of file alike: {titles}", fits="something that only one of them has"
    )
    return NoMatch(explain=lambda: explanation)


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


def _matches_values(kind: NamedKind, top: Mapping[str, str | bool] | None) -> bool:
    if top is None or not isinstance(kind, JsonKind):
        return True
    return all(re.fullmatch(pattern, str(top.get(name, ""))) for name, pattern in kind.values.items())


def _score_kind(kind: NamedKind, names: set[str]) -> int:
    return len({name.casefold() for name in kind.select_names(names)} & names)


def _find_nearest(candidates: Sequence[KindMatch[Any]], get_names: Callable[[NamedKind], set[str]]) -> NamedKind | None:
    """Return the kind that a file is nearest to, or None if it only shares words that many products use.

    A name weighs less the more products have it, and half if it is a single word. A near kind shares names of a weight
    of 1, which is a name of its own, and half of those that it needs; of 2 if the only one that it needs is missing.
    One that is recognized by its file's name has to
    know all names.
    """
    owners: dict[str, set[str]] = defaultdict(set)
    for match in candidates:
        for name in _list_names(match.kind):
            owners[name.casefold()].add(match.connector.name)

    def weigh(match: KindMatch[Any]) -> float:
        present = {
            name.casefold(): name for name in _list_names(match.kind) if name.casefold() in get_names(match.kind)
        }
        weight = sum((1 if _TELLING.search(name) else 0.5) / len(owners[folded]) for folded, name in present.items())
        needs = match.kind.select_needs(get_names(match.kind))
        return weight if any(name.casefold() in present for name in needs) else weight / 2

    weights = [(weigh(match), match.kind) for match in candidates if _may_be_near(match.kind, get_names(match.kind))]
    weight, kind = max(weights, key=lambda pair: pair[0], default=(0, None))
    return kind if weight >= 1 else None


def _list_names(kind: NamedKind) -> set[str]:
    return {*kind.needs, *(kind.first_of if isinstance(kind, CsvKind) else ()), *kind.any_of}


def _may_be_near(kind: NamedKind, names: set[str]) -> bool:
    if _needs_name(kind):
        return names <= {name.casefold() for name in _list_names(kind)}
    needs = [name.casefold() for name in kind.select_needs(names)]
    return len(needs) == 1 or 2 * sum(name in names for name in needs) >= len(needs)


def _explain_miss(
    names: Iterable[str],
    near: NamedKind | None,
    get_names: Callable[[NamedKind], set[str]],
    top: Mapping[str, str | bool] | None,
) -> MissExplanation:
    reason = f"{UNKNOWN} of file; it has {_format_names(names)}"
    if near is None:
        return MissExplanation(reason=reason, fits="a file that a connector reads, or a mapping file for this one")
    return MissExplanation(reason=reason, fits=f"{near.title}, {_describe_lack(near, get_names(near), top or {})}")


def _describe_lack(kind: NamedKind, names: set[str], top: Mapping[str, str | bool]) -> str:
    missing = [name for name in kind.select_needs(names) if name.casefold() not in names]
    if missing:
        return f"which also needs {', '.join(missing)}"
    forbidden = [name for name in kind.never if name.casefold() in names]
    if forbidden:
        return f"but without {', '.join(forbidden)}"
    other_values = [name for name in (kind.values if isinstance(kind, JsonKind) else ()) if top.get(name)]
    if other_values:
        return f"but its {other_values[0]} is {_mask_unless_name(str(top[other_values[0]]))}"
    if isinstance(kind, CsvKind) and kind.by_name:
        return f"which is known by its file's name, {kind.member}"
    return f"which also needs one of {', '.join(kind.any_of)}"


def _mask_unless_name(text: str) -> str:
    """Return a text that looks like a name as it is, and any other one masked."""
    return text if _NAME_LIKE.fullmatch(text) else mask_value(text)


def _format_names(names: Iterable[str]) -> str:
    """Format the names, but mask anything that looks like a value.

    A file without a header would reveal a person's row here.
    """
    all_names = list(names)
    listed = [_mask_unless_name(name) for name in all_names[:_MAX_LISTED]]
    rest = f" and {len(all_names) - _MAX_LISTED} more" if len(all_names) > _MAX_LISTED else ""
    return f"{', '.join(listed)}{rest}" if all_names else "no names"
