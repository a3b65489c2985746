"""One fault a file, over XML, workbooks, zips and bundles: what loads, what is lost, and what is reported of it.

The files are written here byte by byte, without any code of the readers.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from homeroom.apps.know.sources.commands import load_files
from homeroom.apps.know.sources.load_report import LoadReport
from homeroom.apps.platform.districts.commands import create_district
from homeroom.apps.platform.districts.models import District
from homeroom.evidence.loads.store import EvidenceStore
from homeroom.evidence.query.session import open_session
from tests.apps.know.loading.oneroster_days import ENROLLMENTS, ORGS, ROLES, USERS_1_2

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOSTS = range(4)

Files = Mapping[str, bytes]


def build_host(number: int, name: str = "") -> bytes:
    return (
        f'<ReportHost name="192.0.2.{number}"><HostProperties><tag name="host-ip">192.0.2.{number}</tag>'
        f'<tag name="operating-system">{name or "Windows"}</tag></HostProperties><ReportItem port="443" '
        f'svc_name="www" protocol="tcp" severity="3" pluginID="90001" pluginName="Old" pluginFamily="General">'
        f"<cve>CVE-2026-10001</cve></ReportItem></ReportHost>\n"
    ).encode()


def build_scan(*hosts: bytes) -> bytes:
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n<NessusClientData_v2><Report name="Servers">\n'
    return head + b"".join(hosts) + b"</Report></NessusClientData_v2>\n"


SCAN = build_scan(*(build_host(number) for number in HOSTS))
ASSETS = b"Asset Tag,Serial,Model\n" + b"".join(b"T%d,SN10000%d,ProBook\n" % (n, n) for n in HOSTS)


def change_scan(old: bytes, new: bytes) -> bytes:
    return SCAN.replace(old, new, 1)


def pack(members: Files) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def change_packed(data: bytes) -> bytes:
    """Change one byte of the last member's packed data."""
    at = data.rindex(b"PK\3\4") + 60
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


def encrypt_last(data: bytes) -> bytes:
    flagged = bytearray(data)
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        flagged[data.rindex(mark) + offset] |= 1
    return bytes(flagged)


MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def build_sheet(rows: list[list[object]]) -> str:
    """Build a sheet; text that begins with # is the error of a formula."""
    lines = []
    for number, row in enumerate(rows, start=1):
        cells = []
        for letter, value in zip("ABCDEF", row, strict=False):
            place = f'"{letter}{number}"'
            if isinstance(value, int):
                cells.append(f"<c r={place}><v>{value}</v></c>")
            elif str(value).startswith("#"):
                cells.append(f'<c r={place} t="e"><f>VLOOKUP(A1,B1:B2,1)</f><v>{value}</v></c>')
            else:
                cells.append(f'<c r={place} t="inlineStr"><is><t>{value}</t></is></c>')
        lines.append(f'<row r="{number}">{"".join(cells)}</row>')
    return f'<?xml version="1.0"?><worksheet {MAIN}><sheetData>{"".join(lines)}</sheetData></worksheet>'


def build_workbook(**sheets: str) -> bytes:
    titles = list(enumerate(sheets, start=1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="xml" '
        f'ContentType="application/xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{RELATIONS}"><sheets>'
        + "".join(f'<sheet name="{title}" sheetId="{n}" r:id="rId{n}"/>' for n, title in titles)
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="rId{n}" Type="{RELATIONS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n, _ in titles
        )
        + "</Relationships>",
        **{f"xl/worksheets/sheet{n}.xml": sheets[title] for n, title in titles},
    }
    return pack({name: text.encode() for name, text in parts.items()})


SHEET_ROWS: list[list[object]] = [
    ["Asset Tag", "Serial", "Model"],
    *([f"T{n}", f"SN10000{n}", "ProBook"] for n in HOSTS),
]
SHEET = build_sheet(SHEET_ROWS)
DATED_ROWS = [[*row, "Purchase Date" if not number else 45_000] for number, row in enumerate(SHEET_ROWS)]


@dataclass(frozen=True, kw_only=True)
class ContainerFault:
    """A fault of a file and what becomes of it.

    `count` is how many rows the table has afterwards, `partial` whether the load is; `note`, `reject` and `problem` are
    words of what is reported. A count of -1 means that nothing loads.
    """

    name: str
    files: Files
    table: str
    count: int
    partial: bool = False
    note: str = ""
    reject: str = ""
    problem: str = ""


def build_xml_case(
    name: str, data: bytes, *, count: int = 4, partial: bool = False, note: str = "", problem: str = ""
) -> ContainerFault:
    return ContainerFault(
        name=name, files={"scan.nessus": data}, table="vulnerability_records", count=count, partial=partial, note=note,
        problem=problem,
    )  # fmt: skip


def build_zip_case(
    name: str, data: bytes, *, count: int = 4, partial: bool = False, note: str = "", problem: str = ""
) -> ContainerFault:
    return ContainerFault(
        name=name, files={"all.zip": data}, table="device_records", count=count, partial=partial, note=note,
        problem=problem,
    )  # fmt: skip


def build_sheet_case(
    name: str, data: bytes, *, count: int = 4, note: str = "", reject: str = "", problem: str = ""
) -> ContainerFault:
    return ContainerFault(
        name=name, files={"book.xlsx": data}, table="device_records", count=count, note=note, reject=reject,
        problem=problem,
    )  # fmt: skip


TWO = {"assets.csv": ASSETS, "scan.nessus": SCAN}
CASES = (
    build_xml_case("no fault", SCAN),
    build_xml_case("a bare ampersand", change_scan(b"Windows", b"R&D"), note="a bare & in the text, read as that sign"),
    build_xml_case("an ampersand of no entity", change_scan(b"Windows", b"A&nbsp;B"), note="a bare &"),
    build_xml_case("an entity that nobody declared", change_scan(b"Windows", b"&x;"), count=-1, problem="is no XML"),
    build_xml_case("a bare less-than", change_scan(b"Windows", b"a < b"), note="a bare < in the text"),
    build_xml_case("a letter of Latin-1", change_scan(b"Windows", b"Jos\xe9"), note="read as Windows-1252, first on line 3"),
    build_xml_case("a byte of no encoding", change_scan(b"Windows", b"Jos\x81"), note="a byte that is not UTF-8"),
    build_xml_case("a control character", change_scan(b"Windows", b"Win\2dows"), note="a character that XML does not"),
    build_xml_case("a NUL", change_scan(b"Windows", b"Win\0dows"), note="a character that XML does not allow"),
    build_xml_case("a reference to a control character", change_scan(b"Windows", b"Win&#2;"), note="a character that XML"),
    build_xml_case("an ampersand in CDATA is none", change_scan(b"Windows", b"<![CDATA[R&D <1]]>")),
    build_xml_case("cut in the last record", SCAN[:-120], count=3, partial=True, note="the file ends early, on line 6"),
    build_xml_case("cut after the last record", SCAN[: SCAN.rindex(b"</Report>")], partial=True, note="ends early"),
    build_xml_case("text below the report", SCAN + b"Done: 4 hosts.\n", note="text below the report, which is no part"),
    build_xml_case("UTF-16 that declares UTF-8", SCAN.decode().encode("utf-16")),
    build_xml_case("cut in the first record", SCAN[:300], count=-1, problem="is no XML"),
    build_xml_case("a tag that does not close", change_scan(b"</ReportItem>", b""), count=-1, problem="is no XML"),
    build_sheet_case("a sheet", build_workbook(Assets=SHEET)),
    build_sheet_case("a broken sheet beside it", build_workbook(Assets=SHEET, Old=SHEET[:300]), problem="cannot be read"),
    build_sheet_case("only a broken sheet", build_workbook(Old=SHEET[:300]), count=-1, problem="cannot be read"),
    build_sheet_case(
        "an error in an optional cell",
        build_workbook(Assets=build_sheet([*SHEET_ROWS[:-1], ["T3", "SN100003", "#N/A"]])),
        note="a cell whose formula failed, such as #N/A, read as empty, first on line 5",
    ),
    build_sheet_case(
        "a merged title row", build_workbook(Assets=build_sheet([["Assets of Maple Valley"], [], *SHEET_ROWS])),
        note="blank line skipped"
    ),
    build_sheet_case("days as numbers", build_workbook(Assets=build_sheet(DATED_ROWS)), reject="not a date"),
    build_sheet_case(
        "a total below the rows",
        build_workbook(Assets=build_sheet([*SHEET_ROWS, ["Total", 4, ""]])),
        note="a total below the last row",
    ),
    build_zip_case("two members", pack(TWO), count=8),
    build_zip_case("a nested folder", pack({"export/today/assets.csv": ASSETS})),
    build_zip_case("entries of a Mac", pack({"assets.csv": ASSETS, "__MACOSX/._assets.csv": b"\0\5", ".DS_Store": b"\0"})),
    build_zip_case("no directory at the end", pack(TWO)[:-30], count=8, problem="2 members at its beginning can be read"),
    build_zip_case(
        "cut in the second member", pack(TWO)[: pack(TWO).rindex(b"PK\3\4") + 90],
        problem="1 member at its beginning can be read",
    ),
    build_zip_case("cut in the first member", pack(TWO)[:60], count=-1, problem="the zip is damaged"),
    build_zip_case("a wrong checksum", change_packed(pack(TWO)), problem="the zip is damaged here"),
    build_zip_case("an encrypted member", encrypt_last(pack(TWO)), problem="is encrypted"),
    build_zip_case("an empty member", pack({**TWO, "empty.csv": b""}), count=8, problem="is empty"),
)  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    return EvidenceStore(tmp_path / "evidence", district="maple")


@pytest.fixture
def district() -> District:
    return create_district(slug="maple", name="Maple Valley")


def write_files(folder: Path, files: Files) -> Path:
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def count_rows(store: EvidenceStore, table: str) -> int:
    with open_session(store.pin_snapshot()) as session:
        ((count,),) = session.execute(f"SELECT count(*) FROM {table}").fetchall()
    return int(count)


def list_notes(report: LoadReport) -> str:
    loads = [load_result.load for load_result in report.loaded if load_result.load]
    notes = [note for load in loads for file in load.files for note in file.notes]
    return " / ".join(note for note in notes if not note.startswith("no column for"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_one_fault_costs_only_what_is_bad(
    case: ContainerFault, tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    report = load_files([write_files(tmp_path / "in", case.files)], district=district, store=store, at=AT)
    problems = " / ".join(problem.reason for problem in report.refused)
    assert case.problem in problems
    assert bool(case.problem) == bool(problems), problems
    if case.count < 0:
        assert store.list_loads() == ()
        return
    assert count_rows(store, case.table) == case.count
    tables = [load_result.load for load_result in report.loaded if load_result.load]
    assert any(load.mode == "partial" for load in tables) == case.partial
    assert case.note in list_notes(report)
    assert bool(case.note) == bool(list_notes(report)), list_notes(report)
    rejects = " / ".join(reject.reason for load_result in report.loaded for reject in load_result.rejects)
    assert case.reject in rejects
    assert bool(case.reject or case.partial) == bool(rejects), rejects


def build_roster(people: int = 40) -> dict[str, bytes]:
    texts = {
        "orgs.csv": ORGS,
        "users.csv": "\n".join([USERS_1_2, *(f"u{n},,true,n{n},Given,Fox,,s1" for n in range(people)), ""]),
        "roles.csv": "\n".join([ROLES, *(f"r{n},u{n},primary,student,s1,," for n in range(people)), ""]),
        "classes.csv": "sourcedId,status,dateLastModified,title,courseSourcedId,classType,schoolSourcedId,termSourcedIds\n"
        + "".join(f"c{n},,,Math {n},,scheduled,s1,\n" for n in range(3)),
        "enrollments.csv": "\n".join([ENROLLMENTS, *(f"e{n},c{n % 3},s1,u{n},student," for n in range(people)), ""]),
    }
    return {name: text.encode() for name, text in texts.items()}


def cut_quote(text: bytes) -> bytes:
    """Open a quote in the second row that never closes."""
    lines = text.split(b"\n")
    return b"\n".join([*lines[:2], b'"' + lines[2], *lines[3:]])


Breakage = Callable[[dict[str, bytes]], None]


def break_member(name: str, change: Callable[[bytes], bytes]) -> Breakage:
    def apply(files: dict[str, bytes]) -> None:
        files[name] = change(files[name])

    return apply


@pytest.mark.parametrize("packed", [False, True], ids=["folder", "zip"])
@pytest.mark.parametrize(("member", "change", "cost"), [
    ("enrollments.csv", cut_quote, "no enrollments: classes are empty"),
    ("classes.csv", cut_quote, "no classes: enrollments lead nowhere"),
    ("roles.csv", lambda _: b"", "no roles"),
    ("users.csv", cut_quote, "no people"),
    ("orgs.csv", cut_quote, "no schools"),
    ("enrollments.csv", lambda _: b"Colors,Sizes\nred,9\n", "no enrollments: classes are empty"),
])  # fmt: skip
def test_a_bundle_loses_the_member_and_nobody_is_gone(
    member: str,
    change: Callable[[bytes], bytes],
    cost: str,
    packed: bool,
    tmp_path: Path,
    district: District,
    store: EvidenceStore,
) -> None:
    tables = ("orgs", "person_records", "role_records", "classes", "enrollments")
    load_files([write_files(tmp_path / "one", build_roster())], district=district, store=store, at=AT)
    before = [count_rows(store, table) for table in tables]
    assert before == [3, 40, 40, 3, 40]
    files = build_roster()
    break_member(member, change)(files)
    content: Files = {"roster.zip": pack(files)} if packed else files
    folder = write_files(tmp_path / "two", content)
    report = load_files([folder], district=district, store=store, at=AT + timedelta(days=1))
    (load,) = [load_result.load for load_result in report.loaded if load_result.load]
    assert load.mode == "partial"
    assert f"{member} was refused or is missing ({cost}" in list_notes(report)
    assert any(problem.file.endswith(member) for problem in report.refused)
    assert [count_rows(store, table) for table in tables] == before


@pytest.mark.parametrize("end", [b"", b"\n"], ids=["no line end", "a line end"])
def test_a_member_of_a_header_alone_is_empty(
    end: bytes, tmp_path: Path, district: District, store: EvidenceStore
) -> None:
    files = build_roster() | {"enrollments.csv": ENROLLMENTS.encode() + end}
    (load_result,) = load_files([write_files(tmp_path / "in", files)], district=district, store=store, at=AT).loaded
    assert load_result.load is not None
    assert (load_result.outcome, load_result.load.mode) == ("new", "full")
    assert count_rows(store, "enrollments") == 0


def test_a_bundle_in_a_cut_zip_is_not_complete(tmp_path: Path, district: District, store: EvidenceStore) -> None:
    data = pack(build_roster())
    folder = write_files(tmp_path / "in", {"roster.zip": data[: data.rindex(b"PK\3\4") + 40]})
    report = load_files([folder], district=district, store=store, at=AT)
    (load,) = [load_result.load for load_result in report.loaded if load_result.load]
    assert (load.mode, count_rows(store, "person_records")) == ("partial", 40)
    assert "roster.zip was refused or is missing" in list_notes(report)
