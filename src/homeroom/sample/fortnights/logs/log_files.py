"""Files of the logs: pages of Google and Graph, blobs of the unified log, lines of Windows and of exported records."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from itertools import batched
from pathlib import Path
from typing import Any, Final

from homeroom.sample.fortnights.district.calendar import FortnightCalendar
from homeroom.sample.fortnights.district.plan import FortnightDistrict
from homeroom.sample.fortnights.logs.log_book import LogBook, LogEntry, LogName

_PAGE_SIZE: Final = 1000
_BLOB_SIZE: Final = 500


def write_log_files(
    folder: Path, district: FortnightDistrict, logs: Mapping[LogName, Sequence[LogEntry]]
) -> list[Path]:
    """Write each log into files of its own, and return their paths."""
    paths: list[Path] = []
    for log, entries in sorted(logs.items()):
        if log[0] == "windows":
            paths.append(_write_lines(folder / "windows" / _build_file_name(log), entries))
        elif log == ("microsoft", "intune"):
            paths.append(_write_lines(folder / "intune" / "insights-logs-auditlogs.json", entries))
        elif log == ("microsoft", "unified"):
            paths += _write_blobs(folder / "microsoft365", entries)
        elif log[0] == "google":
            paths += _write_google_pages(folder / "google", log[1], entries)
        else:
            paths += _write_graph_pages(folder / "entra", district, log[1], entries)
    return paths


def split_by_day(book: LogBook, calendar: FortnightCalendar) -> dict[date, dict[LogName, list[LogEntry]]]:
    """Return the entries of each day in the district's zone, by log."""
    days: defaultdict[date, dict[LogName, list[LogEntry]]] = defaultdict(dict)
    for log, entries in book.entries.items():
        for entry in entries:
            days[calendar.find_date(entry.time)].setdefault(log, []).append(entry)
    return dict(sorted(days.items()))


def _build_file_name(log: LogName) -> str:
    computer, channel = log[1].split("/", 1)
    return f"{computer.split('.')[0]}-{channel.replace('/', '%4').replace(' ', '')}.jsonl"


def _write_lines(path: Path, entries: Sequence[LogEntry]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for entry in entries:
            file.write(_encode(entry.record) + "\n")
    return path


def _write_blobs(folder: Path, entries: Sequence[LogEntry]) -> list[Path]:
    return [
        _write_document(folder / f"audit-{number:03d}.json", [entry.record for entry in blob])
        for number, blob in enumerate(batched(entries, _BLOB_SIZE), start=1)
    ]


def _write_google_pages(folder: Path, app: str, entries: Sequence[LogEntry]) -> list[Path]:
    # The newest first, as the API lists them.
    pages = list(batched(reversed(entries), _PAGE_SIZE))
    paths = []
    for number, page in enumerate(pages, start=1):
        token = {"nextPageToken": f"A:{number:08d}"} if number < len(pages) else {}
        head = {"kind": "admin#reports#activities", "etag": f'"{app}-{number}"', **token}
        document = {**head, "items": [entry.record for entry in page]}
        paths.append(_write_document(folder / f"{app}-{number:02d}.json", document))
    return paths


def _write_graph_pages(folder: Path, district: FortnightDistrict, log: str, entries: Sequence[LogEntry]) -> list[Path]:
    version = "beta" if district.has_beta_sign_ins else "v1.0"
    base = f"https://graph.microsoft.com/{version}"
    pages = list(batched(reversed(entries), _PAGE_SIZE))
    paths = []
    for number, page in enumerate(pages, start=1):
        link = {"@odata.nextLink": f"{base}/auditLogs/{log}?$skiptoken={number}"} if number < len(pages) else {}
        document = {"@odata.context": f"{base}/$metadata#auditLogs/{log}", **link}
        paths.append(
            _write_document(
                folder / f"{log}-{number:02d}.json", {**document, "value": [entry.record for entry in page]}
            )
        )
    return paths


def _write_document(path: Path, document: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_encode(document), encoding="utf-8", newline="\n")
    return path


def _encode(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
