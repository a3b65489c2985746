"""Lines of devices whose student is masked for a role that does not read what is about students."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext

from homeroom.apps.protect.vulnerabilities.published.affected_devices import AffectedDevice


def mask_device_lines(lines: Iterable[dict[str, Any]], *, hide_students: bool) -> list[dict[str, Any]]:
    """Return lines with their device in `one`, a student's masked as in the file of the same devices."""
    return [line | {"one": _mask_device(line["one"])} if hide_students else line for line in lines]


def _mask_device(device: AffectedDevice) -> AffectedDevice:
    if not device.student:
        return device
    holder = gettext("masked") if device.holder_name else None
    return replace(device, name=None, holder_name=holder, administers=None, opens=())
