"""How many devices have what the programs of a tool need: groups of like devices are judged, not each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date
from functools import cache

import duckdb

from homeroom.domain.know.software.products import Product
from homeroom.domain.manage.tools.adoption import DeviceFit, FitReason
from homeroom.engines.manage.compatibility.judge import TargetDevice, Verdict, judge_device
from homeroom.library.know.software import load_products

_GROUPS_SQL = """SELECT coalesce(kind, ''), coalesce(platform, ''), coalesce(os_version, ''), expires_on, count(*)
    FROM devices WHERE coalesce(active, known) AND NOT coalesce(retired, false) AND NOT coalesce(resting, false)
    GROUP BY ALL ORDER BY ALL"""


def judge_fit(session: duckdb.DuckDBPyConnection, software: Sequence[str], *, today: date) -> tuple[DeviceFit, ...]:
    """Judge the active devices against the needs of programs, by their ids of content/software; none if unknown."""
    products = [product for product in _list_products_with_needs() if product.id in software]
    if not products:
        return ()
    groups = session.execute(_GROUPS_SQL).fetchall()
    return tuple(_judge_product(product, groups, today) for product in products)


@cache
def _list_products_with_needs() -> tuple[Product, ...]:
    return tuple(product for product in load_products() if product.needs)


def _judge_product(
    product: Product, groups: Sequence[tuple[str, str, str, date | None, int]], today: date
) -> DeviceFit:
    assert product.needs is not None
    verdicts: Counter[Verdict] = Counter()
    reasons: Counter[tuple[str, str, str]] = Counter()
    for kind, platform, version, expires_on, count in groups:
        device = TargetDevice(
            id=0, name="", school="", kind=kind, platform=platform, os_version=version, expires_on=expires_on
        )
        result = judge_device(device, product.needs, until=today, today=today)
        verdicts[result.verdict] += count
        for reason in result.reasons:
            reasons[str(result.verdict), str(reason), kind] += count
    return DeviceFit(
        product=product.needs.title or product.title,
        source=product.needs.source,
        fits=verdicts[Verdict.FITS],
        blocked=verdicts[Verdict.BLOCKED],
        unknown=verdicts[Verdict.UNKNOWN],
        reasons=tuple(
            FitReason(verdict=verdict, reason=reason, kind=kind, devices=count)
            for (verdict, reason, kind), count in sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
        ),
    )
