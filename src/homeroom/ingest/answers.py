"""What a port told those who asked it further: versions of TLS, ciphers, the certificate's end, in one form for all scanners."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from homeroom.ingest.records import moment, text

VERSIONS: Mapping[str, str] = {
    "ssl2": "SSL 2",
    "ssl3": "SSL 3",
    "tls1": "TLS 1.0",
    "tls10": "TLS 1.0",
    "tls11": "TLS 1.1",
    "tls12": "TLS 1.2",
    "tls13": "TLS 1.3",
}
"""Names of protocols in small letters, without v, blanks, dots and underlines."""
OLD = ("SSL 3", "TLS 1.0", "TLS 1.1")
"""Whoever says of these three whether they are offered has looked."""
_WEAK_CIPHER = re.compile(r"(?i)(^|[-_])(null|anon|adh|aecdh|exp|export|export40|rc2|rc4|des|3des|des40|md5)([-_]|$)")
_LONGEST_TITLE = 200


def tls_version(written: str | None) -> str | None:
    """SSLv3, TLSv1.0, TLS1_1 as SSL 3, TLS 1.0, TLS 1.1; null for other text."""
    bare = re.sub(r"[\s._]", "", (written or "").lower())
    return VERSIONS.get(re.sub(r"^(ssl|tls)v", r"\1", bare))


def offered(said: Mapping[str, bool]) -> tuple[str, ...] | None:
    """The versions that are offered, of those that a scanner spoke of; null where it neither found an old one nor looked
    for all of them."""
    found = tuple(sorted(name for name, is_offered in said.items() if is_offered))
    looked = all(name in said for name in OLD)
    return found if looked or any(name in found for name in ("SSL 2", *OLD)) else None


def broken(ciphers: Iterable[str]) -> tuple[str, ...]:
    """Those ciphers that encrypt nothing, prove nothing, or are broken: null, anonymous, export, RC2, RC4, DES, 3DES, MD5."""
    return tuple(sorted({name for name in ciphers if _WEAK_CIPHER.search(name)}))


def day_of(written: str | None) -> date | None:
    """The day of a certificate's end: ISO 8601, or OpenSSL's form `Mar 13 11:59:45 2019 GMT`; null for other text."""
    found = text(written)
    if not found:
        return None
    try:
        return datetime.strptime(found, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC).date()
    except ValueError:
        at = moment(found)
        return None if at is None else at.date()


def title(written: str | None) -> str | None:
    """A page's title on one line, cut where it is very long."""
    found = text(written)
    return None if found is None else found[:_LONGEST_TITLE]
