"""Browsers, and how they name themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

_WINDOWS: Final = "Windows NT 10.0; Win64; x64"
_MAC: Final = "Macintosh; Intel Mac OS X 10_15_7"


def build_chrome_agent(platform: str, *, version: str, ending: str = "") -> str:
    """Build the user agent of Chrome, or of a browser made from it with an ending of its own."""
    return (
        f"Mozilla/5.0 ({platform}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36{ending}"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """A browser on a system, as Entra and the user agent name them."""

    system: str
    name: str
    agent: str


_SAFARI: Final = f"Mozilla/5.0 ({_MAC}) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Safari/605.1.15"
STAFF_BROWSERS: Final = (
    Browser(
        system="Windows10",
        name="Edge 141.0.0",
        agent=build_chrome_agent(_WINDOWS, version="141", ending=" Edg/141.0.0.0"),
    ),
    Browser(system="Windows10", name="Chrome 141.0.0", agent=build_chrome_agent(_WINDOWS, version="141")),
    Browser(system="MacOs", name="Safari 18.6", agent=_SAFARI),
)
CHROMEBOOK: Final = Browser(
    system="ChromeOS", name="Chrome 141.0.0", agent=build_chrome_agent("X11; CrOS x86_64 14541.0.0", version="141")
)
INTRUDER_AGENTS: Final = (
    build_chrome_agent(_WINDOWS, version="136"),
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "axios/1.7.9",
)
