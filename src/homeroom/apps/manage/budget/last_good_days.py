"""The last good day of a device from evidence and content, with and without support beyond the usual end."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from homeroom.domain.manage.refresh import lifetimes
from homeroom.domain.manage.refresh.lifetimes import LifetimeFacts, SupportExtension
from homeroom.library.manage.refresh.lifetimes import list_lifetime_rules, load_lifetimes

WINDOWS, CHROMEOS = "windows", "chromeos"
UPDATES, RECORDED = "end of updates", "recorded support"


@dataclass(frozen=True, kw_only=True)
class EvidenceDevices:
    """Devices of a school that are alike in all that decides their last good day.

    `expires_on` is the end of automatic updates with the opt-in that they have, `expires_with` that with it; `offered`
    is True if they are eligible and have not opted in. `support_until` is the last day of recorded ESU or LTSC support.
    """

    school: str
    kind: str
    model: str
    platform: str
    release: str
    expires_on: date | None
    expires_with: date | None
    offered: bool
    support_until: date | None
    bought_on: date | None
    count: int

    @property
    def facts(self) -> LifetimeFacts:
        """What the rules of content compare."""
        return LifetimeFacts(
            kind=self.kind, model=self.model, platform=self.platform, release=self.release, bought_on=self.bought_on
        )


def find_devices_end(devices: EvidenceDevices, taken: Collection[str] = ()) -> tuple[date | None, str]:
    """Return the last good day of devices and what it is from, as if the extensions with the ids `taken` were taken."""
    extensions = [item for item in list_extensions() if item.id in taken and may_extend(item, devices)]
    if devices.expires_on is not None:
        if extensions and devices.expires_with is not None:
            return max(devices.expires_on, devices.expires_with), extensions[0].title
        return devices.expires_on, UPDATES
    end, origin = lifetimes.find_last_good(devices.facts, list_lifetime_rules())
    later = [(item.until, item.title) for item in extensions if item.until is not None]
    if devices.platform == WINDOWS and devices.support_until is not None:
        later.append((devices.support_until, RECORDED))
    if end is not None and later and max(later)[0] > end:
        return max(later)
    return end, origin


def list_extensions() -> tuple[SupportExtension, ...]:
    """List the support beyond the usual end that content has."""
    return tuple(extension for file in load_lifetimes() for extension in file.extensions)


def may_extend(extension: SupportExtension, devices: EvidenceDevices) -> bool:
    """Return True if devices can get an extension and do not have it: what a console offers, or what a release gets."""
    if extension.platform != devices.platform or extension.release not in ("", devices.release):
        return False
    if extension.until is None:
        return devices.offered
    return devices.support_until is None or devices.support_until < extension.until
