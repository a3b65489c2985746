"""The kinds of device: what people use, and what a building has, which is no computer of a person."""

from __future__ import annotations

import re

COMPUTER_KINDS = ("chromebook", "laptop", "desktop", "tablet", "phone")
"""What people use."""
GEAR_KINDS = ("switch", "access_point", "firewall", "ups", "display", "printer")
"""What a building has and nobody signs in to: never counted where computers or devices of people are judged."""
SERVER = "server"
DEVICE_KINDS = (*COMPUTER_KINDS, SERVER, *GEAR_KINDS, "other")
_OTHER_SIGNS = re.compile(r"[^a-z0-9]+")
_SHORT = {"ap": "access_point", "aps": "access_point", "wap": "access_point", "waps": "access_point"}


def normalize_kind(text: str) -> str:
    """Return a kind as it is compared: `Access Points` is access_point; a word that is no kind stays, in lower case."""
    word = _OTHER_SIGNS.sub("_", text.strip().casefold()).strip("_")
    if word in _SHORT:
        return _SHORT[word]
    for ending in ("", "s", "es"):
        if word.endswith(ending) and word.removesuffix(ending) in DEVICE_KINDS:
            return word.removesuffix(ending)
    return word
