"""The check of a tool on pages: its parts in a sentence each, and the tables behind them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.domain.ids import format_public_id, hash_tool_id
from homeroom.domain.small_counts import MIN_COUNT
from homeroom.web.manage.tools.request_labels import STATUSES, VERDICTS, get_word, join_schools
from homeroom.web.templatetags.homeroom import counted
from homeroom.web.templatetags.tools import capability_title, format_money, full_day

Document = Mapping[str, Any]
_COUNTS = ("users", "accounts", "devices")


@dataclass(frozen=True, kw_only=True)
class CheckPart:
    """A part of a check in words."""

    title: str
    text: str


def build_parts(document: Document | None) -> tuple[CheckPart, ...]:
    """Build the parts of a check in their order; one part alone where nothing was loaded."""
    if document is None:
        return (CheckPart(title=_("Here"), text=_("Unknown: nothing was loaded yet.")),)
    return tuple(_iter_parts(document))


def compare_checks(checks: Sequence[tuple[str, Document | None]]) -> dict[str, Any]:
    """Build a table of checks beside each other, as `titles` of the columns and `rows` with their cells.

    A row in which nothing changed has one cell for all columns.
    """
    columns = [(heading, {part.title: part.text for part in build_parts(document)}) for heading, document in checks]
    titles = list(dict.fromkeys(title for _heading, texts in columns for title in texts))
    rows = []
    for title in titles:
        cells = [(heading, texts.get(title, "")) for heading, texts in columns]
        differs = len({text for _heading, text in cells}) > 1
        rows.append(
            {"title": title, "cells": cells if differs else [(_("Unchanged"), cells[0][1])], "differs": differs}
        )
    return {"titles": [heading for heading, _document in checks], "rows": rows}


def build_check_context(document: Document | None) -> dict[str, Any]:
    """Build what the tables of a check show."""
    if document is None:
        return {"document": None, "parts": build_parts(None)}
    return {
        "document": document,
        "parts": build_parts(document),
        "tool_url_id": _build_public(document["tool"]["id"]) if document["tool"] and document["here"] else "",
        "same": [_build_similar(entry) for entry in document["same"]],
        "loses": [_build_loss(loss) for loss in document["loses"]],
        "scopes": document["reach"]["scopes"],
        "questions": document["questions"],
    }


def _iter_parts(document: Document) -> Iterator[CheckPart]:
    yield _describe_presence(document)
    yield _describe_same(document)
    yield _describe_agreement(document["agreement"])
    yield _describe_reach(document["reach"])
    if losses := [loss for loss in document["loses"] if loss["only_here"]]:
        names = sorted({capability_title(name) for loss in losses for name in loss["only_here"]})
        text = _("Without it, %(schools)s would have no %(what)s.")
        where = join_schools([loss["school"] for loss in losses])
        yield CheckPart(title=_("Without it"), text=text % {"schools": where, "what": _(" or no ").join(names)})
    for fit in document["devices"]:
        text = _("%(product)s: %(fits)s fit, %(blocked)s do not, %(unknown)s unknown.")
        values = {name: counted(fit[name]) for name in ("fits", "blocked", "unknown")}
        yield CheckPart(title=_("Devices"), text=text % {"product": fit["product"], **values})


def _describe_presence(document: Document) -> CheckPart:
    tool, title = document["tool"], _("Here")
    if tool is None:
        return CheckPart(title=title, text=_("Not here under this name. Neither Homeroom nor your lists know it."))
    if not document["here"]:
        return CheckPart(title=title, text=_("%(name)s is not here.") % {"name": tool["name"]})
    if not tool["runs"]:
        text = _("%(name)s is in your records, and is not in use now.")
        return CheckPart(title=title, text=text % {"name": tool["name"]})
    if tool["paid"] is None or (tool["paid"] and tool["year_minor"] is None):
        text = _("%(name)s is here: %(schools)s. What a year costs is unknown.")
    elif tool["paid"]:
        text = _("%(name)s is here: %(schools)s, %(cost)s a year.")
    else:
        text = _("%(name)s is here: %(schools)s, without a paid contract.")
    cost = format_money(tool["year_minor"], tool["currency"]) if tool["year_minor"] else ""
    values = {"name": tool["name"], "schools": join_schools(tool["schools"]), "cost": cost}
    return CheckPart(title=title, text=text % values)


def _describe_same(document: Document) -> CheckPart:
    title = _("Does the same")
    if not document["does"]:
        return CheckPart(title=title, text=_("Unknown: nobody knows what it does."))
    paid = [entry["name"] for entry in document["same"] if entry["paid"]]
    free = [entry["name"] for entry in document["same"] if not entry["paid"]]
    if paid:
        return CheckPart(title=title, text=_("Paid for already: %(names)s.") % {"names": ", ".join(paid)})
    if free:
        return CheckPart(title=title, text=_("In use already: %(names)s.") % {"names": ", ".join(free)})
    if any(doubt["about"] == "same" for doubt in document["cannot_tell"]):
        return CheckPart(title=title, text=_("Unknown: no list of contracts was loaded."))
    return CheckPart(title=title, text=_("Nothing here does the same."))


def _describe_agreement(agreement: Document) -> CheckPart:
    verdict = agreement["verdict"]
    text = get_word(VERDICTS, verdict)
    if verdict in ("covered", "expires"):
        text += f": {agreement['vendor']}"
        if agreement["ends_on"]:
            text += ", " + _("until %(day)s") % {"day": full_day(date.fromisoformat(agreement["ends_on"]))}
        if agreement["schools"]:
            text += ", " + _("for %(schools)s alone") % {"schools": join_schools(agreement["schools"])}
    elif agreement["status"] in STATUSES:
        text += f": {STATUSES[agreement['status']]}"
    return CheckPart(title=_("Agreement"), text=f"{text}.")


def _describe_reach(reach: Document) -> CheckPart:
    texts = [
        _count_reach(kind, reach[kind], is_hidden=kind in reach["hidden"])
        for kind in (*_COUNTS, "browsers")
        if reach[kind] is not None or kind in reach["hidden"]
    ]
    if not texts:
        return CheckPart(title=_("Reach"), text=_("No list counts anybody who uses it."))
    return CheckPart(title=_("Reach"), text=f"{', '.join(texts)}.")


def _count_reach(kind: str, count: int | None, *, is_hidden: bool) -> str:
    """Return a count in words; a hidden one without its number."""
    number = MIN_COUNT if is_hidden or count is None else count
    words = {
        "users": ngettext("%(many)s user", "%(many)s users", number),
        "accounts": ngettext("%(many)s account with permissions", "%(many)s accounts with permissions", number),
        "devices": ngettext("%(many)s device", "%(many)s devices", number),
        "browsers": ngettext("%(many)s browser", "%(many)s browsers", number),
    }
    return words[kind] % {"many": _("fewer than 10") if is_hidden else counted(number)}


def _build_public(tool: str) -> str:
    return format_public_id("tool", hash_tool_id(tool))


def _build_similar(entry: Document) -> dict[str, Any]:
    return {**entry, "public": _build_public(entry["tool"]), "schools": join_schools(entry["schools"])}


def _build_loss(loss: Document) -> dict[str, Any]:
    counts = {kind: _format_loss(loss, kind) for kind in _COUNTS}
    return {"school": loss["school"] or _("No school known"), "only_here": loss["only_here"], **counts}


def _format_loss(loss: Document, kind: str) -> str:
    if kind in loss["hidden"]:
        return _("hidden (small)")
    return "" if loss[kind] is None else counted(loss[kind])
