"""Find devices of the inventory by labels that people scanned: serial numbers and asset tags."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db.models import Q

from homeroom.apps.know.inventory.models import Device, build_generation_condition
from homeroom.apps.know.inventory.queries import get_projection
from homeroom.domain.know.devices.labels import fold_device_label
from homeroom.domain.platform.district import District

MAX_SEARCHED = 250
"""Labels up to which the database compares; for more, all devices are read once."""


@dataclass(frozen=True, kw_only=True)
class LabelledDevice:
    """A device that has a label as its serial number or asset tag, and where it belongs."""

    public: str
    serial: str
    asset_tag: str
    model: str
    school: str
    cart: str
    location: str

    @property
    def place(self) -> str:
        """Return where it belongs: its school, and its cart or else its location."""
        parts = dict.fromkeys([self.school, self.cart or self.location])
        return ", ".join(filter(None, parts))


def find_labelled_devices(*, district: District, labels: Collection[str]) -> Mapping[str, tuple[LabelledDevice, ...]]:
    """Return the devices that have each label, by label, in any case; a label that no device has is not in it.

    One that has it as serial number comes before one that has it as asset tag.
    """
    if not labels:
        return {}
    rows = Device.objects.of(district).filter(build_generation_condition(get_projection(district).generation))
    if len(labels) <= MAX_SEARCHED:
        forms = {form for label in labels for form in (label, label.upper(), label.lower())}
        rows = rows.filter(Q(serial__in=forms) | Q(asset_tag__in=forms))
    folded = {fold_device_label(label) for label in labels}
    devices: dict[str, dict[str, LabelledDevice]] = defaultdict(dict)
    values = list(rows.order_by("public").values_list(*LabelledDevice.__dataclass_fields__).iterator(chunk_size=5_000))
    for column in (1, 2):
        for row in values:
            key = fold_device_label(row[column])
            if key in folded:
                device = LabelledDevice(**dict(zip(LabelledDevice.__dataclass_fields__, row, strict=True)))
                devices[key].setdefault(device.public, device)
    keys = {label: fold_device_label(label) for label in labels}
    return {label: tuple(devices[key].values()) for label, key in keys.items() if key in devices}
