"""Compare a reported portfolio with what the sample district has planted, as its truth states it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

NEAR_HOLLOW = frozenset({"not used", "not deployed", "silent", "not working"})
type Found = frozenset[tuple[str, ...]]


def compare_portfolio(document: Mapping[str, Any], truth: Mapping[str, Any]) -> dict[str, float]:
    """Return how many planted findings are missed, how many others are reported, and how many near misses.

    `document` is what `homeroom tools --json` prints, `truth` the part of truth.json about tools.
    `near_misses_reported` counts the near misses of the truth that were reported as what they only look like.
    """
    pairs = [
        (_list_found(document, kind), _list_found(truth, kind)) for kind in ("overlaps", "gaps", "hollow", "renewals")
    ]
    unknown = frozenset((entry["id"],) for entry in document["cannot_tell"] if entry["about"] == "tool")
    pairs.append((unknown, frozenset((name,) for name in truth["cannot_tell"])))
    return {
        "planted": sum(len(expected) for _, expected in pairs),
        "planted_missed": sum(len(expected - reported) for reported, expected in pairs),
        "planted_besides": sum(len(reported - expected) for reported, expected in pairs),
        "near_misses": len(truth["near_misses"]),
        "near_misses_reported": sum(_is_reported(entry, document) for entry in truth["near_misses"]),
    }


def _list_found(document: Mapping[str, Any], kind: str) -> Found:
    keys = {"overlaps": ("capability", "kind"), "gaps": ("capability", "kind"), "hollow": ("tool", "kind")}
    fields = keys.get(kind, ("contract", "suggestion"))
    return frozenset(
        (*(str(entry[name]) for name in fields), *sorted(entry.get("tools", ()))) for entry in document[kind]
    )


def _is_reported(near: Mapping[str, str], document: Mapping[str, Any]) -> bool:
    """Check whether a near miss was reported as what it only looks like."""
    name, kind = near["name"].lower().replace(" ", "-"), near["of"]
    if kind == "gap":
        return name in {entry["capability"] for entry in document["gaps"]}
    if kind in NEAR_HOLLOW:
        return (name, kind) in {(entry["tool"], entry["kind"]) for entry in document["hollow"]}
    if kind == "paid twice":
        return name in _list_tools(document["overlaps"])
    return any(entry["tool"] == name and entry["suggestion"] != "keep" for entry in document["renewals"])


def _list_tools(overlaps: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    return frozenset(tool for entry in overlaps for tool in entry["tools"])
