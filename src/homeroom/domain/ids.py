"""Subject ids: 63-bit integers inside, opaque text outside."""

from __future__ import annotations

import hashlib

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = tuple(high + low for high in _ALPHABET for low in _ALPHABET)
_PREFIX = {
    "person": "p",
    "account": "a",
    "device": "d",
    "finding": "f",
    "directory": "t",
    "fix": "x",
    "system": "s",
    "backup": "b",
    "domain": "m",
    "agreement": "g",
    "contract": "c",
    "app": "w",
    "group": "r",
    "unit": "u",
    "room": "h",
    "place": "l",
    "log": "o",
    "flow": "v",
    "tool": "k",
    "need": "n",
    "renewal": "y",
    "document": "e",
    "drivefile": "q",
}
_KIND = {prefix: kind for kind, prefix in _PREFIX.items()}


def format_public_id(kind: str, subject: int) -> str:
    """Format a subject's public id: the letter of its kind and thirteen characters of Crockford's base 32.

    `p-…`, `a-…`, `d-…`, `f-…`, `t-…` of a tenant, `b-…` of a backup.
    """
    pairs = (_PAIRS[subject >> shift & 0x3FF] for shift in (50, 40, 30, 20, 10, 0))
    return f"{_PREFIX[kind]}-{_ALPHABET[subject >> 60 & 0x1F]}{''.join(pairs)}"


def parse_public_id(public: str) -> tuple[str, int]:
    """Return (kind, subject) of a public id; raise ValueError with the expected form for any other text."""
    prefix, dash, digits = public.partition("-")
    if dash and prefix in _KIND and len(digits) == 13 and all(digit in _ALPHABET for digit in digits):
        number = 0
        for digit in digits:
            number = number * 32 + _ALPHABET.index(digit)
        if number < 1 << 63:
            return _KIND[prefix], number
    raise ValueError(f"{public!r} is not an id; ids look like p-0000000000000, a-…, d-… or f-…")


def hash_finding_id(control: str, group: str) -> int:
    """Return the 63-bit number of a finding, from its control and group: the same in every run."""
    digest = hashlib.blake2b(f"{control}\x00{group}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def hash_place_id(tenant: str, name: str) -> int:
    """Return the 63-bit number of a target in a tenant's settings, the same in every run.

    A target is a unit, a group, an element, or the tenant.
    """
    digest = hashlib.blake2b(f"{tenant}\x00{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def hash_log_id(kind: str) -> int:
    """Return the 63-bit number of a kind of log, the same in every district."""
    digest = hashlib.blake2b(f"log\x00{kind}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def hash_flow_id(product: str, element: str, way: str) -> int:
    """Return the 63-bit number of a flow of one element to one product by one way, the same in every run."""
    digest = hashlib.blake2b(f"flow\x00{product}\x00{element}\x00{way}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def hash_tool_id(tool: str) -> int:
    """Return the 63-bit number of a tool, from its id in the portfolio: the same in every run."""
    digest = hashlib.blake2b(f"tool\x00{tool}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def hash_need_id(capability: str) -> int:
    """Return the 63-bit number of a need, from its capability: the same in every run."""
    digest = hashlib.blake2b(f"need\x00{capability}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def hash_renewal_id(contract: str, tool: str) -> int:
    """Return the 63-bit number of the renewal of a contract for a tool: the same in every run."""
    digest = hashlib.blake2b(f"renewal\x00{contract}\x00{tool}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
