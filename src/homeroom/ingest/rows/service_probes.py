"""Results of TLS and HTTP probes in one form for all scanners.

They are TLS versions, ciphers, certificate expiry and page titles.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime

from homeroom.ingest.rows.record_builder import clean_text, parse_timestamp

VERSIONS: Mapping[str, str] = {
    "ssl2": "SSL 2",
    "ssl3": "SSL 3",
    "tls1": "TLS 1.0",
    "tls10": "TLS 1.0",
    "tls11": "TLS 1.1",
    "tls12": "TLS 1.2",
    "tls13": "TLS 1.3",
}
"""Names of protocols in lower case, without v, blanks, dots and underscores."""
OLD = ("SSL 3", "TLS 1.0", "TLS 1.1")
"""A scanner that reports for all three whether they are offered has looked."""
_WEAK_CIPHER = re.compile(r"(?i)(^|[-_])(null|anon|adh|aecdh|exp|export|export40|rc2|rc4|des|3des|des40|md5)([-_]|$)")
_LONGEST_TITLE = 200


def normalize_tls_version(raw: str | None) -> str | None:
    """Return SSLv3, TLSv1.0 or TLS1_1 as SSL 3, TLS 1.0 or TLS 1.1; null for other text."""
    bare = re.sub(r"[\s._]", "", (raw or "").lower())
    return VERSIONS.get(re.sub(r"^(ssl|tls)v", r"\1", bare))


def list_offered_versions(offered_by_version: Mapping[str, bool]) -> tuple[str, ...] | None:
    """Return the offered versions among those that a scanner reported on.

    Null if it neither found an old version nor looked for all of them.
    """
    offered_versions = tuple(sorted(name for name, is_offered in offered_by_version.items() if is_offered))
    checked_all = all(name in offered_by_version for name in OLD)
    return offered_versions if checked_all or any(name in offered_versions for name in ("SSL 2", *OLD)) else None


def filter_broken_ciphers(ciphers: Iterable[str]) -> tuple[str, ...]:
    """Return the ciphers that are broken, or without encryption or authentication.

    They are null, anonymous, export, RC2, RC4, DES, 3DES and MD5.
    """
    return tuple(sorted({name for name in ciphers if _WEAK_CIPHER.search(name)}))


def parse_expiry_date(raw: str | None) -> date | None:
    """Parse a certificate's expiry date: ISO 8601, or OpenSSL's form `Mar 13 11:59:45 2019 GMT`.

    Null for other text.
    """
    date_text = clean_text(raw)
    if not date_text:
        return None
    try:
        return datetime.strptime(date_text, "%b %d %H:%M:%S %Y GMT").replace(tzinfo=UTC).date()
    except ValueError:
        at = parse_timestamp(date_text)
        return None if at is None else at.date()


def truncate_title(raw: str | None) -> str | None:
    """Return a page's title on one line, truncated if it is very long."""
    title_text = clean_text(raw)
    return None if title_text is None else title_text[:_LONGEST_TITLE]
