"""The C sources of the library, and a digest of them: a library that was built from other sources is not used.

Imports nothing but the standard library, so that the build can run it before anything is installed.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

FOLDER = Path(__file__).parent
LIBRARY = FOLDER / "route_search.native"
OPTIONS = ("-O3", "-std=c11", "-fPIC", "-fvisibility=hidden", "-ffp-contract=off", "-shared")
"""Options of the compiler."""


def list_sources() -> list[Path]:
    """Return the C files and their headers, in order."""
    return sorted([*FOLDER.glob("*.c"), *FOLDER.glob("*.h")])


def compute_digest() -> str:
    """Return the SHA-256 of the options and of the sources' names and texts, as hexadecimal digits."""
    digest = hashlib.sha256(" ".join(OPTIONS).encode())
    for path in list_sources():
        text = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.name} {len(text)}\n".encode() + text)
    return digest.hexdigest()
