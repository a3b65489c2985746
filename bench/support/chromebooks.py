"""Chromebooks as the Directory API returns them: `python -m bench.support.chromebooks FOLDER COUNT`.

Page by page, with the fields that Homeroom requests, 300 devices a response, which is the most that the API gives.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PAGE = 300
_MODELS = (
    "HP Chromebook 11 G8 EE",
    "Dell Chromebook 3100",
    "Lenovo 300e Chromebook 2nd Gen",
    "Acer Chromebook Spin 511",
)
_UNITS = [
    f"/Students/{kind}/{name}" for kind in ("Elementary", "Middle", "High") for name in ("Lincoln", "Grant", "Hayes")
]


def build_device(number: int, chance: random.Random) -> dict[str, Any]:
    """Return one device with the fields of a full response that carry a value, in the API's own formats."""
    emails = [f"student{chance.randrange(90_000):05d}@students.maple.example" for _ in range(chance.randrange(1, 4))]
    return {
        "deviceId": f"{number:08x}-5a1c-4d2e-9b7f-{chance.getrandbits(48):012x}",
        "serialNumber": f"5CD{number:07d}",
        "status": "ACTIVE" if number % 20 else "DEPROVISIONED",
        "lastSync": f"2026-11-{chance.randrange(1, 24):02d}T{chance.randrange(24):02d}"
        f":{chance.randrange(60):02d}:11.{chance.randrange(1000):03d}Z",
        "annotatedAssetId": f"A-{number:06d}",
        "annotatedLocation": f"Cart {number // 30}, slot {number % 30 + 1}",
        "annotatedUser": emails[0] if number % 3 else "",
        "notes": "" if number % 50 else "screen replaced in spring",
        "model": _MODELS[number % 4],
        "macAddress": f"b4692{number:07x}",
        "osVersion": f"{120 + number % 4}.0.6099.{number % 300}",
        "osVersionCompliance": "compliant" if number % 9 else "notCompliant",
        "bootMode": "Verified" if number % 400 else "Dev",
        "orgUnitPath": _UNITS[number % len(_UNITS)],
        "lastEnrollmentTime": f"2023-08-{number % 28 + 1:02d}T15:00:00.000Z",
        "firstEnrollmentTime": f"2022-08-{number % 28 + 1:02d}T15:00:00.000Z",
        "autoUpdateThrough": f"20{27 + number % 6}-06-01",
        "autoUpdateExpiration": "1812931200000",
        "extendedSupportEligible": number % 4 == 0,
        "extendedSupportEnabled": False,
        "chromeOsType": "chromeOs",
        "recentUsers": [{"type": "USER_TYPE_MANAGED", "email": email} for email in emails],
    }


def generate_pages(count: int, *, seed: int = 11) -> Iterator[dict[str, Any]]:
    """Yield responses with `count` devices altogether; every one but the last names a token for the next."""
    chance = random.Random(seed)
    for start in range(0, count, PAGE):
        rows = [build_device(number, chance) for number in range(start, min(start + PAGE, count))]
        next_page = {"nextPageToken": f"token-{start + PAGE}"} if start + PAGE < count else {}
        yield {"kind": "admin#directory#chromeosdevices", "chromeosdevices": rows, **next_page}


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True)
    for number, page in enumerate(generate_pages(int(sys.argv[2])), start=1):
        text = json.dumps(page, indent=1)  # the API answers in lines
        (folder / f"page-{number:04d}.json").write_text(text, encoding="utf-8")
