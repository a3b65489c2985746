"""Fetches a public feed over https into a file, within a bound of size. Needs no database."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from urllib.parse import urlsplit

import httpx

SECONDS = 60.0
HOPS = 5
_PIECE = 1 << 16
_ACCEPT = {"Accept": "application/json, */*;q=0.9"}  # Microsoft gives XML to who does not ask for JSON
_LINES_FROM = 200
"""From how many JSON members on a zip becomes one file of lines: the door takes a file a record, but not by the 100,000."""
Step = Callable[[str, int, int], None]


class FeedRefused(Exception):
    """The feed is not fetched; the text says why and what would fit."""


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """The file that was written, and its size."""

    name: str
    bytes: int


def fetch(
    address: str, *, out: Path, most: int, progress: Step, transport: httpx.BaseTransport | None = None
) -> Fetched:
    """Writes what stands at an https address to `out`, at most `most` bytes of it, packed or not.

    Redirects are followed to https alone. `transport` stands in for the network in tests. Raises FeedRefused; then
    nothing is left at `out` that was not there.
    """
    part = out.with_name(f".{out.name}.part")
    try:
        with (
            httpx.Client(timeout=SECONDS, transport=transport, follow_redirects=False) as client,
            part.open("wb") as file,
        ):
            _stream(client, address, file, most=most, progress=progress)
        if zipfile.is_zipfile(part):
            _unrolled(part, most=most)
        part.replace(out)
    except httpx.HTTPError as why:
        raise FeedRefused(f"{_host(address)} did not answer as it should: {type(why).__name__}") from None
    except OSError as why:
        raise FeedRefused(f"{out.name} cannot be written: {why.strerror or why}") from None
    finally:
        part.unlink(missing_ok=True)
    return Fetched(name=str(out), bytes=out.stat().st_size)


def _stream(client: httpx.Client, address: str, file: BinaryIO, *, most: int, progress: Step) -> None:
    for _ in range(HOPS):
        _must_be_https(address)
        with client.stream("GET", address, headers=_ACCEPT) as answer:
            if answer.is_redirect and answer.next_request is not None:
                address = str(answer.next_request.url)
                continue
            if answer.status_code != httpx.codes.OK:
                raise FeedRefused(f"{_host(address)} answered {answer.status_code}; the file's own address would fit")
            _copied(answer, file, most=most, progress=progress)
            return
    raise FeedRefused(f"{_host(address)} sends on and on; the file's own address would fit")


def _copied(answer: httpx.Response, file: BinaryIO, *, most: int, progress: Step) -> None:
    told = answer.headers.get("content-length", "")
    total, done = int(told) if told.isdigit() else 0, 0
    # As it came: a packed feed stays packed, and is bounded again where it is read.
    for piece in answer.iter_raw(_PIECE):
        done += len(piece)
        if done > most or total > most:
            raise FeedRefused(f"the file is larger than {most >> 20:,} MiB; --most-mib raises the bound")
        file.write(piece)
        progress("Fetching", done, total)


def _must_be_https(address: str) -> None:
    parts = urlsplit(address)
    if parts.scheme != "https" or not parts.hostname or parts.username or parts.password:
        raise FeedRefused(f"{parts.scheme or 'no scheme'}; an https address without a name and password would fit")


def _host(address: str) -> str:
    return urlsplit(address).hostname or "the address"


def _unrolled(path: Path, *, most: int) -> None:
    """A zip of many JSON records as one file of lines in its place; any other zip stays as it is."""
    with zipfile.ZipFile(path) as archive:
        members = [one for one in archive.infolist() if one.filename.endswith(".json")]
        if len(members) < _LINES_FROM:
            return
        lines = path.with_name(f"{path.name}.lines")
        try:
            with lines.open("wb") as file:
                written = 0
                for record in _records(archive, members, most=most):
                    written += file.write(record)
                    if written > most * 8:
                        raise FeedRefused("the records grow too much when unpacked; a smaller feed would fit")
            lines.replace(path)
        finally:
            lines.unlink(missing_ok=True)


def _records(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo], *, most: int) -> Iterator[bytes]:
    for member in members:
        if member.file_size > most:
            raise FeedRefused(f"a record of more than {most >> 20:,} MiB; a smaller feed would fit")
        yield b" ".join(archive.read(member).splitlines()) + b"\n"
