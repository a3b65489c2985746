"""Files that attack the door. Each says what a right reader may keep; `refused` where nothing may be kept."""

from __future__ import annotations

import io
import json
import os
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.scale.forms import LARGE, PLAIN, raw

HEAD = "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,email"
ORGS = "sourcedId,status,name,type,identifier,parentSourcedId\norg-1,active,Lincoln,school,1,\n"
MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,1.1\nfile.orgs,bulk\nfile.users,bulk\n"
People = dict[str, list[str | None]]
CAST: People = {"u-1": ["Amara", "Abara"], "u-2": ["José", "Núñez"]}
GAM = "primaryEmail,id,name.givenName,name.familyName,suspended\n"


def row(key: str, given: str | None, family: str | None) -> str:
    """One line of users.csv without its end."""
    return f"{key},active,true,org-1,teacher,{key},{given or ''},{family or ''},{key}@district.example"


def users(people: People = CAST, *, head: str = HEAD, end: str = "\n") -> str:
    """users.csv of these people."""
    return end.join([head, *(row(key, *names) for key, names in people.items())]) + end


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One file. `make` writes it into a folder of its own and gives the path to load.

    `keeps` are the only rows that may be kept; with none, nothing may be kept. `says` must stand in what is told, where
    it is given. `line` is the line that a refusal names. `loads` is true of a file that is read exactly though it names
    no people.
    """

    name: str
    make: Callable[[Path], Path]
    keeps: People = field(default_factory=dict)
    says: str = ""
    line: int | None = None
    loads: bool = False


def _bundle(
    name: str,
    content: bytes | str,
    *,
    keeps: People | None = None,
    says: str = "",
    line: int | None = None,
    manifest: str = MANIFEST,
    base: str = "users.csv",
) -> Attack:
    def make(folder: Path) -> Path:
        (folder / "manifest.csv").write_text(manifest, encoding="utf-8", newline="")
        (folder / "orgs.csv").write_text(ORGS, encoding="utf-8", newline="")
        (folder / base).write_bytes(content.encode() if isinstance(content, str) else content)
        return folder

    return Attack(name=name, make=make, keeps=keeps or {}, says=says, line=line)


def _file(
    name: str, base: str, content: bytes | str, *, keeps: People | None = None, says: str = "", line: int | None = None
) -> Attack:
    def make(folder: Path) -> Path:
        path = folder / base
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return Attack(name=name, make=make, keeps=keeps or {}, says=says, line=line)


def texts() -> Iterator[Attack]:
    """Encodings, line ends, quotes, widths and headers."""
    plain = users()
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "latin-1"):
        yield _bundle(encoding, plain.encode(encoding), keeps=CAST)
    yield _bundle("Mac Roman", plain.encode("mac_roman"), says="Mac Roman", line=3)
    yield _bundle("Mac Roman, only an ö", users({"u-1": ["Jorg", "M\x9aller"]}).encode("latin-1"), says="Mac Roman")
    yield _bundle(
        "a broken byte", plain.encode() + row("u-3", "Bao", "It").encode() + b"\xff\n", says="not UTF-8", line=4
    )
    yield _bundle("UTF-32", plain.encode("utf-32"), says="UTF-32")
    yield _bundle("bare CR", users(end="\r"), keeps=CAST)
    yield _bundle(
        "CRLF and LF",
        plain + row("u-3", "Bao", "Ito") + "\r\n",
        keeps={**CAST, "u-3": ["Bao", "Ito"]},
        says="mixed line ends",
    )
    yield _bundle("a short row", plain + "u-3,active,true\n", says="the row has 3 fields", line=4)
    yield _bundle("a long row", plain + row("u-3", "Bao", "Ito") + ",x,y\n", says="11 fields", line=4)
    yield _bundle("an unclosed quote at the start", '"' + plain, says="never closed")
    yield _bundle(
        "an unclosed quote in the middle",
        plain + row("u-3", '"Bao', "Ito") + "\n" + row("u-4", "A", "B") + "\n",
        says="never closed",
        line=4,
    )
    yield _bundle("an unclosed quote at the end", plain.rstrip("\n") + ',"', says="never closed")
    yield _bundle(
        "a quote within a field", plain + row("u-3", 'Ba"o', "Ito") + "\n", says="a quote inside a field", line=4
    )
    yield _bundle("a NUL", plain + row("u-3", "B\0ao", "Ito") + "\n", says="NUL", line=4)
    yield _bundle(
        "a field over 1 MiB",
        plain + row("u-3", "B" * ((1 << 20) + 1), "Ito") + "\n",
        says="a field of more than",
        line=4,
    )
    yield _bundle("one line of 20 MiB", plain + "x" * (20 << 20), says="bytes", line=4)
    yield _bundle("5,000 columns", ",".join(f"c{n}" for n in range(5000)) + "\n", says="5,000 columns", line=1)
    yield _bundle(
        "a heading twice in another case",
        users(head=HEAD.replace("familyName", "GivenName")),
        says="two columns",
        line=1,
    )
    yield _bundle(
        "a heading twice with blanks",
        users(head=HEAD.replace("familyName", " given name ")),
        says="two columns",
        line=1,
    )
    yield _bundle("a heading that is empty", users(head=HEAD.replace("familyName", "")), says="has no name", line=1)
    yield _bundle("header only", HEAD + "\n")
    yield _bundle("empty", "", says="is empty")
    yield _bundle("only a mark", b"\xef\xbb\xbf", says="has no header")
    yield _bundle("blank lines", "\n\n" + plain.replace("\n", "\n\n"), keeps=CAST, says="blank line skipped")
    yield _bundle("trailing commas", plain.replace("\n", ",,\n"), keeps=CAST, says="empty fields after the last column")
    yield _bundle("sep=;", "sep=;\n" + plain.replace(",", ";"), keeps=CAST, says="first line says sep=")
    yield _bundle("semicolons", plain.replace(",", ";"), keeps=CAST)
    yield _bundle("tabs", plain.replace(",", "\t"), keeps=CAST)
    for word in (
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
        people: People = {**CAST, "u-9": [word, "Flores"]}
        yield _bundle(f"a person named {word}", users(people), keeps=people)
    yield _bundle(
        "markup in a heading", users(head=HEAD + ",[/bold]").replace(".example\n", ".example,x\n"), keeps=CAST
    )


def disguises() -> Iterator[Attack]:
    """Files that are not what their name says, and files that are no files."""
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
    yield _file("XLSX named .csv", "users.csv", book.getvalue(), says="document")
    yield _file("PDF named .csv", "users.csv", b"%PDF-1.7\n1,2\n", says="a PDF")
    yield _file("PNG named .csv", "users.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), says="PNG")
    yield _file("HTML named .csv", "users.csv", "<!doctype html><html>Sign in</html>", says="web page")

    def sparse(folder: Path) -> Path:
        path = folder / "users.csv"
        path.write_text(users(), encoding="utf-8")
        os.truncate(path, 2 << 30)
        return path

    yield Attack(name="2 GiB with a hole", make=sparse, says="NUL", line=4)

    def hole(folder: Path) -> Path:
        path = folder / "users.csv"
        path.touch()
        os.truncate(path, 2 << 30)
        return path

    yield Attack(name="2 GiB of nothing", make=hole, says="NUL")
    if os.name == "posix":
        yield from _posix()


def _posix() -> Iterator[Attack]:
    def fifo(folder: Path) -> Path:
        os.mkfifo(folder / "users.csv")
        return folder / "users.csv"

    def fifo_inside(folder: Path) -> Path:
        return fifo(folder).parent

    def loop(folder: Path) -> Path:
        (folder / "again").symlink_to(folder, target_is_directory=True)
        (folder / "self").symlink_to(folder / "self")
        (folder / "out").symlink_to("/etc/passwd")
        return folder

    def odd_name(folder: Path) -> Path:
        (folder / os.fsdecode(b"caf\xe9 [bold].csv")).write_text("a,b\n1\n", encoding="utf-8")
        return folder

    yield Attack(name="a FIFO", make=fifo, says="is no file")
    yield Attack(name="a FIFO in a folder", make=fifo_inside, says="is no plain file")
    yield Attack(name="a device", make=lambda _: Path("/dev/zero"), says="is no file")
    yield Attack(name="links in a circle and out", make=loop, says="a link that leads out")
    yield Attack(name="a file name that is no text", make=odd_name, says="caf")
    yield Attack(name="an empty folder", make=lambda folder: folder, says="holds no export")


def jsons() -> Iterator[Attack]:
    """JSON that two programs would read in two ways, or that ends early."""
    user = '{"primaryEmail":"a@x.example","id":"1","name":{"givenName":"Amara","familyName":"Abara"}}'
    kept: People = {"1": ["Amara", "Abara"]}
    yield _file("JSON lines", "u.json", user + "\n", keeps=kept)
    yield _file("JSON without its tail", "u.json", f"[{user},{user[:-9]}", says="no JSON", line=1)
    yield _file("a name twice", "u.json", f'[{user[:-1]},"id":"2"}}]', says="stands twice")
    yield _file("NaN", "u.json", f'[{user[:-1]},"x":NaN}}]', says="NaN")
    yield _file("100,000 levels", "u.json", f'[{user[:-1]},"x":' + "[" * 100_000 + "]" * 100_000 + "}]", says="deep")
    yield _file("100,000 levels at the top", "u.json", "[" * 100_000, says="")
    yield _file(
        "an id of 5,000 digits", "u.json", user.replace('"1"', "1" * 5000), keeps={"1" * 5000: ["Amara", "Abara"]}
    )
    yield _file(
        "JSON that is not UTF-8", "u.json", f"[{user}]".encode().replace(b"Amara", b"Jos\xc3\xa9\xff"), says="UTF-8"
    )
    yield _file("half a letter", "u.json", user.replace("Amara", "\\ud800"), says="half a letter")
    yield _file("a text at the top", "u.json", '"users"', says="")
    yield _file("a number at the top", "u.json", "12", says="")
    yield _file("no second page", "u.json", f'{{"users":[{user}],"nextPageToken":"x"}}', keeps=kept)
    deep = '{""a"":' * 50_000 + "1" + "}" * 50_000
    gam = "primaryEmail,JSON\n"
    yield _file("GAM's JSON, too deep", "u.csv", f'{gam}a@x.example,"{deep}"\n', says="not a JSON object")
    yield _file(
        "GAM's JSON, half a letter", "u.csv", gam + 'a@x.example,"{""name"":""\\ud800""}"\n', says="not a JSON object"
    )
    hoard = "".join(f'a{n}@x.example,"{{""z{n}"":1}}"\n' for n in range(20_000))
    yield _file("GAM's JSON, a name a row", "u.csv", gam + hoard, says="different names")


def bundles() -> Iterator[Attack]:
    """OneRoster that contradicts itself."""
    plain = users()
    one: People = {"u-1": CAST["u-1"]}
    yield _bundle(
        "the manifest names a file that is missing",
        plain,
        keeps=CAST,
        says="but the file is missing",
        manifest=MANIFEST + "file.classes,bulk\n",
    )
    yield _bundle("a delta without its bulk", plain, says="no bulk export", manifest=MANIFEST.replace("bulk", "delta"))
    yield _bundle(
        "version 2.0",
        plain,
        says="version",
        manifest=MANIFEST.replace("oneroster.version,1.1", "oneroster.version,2.0"),
    )
    yield _bundle(
        "an unknown mode", plain, keeps=CAST, says="an unknown mode", manifest=MANIFEST + "file.roles,maybe\n"
    )
    yield _bundle("no sourcedId", users(one) + row("", "Bao", "Ito") + "\n", keeps=one, says="no id")
    yield _bundle("a sourcedId twice", users(one) + row("u-1", "Bao", "Ito") + "\n", keeps=one, says="earlier row")
    yield _bundle("a word for true", users(one).replace("true", "perhaps"), keeps=one, says="not true or false")
    yield _bundle("an unknown status", users(one).replace("active", "gone"), keeps=one, says="not a known status")


def yamls() -> Iterator[Attack]:
    """The district's facts and mapping files."""
    facts = "homeroom: district\nname: Maple Valley\n"
    calendar = facts + "calendar:\n  first_day: {}\n  last_day: {}\n"
    laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
    )
    yield _file("a billion laughs", "facts.yaml", facts + laughs, says="alias")
    yield _file("an unknown field", "facts.yaml", facts + "nmae: x\n", says="is no known field")
    yield _file("a key twice", "facts.yaml", facts + "name: y\n", says="stands twice", line=3)
    yield _file("a list for a name", "facts.yaml", facts + "timezone: [a]\n", says="is no time zone")
    yield _file(
        "a time zone out of the folder", "facts.yaml", facts + "timezone: ../../etc/passwd\n", says="is no time zone"
    )
    yield _file("the 13th month", "facts.yaml", calendar.format("2025-13-01", "2026-05-01"), says="")
    yield _file("the end of time", "facts.yaml", calendar.format("9999-12-01", "9999-11-01"), says="last_day")
    yield _file(
        "a school year of 8,000 years", "facts.yaml", calendar.format("1999-12-01", "9999-11-01"), says="last_day"
    )
    yield _file("YAML of 5,000 levels", "facts.yaml", facts + "x: " + "[" * 5000 + "]" * 5000 + "\n", says="deep")
    yield _file(
        "100,000 keys", "facts.yaml", facts + "".join(f"k{n}: 1\n" for n in range(20_000)), says="is no known field"
    )
    yield _file("YAML of 5 MiB", "facts.yaml", facts + "# x\n" * (5 << 18), says="larger than")
    yield _file("a Python object", "facts.yaml", facts + "x: !!python/object/apply:os.system [id]\n", says="not YAML")
    yield _file("a key that is a list", "facts.yaml", facts + "? [a]\n: b\n", says="not YAML")
    mapping = "homeroom: mapping\nname: drivers\ntable: {}\ncolumns:\n  key: {{from: Driver}}\n{}"
    yield _file("a mapping of no table", "m.yaml", mapping.format("[x]", ""), says="cannot be filled")
    yield _file(
        "a mapping to no column",
        "m.yaml",
        mapping.format("person_records", "  keyy: {from: X}\n"),
        says="no such column",
    )
    yield _file(
        "a mapping with a list for a form",
        "m.yaml",
        mapping.format("person_records", "  username: {from: X, as: [a]}\n"),
        says="does not fit",
    )

    def strange_format(folder: Path) -> Path:
        text = mapping.format("person_records", '  end_date: {from: Through, as: date, format: "%Q%!"}\n')
        (folder / "m.yaml").write_text(text, encoding="utf-8")
        (folder / "drivers.csv").write_text("Driver,Through\n1,2026-05-01\n", encoding="utf-8")
        return folder

    yield Attack(name="a mapping with a strange date form", make=strange_format, says="format")


def _zip(
    name: str,
    fill: Callable[[zipfile.ZipFile], object],
    *,
    says: str,
    keeps: People | None = None,
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

    return Attack(name=name, make=make, says=says, keeps=keeps or {})


def _named(name: str) -> Callable[[zipfile.ZipFile], object]:
    return lambda archive: archive.writestr(name, users())


def _link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("users.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    archive.writestr(info, "/etc/passwd")


def _flag_encrypted(data: bytes) -> bytes:
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 8] + b"\x01" + data[at + 9 :]


def _wrong_sum(data: bytes) -> bytes:
    at = data.rindex(b"PK\x01\x02")
    return data[: at + 16] + b"\0\0\0\0" + data[at + 20 :]


def _overlapping(data: bytes) -> bytes:
    first = data.index(b"PK\x01\x02")
    last = data.rindex(b"PK\x01\x02")
    return data[: last + 42] + data[first + 42 : first + 46] + data[last + 46 :]


def _directory_of_a_million(folder: Path) -> Path:
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 33, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    body = entry * 1_000_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(body), 30, 0)
    path = folder / "export.zip"
    path.write_bytes(b"PK\x03\x04" + bytes(26) + body + end)
    return path


def zips() -> Iterator[Attack]:
    """Archives that lie."""
    for name in ("../users.csv", "/tmp/users.csv", "C:users.csv", "a/../../users.csv"):
        yield _zip(f"a member named {name}", _named(name), says="leads out of the archive")
    yield _zip("a member with a backslash", _named("a\\users.csv"), says="backslash")
    yield _zip("a link in a zip", _link, says="a link or a device")
    nested = io.BytesIO()
    with zipfile.ZipFile(nested, "w") as archive:
        archive.writestr("users.csv", users())
    yield _zip("a zip in a zip", lambda z: z.writestr("more.zip", nested.getvalue()), says="a zip inside a zip")
    yield _zip("a bomb", lambda z: z.writestr("users.csv", b"a" * (64 << 20)), says="grows more than")
    yield _zip("members that share bytes", _named("users.csv"), after=_overlapping, says="share bytes")
    yield _zip("an encrypted member", _named("users.csv"), after=_flag_encrypted, says="encrypted")
    yield _zip("a zip cut short", _named("users.csv"), after=lambda data: data[:-30], says="damaged")
    yield _zip("a wrong checksum", _named("users.csv"), after=_wrong_sum, says="damaged")
    yield _zip("two members of one name", lambda z: (_named("users.csv")(z), _named("USERS.csv")(z)), says="one name")
    yield _zip(
        "a member packed by LZMA", lambda z: z.writestr("users.csv", users(), zipfile.ZIP_LZMA), says="unusual way"
    )
    yield _zip("10,001 members", lambda z: [z.writestr(f"{n}.csv", "") for n in range(9_999)], says="10,001 members")
    yield _zip("3,000 members", lambda z: [z.writestr(f"{n}.csv", "x") for n in range(3_000)], says="no known kind")
    yield Attack(name="a directory of a million members", make=_directory_of_a_million, says="a directory of")
    yield _file("a zip with nothing in it", "export.zip", b"PK\x05\x06" + bytes(18), says="holds no export")


def forms() -> Iterator[Attack]:
    """XML, whole objects and texts."""
    for name, base, content, says, line in PLAIN:
        yield _file(name, base, content, says=says, line=line)
    for name, make, says, line in LARGE:
        yield Attack(name=name, make=make, says=says, line=line)
    yield Attack(name="300 MB of accounts that are dropped", make=raw, says='"Raw": 1', loads=True)


ATTACKS = (*texts(), *disguises(), *jsons(), *bundles(), *yamls(), *zips(), *forms())


def written(folder: Path) -> dict[str, str]:
    """Every attack on disk: path by name."""
    made = {}
    for number, attack in enumerate(ATTACKS):
        place = folder / f"{number:03}"
        place.mkdir(parents=True)
        made[attack.name] = str(attack.make(place))
    return made


def cases(folder: Path) -> Path:
    """Every attack on disk, and the JSON file that lists them."""
    path = folder / "cases.json"
    path.write_text(json.dumps(written(folder / "attacks")), encoding="utf-8")
    return path
