"""The hashes of the trail, written from docs/platform/audit-trail.md and with nothing of Homeroom."""

from __future__ import annotations

import hashlib
import json
from typing import Any


def hash_json(value: Any) -> str:
    """Return SHA-256 over a value as JSON with sorted keys and no blanks."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def hash_entry(chain: str, entry: dict[str, Any]) -> str:
    """Return the digest of an entry; `salts` and `removed` are by field."""
    commitments = [
        entry["removed"].get(field)
        or hash_json(["homeroom-audit-1", field, entry["salts"][field], entry[field]])
        for field in ("actor", "subject", "detail")
    ]  # fmt: skip
    head = ["homeroom-audit-1", chain, entry["previous"], entry["number"]]
    return hash_json([*head, entry["at"], entry["action"], entry["subject_kind"], *commitments])
