"""Download a public feed over https into a file, within a size limit.

Needs no database.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx

from homeroom.domain.progress import Progress
from homeroom.ingest.remote.addresses import PUBLIC_ONLY, AddressPolicy
from homeroom.ingest.remote.checked_network import CheckedTransport
from homeroom.ingest.remote.deadlines import Deadline
from homeroom.ingest.remote.errors import ConnectionBroken, RemoteError

TIMEOUT_SECONDS = 60.0
TOTAL_SECONDS = 3600.0
"""The longest that one download may take, however slowly it comes."""
MAX_REDIRECTS = 5
_CHUNK_BYTES = 1 << 16
_ACCEPT = {"Accept": "application/json, */*;q=0.9"}  # Microsoft gives XML to who does not ask for JSON
_MIN_MEMBERS = 200
"""Number of JSON members from which a zip becomes one file of lines.

Ingest reads a file per record, but not 100,000 of them.
"""


class FeedRefused(Exception):
    """The feed is not downloaded; the message states why and what would fit."""


@dataclass(frozen=True, kw_only=True)
class DownloadedFeed:
    """Name and size of the file that was written."""

    name: str
    bytes: int


def download_feed(
    url: str,
    *,
    out: Path,
    max_bytes: int,
    progress: Progress,
    policy: AddressPolicy = PUBLIC_ONLY,
    transport: httpx.BaseTransport | None = None,
) -> DownloadedFeed:
    """Download an https URL to `out`, at most `max_bytes` of it, packed or not.

    Redirects are followed to https alone, and to addresses that `policy` allows. `transport` replaces the network in
    tests. Raise FeedRefused; then nothing is left at `out` that was not there.
    """
    part = out.with_name(f".{out.name}.part")
    network = transport or CheckedTransport(policy=policy, deadline=Deadline(seconds=TOTAL_SECONDS))
    try:
        with (
            httpx.Client(timeout=TIMEOUT_SECONDS, transport=network, follow_redirects=False) as client,
            part.open("wb") as file,
        ):
            _stream_response(client, url, file, max_bytes=max_bytes, progress=progress)
        if zipfile.is_zipfile(part):
            _convert_archive_to_lines(part, max_bytes=max_bytes)
        part.replace(out)
    except httpx.HTTPError as error:
        raise FeedRefused(f"{_get_host(url)} did not answer as it should: {type(error).__name__}") from None
    except (RemoteError, ConnectionBroken) as error:
        raise FeedRefused(f"{_get_host(url)} is not downloaded from: {error}") from None
    except OSError as error:
        raise FeedRefused(f"{out.name} cannot be written: {error.strerror or error}") from None
    finally:
        part.unlink(missing_ok=True)
    return DownloadedFeed(name=str(out), bytes=out.stat().st_size)


def _stream_response(client: httpx.Client, url: str, file: BinaryIO, *, max_bytes: int, progress: Progress) -> None:
    for _ in range(MAX_REDIRECTS):
        _require_https(url)
        with client.stream("GET", url, headers=_ACCEPT) as response:
            if response.is_redirect and response.next_request is not None:
                url = str(response.next_request.url)
                continue
            if response.status_code != httpx.codes.OK:
                raise FeedRefused(f"{_get_host(url)} answered {response.status_code}; the file's own address would fit")
            _copy_response(response, file, max_bytes=max_bytes, progress=progress)
            return
    raise FeedRefused(f"{_get_host(url)} sends on and on; the file's own address would fit")


def _copy_response(response: httpx.Response, file: BinaryIO, *, max_bytes: int, progress: Progress) -> None:
    content_length = response.headers.get("content-length", "")
    total, done = int(content_length) if content_length.isdigit() else 0, 0
    # As it came: a packed feed stays packed, and is bounded again where it is read.
    for chunk in response.iter_raw(_CHUNK_BYTES):
        done += len(chunk)
        if done > max_bytes or total > max_bytes:
            raise FeedRefused(f"the file is larger than {max_bytes >> 20:,} MiB; --most-mib raises the bound")
        file.write(chunk)
        progress("Fetching", done, total)


def _require_https(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise FeedRefused(f"{parts.scheme or 'no scheme'}; an https address without a name and password would fit")


def _get_host(url: str) -> str:
    return urlsplit(url).hostname or "the address"


def _convert_archive_to_lines(path: Path, *, max_bytes: int) -> None:
    """Replace a zip of many JSON records with one file of lines; any other zip stays as it is."""
    with zipfile.ZipFile(path) as archive:
        members = [entry for entry in archive.infolist() if entry.filename.endswith(".json")]
        if len(members) < _MIN_MEMBERS:
            return
        lines = path.with_name(f"{path.name}.lines")
        try:
            with lines.open("wb") as file:
                size = 0
                for record in _iter_records(archive, members, max_bytes=max_bytes):
                    size += file.write(record)
                    if size > max_bytes * 8:
                        raise FeedRefused("the records grow too much when unpacked; a smaller feed would fit")
            lines.replace(path)
        finally:
            lines.unlink(missing_ok=True)


def _iter_records(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], *, max_bytes: int) -> Iterator[bytes]:
    for member in members:
        if member.file_size > max_bytes:
            raise FeedRefused(f"a record of more than {max_bytes >> 20:,} MiB; a smaller feed would fit")
        yield b" ".join(archive.read(member).splitlines()) + b"\n"
