"""Releases of endoflife.date into `lifecycles`.

Source of the names: endoflife.date's own data (releaseCycle, eoas, eol, eoes), its API v0 (cycle, support, eol,
extendedSupport) and v1 (isEoas, eoasFrom, isEol, eolFrom, isEoes, eoesFrom). A truth in place of a date says only whether
it is over: of `eoas`, `eol` and `discontinued` true is over; API v0's `support` and `extendedSupport` are true while it goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from homeroom.ingest.connector import Reading
from homeroom.ingest.problems import refused
from homeroom.ingest.records import Records, inside, text


def products(texts: Mapping[str, str]) -> Reading:
    """A file of products by name: {"windows": {"releases": [{"releaseCycle": …}]}}. Raises Refused where it is none."""
    records = Records()
    for name, written in texts.items():
        found = _parsed(name, written)
        for product, about in found.items() if isinstance(found, dict) else ():
            _put(records, product, inside(about, "releases"))
    return records.reading("lifecycles")


def releases(texts: Mapping[str, str]) -> Reading:
    """Lists of one product's releases; the product is the file's name without .json. Raises Refused where it is none."""
    records = Records()
    for name, written in texts.items():
        _put(records, name.rpartition("/")[2].partition(".")[0].lower(), _parsed(name, written))
    return records.reading("lifecycles")


def answers(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Answers about one product each (API v1)."""
    return listed([found["result"] for found in objects if isinstance(found.get("result"), dict)], first)


def listed(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Products of the API v1 with their releases."""
    records = Records()
    for line, found in enumerate(objects, start=first):
        _put(records, text(found.get("name")), found.get("releases"), line=line)
    return records.reading("lifecycles")


def _parsed(name: str, written: str) -> Any:
    try:
        return json.loads(written)
    except ValueError as error:
        raise refused(name, f"is not JSON: {error}", fits="the file as endoflife.date gives it") from None


def _put(records: Records, product: str | None, given: object, *, line: int = 1) -> None:
    for release in given if isinstance(given, list) else ():
        if not isinstance(release, Mapping):
            continue
        cycle = next((text(release[name]) for name in ("releaseCycle", "cycle", "name") if name in release), None)
        if product is None or cycle is None:
            reason = "no name of product or release, so the row cannot be told from others"
            records.reject(line=line, field="cycle", value=cycle, reason=reason, row_lost=True)
            continue
        records.put("lifecycles", line=line, product=product, cycle=cycle, **_dates(release), **_about(release, cycle))


def _dates(release: Mapping[str, Any]) -> dict[str, Any]:
    """A date and a truth each for active support, security updates and extended updates."""
    made: dict[str, Any] = {}
    for day, over, ended, going, said, since in (
        ("support_until", "support_over", ("eoas",), ("support",), "isEoas", "eoasFrom"),
        ("eol_on", "over", ("eol",), (), "isEol", "eolFrom"),
        ("extended_until", "extended_over", ("eoes",), ("extendedSupport",), "isEoes", "eoesFrom"),
    ):
        made[day] = _first_day(release, (*ended, *going, since))
        made[over] = _truth(release, (*ended, said), going)
    return made


def _first_day(release: Mapping[str, Any], names: Iterable[str]) -> date | None:
    return next((found for name in names if (found := _day(release.get(name)))), None)


def _truth(release: Mapping[str, Any], over: Iterable[str], going: Iterable[str]) -> bool | None:
    for name in over:
        if isinstance(release.get(name), bool):
            return bool(release[name])
    return next((not release[name] for name in going if isinstance(release.get(name), bool)), None)


def _about(release: Mapping[str, Any], cycle: str) -> dict[str, Any]:
    latest = release.get("latest")
    lts = release.get("isLts", release.get("lts"))
    label = text(release.get("releaseLabel")) or text(release.get("label"))
    return {
        "label": label.replace("__RELEASE_CYCLE__", cycle) if label else None,
        "released_on": _day(release.get("releaseDate")),
        "discontinued_on": _first_day(release, ("discontinued", "discontinuedFrom")),
        "lts": lts if isinstance(lts, bool) else (True if _day(lts) else None),
        "latest": text(latest) or text(inside(latest, "name")),
        "latest_on": _day(release.get("latestReleaseDate")) or _day(inside(latest, "date")),
    }


def _day(value: object) -> date | None:
    try:
        return date.fromisoformat((text(value) or "")[:10])
    except ValueError:
        return None
