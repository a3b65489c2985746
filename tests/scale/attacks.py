"""Files that attack ingest, each with the rows that a correct reader may load."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.scale.attack_documents import DOCUMENT_ATTACKS, GENERATED_ATTACKS, write_raw_block

HEAD = "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,email"
ORGS = "sourcedId,status,name,type,identifier,parentSourcedId\norg-1,active,Lincoln,school,1,\n"
MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\n"
People = dict[str, list[str | None]]
CAST: People = {"u-1": ["Amara", "Abara"], "u-2": ["José", "Núñez"]}
GAM = "primaryEmail,id,name.givenName,name.familyName,suspended\n"


def build_user_row(key: str, first_name: str | None, family_name: str | None) -> str:
    """Return one line of users.csv without its line end."""
    return f"{key},active,true,org-1,teacher,{key},{first_name or ''},{family_name or ''},{key}@district.example"


def build_users_csv(people: People = CAST, *, head: str = HEAD, line_end: str = "\n") -> str:
    """Return users.csv of these people."""
    return line_end.join([head, *(build_user_row(key, *names) for key, names in people.items())]) + line_end


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One file. `make` writes it into a folder of its own and returns the path to load.

    `expected_rows` are the only rows that may be loaded; without any, nothing may be loaded. `message` must be in the
    output, if given. `line` is the line that a refusal names. `loads_without_people` is true of a file that is read
    exactly though it names no people.
    """

    name: str
    make: Callable[[Path], Path]
    expected_rows: People = field(default_factory=dict)
    message: str = ""
    line: int | None = None
    loads_without_people: bool = False


def _build_bundle_attack(
    name: str,
    content: bytes | str,
    *,
    expected_rows: People | None = None,
    message: str = "",
    line: int | None = None,
    manifest: str = MANIFEST,
    file_name: str = "users.csv",
) -> Attack:
    def make(folder: Path) -> Path:
        (folder / "manifest.csv").write_text(manifest, encoding="utf-8", newline="")
        (folder / "orgs.csv").write_text(ORGS, encoding="utf-8", newline="")
        (folder / file_name).write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return Attack(name=name, make=make, expected_rows=expected_rows or {}, message=message, line=line)


def _build_file_attack(
    name: str,
    file_name: str,
    content: bytes | str,
    *,
    expected_rows: People | None = None,
    message: str = "",
    line: int | None = None,
) -> Attack:
    def make(folder: Path) -> Path:
        path = folder / file_name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return Attack(name=name, make=make, expected_rows=expected_rows or {}, message=message, line=line)


def generate_text_attacks() -> Iterator[Attack]:
    """Yield attacks by encodings, line ends, quotes, widths and headers."""
    plain = build_users_csv()
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"):
        yield _build_bundle_attack(encoding, plain.encode(encoding), expected_rows=CAST)
    first_of_cast = {"u-1": CAST["u-1"]}
    yield _build_bundle_attack(
        "Mac Roman", plain.encode("mac_roman"), expected_rows=first_of_cast, message="Mac Roman", line=3
    )
    yield _build_bundle_attack(
        "Mac Roman, only an ö", build_users_csv({"u-1": ["Jorg", "M\x9aller"]}).encode("latin-1"), message="Mac Roman"
    )
    yield _build_bundle_attack(
        "a broken byte",
        plain.encode() + build_user_row("u-3", "Bao", "It\x81").encode("latin-1") + b"\n",
        expected_rows=CAST,
        message="not UTF-8",
        line=4,
    )
    yield _build_bundle_attack("UTF-32", plain.encode("utf-32"), message="UTF-32")
    yield _build_bundle_attack("bare CR", build_users_csv(line_end="\r"), expected_rows=CAST)
    yield _build_bundle_attack(
        "CRLF and LF",
        plain + build_user_row("u-3", "Bao", "Ito") + "\r\n",
        expected_rows={**CAST, "u-3": ["Bao", "Ito"]},
        message="mixed line ends",
    )
    yield _build_bundle_attack(
        "a letter of Latin-1 in UTF-8",
        plain.encode() + build_user_row("u-3", "Bao", "It\xf4").encode("latin-1") + b"\n",
        expected_rows={**CAST, "u-3": ["Bao", "It\xf4"]},
        message="read as Windows-1252",
    )
    yield _build_bundle_attack(
        "a short row", plain + "u-3,active,true\n", expected_rows=CAST, message="3 fields", line=4
    )
    yield _build_bundle_attack(
        "a long row",
        plain + build_user_row("u-3", "Bao", "Ito") + ",x,y\n",
        expected_rows=CAST,
        message="11 fields",
        line=4,
    )
    yield _build_bundle_attack("an unclosed quote at the start", '"' + plain, message="never closed")
    yield _build_bundle_attack(
        "an unclosed quote in the middle",
        plain + build_user_row("u-3", '"Bao', "Ito") + "\n" + build_user_row("u-4", "A", "B") + "\n",
        message="never closed",
        line=4,
    )
    yield _build_bundle_attack(
        "an unclosed quote at the end",
        plain.rstrip("\n") + ',"',
        expected_rows=first_of_cast,
        message="never closed",
        line=3,
    )
    yield _build_bundle_attack(
        "a quote within a field",
        plain + build_user_row("u-3", 'Ba"o', "Ito") + "\n",
        expected_rows=CAST,
        message="a quote inside a field",
        line=4,
    )
    yield _build_bundle_attack(
        "a NUL",
        plain + build_user_row("u-3", "B\0ao", "Ito") + "\n",
        expected_rows=CAST,
        message="NUL",
        line=4,
    )
    yield _build_bundle_attack(
        "a field over 1 MiB",
        plain + build_user_row("u-3", "B" * ((1 << 20) + 1), "Ito") + "\n",
        expected_rows=CAST,
        message="a field of more than",
        line=4,
    )
    yield _build_bundle_attack("one line of 20 MiB", plain + "x" * (20 << 20), message="bytes", line=4)
    yield _build_bundle_attack(
        "5,000 columns", ",".join(f"c{n}" for n in range(5000)) + "\n", message="5,000 columns", line=1
    )
    yield _build_bundle_attack(
        "a heading twice in another case",
        build_users_csv(head=HEAD.replace("familyName", "GivenName")),
        message="not a recognized kind",
    )
    yield _build_bundle_attack(
        "a heading twice with blanks",
        build_users_csv(head=HEAD.replace("familyName", " given name ")),
        message="not a recognized kind",
    )
    yield _build_bundle_attack(
        "a heading that is empty", build_users_csv(head=HEAD.replace("familyName", "")), message="not a recognized kind"
    )
    yield _build_bundle_attack("header only", HEAD + "\n")
    yield _build_bundle_attack("empty", "", message="is empty")
    yield _build_bundle_attack("only a mark", b"\xef\xbb\xbf", message="has no header")
    yield _build_bundle_attack(
        "blank lines", "\n\n" + plain.replace("\n", "\n\n"), expected_rows=CAST, message="blank line skipped"
    )
    yield _build_bundle_attack(
        "trailing commas", plain.replace("\n", ",,\n"), expected_rows=CAST, message="empty fields after the last column"
    )
    yield _build_bundle_attack(
        "sep=;", "sep=;\n" + plain.replace(",", ";"), expected_rows=CAST, message="first line says sep="
    )
    yield _build_bundle_attack("semicolons", plain.replace(",", ";"), expected_rows=CAST)
    yield _build_bundle_attack("tabs", plain.replace(",", "\t"), expected_rows=CAST)
    for name in (
        "NA",
        "None",
        "null",
        "NaN",
        "true",
        "1e5",
        "007",
        "=cmd|' /C calc'!A0",
        "@SUM(1)",
        "[/red]",
        "\u202eevil",
    ):
        people: People = {**CAST, "u-9": [name, "Flores"]}
        yield _build_bundle_attack(f"a person named {name}", build_users_csv(people), expected_rows=people)
    yield _build_bundle_attack(
        "markup in a heading",
        build_users_csv(head=HEAD + ",[/bold]").replace(".example\n", ".example,x\n"),
        expected_rows=CAST,
    )


def generate_disguises() -> Iterator[Attack]:
    """Yield files that are not what their name claims, and paths that are no files."""
    workbook = io.BytesIO()
    with zipfile.ZipFile(workbook, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    yield _build_file_attack("XLSX named .csv", "users.csv", workbook.getvalue(), message="document")
    yield _build_file_attack("PDF named .csv", "users.csv", b"%PDF-1.7\n1,2\n", message="a PDF")
    yield _build_file_attack("PNG named .csv", "users.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), message="PNG")
    yield _build_file_attack("HTML named .csv", "users.csv", "<!doctype html><html>Sign in</html>", message="web page")

    def write_sparse(folder: Path) -> Path:
        path = folder / "users.csv"
        path.write_text(build_users_csv(), encoding="utf-8")
        os.truncate(path, 2 << 30)
        return path

    yield Attack(name="2 GiB with a hole", make=write_sparse, message="NUL", line=4)

    def write_hole(folder: Path) -> Path:
        path = folder / "users.csv"
        path.touch()
        os.truncate(path, 2 << 30)
        return path

    yield Attack(name="2 GiB of nothing", make=write_hole, message="NUL")
    if os.name == "posix":
        yield from _generate_posix_attacks()


def _generate_posix_attacks() -> Iterator[Attack]:
    def make_fifo(folder: Path) -> Path:
        os.mkfifo(folder / "users.csv")
        return folder / "users.csv"

    def make_fifo_in_folder(folder: Path) -> Path:
        return make_fifo(folder).parent

    def make_link_loop(folder: Path) -> Path:
        (folder / "again").symlink_to(folder, target_is_directory=True)
        (folder / "self").symlink_to(folder / "self")
        (folder / "out").symlink_to("/etc/passwd")
        return folder

    def write_odd_name(folder: Path) -> Path:
        (folder / os.fsdecode(b"caf\xe9 [bold].csv")).write_text("a,b\n1\n", encoding="utf-8")
        return folder

    yield Attack(name="a FIFO", make=make_fifo, message="is no file")
    yield Attack(name="a FIFO in a folder", make=make_fifo_in_folder, message="is no plain file")
    yield Attack(name="a device", make=lambda _: Path("/dev/zero"), message="is no file")
    yield Attack(name="links in a circle and out", make=make_link_loop, message="a link that leads out")
    yield Attack(name="a file name that is no text", make=write_odd_name, message="caf")
    yield Attack(name="an empty folder", make=lambda folder: folder, message="holds no export")


def generate_json_attacks() -> Iterator[Attack]:
    """Yield JSON that two programs would read in two ways, or that ends early."""
    user = '{"primaryEmail":"a@x.example","id":"1","name":{"givenName":"Amara","familyName":"Abara"}}'
    expected: People = {"1": ["Amara", "Abara"]}
    yield _build_file_attack("JSON lines", "u.json", user + "\n", expected_rows=expected)
    yield _build_file_attack("JSON without its tail", "u.json", f"[{user},{user[:-9]}", expected_rows=expected)
    yield _build_file_attack("a name twice", "u.json", f'[{user[:-1]},"id":"2"}}]', message="stands twice")
    yield _build_file_attack("NaN", "u.json", f'[{user[:-1]},"x":NaN}}]', message="NaN")
    yield _build_file_attack(
        "100,000 levels", "u.json", f'[{user[:-1]},"x":' + "[" * 100_000 + "]" * 100_000 + "}]", message="deep"
    )
    yield _build_file_attack("100,000 levels at the top", "u.json", "[" * 100_000, message="")
    yield _build_file_attack(
        "an id of 5,000 digits",
        "u.json",
        user.replace('"1"', "1" * 5000),
        expected_rows={"1" * 5000: ["Amara", "Abara"]},
    )
    yield _build_file_attack(
        "JSON that is not UTF-8", "u.json", f"[{user}]".encode().replace(b"Amara", b"Jos\xc3\xa9\xff"), message="UTF-8"
    )
    yield _build_file_attack(
        "half a letter", "u.json", f"[{user}]".replace("Amara", "\\ud800"), message="half a letter"
    )
    yield _build_file_attack("a text at the top", "u.json", '"users"', message="")
    yield _build_file_attack("a number at the top", "u.json", "12", message="")
    yield _build_file_attack(
        "no second page", "u.json", f'{{"users":[{user}],"nextPageToken":"x"}}', expected_rows=expected
    )
    deep = '{""a"":' * 50_000 + "1" + "}" * 50_000
    gam = "primaryEmail,JSON\n"
    yield _build_file_attack(
        "GAM's JSON, too deep", "u.csv", f'{gam}a@x.example,"{deep}"\n', message="not a JSON object"
    )
    yield _build_file_attack(
        "GAM's JSON, half a letter",
        "u.csv",
        gam + 'a@x.example,"{""name"":""\\ud800""}"\n',
        message="not a JSON object",
    )
    unique_names = "".join(f'a{n}@x.example,"{{""z{n}"":1}}"\n' for n in range(20_000))
    yield _build_file_attack("GAM's JSON, a name a row", "u.csv", gam + unique_names, message="different names")


def generate_bundle_attacks() -> Iterator[Attack]:
    """Yield OneRoster bundles that contradict themselves."""
    plain = build_users_csv()
    first_user: People = {"u-1": CAST["u-1"]}
    yield _build_bundle_attack(
        "the manifest names a file that is missing",
        plain,
        expected_rows=CAST,
        message="but the file is missing",
        manifest=MANIFEST + "file.classes,bulk\n",
    )
    yield _build_bundle_attack(
        "a delta without its bulk", plain, message="no bulk export", manifest=MANIFEST.replace("bulk", "delta")
    )
    yield _build_bundle_attack(
        "version 2.0",
        plain,
        message="version",
        manifest=MANIFEST.replace("oneroster.version,1.1", "oneroster.version,2.0"),
    )
    yield _build_bundle_attack(
        "an unknown mode",
        plain,
        expected_rows=CAST,
        message="an unknown mode",
        manifest=MANIFEST + "file.roles,maybe\n",
    )
    yield _build_bundle_attack(
        "no sourcedId",
        build_users_csv(first_user) + build_user_row("", "Bao", "Ito") + "\n",
        expected_rows=first_user,
        message="no id",
    )
    yield _build_bundle_attack(
        "a sourcedId twice",
        build_users_csv(first_user) + build_user_row("u-1", "Bao", "Ito") + "\n",
        expected_rows=first_user,
        message="earlier row",
    )
    yield _build_bundle_attack(
        "a word for true",
        build_users_csv(first_user).replace("true", "perhaps"),
        expected_rows=first_user,
        message="not true or false",
    )
    yield _build_bundle_attack(
        "an unknown status",
        build_users_csv(first_user).replace("active", "gone"),
        expected_rows=first_user,
        message="not a known status",
    )


def generate_yaml_attacks() -> Iterator[Attack]:
    """Yield attacks by district facts and mapping files."""
    facts = "homeroom: district\nname: Maple Valley\n"
    calendar = facts + "calendar:\n  first_day: {}\n  last_day: {}\n"
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    yield _build_file_attack("a billion laughs", "facts.yaml", facts + laughs, message="alias")
    yield _build_file_attack("an unknown field", "facts.yaml", facts + "nmae: x\n", message="is no known field")
    yield _build_file_attack("a key twice", "facts.yaml", facts + "name: y\n", message="stands twice", line=3)
    yield _build_file_attack("a list for a name", "facts.yaml", facts + "timezone: [a]\n", message="is no time zone")
    yield _build_file_attack(
        "a time zone out of the folder", "facts.yaml", facts + "timezone: ../../etc/passwd\n", message="is no time zone"
    )
    yield _build_file_attack("the 13th month", "facts.yaml", calendar.format("2025-13-01", "2026-05-01"), message="")
    yield _build_file_attack(
        "the end of time", "facts.yaml", calendar.format("9999-12-01", "9999-11-01"), message="last_day"
    )
    yield _build_file_attack(
        "a school year of 8,000 years", "facts.yaml", calendar.format("1999-12-01", "9999-11-01"), message="last_day"
    )
    yield _build_file_attack(
        "YAML of 5,000 levels", "facts.yaml", facts + "x: " + "[" * 5000 + "]" * 5000 + "\n", message="deep"
    )
    yield _build_file_attack(
        "100,000 keys", "facts.yaml", facts + "".join(f"k{n}: 1\n" for n in range(20_000)), message="is no known field"
    )
    yield _build_file_attack("YAML of 5 MiB", "facts.yaml", facts + "# x\n" * (5 << 18), message="larger than")
    yield _build_file_attack(
        "a Python object", "facts.yaml", facts + "x: !!python/object/apply:os.system [id]\n", message="not YAML"
    )
    yield _build_file_attack("a key that is a list", "facts.yaml", facts + "? [a]\n: b\n", message="not YAML")
    mapping = "homeroom: mapping\nname: drivers\ntable: {}\ncolumns:\n  key: {{from: Driver}}\n{}"
    yield _build_file_attack("a mapping of no table", "m.yaml", mapping.format("[x]", ""), message="cannot be filled")
    yield _build_file_attack(
        "a mapping to no column",
        "m.yaml",
        mapping.format("person_records", "  keyy: {from: X}\n"),
        message="no such column",
    )
    yield _build_file_attack(
        "a mapping with a list for a form",
        "m.yaml",
        mapping.format("person_records", "  username: {from: X, as: [a]}\n"),
        message="does not fit",
    )

    def write_strange_format(folder: Path) -> Path:
        text = mapping.format("person_records", '  end_date: {from: Through, as: date, format: "%Q%!"}\n')
        (folder / "m.yaml").write_text(text, encoding="utf-8")
        (folder / "drivers.csv").write_text("Driver,Through\n1,2026-05-01\n", encoding="utf-8")
        return folder

    yield Attack(name="a mapping with a strange date form", make=write_strange_format, message="format")


def _build_zip_attack(
    name: str,
    fill: Callable[[zipfile.ZipFile], object],
    *,
    message: str,
    expected_rows: People | None = None,
    after: Callable[[bytes], bytes] = bytes,
) -> Attack:
    def make(folder: Path) -> Path:
        path = folder / "export.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("manifest.csv", MANIFEST)
            archive.writestr("orgs.csv", ORGS)
            fill(archive)
        path.write_bytes(after(path.read_bytes()))
        return path

    return Attack(name=name, make=make, message=message, expected_rows=expected_rows or {})


def _build_member_writer(name: str) -> Callable[[zipfile.ZipFile], object]:
    return lambda archive: archive.writestr(name, build_users_csv())


def _add_symlink(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("users.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    archive.writestr(info, "/etc/passwd")


def _flag_encrypted(data: bytes) -> bytes:
    position = data.rindex(b"PK\x01\x02")
    return data[: position + 8] + b"\x01" + data[position + 9 :]


def _break_checksum(data: bytes) -> bytes:
    position = data.rindex(b"PK\x01\x02")
    return data[: position + 16] + b"\0\0\0\0" + data[position + 20 :]


def _overlap_members(data: bytes) -> bytes:
    first = data.index(b"PK\x01\x02")
    last = data.rindex(b"PK\x01\x02")
    return data[: last + 42] + data[first + 42 : first + 46] + data[last + 46 :]


def _write_huge_directory(folder: Path) -> Path:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    body = entry * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(body), 30, 0)
    path = folder / "export.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(26) + body + end)
    return path


def generate_zip_attacks() -> Iterator[Attack]:
    """Yield malicious archives."""
    for name in ("../users.csv", "/tmp/users.csv", "C:users.csv", "a/../../users.csv"):
        yield _build_zip_attack(
            f"a member named {name}", _build_member_writer(name), message="leads out of the archive"
        )
    yield _build_zip_attack("a member with a backslash", _build_member_writer("a\\users.csv"), message="backslash")
    yield _build_zip_attack("a link in a zip", _add_symlink, message="a link or a device")
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("users.csv", build_users_csv())
    yield _build_zip_attack(
        "a zip in a zip", lambda z: z.writestr("more.zip", nested.getvalue()), message="a zip inside a zip"
    )
    yield _build_zip_attack("a bomb", lambda z: z.writestr("users.csv", b"a" * (64 << 20)), message="grows more than")
    yield _build_zip_attack(
        "members that share bytes", _build_member_writer("users.csv"), after=_overlap_members, message="share bytes"
    )
    yield _build_zip_attack(
        "an encrypted member", _build_member_writer("users.csv"), after=_flag_encrypted, message="encrypted"
    )
    yield _build_zip_attack(
        "a zip cut short",
        _build_member_writer("users.csv"),
        after=lambda data: data[:-30],
        message="damaged",
        expected_rows={"u-1": ["Amara", "Abara"], "u-2": ["José", "Núñez"]},
    )
    yield _build_zip_attack(
        "a wrong checksum", _build_member_writer("users.csv"), after=_break_checksum, message="damaged"
    )
    yield _build_zip_attack(
        "two members of one name",
        lambda z: (_build_member_writer("users.csv")(z), _build_member_writer("USERS.csv")(z)),
        message="one name",
    )
    yield _build_zip_attack(
        "a member packed by LZMA",
        lambda z: z.writestr("users.csv", build_users_csv(), zipfile.ZIP_LZMA),
        message="unusual way",
    )
    yield _build_zip_attack(
        "10,001 members", lambda z: [z.writestr(f"{n}.csv", "") for n in range(9_999)], message="10,001 members"
    )
    yield _build_zip_attack(
        "3,000 members", lambda z: [z.writestr(f"{n}.csv", "x") for n in range(3_000)], message="not a recognized kind"
    )
    yield Attack(name="a directory of a million members", make=_write_huge_directory, message="a directory of")
    yield _build_file_attack(
        "a zip with nothing in it", "export.zip", b"PK\x05\x06" + bytes(18), message="holds no export"
    )


def generate_document_attacks() -> Iterator[Attack]:
    """Yield attacks by XML, JSON objects and texts."""
    for name, file_name, content, message, line in DOCUMENT_ATTACKS:
        yield _build_file_attack(name, file_name, content, message=message, line=line)
    for name, make, message, line in GENERATED_ATTACKS:
        yield Attack(name=name, make=make, message=message, line=line)
    yield Attack(
        name="300 MB of accounts that are dropped", make=write_raw_block, message='"Raw": 1', loads_without_people=True
    )


ATTACKS = (
    *generate_text_attacks(),
    *generate_disguises(),
    *generate_json_attacks(),
    *generate_bundle_attacks(),
    *generate_yaml_attacks(),
    *generate_zip_attacks(),
    *generate_document_attacks(),
)


def write_attacks(folder: Path) -> dict[str, str]:
    """Write every attack to disk and return path by name."""
    paths = {}
    for number, attack in enumerate(ATTACKS):
        attack_folder = folder / f"{number:03}"
        attack_folder.mkdir(parents=True)
        paths[attack.name] = str(attack.make(attack_folder))
    return paths


def write_cases(folder: Path) -> Path:
    """Write every attack to disk, and the JSON file that lists them."""
    path = folder / "cases.json"
    path.write_text(json.dumps(write_attacks(folder / "attacks")), encoding="utf-8")
    return path
