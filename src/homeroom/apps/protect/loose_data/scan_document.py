"""The JSON document of a scan."""

from __future__ import annotations

from collections import Counter
from typing import Any

from homeroom.apps.protect.loose_data.scan_paths import ScannedFile, ScanOutcome


def build_scan_document(outcome: ScanOutcome) -> dict[str, Any]:
    """Build the JSON document: documents with what was found in them, those that were not read, and totals."""
    return {
        "files": [_convert_file(file) for file in outcome.files],
        "not_read": [{"path": item.path, "why": str(item.why)} for item in outcome.not_read],
        "totals": {
            "files": len(outcome.files),
            "with_findings": sum(bool(file.findings.found) for file in outcome.files),
            "not_read": len(outcome.not_read),
            "found": _count_kinds(outcome),
        },
        "roster": {"students": outcome.students, "not_claimed": outcome.not_claimed},
    }


def _count_kinds(outcome: ScanOutcome) -> dict[str, int]:
    """Return the number of documents by kind of data."""
    return dict(sorted(Counter(item.what for file in outcome.files for item in file.findings.found).items()))


def _convert_file(file: ScannedFile) -> dict[str, Any]:
    return {
        "path": file.path,
        "kind": file.kind,
        "students": file.findings.students,
        "owner": file.owner,
        "found": [
            {"what": item.what, "count": item.count, "where": item.where, "students": item.students}
            | ({"shape": item.shape} if item.shape else {})
            for item in file.findings.found
        ],
    }
