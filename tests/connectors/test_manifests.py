"""Every connector's folder is valid; an invalid one is refused with file and field; exports find their reader."""

from __future__ import annotations

import re
import shutil
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

import homeroom.connectors
from homeroom.ingest.contract.connector import Connector, CsvKind, FileKind, JsonKind, TextKind, XmlKind, YamlKind
from homeroom.ingest.detection.detect import detect_packages
from homeroom.ingest.detection.file_kinds import KindMatch, NoMatch, match_kind
from homeroom.library.know.connectors import (
    build_catalog,
    load_connector_labels,
    load_connectors,
    load_connectors_in,
    load_quality,
)
from homeroom.library.yaml_loader import ContentRefused

FOLDER = Path(homeroom.connectors.__file__).parent


def test_every_folder_is_a_connector_with_marks() -> None:
    folders = {path.parent.name for path in FOLDER.glob("*/manifest.yaml")}
    assert {connector.name for connector in load_connectors()} == folders
    assert {entry.name for entry in build_catalog() if entry.quality["recordings"].startswith("done")} == folders


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("reader: read_assets", "reader: read_asets", "kinds[0].reader"),
        ("tables: [device_records]", "tables: [devices]", "kinds[0].tables"),
        ("form: csv", "form: xlsx", "kinds[0].form"),
        ("title: Snipe-IT assets\n", "titel: x\n", "titel"),
        ("name: snipeit", "name: snipe", "name"),
    ],
)
def test_a_manifest_that_does_not_fit_is_refused(tmp_path: Path, old: str, new: str, field: str) -> None:
    shutil.copytree(FOLDER / "snipeit", tmp_path / "snipeit")
    path = tmp_path / "snipeit" / "manifest.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentRefused) as refusal:
        load_connectors_in(tmp_path)
    assert field in {problem.field for problem in refusal.value.problems}
    assert {problem.file for problem in refusal.value.problems} == {"snipeit/manifest.yaml"}


_READING = "def rows(given):\n    return given\n"
_MANIFEST = """name: scanner
title: A scanner
kinds:
  - {{id: scanner.x, title: Its report, stream: scanner.x, tables: [service_records], reader: rows, {words}}}
"""


def _write_scanner(folder: Path, words: str) -> Path:
    (folder / "scanner").mkdir()
    (folder / "scanner" / "manifest.yaml").write_text(_MANIFEST.format(words=words), encoding="utf-8")
    return folder


def _register_module(monkeypatch: pytest.MonkeyPatch) -> str:
    module = ModuleType("invented.scanner.readers")
    exec(_READING, vars(module))
    monkeypatch.setitem(sys.modules, "invented", ModuleType("invented"))
    monkeypatch.setitem(sys.modules, "invented.scanner", ModuleType("invented.scanner"))
    monkeypatch.setitem(sys.modules, "invented.scanner.readers", module)
    return "invented"


@pytest.mark.parametrize(
    ("words", "field"),
    [
        ("form: csv, needs: [a], objects: true", "kinds[0].objects"),
        ("form: csv, needs: [a], envelope: rows", "kinds[0].envelope"),
        ("form: csv, needs: [a], drops: [Raw]", "kinds[0].drops"),
        ("form: json, needs: [a], more: next", "kinds[0].envelope"),
        ("form: json, needs: [a], total: count", "kinds[0].envelope"),
        ("form: csv, needs: [a], accumulates: often", "kinds[0].accumulates"),
        ("form: json, needs: [a], objects: maybe", "kinds[0].objects"),
        ("form: json, objects: true", "kinds[0].needs"),
        ("form: json, needs: [a], adds: [id]", "kinds[0].objects"),
        ("form: csv, needs: [a], adds: [id]", "kinds[0].adds"),
        ("form: json, needs: [a], gathers: a", "kinds[0].gathers"),
        ("form: json, needs: [a], first_of: [b]", "kinds[0].first_of"),
        ("form: xml, needs: [run]", "kinds[0].record"),
        ("form: xml, record: host", "kinds[0].needs"),
        ("form: xml, needs: [run], any_of: [x], record: host", "kinds[0].any_of"),
        ("form: text, beside: [more.txt]", "kinds[0].marks"),
        ("form: text, marks: ['(']", "kinds[0].marks"),
        ("form: text, marks: [x], needs: [y]", "kinds[0].needs"),
        ("form: json, needs: [a], marks: [x]", "kinds[0].marks"),
        ("form: csv, needs: [a], objects: false", "kinds[0].objects"),
    ],
)
def test_a_word_that_does_not_go_with_the_form_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, field: str
) -> None:
    with pytest.raises(ContentRefused) as refusal:
        load_connectors_in(_write_scanner(tmp_path, words), package=_register_module(monkeypatch))
    assert {problem.field for problem in refusal.value.problems} == {field}


def test_a_stream_cannot_both_accumulate_and_be_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = _write_scanner(tmp_path, "form: csv, needs: [a], accumulates: true")
    path = folder / "scanner" / "manifest.yaml"
    second_kind = (
        "  - {id: scanner.y, title: More, stream: scanner.x, tables: [], reader: rows, form: csv, needs: [b]}\n"
    )
    path.write_text(path.read_text(encoding="utf-8") + second_kind, encoding="utf-8")
    with pytest.raises(ContentRefused, match=r"scanner\.x") as refusal:
        load_connectors_in(folder, package=_register_module(monkeypatch))
    assert [problem.field for problem in refusal.value.problems] == ["accumulates"]


def test_a_reader_that_is_not_there_is_told_with_those_that_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _write_scanner(tmp_path, "form: csv, needs: [a]")
    path = folder / "scanner" / "manifest.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("reader: rows", "reader: lines"), encoding="utf-8")
    with pytest.raises(ContentRefused, match="has no function lines; it has rows"):
        load_connectors_in(folder, package=_register_module(monkeypatch))


@pytest.mark.parametrize("connector", load_connectors(), ids=lambda entry: entry.name)
def test_every_reader_that_a_manifest_names_can_be_called(connector: Connector) -> None:
    for lazy_reader in connector.readers.values():
        assert callable(getattr(import_module(lazy_reader.module), lazy_reader.name, None)), lazy_reader


@pytest.mark.parametrize(
    ("words", "kind_class"),
    [
        ("form: csv, needs: [a]", CsvKind),
        ("form: json, needs: [a]", JsonKind),
        ("form: json, needs: [a], objects: true, envelope: hosts, more: meta.next, drops: [Raw]", JsonKind),
        ("form: yaml, needs: [a]", YamlKind),
        ("form: xml, needs: [run], record: host", XmlKind),
        ("form: text, marks: ['^BEGIN'], beside: [more.txt]", TextKind),
    ],
)
def test_a_kind_has_the_class_of_its_form_and_its_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str, kind_class: type[FileKind]
) -> None:
    (scanner,) = load_connectors_in(_write_scanner(tmp_path, words), package=_register_module(monkeypatch))
    assert list(scanner.readers) == ["rows"]
    (kind,) = scanner.kinds
    assert type(kind) is kind_class
    options = {name: getattr(kind, name, "") for name in ("envelope", "more", "record")}
    assert all(f"{option}: {value}" in words for option, value in options.items() if value)
    assert getattr(kind, "drops", ()) == (("Raw",) if "Raw" in words else ())
    assert getattr(kind, "beside", ()) == (("more.txt",) if "text" in words else ())


def test_an_exemption_needs_a_reason(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    marks = re.sub("docs: .*", "docs: exempt", (FOLDER / "snipeit" / "quality.yaml").read_text(encoding="utf-8"))
    (tmp_path / "x" / "quality.yaml").write_text(marks, encoding="utf-8")
    with pytest.raises(ContentRefused, match="docs"):
        load_quality(tmp_path / "x" / "quality.yaml")


@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName", "oneroster.users-1.1"),
        ("sourcedId,status,enabledUser,username,givenName,familyName,grades", "oneroster.users-1.2"),
        ("primaryEmail,JSON", "google.users.csv"),
        ("deviceId,annotatedAssetId,annotatedLocation,annotatedUser,lastSync,notes,serialNumber,status", "google.chromeos.csv"),
        ("asset tag,item name,serial number,model name,category,status", "snipeit.assets"),
        ("Employee ID,First Name,Last Name,Email,Job Title,Location,Status,Hire Date", "hr.staff"),
        ("EMPLID,Name,Department,Status", "hr.staff"),
        ("Emp No,Employee Name,Last Name,Job", "hr.staff"),
        ("Device ID,Device name,OS,Serial number", "microsoft.devices.csv"),
        ("Computer Name,Asset Tag,Serial Number,Model,Operating System Version,Last Check-in,Username", "jamf.computers-checked.csv"),
        ("Computer Name,Last Inventory Update,Asset Tag,Serial Number", "jamf.computers.csv"),
        ("JSS Computer ID,Serial Number,Building", "jamf.computers-numbered.csv"),
        ("Display Name,Asset Tag,Serial Number,Model,iOS Version,Supervised,Last Inventory Update,Location", "jamf.mobiles.csv"),
    ],
)  # fmt: skip
def test_a_header_finds_its_kind(header: str, kind: str) -> None:
    match = match_kind(header.split(","), kind_class=CsvKind, connectors=load_connectors())
    assert isinstance(match, KindMatch), match
    assert match.kind.id == kind


@pytest.mark.parametrize(
    "header",
    [
        "id,Company,Title,Employee Number,Name,Username,Email,Manager,Location,Department,Assets,Licenses,Accessories,Consumables,Groups,Notes,Activated,Created At",
        "Email,First Name,Last Name,Phone Number,Extension,Group,Location,Division,Manager Name,Manager Email,Employee Number,Job Title,Password,Mobile,AD Managed",
        "Email,First Name,Last Name,Department,Job Title,Employee Number,Phish-prone Percentage,Current Risk Score",
        "Email,Employee ID,First Name,Last Name,Department,Manager,Last Login(UTC),Last Client Version,LicenseType",
        "Display name,User principal name,First name,Last name,Title,Department,Employee ID",
        "First Name,Last Name,Email Address [Required],Employee ID,Department",
        "Computer Name,Asset Tag,Serial Number,Model,Last Check-in,Username",
        "Name,Serial Number,UDID,Asset Tag,Model,Owner,Location",
    ],
    ids=["Snipe-IT's users", "KnowBe4's import", "KnowBe4's users", "Zoom's users", "an edited list of Microsoft 365",
         "an edited list of Google", "computers of no product's own names", "devices of no product's own names"],
)  # fmt: skip
def test_another_products_list_is_neither_the_staff_list_nor_the_asset_list(header: str) -> None:
    match = match_kind(header.split(","), kind_class=CsvKind, connectors=load_connectors())
    assert isinstance(match, NoMatch), match


def test_a_file_on_disk_goes_from_bytes_to_canonical_rows(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_bytes(b'ASSET TAG,Serial,Status\r\nA-1,"5CD""1",Lost/Stolen\r\n')
    detection = detect_packages([path], connectors=load_connectors())
    assert detection.problems == ()
    (file,) = detection.packages[0].files
    (frame,) = file.iter_chunks()
    read = detection.packages[0].connector.readers[file.kind.reader](frame)
    rows = read.tables["device_records"].select("key", "serial", "status", "_line").rows()
    assert rows == [("A-1", '5CD"1', "lost", 2)]


def test_nothing_that_a_district_relies_on_is_left_open() -> None:
    relied_on = ("paging", "rate_limits", "scopes", "incremental", "deletion_seen")
    unfinished = [
        (connector.name, check)
        for connector in build_catalog()
        for check in relied_on
        if connector.quality[check].startswith("todo")
    ]
    assert unfinished == []


def test_a_connector_has_the_name_of_its_manifest_on_pages() -> None:
    labels = load_connector_labels()
    assert labels["snipeit"] == "Snipe-IT"
    assert "fleet" not in labels, "its name with a capital fits"
