"""Test that a feed downloads over https only, within its size limit, and that small records become one file."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import httpx
import pytest

from homeroom.apps.protect.vulnerabilities.feed_download import FeedRefused, download_feed


def download_content(path: Path, url: str, content: bytes, *, leads_to: str = "", max_bytes: int = 1 << 20) -> bytes:
    def respond(request: httpx.Request) -> httpx.Response:
        if request.url.path != "/feed":
            return httpx.Response(404)
        headers = {"location": leads_to} if leads_to else {}
        return httpx.Response(301 if leads_to else 200, headers=headers, stream=httpx.ByteStream(content))

    transport = httpx.MockTransport(respond)
    download = download_feed(url, out=path, max_bytes=max_bytes, progress=lambda *_: None, transport=transport)
    assert download.bytes == path.stat().st_size
    return path.read_bytes()


def test_a_feed_is_written_as_it_came(tmp_path: Path) -> None:
    assert download_content(tmp_path / "f.csv", "https://feeds.example.org/feed", b"a,b\n") == b"a,b\n"
    assert [path.name for path in tmp_path.iterdir()] == ["f.csv"]


def test_a_zip_of_many_records_becomes_one_of_lines(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(250):
            archive.writestr(f"PYSEC-{number}.json", f'{{"id":\n {number}}}')
    lines = download_content(tmp_path / "all.jsonl", "https://feeds.example.org/feed", packed.getvalue())
    assert lines.splitlines()[:2] == [b'{"id":  0}', b'{"id":  1}']
    assert len(lines.splitlines()) == 250


@pytest.mark.parametrize(
    ("address", "leads_to", "message"),
    [
        ("http://feeds.example.org/feed", "", "https address"),
        ("https://user:hunter2@feeds.example.org/feed", "", "https address"),
        ("https://feeds.example.org/feed", "http://feeds.example.org/", "https address"),
        ("https://feeds.example.org/feed", "/feed", "on and on"),
        ("https://feeds.example.org/gone", "", "404"),
        ("https://feeds.example.org/feed", "", "larger than"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_leaves_nothing(tmp_path: Path, address: str, leads_to: str, message: str) -> None:
    with pytest.raises(FeedRefused, match=message) as refused:
        download_content(tmp_path / "f.csv", address, b"x" * 2000, leads_to=leads_to, max_bytes=1000)
    assert "hunter2" not in str(refused.value)
    assert list(tmp_path.iterdir()) == []
