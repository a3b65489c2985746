"""Addresses of consoles and directories: what fits, and what would carry a secret in the open."""

from __future__ import annotations

from urllib.parse import urlsplit

from homeroom.ingest.remote.faults import ASTRAY, GARBLED, Fault

DIRECTORIES = ("ldaps", "ldap")
_PORTS = {"https": 443, "http": 80, "ldaps": 636, "ldap": 389}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def origin_of(url: str) -> tuple[str, str, int | None]:
    """Scheme, host and port of an address. Raises Fault where it is none, or where a secret would travel in the open."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if scheme not in _PORTS or not host:
        raise Fault(GARBLED, "that is no address; one that begins with https:// fits")
    if scheme in ("http", "ldap") and host not in _LOOPBACK:
        raise Fault(
            ASTRAY, f"the address begins with {scheme}://, where everybody on the way could read the credentials"
        )
    return scheme, host, port or _PORTS[scheme]


def is_directory(url: str) -> bool:
    """Whether an address is a directory's."""
    return urlsplit(url).scheme in DIRECTORIES
