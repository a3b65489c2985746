"""What a suppression would cover, asked of the newest snapshot before anybody decides, so that a slip of the pen covers nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import duckdb

from homeroom.apps.vulnerabilities.queries import NothingDerived, only
from homeroom.domain.excepting import Scope
from homeroom.evidence.asking import asker
from homeroom.evidence.spared import CLASS, WITHIN
from homeroom.evidence.store import Store

_WORST = "arg_max(severity, list_position(['low', 'medium', 'high', 'critical'], severity))"
MOST_PLACES = 2_000


@dataclass(frozen=True, kw_only=True)
class Aim:
    """Flaws that are named, the worst severity among them, whether any is known to be exploited, and devices that have one."""

    flaws: int
    worst: str | None
    exploited: bool
    devices: int


def aim(
    *,
    store: Store,
    thing: str = "",
    cve: str = "",
    scope: str = Scope.EVERYWHERE,
    value: str = "",
    device: int | None = None,
) -> Aim:
    """What that would cover today. Raises NothingDerived and TooSlow."""
    asked = {name: text for name, text in (("thing", thing), ("cve", cve)) if text}
    within = WITHIN[Scope(scope)] if scope != Scope.EVERYWHERE else "true"
    text = f"""WITH named AS (SELECT item, cve, severity, exploited FROM vulnerabilities {only(*asked)})
        SELECT count(DISTINCT cve), {_WORST}, coalesce(bool_or(exploited), false), (
            SELECT count(DISTINCT i.device) FROM vulnerable_installs i SEMI JOIN named USING (item)
            JOIN devices d ON d.id = i.device, (SELECT $value AS value, $device AS device) l WHERE {within})
        FROM named"""
    flaws, worst, exploited, devices = _rows(store, text, {**asked, "value": value.strip(), "device": device})[0]
    return Aim(flaws=flaws, worst=worst, exploited=exploited, devices=devices)


def places(*, store: Store) -> dict[str, tuple[str, ...]]:
    """The names of schools, units, carts and classes that devices have, at most 2,000 of each. Raises NothingDerived and TooSlow."""
    columns = {Scope.SCHOOL: "d.school", Scope.UNIT: "d.org_unit", Scope.CART: "d.cart", Scope.CLASS: CLASS}
    each = " UNION ALL ".join(
        f"(SELECT DISTINCT '{scope}', {column} AS name FROM devices d WHERE name IS NOT NULL ORDER BY name LIMIT {MOST_PLACES})"
        for scope, column in columns.items()
    )
    found: dict[str, list[str]] = {scope: [] for scope in columns}
    for scope, name in _rows(store, each, {}):
        found[scope].append(name)
    return {str(scope): tuple(names) for scope, names in found.items()}


def _rows(store: Store, text: str, given: dict[str, Any]) -> list[tuple[Any, ...]]:
    newest = store.latest_derived()
    if newest is None:
        raise NothingDerived("nothing was resolved yet; run homeroom resolve")

    def ask(session: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
        return session.execute(text, given).fetchall()

    return asker().answer(
        pinned_to=f"{store.folder}/derived/{newest.id}", pinned=lambda: store.pinned(derived=newest.id), ask=ask
    )
