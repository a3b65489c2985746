"""Releases of endoflife.date into `lifecycles`.

Source of the names: endoflife.date's own data (releaseCycle, eoas, eol, eoes), its API v0 (cycle, support, eol,
extendedSupport) and v1 (isEoas, eoasFrom, isEol, eolFrom, isEoes, eoesFrom). A boolean in place of a date states only
whether support is over: for `eoas`, `eol` and `discontinued` true means over; API v0's `support` and `extendedSupport`
are true while support continues.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from homeroom.ingest.contract.connector import Reading
from homeroom.ingest.contract.errors import build_refusal
from homeroom.ingest.rows.record_builder import RecordBuilder, clean_text, get_by_path


def read_products(texts: Mapping[str, str]) -> Reading:
    """Read a file of products by name: {"windows": {"releases": [{"releaseCycle": …}]}}.

    Raise FileRefused if it is not JSON.
    """
    records = RecordBuilder()
    for name, content in texts.items():
        products = _parse_json(name, content)
        for product, details in products.items() if isinstance(products, dict) else ():
            _add_releases(records, product, get_by_path(details, "releases"))
    return records.build_reading("lifecycles")


def read_releases(texts: Mapping[str, str]) -> Reading:
    """Read lists of one product's releases; the product is the file's name without .json.

    Raise FileRefused if it is not JSON.
    """
    records = RecordBuilder()
    for name, content in texts.items():
        _add_releases(records, name.rpartition("/")[2].partition(".")[0].lower(), _parse_json(name, content))
    return records.build_reading("lifecycles")


def read_product_responses(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read API v1 responses about one product each."""
    return read_product_list(
        [response["result"] for response in objects if isinstance(response.get("result"), dict)], first
    )


def read_product_list(objects: Sequence[Mapping[str, Any]], first: int) -> Reading:
    """Read products of the API v1 with their releases."""
    records = RecordBuilder()
    for line, product in enumerate(objects, start=first):
        _add_releases(records, clean_text(product.get("name")), product.get("releases"), line=line)
    return records.build_reading("lifecycles")


def _parse_json(name: str, content: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise build_refusal(name, f"is not JSON: {error}", fits="the file as endoflife.date gives it") from None


def _add_releases(records: RecordBuilder, product: str | None, releases: object, *, line: int = 1) -> None:
    for release in releases if isinstance(releases, list) else ():
        if not isinstance(release, Mapping):
            continue
        cycle = next((clean_text(release[name]) for name in ("releaseCycle", "cycle", "name") if name in release), None)
        if product is None or cycle is None:
            reason = "no name of product or release, so the row cannot be told from others"
            records.reject(line=line, field="cycle", value=cycle, reason=reason, row_lost=True)
            continue
        records.put(
            "lifecycles",
            line=line,
            product=product,
            cycle=cycle,
            **_derive_support_dates(release),
            **_describe_release(release, cycle),
        )


def _derive_support_dates(release: Mapping[str, Any]) -> dict[str, Any]:
    """Derive a date and a boolean each for active support, security updates and extended updates."""
    columns: dict[str, Any] = {}
    for day_column, over_column, over_names, active_names, flag_name, since_name in (
        ("support_until", "support_over", ("eoas",), ("support",), "isEoas", "eoasFrom"),
        ("eol_on", "over", ("eol",), (), "isEol", "eolFrom"),
        ("extended_until", "extended_over", ("eoes",), ("extendedSupport",), "isEoes", "eoesFrom"),
    ):
        columns[day_column] = _find_first_day(release, (*over_names, *active_names, since_name))
        columns[over_column] = _derive_is_over(release, (*over_names, flag_name), active_names)
    return columns


def _find_first_day(release: Mapping[str, Any], names: Iterable[str]) -> date | None:
    return next((day for name in names if (day := _parse_day(release.get(name)))), None)


def _derive_is_over(release: Mapping[str, Any], over_names: Iterable[str], active_names: Iterable[str]) -> bool | None:
    for name in over_names:
        if isinstance(release.get(name), bool):
            return bool(release[name])
    return next((not release[name] for name in active_names if isinstance(release.get(name), bool)), None)


def _describe_release(release: Mapping[str, Any], cycle: str) -> dict[str, Any]:
    latest = release.get("latest")
    lts = release.get("isLts", release.get("lts"))
    label = clean_text(release.get("releaseLabel")) or clean_text(release.get("label"))
    return {
        "label": label.replace("__RELEASE_CYCLE__", cycle) if label else None,
        "released_on": _parse_day(release.get("releaseDate")),
        "discontinued_on": _find_first_day(release, ("discontinued", "discontinuedFrom")),
        "lts": lts if isinstance(lts, bool) else (True if _parse_day(lts) else None),
        "latest": clean_text(latest) or clean_text(get_by_path(latest, "name")),
        "latest_on": _parse_day(release.get("latestReleaseDate")) or _parse_day(get_by_path(latest, "date")),
    }


def _parse_day(value: object) -> date | None:
    try:
        return date.fromisoformat((clean_text(value) or "")[:10])
    except ValueError:
        return None
