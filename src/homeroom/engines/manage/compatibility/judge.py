"""Judge devices against the needs of a product. A missing value never fits and never blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from homeroom.domain.know.software.needs import ProductNeeds, SystemNeeds


class Verdict(StrEnum):
    """What is known of a device and a product."""

    FITS = "fits"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a device is blocked, or what is missing to judge it."""

    NO_PLATFORM = "no_platform"
    OLD_SYSTEM = "old_system"
    NO_UPDATES = "no_updates"
    UNKNOWN_PLATFORM = "unknown_platform"
    UNKNOWN_VERSION = "unknown_version"
    UNKNOWN_EXPIRY = "unknown_expiry"
    UNKNOWN_MEMORY = "unknown_memory"
    UNKNOWN_DISK = "unknown_disk"
    UNKNOWN_ARCHITECTURE = "unknown_architecture"
    UNKNOWN_NEEDS = "unknown_needs"
    OLD_NEEDS = "old_needs"


BLOCKING = frozenset({Reason.NO_PLATFORM, Reason.OLD_SYSTEM, Reason.NO_UPDATES})


@dataclass(frozen=True, kw_only=True)
class TargetDevice:
    """A device as the inventory has it; empty texts and None where no source has them."""

    id: int
    name: str
    school: str
    kind: str = ""
    model: str = ""
    platform: str = ""
    os_version: str = ""
    expires_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class JudgedDevice:
    """A device with its verdict, and every reason for it."""

    device: TargetDevice
    verdict: Verdict
    reasons: Sequence[Reason] = field(default=())


def judge_device(device: TargetDevice, needs: ProductNeeds | None, *, until: date, today: date) -> JudgedDevice:
    """Judge a device against needs; without them, whether it gets updates until a day."""
    reasons = list(_list_reasons(device, needs, until=until, today=today))
    blocking = [reason for reason in reasons if reason in BLOCKING]
    verdict = Verdict.BLOCKED if blocking else Verdict.UNKNOWN if reasons else Verdict.FITS
    return JudgedDevice(device=device, verdict=verdict, reasons=blocking or reasons)


def _list_reasons(device: TargetDevice, needs: ProductNeeds | None, *, until: date, today: date) -> Iterator[Reason]:
    if needs is None:
        yield from _judge_updates(device, until)
        return
    if not device.platform:
        yield Reason.UNKNOWN_PLATFORM
        return
    if device.platform in needs.never:
        yield Reason.NO_PLATFORM
        return
    system = needs.find_system(device.platform)
    if system is None:
        yield Reason.UNKNOWN_NEEDS
        return
    yield from _judge_version(device, system)
    if needs.updates:
        yield from _judge_updates(device, until)
    if system.memory:
        yield Reason.UNKNOWN_MEMORY
    if system.disk:
        yield Reason.UNKNOWN_DISK
    if system.architecture:
        yield Reason.UNKNOWN_ARCHITECTURE
    if not needs.is_current(today):
        yield Reason.OLD_NEEDS


def _judge_version(device: TargetDevice, system: SystemNeeds) -> Iterator[Reason]:
    is_enough = system.is_enough(device.os_version) if device.os_version or not system.least else None
    if is_enough is None:
        yield Reason.UNKNOWN_VERSION
    elif not is_enough:
        yield Reason.OLD_SYSTEM


def _judge_updates(device: TargetDevice, until: date) -> Iterator[Reason]:
    """Yield whether a Chromebook stops getting updates before a day; other systems are judged by their version."""
    if device.expires_on is not None:
        if device.expires_on < until:
            yield Reason.NO_UPDATES
    elif device.platform == "chromeos":
        yield Reason.UNKNOWN_EXPIRY
    elif not device.platform:
        yield Reason.UNKNOWN_PLATFORM
