"""Which devices of a rollout's schools have what its product needs, which are blocked and why, and what it costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

import duckdb

from homeroom.apps.manage.rollouts.commands import set_rules
from homeroom.apps.manage.rollouts.models import TargetRoom
from homeroom.apps.manage.rollouts.records import RolloutRefused
from homeroom.apps.platform.districts.evidence_store import get_evidence_store
from homeroom.domain.know.software.products import Product
from homeroom.domain.platform.district import District
from homeroom.engines.manage.compatibility.judge import JudgedDevice, Reason, TargetDevice, Verdict, judge_device
from homeroom.evidence.loads.store import NoSuchLoad
from homeroom.evidence.query.executor import query_executor
from homeroom.library.know.software import load_products

PRODUCT, UNTIL = "product", "product_until"
"""Keys of a rollout's rules: the product, and the day until which devices must get updates."""
_DEVICES_SQL = """
    SELECT id, coalesce(name, asset_tag, serial, ''), coalesce(school, ''), coalesce(kind, ''), coalesce(model, ''),
        coalesce(platform, ''), coalesce(os_version, ''), expires_on
    FROM devices WHERE list_contains(?, school) AND retired IS NOT TRUE ORDER BY school, 2, id"""
_PRICES_SQL = """
    SELECT kind, arg_max(cost_minor, purchased_on), arg_max(currency, purchased_on), max(purchased_on)
    FROM device_records WHERE kind IS NOT NULL AND cost_minor > 0 AND currency IS NOT NULL AND purchased_on IS NOT NULL
    GROUP BY kind ORDER BY kind"""


@dataclass(frozen=True, kw_only=True)
class LastPrice:
    """What a device of a kind cost when it was bought last."""

    cost_minor: int
    currency: str
    on: date


@dataclass(frozen=True, kw_only=True)
class DeviceGroup:
    """Devices of a kind with the same reason, and what was paid last for such a device."""

    reason: Reason
    kind: str
    devices: Sequence[TargetDevice]
    price: LastPrice | None = None

    @property
    def cost_minor(self) -> int | None:
        """What it costs to replace all of them; None without a price."""
        return self.price.cost_minor * len(self.devices) if self.price else None


@dataclass(frozen=True, kw_only=True)
class CompatibilityView:
    """The verdicts on the devices of a rollout's schools. `product` is None for updates alone."""

    product: Product | None
    until: date
    total: int
    fitting: int
    blocked: int
    unknown: int
    blocked_groups: Sequence[DeviceGroup] = ()
    unknown_groups: Sequence[DeviceGroup] = ()
    verdicts: Sequence[JudgedDevice] = field(default=(), repr=False)


def list_known_products() -> list[Product]:
    """Return the products whose needs are known, by title."""
    return sorted((item for item in load_products() if item.needs), key=get_needs_title)


def get_needs_title(product: Product) -> str:
    """Return the name under which the needs of a product are listed."""
    return product.needs.title if product.needs and product.needs.title else product.title


def set_product(*, district: District, public: str, product: str, until: date, actor: str, at: datetime) -> None:
    """Name the product of a rollout, empty for none, and the day until which devices must get updates.

    Raise LookupError, and RolloutRefused for a product whose needs are not known.
    """
    if product and product not in {item.id for item in list_known_products()}:
        raise RolloutRefused(PRODUCT, f"{product[:60]!r} is no product with known needs; one of the list would fit")
    values = {UNTIL: until.isoformat()} | ({PRODUCT: product} if product else {})
    dropped = () if product else (PRODUCT,)
    set_rules(district=district, public=public, values=values, dropped=dropped, actor=actor, at=at)


def judge_devices(*, district: District, public: str, rules: Mapping[str, object], today: date) -> CompatibilityView:
    """Judge the devices in the schools of a rollout. Raise QueryTimeout."""
    product = next((item for item in list_known_products() if item.id == rules.get(PRODUCT)), None)
    until = _find_until(rules, today)
    devices, prices = _load_devices(district, public)
    needs = product.needs if product else None
    verdicts = [judge_device(device, needs, until=until, today=today) for device in devices]
    counts = {verdict: sum(item.verdict is verdict for item in verdicts) for verdict in Verdict}
    return CompatibilityView(
        product=product,
        until=until,
        total=len(verdicts),
        fitting=counts[Verdict.FITS],
        blocked=counts[Verdict.BLOCKED],
        unknown=counts[Verdict.UNKNOWN],
        blocked_groups=_group_devices(verdicts, Verdict.BLOCKED, prices),
        unknown_groups=_group_devices(verdicts, Verdict.UNKNOWN, {}),
        verdicts=verdicts,
    )


def _find_until(rules: Mapping[str, object], today: date) -> date:
    """Return the day until which devices must get updates: as set, else the last day of the rollout, else today."""
    for name in (UNTIL, "until"):
        if text := rules.get(name):
            return date.fromisoformat(str(text))
    return today


def _group_devices(
    verdicts: Sequence[JudgedDevice], verdict: Verdict, prices: Mapping[str, LastPrice]
) -> list[DeviceGroup]:
    """Return the devices by reason and kind, the largest groups first; a device with two reasons is in two groups."""
    groups: dict[tuple[Reason, str], list[TargetDevice]] = defaultdict(list)
    for item in verdicts:
        if item.verdict is verdict:
            for reason in item.reasons:
                groups[reason, item.device.kind].append(item.device)
    listed = [
        DeviceGroup(reason=reason, kind=kind, devices=devices, price=prices.get(kind))
        for (reason, kind), devices in groups.items()
    ]
    return sorted(listed, key=lambda group: -len(group.devices))


def _load_devices(district: District, public: str) -> tuple[list[TargetDevice], dict[str, LastPrice]]:
    rooms = TargetRoom.objects.of(district).filter(rollout__public=public)
    schools = sorted(set(rooms.values_list("school", flat=True)))
    store = get_evidence_store(district=district)
    derived = store.get_latest_derived()
    if derived is None or not schools:
        return [], {}

    def run_query(session: duckdb.DuckDBPyConnection) -> tuple[list[TargetDevice], dict[str, LastPrice]]:
        names = ("id", "name", "school", "kind", "model", "platform", "os_version", "expires_on")
        rows = session.execute(_DEVICES_SQL, [schools]).fetchall()
        devices = [TargetDevice(**dict(zip(names, row, strict=True))) for row in rows]
        prices = {
            kind: LastPrice(cost_minor=cost, currency=currency, on=on)
            for kind, cost, currency, on in session.execute(_PRICES_SQL).fetchall()
        }
        return devices, prices

    pinned_to = f"{store.folder}/{derived.id}/{store.compute_sources_id()}"
    try:
        return query_executor().run(
            snapshot_id=pinned_to, pin=lambda: store.pin_snapshot(derived=derived.id), query=run_query
        )
    except NoSuchLoad:
        return [], {}
