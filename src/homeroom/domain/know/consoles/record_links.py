"""Addresses of records in the consoles of vendors, from the ids that their exports carry.

An address leads to a fixed host, or to the server that the district connected, always with HTTPS; an id that does not
fit its form gives none, and every other character than letters and digits is percent-encoded.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

HOSTS = frozenset({"admin.google.com", "entra.microsoft.com", "intune.microsoft.com"})
"""Hosts of vendors to which a link may lead."""
KEY, SERVER = "{key}", "{server}"
"""What the address of a link has in the place of the id, and of the connected server."""


@dataclass(frozen=True, kw_only=True)
class RecordLink:
    """Where the console of a system shows a record of a table: `url` has `{key}`, and `{server}` or a host of HOSTS.

    `key` is the form of ids that it takes, as a regular expression; `platforms` limits it to devices of these. `source`
    names what documents the form of the address.
    """

    table: str
    title: str
    url: str
    key: str
    source: str
    platforms: tuple[str, ...] = field(default=())

    @property
    def needs_server(self) -> bool:
        """Return whether it leads to the server that the district connected."""
        return self.url.startswith(SERVER)

    def build_address(self, *, key: str, platform: str | None = None, server: str = "") -> str:
        """Return the address of a record; empty if its id or platform does not fit, or no such server is connected."""
        if not re.fullmatch(self.key, key, flags=re.ASCII) or (self.platforms and platform not in self.platforms):
            return ""
        if not self.needs_server:
            return self.url.replace(KEY, quote(key, safe=""))
        base = normalize_server(server)
        return f"{base}{self.url.removeprefix(SERVER)}".replace(KEY, quote(key, safe="")) if base else ""


def normalize_server(address: str) -> str:
    """Return a server as `https://host[:port]`; empty for what is no address of a host with HTTPS, without a path."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return ""
    host = parts.hostname or ""
    rest = (parts.username, parts.password, parts.path.strip("/"), parts.query, parts.fragment)
    is_plain = parts.scheme == "https" and not any(rest)
    if not is_plain or not re.fullmatch(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?", host):
        return ""
    return f"https://{host}:{port}" if port else f"https://{host}"


def explain_link_problem(link: Mapping[str, object]) -> str:
    """Return what would fit if a link of a manifest leads to another host, or its form of ids does not compile."""
    url = str(link.get("url", ""))
    parts = urlsplit(url.replace(SERVER, "https://server.invalid", 1) if url.startswith(SERVER) else url)
    is_server = url.startswith(f"{SERVER}/")
    if parts.scheme != "https" or not (is_server or parts.netloc in HOSTS) or url.count(KEY) != 1:
        return f"{url!r}; https, {SERVER} or one of {', '.join(sorted(HOSTS))}, and {KEY} once would fit"
    try:
        re.compile(str(link.get("key", "")))
    except re.error as error:
        return f"{link.get('key')!r}; a regular expression would fit ({error})"
    return ""
