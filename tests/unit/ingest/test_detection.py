"""Files are detected by content, bundles and pages become packages, and the rest is refused with a reason."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import polars as pl
import pytest

from homeroom.ingest.contract.connector import KIND_CLASSES, Connector, FileKind, Reading
from homeroom.ingest.detection.detect import DetectionResult, detect_packages, find_mappings


def _build_kind(id: str, *, form: str = "csv", needs: tuple[str, ...] = (), stream: str, **more: Any) -> FileKind:
    return KIND_CLASSES[form](
        id=id, title=id, stream=stream, reader="none", **({"needs": needs} if needs else {}), **more
    )


def _read_nothing(frame: pl.DataFrame) -> Reading:
    return Reading(tables={})


def _build_connector(name: str, *kinds: FileKind) -> Connector:
    return Connector(name=name, title=name, kinds=kinds, readers={"none": _read_nothing})


CONNECTORS = (
    _build_connector(
        "oneroster",
        _build_kind("users", needs=("sourcedId", "givenName"), stream="oneroster.bundle", member="users.csv"),
        _build_kind("orgs", needs=("sourcedId", "type"), stream="oneroster.bundle", member="orgs.csv"),
    ),
    _build_connector(
        "google",
        _build_kind("devices.csv", needs=("deviceId",), stream="google.chromeos"),
        _build_kind(
            "devices.json",
            form="json",
            needs=("deviceId",),
            stream="google.chromeos",
            envelope="chromeosdevices",
            more="nextPageToken",
            named={"kind": "admin#devices"},
        ),
    ),
    _build_connector(
        "scanner",
        _build_kind(
            "results",
            form="json",
            needs=("source",),
            stream="scanner.results",
            envelope="results",
            bare=("results", "with"),
        ),
    ),
    _build_connector("district", _build_kind("facts", form="yaml", needs=("homeroom",), stream="district.facts")),
)
USERS, ORGS = "sourcedId,givenName\nu1,Ann\n", "sourcedId,type\no1,school\n"
MANIFEST = "propertyName,value\noneroster.version,1.1\nfile.users,{}\nfile.orgs,{}\n"


def _write_and_detect(folder: Path, files: dict[str, str]) -> DetectionResult:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8", newline="")
    return detect_packages([folder], connectors=CONNECTORS)


def _list_files(result: DetectionResult) -> list[tuple[bool, list[str]]]:
    return [(package.complete, [file.name for file in package.files]) for package in result.packages]


def test_a_roster_with_a_manifest_is_one_complete_package(tmp_path: Path) -> None:
    members = {"users.csv": USERS, "orgs.csv": ORGS, "manifest.csv": MANIFEST.format("bulk", "bulk")}
    result = _write_and_detect(tmp_path, members)
    assert _list_files(result) == [(True, ["orgs.csv", "users.csv"])]
    assert not result.problems


def test_a_roster_without_a_manifest_is_one_complete_package(tmp_path: Path) -> None:
    assert _list_files(_write_and_detect(tmp_path, {"Users.csv": USERS, "orgs.csv": ORGS})) == [
        (True, ["orgs.csv", "Users.csv"])
    ]


def test_one_member_alone_is_not_complete(tmp_path: Path) -> None:
    assert _list_files(_write_and_detect(tmp_path, {"users.csv": USERS})) == [(False, ["users.csv"])]


def test_a_delta_is_a_delta(tmp_path: Path) -> None:
    members = {"users.csv": USERS, "orgs.csv": ORGS, "manifest.csv": MANIFEST.format("delta", "bulk")}
    (package,) = _write_and_detect(tmp_path, members).packages
    assert (package.mode, package.complete) == ("delta", False)
    assert [file.mode for file in package.files] == ["full", "delta"]


def test_a_manifest_that_says_what_is_not_so_is_a_problem(tmp_path: Path) -> None:
    members = {"users.csv": USERS, "manifest.csv": MANIFEST.format("absent", "bulk")}
    result = _write_and_detect(tmp_path, members)
    assert [(problem.field, problem.reason) for problem in result.problems] == [
        ("users.csv", "the manifest says absent, but the file is there"),
        ("orgs.csv", "the manifest says full, but the file is missing"),
    ]
    assert not result.packages


def test_a_roster_with_a_member_that_was_refused_is_not_complete(tmp_path: Path) -> None:
    members = {"users.csv": USERS, "orgs.csv": "", "manifest.csv": MANIFEST.format("bulk", "bulk")}
    result = _write_and_detect(tmp_path, members)
    assert _list_files(result) == [(False, ["users.csv"])]
    assert result.problems[0].file == "orgs.csv"


def test_names_are_compared_without_case_and_handed_on_in_the_kinds_spelling(tmp_path: Path) -> None:
    (package,) = _write_and_detect(tmp_path, {"x.csv": " DEVICEID ,Model\nd1,m\n"}).packages
    (frame,) = package.files[0].iter_chunks()
    assert frame.columns == ["deviceId", "Model", "_line"]
    assert frame.rows() == [("d1", "m", 2)]


def _format_page(key: str, *, has_more: bool) -> str:
    token = ',"nextPageToken":"x"' if has_more else ""
    return f'{{"chromeosdevices":[{{"deviceId":"{key}"}}]{token}}}'


def test_pages_are_one_package_complete_with_the_last(tmp_path: Path) -> None:
    pages = {
        "p10.json": _format_page("c", has_more=False),
        "p2.json": _format_page("b", has_more=True),
        "p1.json": _format_page("a", has_more=True),
    }
    assert _list_files(_write_and_detect(tmp_path, pages)) == [(True, ["p1.json", "p2.json", "p10.json"])]


def test_pages_without_the_last_are_not_complete(tmp_path: Path) -> None:
    pages = {"p1.json": _format_page("a", has_more=True), "p2.json": _format_page("b", has_more=True)}
    assert _list_files(_write_and_detect(tmp_path, pages)) == [(False, ["p1.json", "p2.json"])]


def test_an_empty_last_page_completes_the_others(tmp_path: Path) -> None:
    pages = {"p1.json": _format_page("a", has_more=True), "p2.json": '{"chromeosdevices":[]}'}
    assert _list_files(_write_and_detect(tmp_path, pages)) == [(True, ["p1.json", "p2.json"])]


def test_pages_that_say_nothing_of_others_end_with_one_that_has_no_rows(tmp_path: Path) -> None:
    pages = {"p1.json": _format_page("a", has_more=False), "p2.json": _format_page("b", has_more=False)}
    states = pages | {"p2.json": pages["p1.json"].replace("}]", '},{"deviceId":"b"}]')}
    assert _list_files(_write_and_detect(tmp_path / "two", states)) == [(True, ["p2.json"]), (True, ["p1.json"])]
    ended = pages | {"p3.json": '{"chromeosdevices":[]}'}
    assert _list_files(_write_and_detect(tmp_path / "paged", ended)) == [(True, ["p1.json", "p2.json", "p3.json"])]


def test_two_whole_documents_are_two_packages_the_largest_first(tmp_path: Path) -> None:
    result = _write_and_detect(
        tmp_path, {"a.json": '[{"deviceId":"1"}]', "b.json": '[{"deviceId":"1"},{"deviceId":"2"}]'}
    )
    assert _list_files(result) == [(True, ["b.json"]), (True, ["a.json"])]


def test_facts_and_mappings_are_known_by_their_first_word(tmp_path: Path) -> None:
    files = {"a.txt": "# ours\nhomeroom: district\nname: X\n", "m.yaml": "homeroom: mapping\nname: x\n"}
    result = _write_and_detect(tmp_path, files)
    assert [file.text for package in result.packages for file in package.files] == [files["a.txt"]]
    assert not result.problems
    mappings = find_mappings([tmp_path], connectors=CONNECTORS)
    assert [(mapping.name, mapping.text) for mapping in mappings] == [("m.yaml", files["m.yaml"])]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
def test_mapping_files_of_any_encoding_are_mappings_and_no_other_files_are(tmp_path: Path, encoding: str) -> None:
    mapping = "# Liste f\xfcr die Schule\nhomeroom: mapping\nname: x\n"
    (tmp_path / "m.txt").write_bytes(mapping.encode(encoding))
    (tmp_path / "facts.yaml").write_text("homeroom: district\nname: homeroom: mapping\n")
    (tmp_path / "list.csv").write_text("notes,b\nhomeroom: mapping,2\n")
    (tmp_path / "empty.yaml").write_bytes(b"")
    with ZipFile(tmp_path / "lists.zip", "w") as archive:
        archive.writestr("lists/n.yaml", "homeroom: mapping\nname: n\n")
    mappings = find_mappings([tmp_path], connectors=CONNECTORS)
    assert {(mapping.name.rpartition("/")[2], mapping.place[1]) for mapping in mappings} == {
        ("n.yaml", "n"),
        ("m.txt", "m"),
    }


def test_the_truth_of_a_sample_and_readmes_are_left_aside(tmp_path: Path) -> None:
    result = _write_and_detect(tmp_path, {"truth.json": '{"homeroom": "truth", "users": [1]}', "README.md": "Hello"})
    assert set(result.ignored) == {"truth.json", "README.md"}
    assert not result.problems


def test_an_unknown_file_says_what_was_found_and_what_is_near(tmp_path: Path) -> None:
    (problem,) = _write_and_detect(tmp_path, {"x.csv": "sourcedId,color\n1,red\n"}).problems
    assert problem.reason == "is not a recognized kind of file; it has sourcedId, color"
    assert problem.fits == "users, which also needs givenName"


def test_a_bad_file_does_not_stop_the_others(tmp_path: Path) -> None:
    result = _write_and_detect(tmp_path, {"bad.csv": "a,,b\n", "good.csv": "deviceId\n1\n"})
    assert _list_files(result) == [(True, ["good.csv"])]
    assert [problem.file for problem in result.problems] == ["bad.csv"]


def test_the_hash_is_known_before_a_row_is_read(tmp_path: Path) -> None:
    (package,) = _write_and_detect(tmp_path, {"good.csv": "deviceId\n1\n"}).packages
    assert package.files[0].sha256 == sha256(b"deviceId\n1\n").hexdigest()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"results": []}', "results"),
        ('{"with": {"colors": false}, "results": []}', "results"),
        ('{"kind": "admin#devices", "chromeosdevices": []}', "devices.json"),
        ('{"kind": "admin#devices", "etag": "x"}', "devices.json"),
    ],
)
def test_an_export_without_rows_is_known_by_what_it_says_of_itself(tmp_path: Path, text: str, kind: str) -> None:
    (package,) = _write_and_detect(tmp_path, {"none.json": text}).packages
    (file,) = package.files
    assert (file.kind.id, package.complete, sum(frame.height for frame in file.iter_chunks())) == (kind, True, 0)
    assert [list(rows) for rows, _ in file.iter_objects()] == [[]]
    assert set(file.kind.needs) <= set(next(file.iter_chunks()).columns)


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        '{"results": [], "count": 0, "next": null}',
        '{"kind": "admin#groups", "groups": []}',
        '{"kind": "admin#devices#more", "chromeosdevices": []}',
        '{"value": []}',
    ],
)
def test_an_export_without_rows_that_does_not_say_whose_it_is_is_refused(tmp_path: Path, text: str) -> None:
    result = _write_and_detect(tmp_path, {"none.json": text})
    assert result.packages == ()
    assert len(result.problems) == 1
