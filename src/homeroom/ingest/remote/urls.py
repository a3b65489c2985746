"""Validate the URLs of consoles and directories, and refuse those that would send a secret unencrypted."""

from __future__ import annotations

from urllib.parse import urlsplit

from homeroom.ingest.remote.errors import ASTRAY, GARBLED, RemoteError

LDAP_SCHEMES = ("ldaps", "ldap")
_PORTS = {"https": 443, "http": 80, "ldaps": 636, "ldap": 389}
_LOOPBACK = ("127.0.0.1", "localhost", "::1")


def parse_origin(url: str) -> tuple[str, str, int | None]:
    """Return scheme, host and port of a URL. Raise RemoteError if it is not valid or would send secrets unencrypted."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme, parts.hostname or "", parts.port
    except ValueError:
        scheme, host, port = "", "", None
    if scheme not in _PORTS or not host:
        raise RemoteError(GARBLED, "that is no address; one that begins with https:// fits")
    if scheme in ("http", "ldap") and host not in _LOOPBACK:
        raise RemoteError(
            ASTRAY, f"the address begins with {scheme}://, where everybody on the way could read the credentials"
        )
    return scheme, host, port or _PORTS[scheme]


def is_directory(url: str) -> bool:
    """Return whether a URL is an LDAP directory's."""
    return urlsplit(url).scheme in LDAP_SCHEMES
