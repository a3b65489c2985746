"""Due date of each device on a page for its vulnerabilities of one product, as the review counts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from homeroom.apps.protect.vulnerabilities.deadlines import get_deadline_days
from homeroom.apps.protect.vulnerabilities.models import Gap, Release, Reviewed
from homeroom.apps.protect.vulnerabilities.published.affected_devices import AffectedDevice
from homeroom.apps.protect.vulnerabilities.published.queries import get_newest_snapshot
from homeroom.domain.platform.district import District
from homeroom.domain.protect.suppressions import Suppression
from homeroom.engines.protect.vulnerabilities.missing_remedies import UNRATED_SEVERITY
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.page_cache.device_index import open_device_index
from homeroom.evidence.page_cache.value_index import open_value_index
from homeroom.evidence.tables.vulnerabilities import VULNERABILITIES, VULNERABLE_INSTALLS

_DueKey = tuple[str, str | None, date | None]
"""Key of an item's vulnerabilities with one due date: fixing version, severity, and a catalog's day."""


def compute_due_dates(
    *,
    district: District,
    store: EvidenceStore,
    product: str,
    devices: Sequence[AffectedDevice],
    suppressions: Sequence[Suppression],
) -> Mapping[int, date]:
    """Return by device the earliest due date of its vulnerabilities of a product that are not suppressed there.

    The due date is the day of a catalog of exploited vulnerabilities, else the days of the severity counted from the
    first day on which the device was known to lack the remedy. Devices without one are missing. Raise NothingDerived
    and QueryTimeout.
    """
    by_id = {affected.id: affected for affected in devices}
    if not by_id:
        return {}
    snapshot = get_newest_snapshot(store).id
    vulnerabilities = _load_vulnerabilities(store, snapshot, product)
    installs = open_device_index(store, derived=snapshot, table=VULNERABLE_INSTALLS.name).find_rows(
        list(by_id), ("item",)
    )
    since_by_device, days = _load_open_since(district, product, list(by_id)), get_deadline_days(district=district)
    due: dict[int, date] = {}
    for device, item in installs:
        for (fix, severity, catalog_day), cves in vulnerabilities.get(item, {}).items():
            since = since_by_device.get((device, fix))
            if since is None or all(_is_suppressed(by_id[device], product, cve, suppressions) for cve in cves):
                continue
            due_on = catalog_day or since + timedelta(days=days[severity or UNRATED_SEVERITY])
            due[device] = min(due_on, due.get(device, due_on))
    return due


def _load_vulnerabilities(
    store: EvidenceStore, snapshot: str, product: str
) -> Mapping[int, Mapping[_DueKey, list[str]]]:
    """Return by item of a product its vulnerabilities, grouped by what determines the due date."""
    rows = open_value_index(store, derived=snapshot, table=VULNERABILITIES.name)
    columns = ("item", "cve", "fixed_in", "severity", "exploited", "due_on")
    vulnerabilities: dict[int, dict[_DueKey, list[str]]] = {}
    positions = rows.find_positions("product_key", product)
    for item, cve, fix, severity, exploited, due_on in rows.read_cells(positions, columns):
        due_key = (fix or "", severity, due_on if exploited else None)
        vulnerabilities.setdefault(item, {}).setdefault(due_key, []).append(cve)
    return vulnerabilities


def covers_affected_device(suppression: Suppression, affected: AffectedDevice) -> bool:
    """Check whether a device is in the scope of a suppression."""
    return suppression.covers_device(
        device=affected.id,
        school=affected.school or "",
        unit=affected.org_unit or "",
        cart=affected.cart or "",
        kind=affected.kind,
    )


def _is_suppressed(affected: AffectedDevice, product: str, cve: str, suppressions: Sequence[Suppression]) -> bool:
    return any(
        suppression.matches_vulnerability(product=product, cve=cve) and covers_affected_device(suppression, affected)
        for suppression in suppressions
    )


def _load_open_since(district: District, product: str, devices: Sequence[int]) -> dict[tuple[int, str], date]:
    """Return (device, fix): since when the device lacks the remedy with that release, in the published review."""
    number = Reviewed.objects.filter(district_id=district.pk).values_list("review", flat=True).first() or 0
    releases = list(Release.objects.of(district).filter(product_key=product).values_list("remedy_id", "fix"))
    gaps = Gap.objects.of(district).filter(device__in=devices)
    open_now = {
        (device, remedy): since
        for device, remedy, since, opened, closed in gaps.values_list(
            "device", "remedy_id", "since", "opened", "closed"
        )
        if opened <= number and (closed is None or closed > number)
    }
    return {
        (device, fix): open_now[device, remedy]
        for remedy, fix in releases
        for device in devices
        if (device, remedy) in open_now
    }
