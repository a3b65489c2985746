"""One fault a file, over JSON lists, pages and lines: each costs what the table lists, and nothing else.

The faults are made with plain text and `json`, and share no code with the reader.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from homeroom.ingest.contract.connector import JsonKind
from homeroom.ingest.detection.batch_reader import read_together
from homeroom.ingest.detection.detect import detect_packages
from homeroom.ingest.detection.package import Package
from homeroom.ingest.json_files.nested_values import get_nested_value
from homeroom.library.know.connectors import load_connectors
from tests.connectors.recordings import RECORDINGS

PAGE = json.loads((RECORDINGS / "google" / "users.json").read_text(encoding="utf-8"))
USERS: list[dict[str, Any]] = PAGE["users"]
ALERTS = (RECORDINGS / "wazuh" / "alerts.json").read_text(encoding="utf-8").splitlines()
EVERYONE = [user["id"] for user in USERS]
EVERY_ALERT = [json.loads(line)["id"] for line in ALERTS]

Files = dict[str, bytes]


def dump(value: Any, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=False, **options)


def build_page(users: Sequence[Any], token: str = "") -> dict[str, Any]:
    return {"kind": PAGE["kind"], "users": list(users), **({"nextPageToken": token} if token else {})}


def build_pages(*, has_last: bool = True) -> list[dict[str, Any]]:
    """Three pages of four people each; without the last one, two."""
    pages = [build_page(USERS[:4], "t2"), build_page(USERS[4:8], "t3"), build_page(USERS[8:])]
    return pages if has_last else pages[:2]


def build_many(count: int) -> list[dict[str, Any]]:
    return [{**USERS[0], "id": str(number), "primaryEmail": f"p{number}@maple.example"} for number in range(count)]


def break_lines(lines: Sequence[str], *numbers: int, by: str = '{"timestamp": "2026-11-0') -> list[str]:
    """Replace the lines of these numbers, from 0."""
    return [by if number in numbers else line for number, line in enumerate(lines)]


def write_file(text: str | bytes, name: str = "export.json") -> Files:
    return {name: text.encode() if isinstance(text, str) else text}


def write_zip(*texts: str) -> Files:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, text in enumerate(texts, start=1):
            archive.writestr(f"users-{number}.json", text)
    return {"export.zip": buffer.getvalue()}


def join_lines(lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def repeat_name(text: str, number: int) -> str:
    """Give the user of this number, from 0, another id before the right one."""
    return text.replace(f'"id": "{USERS[number]["id"]}"', f'"id": "7", "id": "{USERS[number]["id"]}"')


def select_others(ids: Sequence[str], *numbers: int) -> list[str]:
    return [item for number, item in enumerate(ids) if number not in numbers]


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault and its outcome: the ids that load, the line of each reject, whether it is partial, or the refusal."""

    name: str
    files: Files
    ids: Sequence[str] = ()
    lost: Sequence[int] = ()
    reason: str = ""
    incomplete: str = ""
    note: str = ""
    refused: str = ""


LIST, ENVELOPE = dump(USERS), dump(PAGE)
INDENTED = dump(PAGE, indent=2)
MANY_LINES = [dump(user) for user in build_many(100)]
SEVERAL = [f"{number}" for number in range(2000)]

FAULTS = (
    # Containers: no fault, and the same list.
    Fault(name="one page", files=write_file(ENVELOPE), ids=EVERYONE),
    Fault(name="a list of pages", files=write_file(dump(build_pages())), ids=EVERYONE),
    Fault(name="a list of one page", files=write_file(dump([PAGE])), ids=EVERYONE),
    Fault(name="lines of pages", files=write_file(join_lines([dump(page) for page in build_pages()])), ids=EVERYONE),
    Fault(name="pages one after another", files=write_file("".join(map(dump, build_pages()))), ids=EVERYONE),
    Fault(
        name="indented pages one after another",
        files=write_file("\n".join(dump(page, indent=2) for page in build_pages())),
        ids=EVERYONE,
    ),
    Fault(
        name="one file a page",
        files={f"p{number}.json": dump(page).encode() for number, page in enumerate(build_pages())},
        ids=EVERYONE,
    ),
    Fault(name="pages in a zip", files=write_zip(*map(dump, build_pages())), ids=EVERYONE),
    Fault(name="a list of pages in a zip", files=write_zip(dump(build_pages())), ids=EVERYONE),
    Fault(
        name="pages that announce none",
        files=write_file(dump([build_page(USERS[:6]), build_page(USERS[6:])])),
        ids=EVERYONE,
    ),
    Fault(
        name="a list of pages without the last",
        files=write_file(dump(build_pages(has_last=False))),
        ids=EVERYONE[:8],
        incomplete="the last page is missing",
    ),
    Fault(
        name="lines of pages without the last",
        files=write_file(join_lines([dump(page) for page in build_pages(has_last=False)])),
        ids=EVERYONE[:8],
        incomplete="the last page is missing",
    ),
    # Lines.
    Fault(
        name="the last line cut",
        files=write_file(join_lines(ALERTS)[:-60]),
        ids=EVERY_ALERT[:-1],
        lost=[12],
        reason="the file ends in the middle of this line",
        incomplete="the file ends early",
    ),
    Fault(
        name="a line cut in the middle",
        files=write_file(join_lines(break_lines(ALERTS, 5))),
        ids=select_others(EVERY_ALERT, 5),
        lost=[6],
        reason="is no JSON",
        incomplete="1 of 12 lines cannot be read",
    ),
    Fault(
        name="a blank line before a broken one",
        files=write_file(join_lines([ALERTS[0], "", *break_lines(ALERTS[1:], 2)])),
        ids=select_others(EVERY_ALERT, 3),
        lost=[5],
        reason="use one whole JSON object",
        incomplete="1 of 12 lines",
    ),
    Fault(
        name="a line with a name twice",
        files=write_file(join_lines(break_lines(ALERTS, 1, by='{"id": "1", "id": "2"}'))),
        ids=select_others(EVERY_ALERT, 1),
        lost=[2],
        reason="the name 'id' stands twice in one object",
        incomplete="1 of 12 lines",
    ),
    Fault(
        name="a line with a byte that is not UTF-8",
        files=write_file(
            join_lines([ALERTS[0].replace("Logon", "é"), *ALERTS[1:]])
            .encode()
            .replace(ALERTS[4].encode(), ALERTS[4].encode().replace(b"Logon", b"\xe9\x81"))
        ),
        ids=select_others(EVERY_ALERT, 4),
        lost=[5],
        reason="a byte that is not UTF-8",
        incomplete="1 of 12 lines",
    ),
    Fault(
        name="11 of 100 lines broken",
        files=write_file(join_lines(break_lines(MANY_LINES, *range(20, 31)))),
        refused="11 of 100 lines are broken",
    ),
    Fault(
        name="10 of 100 lines broken",
        files=write_file(join_lines(break_lines(MANY_LINES, *range(20, 30)))),
        ids=select_others(SEVERAL[:100], *range(20, 30)),
        lost=range(21, 31),
        incomplete="10 of 100 lines",
    ),
    Fault(
        name="11 of 2,000 lines broken",
        files=write_file(join_lines(break_lines([dump(user) for user in build_many(2000)], *range(20, 31)))),
        ids=select_others(SEVERAL, *range(20, 31)),
        lost=range(21, 32),
        incomplete="11 of 2,000 lines",
    ),
    Fault(
        name="the last of the lines of pages cut",
        files=write_file(join_lines([dump(page) for page in build_pages()])[:-300]),
        ids=EVERYONE[:10],
        lost=[3],
        reason="the file ends in the middle of this object",
        incomplete="the file ends early",
    ),
    # Lists and envelopes.
    Fault(
        name="a name twice in a list",
        files=write_file(repeat_name(LIST, 3)),
        ids=select_others(EVERYONE, 3),
        lost=[4],
        reason="the name 'id' stands twice in one object",
        incomplete="1 of 12 objects cannot be read",
    ),
    Fault(
        name="a name twice in the first of an envelope",
        files=write_file(repeat_name(INDENTED, 0)),
        ids=EVERYONE[1:],
        lost=[1],
        reason="line 4: the name 'id' stands twice in one object; use a whole JSON object",
        incomplete="1 of 12 objects",
    ),
    Fault(
        name="a name twice in the last of an envelope",
        files=write_file(repeat_name(ENVELOPE, 11)),
        ids=EVERYONE[:11],
        lost=[12],
        incomplete="1 of 12 objects",
    ),
    Fault(
        name="half a letter in an envelope",
        files=write_file(ENVELOPE.replace("José", "Jos\\ud83d")),
        ids=select_others(EVERYONE, 2),
        lost=[3],
        reason="half a letter",
        incomplete="1 of 12 objects",
    ),
    Fault(
        name="half a letter in a list of pages",
        files=write_file(dump(build_pages()).replace("Hana", "\\udc00")),
        ids=select_others(EVERYONE, 7),
        lost=[4],
        reason="half a letter",
        incomplete="1 of 4 objects",
    ),
    Fault(
        name="a byte that is not UTF-8 in a list",
        files=write_file(LIST.encode().replace(b"Dee", b"D\xe9\x81")),
        ids=select_others(EVERYONE, 3),
        lost=[4],
        reason="a byte that is not UTF-8",
        incomplete="1 of 12 objects",
    ),
    Fault(
        name="NaN in a list",
        files=write_file(LIST.replace('"suspended": false', '"suspended": NaN', 1)),
        ids=EVERYONE[1:],
        lost=[1],
        reason="NaN is no JSON value",
        incomplete="1 of 12 objects",
    ),
    Fault(
        name="a quote that is missing in the middle",
        files=write_file(LIST.replace('"Eli"', '"Eli')),
        ids=select_others(EVERYONE, 4),
        lost=[5],
        reason="is no JSON",
        incomplete="1 of 12 objects",
    ),
    Fault(
        name="a comma that is missing within an object",
        files=write_file(INDENTED.replace('"givenName": "Fay",', '"givenName": "Fay"')),
        ids=select_others(EVERYONE, 5),
        lost=[6],
        reason="is no JSON",
        incomplete="1 of 12 objects",
    ),
    Fault(name="a trailing comma in a list", files=write_file(LIST[:-1] + ",]"), ids=EVERYONE, note="a comma after"),
    Fault(
        name="a trailing comma in an envelope", files=write_file(ENVELOPE[:-2] + ",\n]}"), ids=EVERYONE, note="a comma"
    ),
    Fault(
        name="a trailing comma after an envelope", files=write_file(ENVELOPE[:-1] + ",}"), ids=EVERYONE, note="comma"
    ),
    Fault(
        name="a trailing comma in a list of pages",
        files=write_file(dump(build_pages())[:-1] + ",]"),
        ids=EVERYONE,
        note="a comma",
    ),
    Fault(
        name="the last bytes of a list cut",
        files=write_file(LIST[:-40]),
        ids=EVERYONE[:11],
        lost=[12],
        reason="the file ends in the middle of this object",
        incomplete="the file ends early",
    ),
    Fault(
        name="the last bytes of an envelope cut",
        files=write_file(INDENTED[:-40]),
        ids=EVERYONE[:11],
        lost=[12],
        incomplete="the file ends early",
    ),
    Fault(
        name="the brackets after the last object cut",
        files=write_file(ENVELOPE[:-2]),
        ids=EVERYONE,
        incomplete="the file ends early",
    ),
    Fault(
        name="a list cut after a comma",
        files=write_file(LIST[: LIST.index(', {"kind"') + 1]),
        ids=EVERYONE[:1],
        incomplete="the file ends early",
    ),
    Fault(
        name="a list of pages cut",
        files=write_file(dump(build_pages())[:-300]),
        ids=EVERYONE[:10],
        lost=[3],
        incomplete="the file ends early",
    ),
    Fault(
        name="one of the files of pages cut",
        files={
            f"p{number}.json": dump(page).encode()[: None if number != 1 else -300]
            for number, page in enumerate(build_pages())
        },
        ids=select_others(EVERYONE, 6, 7),
        lost=[3],
        incomplete="the file ends early",
    ),
    Fault(
        name="11 of 100 objects broken",
        files=write_file("[" + ",".join(break_lines(MANY_LINES, *range(20, 31), by='{"id": 1, "id": 2}')) + "]"),
        refused="11 of 100 objects are broken",
    ),
    # Structure that cannot be trusted.
    Fault(name="the first object cut", files=write_file(LIST[:60]), refused="is no JSON"),
    Fault(name="every object broken", files=write_file('[{"id": 1, "id": 2}, {"id": 3, "id": 4}]'), refused="twice"),
    Fault(name="text after a list", files=write_file(LIST + " x"), refused="more text after the end"),
    Fault(name="no comma between objects", files=write_file(LIST.replace("}, {", "} {", 1)), refused="is missing"),
    Fault(name="a list that closes an object", files=write_file(LIST[:-1] + "}"), refused=""),
)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    ids: list[str]
    lost: list[int]
    reasons: list[str]
    incomplete: str
    notes: str


def read_package(package: Package) -> Outcome:
    """Read all files of a package, as a load does."""
    readers = package.connector.readers
    ids: list[str] = []
    for batch in read_together(package.files, readers=readers):
        readings = [batch.reading] if batch.reading else []
        for number in () if batch.reading else batch.numbers:
            file = package.files[number]
            assert isinstance(file.kind, JsonKind)
            if file.kind.objects:
                readings += [file.kind.get_object_reader(readers)(*part) for part in file.iter_objects()]
            else:
                readings += [file.kind.get_row_reader(readers)(chunk) for chunk in file.iter_chunks()]
        for reading in readings:
            assert not reading.rejects["row_lost"].any()
            frame = reading.tables.get("account_records", reading.tables.get("alert_records"))
            assert frame is not None
            ids += frame["key"].to_list()
    rejects = [row for file in package.files for row in file.lost_rows.iter_rows(named=True)]
    assert all(row["row_lost"] for row in rejects)
    assert not any(user["name"]["familyName"] in str(row["value"]) for row in rejects for user in USERS)
    return Outcome(
        ids=ids,
        lost=[row["line"] for row in rejects],
        reasons=[row["reason"] for row in rejects],
        incomplete=package.incomplete,
        notes=" ".join(str(note) for file in package.files for note in file.notes),
    )


def test_the_table_has_faults_of_every_form() -> None:
    assert len(FAULTS) >= 40
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_one_fault_costs_only_what_the_table_says(fault: Fault, tmp_path: Path) -> None:
    for name, content in fault.files.items():
        (tmp_path / name).write_bytes(content)
    result = detect_packages([tmp_path], connectors=load_connectors())
    if not fault.ids:
        assert result.packages == ()
        (problem,) = result.problems
        assert fault.refused in problem.reason
        assert problem.fits
        return
    assert result.problems == ()
    (package,) = result.packages
    outcome = read_package(package)
    assert outcome.ids == list(fault.ids)
    assert outcome.lost == list(fault.lost)
    assert all(fault.reason in reason for reason in outcome.reasons)
    assert outcome.incomplete.startswith(fault.incomplete)
    assert bool(outcome.incomplete) == bool(fault.incomplete) == (not package.complete)
    assert fault.note in outcome.notes
    assert bool(fault.note) == ("comma" in outcome.notes)


def test_an_object_with_a_nul_costs_itself_alone(tmp_path: Path) -> None:
    users = [*USERS[:3], {**USERS[3], "name": {"familyName": "A\0"}}, *USERS[4:]]
    (tmp_path / "one.json").write_text(dump(users), encoding="utf-8")
    for number, rows in enumerate((users[:6], users[6:]), start=1):
        page = tmp_path / "pages" / f"{number}.json"
        page.parent.mkdir(exist_ok=True)
        page.write_text(dump(build_page(rows, "t2" if number == 1 else "")), encoding="utf-8")
    for package in detect_packages([tmp_path], connectors=load_connectors()).packages:
        if len(package.files) > 1:
            (batch,) = read_together(package.files, readers=package.connector.readers)
            assert batch.reading is None
        frames = [frame for file in package.files for frame in file.iter_chunks()]
        assert [name for frame in frames for name in frame["id"]] == select_others(EVERYONE, 3)
        ((line, *_, reason, is_lost),) = package.files[0].broken.take_rejects().rows()
        assert (line, reason, is_lost) == (4, "a NUL in name.familyName; a plainer object would fit", True)


MATCH = {"vulnerability": {"id": "CVE-2026-91002", "fix": {"state": "fixed"}}, "artifact": {"name": "lib"}}
MATCHES = [{**MATCH, "artifact": {"name": f"lib-{number}"}} for number in range(30)]
REPORT = dump({"source": {"type": "image"}, "matches": MATCHES, "descriptor": {"name": "grype", "version": "1"}})
HITS = [
    {"_source": {"agent": {"id": "1", "name": "s"}, "vulnerability": {"id": f"CVE-2026-{number}"}}}
    for number in range(91_000, 91_030)
]
INDEX = dump({"took": 8, "_shards": {"total": 1}, "hits": {"total": {"value": 30}, "hits": HITS}})


@pytest.mark.parametrize(
    ("text", "path", "count", "lost_count", "incomplete"),
    [
        (REPORT.replace('"name": "lib-7"', '"name": "x", "name": "lib-7"'), "matches", 29, 1, "1 of 30 objects"),
        (REPORT.replace("lib-7", "\\ud800"), "matches", 29, 1, "1 of 30 objects"),
        (REPORT[:-1] + ",}", "matches", 30, 0, ""),
        (INDEX.replace("CVE-2026-91007", "\\ud800"), "hits.hits", 29, 1, "1 of 30 objects"),
        (INDEX[:-30], "hits.hits", 29, 1, "the file ends early"),
        (INDEX[:-3], "hits.hits", 30, 0, "the file ends early"),
        (dump({"_shards": {}, "hits": {"hits": HITS[:1]}})[:-40], "hits.hits", 0, 0, None),
        (dump(USERS[0])[:-20], "", 0, 0, None),
    ],
)
def test_a_report_loses_only_what_is_broken_in_its_main_list(
    text: str, path: str, count: int, lost_count: int, incomplete: str | None, tmp_path: Path
) -> None:
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    result = detect_packages([tmp_path], connectors=load_connectors())
    assert len(result.packages) == (incomplete is not None)
    for package in result.packages:
        assert package.incomplete.startswith(incomplete or "")
        assert bool(package.incomplete) == bool(incomplete)
        (file,) = package.files
        ((document,), first) = next(file.iter_objects())
        assert (len(get_nested_value(document, path)), first, file.lost_rows.height) == (count, 1, lost_count)


def test_a_cut_row_with_a_list_of_its_own_is_no_page(tmp_path: Path) -> None:
    devices = [
        {"deviceId": f"d{number}", "serialNumber": "x", "users": [{"email": "u"}], "status": "ACTIVE"}
        for number in range(5)
    ]
    for text in (dump(devices)[:-10], join_lines([dump(device) for device in devices])[:-10]):
        (tmp_path / "devices.json").write_text(text, encoding="utf-8")
        (package,) = detect_packages([tmp_path], connectors=load_connectors()).packages
        (file,) = package.files
        assert [name for chunk in file.iter_chunks() for name in chunk["deviceId"]] == ["d0", "d1", "d2", "d3"]
        assert file.lost_rows["line"].to_list() == [5]


def test_rows_after_a_lost_one_keep_their_ordinals(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text(repeat_name(LIST, 3), encoding="utf-8")
    (package,) = detect_packages([tmp_path], connectors=load_connectors()).packages
    (file,) = package.files
    assert [line for chunk in file.iter_chunks() for line in chunk["_line"]] == [1, 2, 3, *range(5, 13)]


def test_objects_after_a_lost_one_keep_their_ordinals(tmp_path: Path) -> None:
    (tmp_path / "alerts.json").write_text(join_lines(break_lines(ALERTS, 5)), encoding="utf-8")
    (package,) = detect_packages([tmp_path], connectors=load_connectors()).packages
    (file,) = package.files
    assert [(len(part), first) for part, first in file.iter_objects()] == [(5, 1), (6, 7)]


def test_pages_in_one_file_are_named_by_number(tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text(dump(build_pages()), encoding="utf-8")
    (package,) = detect_packages([tmp_path], connectors=load_connectors()).packages
    assert [file.name for file in package.files] == [f"users.json, page {number}" for number in (1, 2, 3)]


@pytest.mark.parametrize(
    ("names", "parts", "count"),
    [
        (("users-1.json", "users-2.json", "users-3.json"), (USERS[:5], USERS[5:10], USERS[10:]), 1),
        (("p0.json", "p1.json"), (USERS[:5], USERS[5:]), 1),
        (("users-1.json", "users-2.json"), (USERS[:8], USERS[7:]), 2),  # a user in both: two exports
        (("users-1.json", "users-3.json"), (USERS[:6], USERS[6:]), 2),
        (("staff-1.json", "users-2.json"), (USERS[:6], USERS[6:]), 2),
        (("2026-11-29.json", "2026-11-30.json"), (USERS[:6], USERS[6:]), 2),
    ],
)
@pytest.mark.parametrize("wrap", [build_page, list])
def test_numbered_files_are_pages_if_no_row_is_in_two(
    names: Sequence[str], parts: Sequence[Sequence[Any]], count: int, wrap: Any, tmp_path: Path
) -> None:
    for name, part in zip(names, parts, strict=True):
        (tmp_path / name).write_text(dump(wrap(part)), encoding="utf-8")
    packages = detect_packages([tmp_path], connectors=load_connectors()).packages
    assert len(packages) == count
    assert all(package.complete for package in packages)
    rows = [
        user for package in packages for file in package.files for frame in file.iter_chunks() for user in frame["id"]
    ]
    assert (rows if count == 1 else sorted(rows)) == [user["id"] for part in parts for user in part]
