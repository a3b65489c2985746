from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from homeroom.ingest.contract.limits import STANDARD
from tests.unit.ingest.events.log_folder import build_windows_document, format_lines, read_path, read_text

LINES = [json.dumps(build_windows_document(number)).encode() for number in (1, 2, 3, 4)]


def _set_time(text: str) -> bytes:
    document = build_windows_document(2)
    document["Event"]["System"]["TimeCreated"]["#attributes"]["SystemTime"] = text
    return json.dumps(document).encode()


BAD: dict[str, tuple[bytes, str]] = {
    "cut in half": (LINES[1][: len(LINES[1]) // 2], "is no JSON"),
    "cut before a value": (LINES[1][: LINES[1].index(b'"lab')], "is no JSON"),
    "invalid UTF-8": (LINES[1].replace(b"cmd.exe", b"\xff\xfe.exe"), "is no JSON"),
    "a long field": (LINES[1].replace(b"cmd.exe", b"c" * (10 << 20)), "a field of more than 1,048,576 characters"),
    "a long line": (LINES[1].replace(b"cmd.exe", b"c" * (17 << 20)), "a line of more than 16,777,216 bytes"),
    "deep": (b'{"a":' * 500 + b"1" + b"}" * 500, "nested deeper than 256 levels"),
    "very deep": (b"[" * 200_000, "nested deeper than 256 levels"),
    "1601": (_set_time("1601-01-01T00:00:00Z"), "the time 1601-01-01T00:00:00Z is no time of a log"),
    "2106": (_set_time("2106-02-07T06:28:15Z"), "the time 2106-02-07T06:28:15Z is no time of a log"),
    "unknown": (b'{"hello": "world"}', "is no form of log record that is read; its names are 'hello'"),
    "a value of another kind": (b'{"Operation": [], "Workload": "x"}', "has a value of a kind that is not expected"),
    "a number": (b"17", "is no object"),
    "text": (b"Mar  2 08:15:00 fw01 denied", "is no JSON"),
}


@pytest.mark.parametrize(("line", "reason"), BAD.values(), ids=BAD.keys())
def test_a_damaged_line_costs_only_itself(line: bytes, reason: str, tmp_path: Path) -> None:
    events, rejects = read_text(tmp_path, b"\n".join([LINES[0], line, *LINES[2:]]))
    assert [event.record for event in events] == [1, 3, 4]
    assert [(reject.file, reject.record) for reject in rejects] == [("log.jsonl", 2)]
    assert reason in rejects[0].reason


@pytest.mark.parametrize(("line", "reason"), BAD.values(), ids=BAD.keys())
def test_a_damaged_first_line_costs_only_itself(line: bytes, reason: str, tmp_path: Path) -> None:
    events, rejects = read_text(tmp_path, b"\n".join([line, *LINES[1:]]))
    assert [event.fields["EventRecordID"] for event in events] == [2, 3, 4]
    assert [reject.record for reject in rejects] == [1]


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "damage",
    [
        lambda text: text[: len(text) // 2],
        lambda text: text.replace('"Channel": "', '"Channel": '),
        lambda text: text.replace("cmd.exe", "cmd\udcff.exe"),
        lambda text: text.replace("2026-03-02T08:15:00.123456Z", "1601-01-01T00:00:00Z"),
        lambda text: text.rstrip().removesuffix("}"),
    ],
    ids=["cut", "a quote is missing", "no UTF-8", "a bad time", "a bracket is missing"],
)
def test_a_damaged_item_of_a_list_costs_only_itself(
    indent: int | None, damage: Callable[[str], str], tmp_path: Path
) -> None:
    texts = [json.dumps(build_windows_document(number), indent=indent) for number in (5, 6, 7, 8)]
    texts[1] = damage(texts[1])
    data = ("[" + ",\n".join(texts) + "]").encode("utf-8", "surrogateescape")
    events, rejects = read_text(tmp_path, data, name="log.json")
    assert [event.fields["EventRecordID"] for event in events] == [5, 7, 8]
    assert len(rejects) == 1


def test_a_list_that_is_cut_off_keeps_its_whole_items(tmp_path: Path) -> None:
    text = json.dumps([*map(build_windows_document, (5, 6, 7))], indent=2)
    events, rejects = read_text(tmp_path, text[:-200], name="log.json")
    assert [event.fields["EventRecordID"] for event in events] == [5, 6]
    assert [(reject.record, reject.reason) for reject in rejects] == [(3, "the record is cut off")]


@pytest.mark.parametrize("character", ["\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1c", "\r"])
def test_only_a_line_feed_ends_a_line(character: str, tmp_path: Path) -> None:
    raw = character if ord(character) > 0x1F else json.dumps(character)[1:-1]
    line = LINES[1].decode().replace("cmd.exe", f"cmd{raw}.exe")
    events, rejects = read_text(tmp_path, f"{LINES[0].decode()}\r\n{line}\r\n".encode())
    assert rejects == []
    assert events[1].fields["Image"].endswith(f"cmd{character}.exe")


def test_a_file_of_no_known_form_is_one_reject(tmp_path: Path) -> None:
    for text in ("title: a rule\nid: 1\n", "a,b\n1,2\n", "\x7fELF\x02\x01\x01", "<Events></Events>"):
        events, rejects = read_text(tmp_path, text, name="rule.yml")
        assert events == []
        assert [(reject.file, reject.record) for reject in rejects] == [("rule.yml", 0)]
    assert read_text(tmp_path, "\n", name="empty.json") == ([], [])


def _zip(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_folders_and_archives_are_read_in_order(tmp_path: Path) -> None:
    text = format_lines(build_windows_document(1))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "two.jsonl").write_text(text)
    (tmp_path / "a.jsonl.gz").write_bytes(gzip.compress(text.encode()))
    inner = _zip({"x.jsonl": text.encode(), "y.jsonl.gz": gzip.compress(text.encode())})
    (tmp_path / "c.zip").write_bytes(_zip({"in/one.jsonl": text.encode(), "inner.zip": inner}))
    (tmp_path / "d.zip").write_bytes(_zip({"deep.zip": _zip({"deeper.zip": inner}), "z.jsonl": text.encode()}))
    events, rejects = read_path(tmp_path)
    assert [event.file for event in events] == [
        "a.jsonl.gz", "b/two.jsonl", "c.zip/in/one.jsonl", "c.zip/inner.zip/x.jsonl", "d.zip/z.jsonl",
    ]  # fmt: skip
    assert [reject.file for reject in rejects] == ["c.zip/inner.zip/y.jsonl.gz", "d.zip/deep.zip/deeper.zip"]
    assert {reject.reason for reject in rejects} == {"an archive within an archive within an archive"}


def test_a_zip_bomb_is_refused_and_all_else_is_read(tmp_path: Path) -> None:
    (tmp_path / "bomb.zip").write_bytes(_zip({"zeros.jsonl": bytes(8 << 20)}))
    (tmp_path / "bomb.jsonl.gz").write_bytes(gzip.compress(LINES[0] + b"\n" + bytes(8 << 20)))
    (tmp_path / "nested.zip").write_bytes(_zip({"in.zip": _zip({"zeros.jsonl": bytes(8 << 20)})}))
    (tmp_path / "whole.jsonl").write_bytes(LINES[0])
    events, rejects = read_path(tmp_path)
    assert "whole.jsonl" in {event.file for event in events}
    assert {reject.file for reject in rejects} == {"bomb.zip", "bomb.jsonl.gz", "nested.zip/in.zip"}
    assert all("unpacked" in reject.reason for reject in rejects)


def test_a_path_that_is_missing_is_a_reject(tmp_path: Path) -> None:
    events, rejects = read_path(tmp_path / "none.jsonl")
    assert (events, [reject.reason for reject in rejects]) == ([], ["is not there"])


def test_a_large_list_in_one_line_is_read_item_by_item(tmp_path: Path) -> None:
    documents: list[dict[str, Any]] = [build_windows_document(number, Image="x" * 2000) for number in range(2000)]
    limits = replace(STANDARD, row=64 << 10)
    events, rejects = read_text(tmp_path, json.dumps(documents), name="log.json", limits=limits)
    assert rejects == []
    assert [event.fields["EventRecordID"] for event in events] == list(range(2000))
    page = json.dumps({"@odata.context": "x", "value": documents, "@odata.nextLink": "y"})
    events, rejects = read_text(tmp_path, page, name="log.json", limits=limits)
    assert (len(events), rejects) == (2000, [])
