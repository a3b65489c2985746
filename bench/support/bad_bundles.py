"""Write bad files: rosters, each wrong in its own way: `python -m bench.support.bad_bundles FOLDER`.

Prints one JSON list: {"name", "path", "expect": key → [given, family] of what a correct reader may load, "never": true
where no row may be loaded}. Every loaded row must be in `expect`, with exactly those names; every other row must be
reported.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.support.roster import build_manifest_csv, build_orgs_csv

HEAD = "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,password"
People = dict[str, tuple[str, str]]
CAST: People = {"u-1": ("Amara", "Abara"), "u-2": ("José", "Núñez"), "u-3": ("Bao", "Ito")}


@dataclass(frozen=True, kw_only=True)
class BadBundle:
    """users.csv of one bad bundle. `reject_all`: no row of it may be loaded."""

    name: str
    users: bytes
    expect: People
    reject_all: bool = False


def _build_row(key: str, first_name: str, family_name: str, password: str = "") -> str:
    return f"{key},active,true,org-0001,teacher,{key},{first_name},{family_name},{key}@district.example,{password}"


def _build_csv(people: People = CAST, *, line_end: str = "\n", head: str = HEAD, ending: str = "") -> str:
    return line_end.join([head, *(_build_row(key, *names) for key, names in people.items())]) + line_end + ending


def _build_case(name: str, users: bytes | str, *, expect: People | None = None, reject_all: bool = False) -> BadBundle:
    content = users.encode() if isinstance(users, str) else users
    return BadBundle(
        name=name,
        users=content,
        expect={} if reject_all else (CAST if expect is None else expect),
        reject_all=reject_all,
    )


def generate_odd_files() -> Iterator[BadBundle]:
    """Generate files that look wrong: read exactly or refused, never read wrongly."""
    yield _build_case("utf-8 with a mark", b"\xef\xbb\xbf" + _build_csv().encode())
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "mac_roman"):
        yield _build_case(encoding, _build_csv().encode(encoding))
    yield _build_case("crlf", _build_csv(line_end="\r\n"))
    yield _build_case("bare carriage returns", _build_csv(line_end="\r"))
    yield _build_case(
        "mixed line ends",
        _build_csv() + _build_row("u-4", "Dara", "Kim") + "\r\n",
        expect={**CAST, "u-4": ("Dara", "Kim")},
    )
    yield _build_case("no line end at the end", _build_csv().rstrip("\n"))
    yield _build_case("blank lines at the end", _build_csv() + "\n\n\n")
    yield _build_case("semicolons", _build_csv().replace(",", ";"))
    yield _build_case("tabs", _build_csv().replace(",", "\t"))
    yield _build_case("bars", _build_csv().replace(",", "|"))
    for name in ("NA", "None", "null", "NaN", "TRUE", "1e5", "007", "=1+1", "O'Neil", "李"):
        people = {**CAST, "u-9": (name, "Flores")}
        yield _build_case(f"a person named {name}", _build_csv(people), expect=people)
    yield _build_case(
        "quoted", _build_csv({"u-1": ('"Amara, B."', '"Ab""ara"')}), expect={"u-1": ("Amara, B.", 'Ab"ara')}
    )
    yield _build_case("extra columns", _build_csv().replace("\n", ",x\n").replace("password,x", "password,ext_x"))
    yield _build_case("one row longer", _build_csv() + _build_row("u-4", "Dara", "Kim") + ",more,more\n")
    yield _build_case("one row shorter", _build_csv() + "u-4,active,true\n")
    yield _build_case(
        "header only", HEAD + "\n", expect={}
    )  # read exactly: nobody; that nobody is left is held elsewhere
    yield _build_case("the same person twice", _build_csv() + _build_row("u-1", "Amara", "Abara") + "\n")


def generate_broken_files() -> Iterator[BadBundle]:
    """Generate files from which no row may be loaded."""
    yield _build_case("empty", b"", reject_all=True)
    yield _build_case(
        "an unclosed quote", _build_csv({"u-1": ('"Amara', "Abara"), "u-2": ("Bao", "Ito")}), reject_all=True
    )
    yield _build_case("text after a quote", _build_csv({"u-1": ('"Amara"x', "Abara")}), reject_all=True)
    yield _build_case("a zero byte", _build_csv({"u-1": ("Am\x00ara", "Abara")}), reject_all=True)
    yield _build_case("broken utf-8", _build_csv().encode()[:-30] + b"\xc3\x28\xff\xfe" + b"\n", reject_all=True)
    yield _build_case("cut utf-16", _build_csv().encode("utf-16")[:-1], reject_all=True)
    yield _build_case(
        "the same name twice in the header", _build_csv(head=HEAD.replace("familyName", "givenName")), reject_all=True
    )
    yield _build_case("no column of keys", _build_csv(head=HEAD.replace("sourcedId,", "id,", 1)), reject_all=True)
    yield _build_case("a page of a portal", "<!DOCTYPE html><html><body>Sign in</body></html>", reject_all=True)
    yield _build_case("json", json.dumps([{"sourcedId": "u-1"}]), reject_all=True)
    yield _build_case("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, reject_all=True)
    yield _build_case("a workbook under another name", b"PK\x03\x04" + bytes(500), reject_all=True)
    yield _build_case("a field of 32 MiB", _build_csv({"u-1": ("A" * (32 << 20), "Abara")}), reject_all=True)
    yield _build_case("one line of 64 MiB", b"x" * (64 << 20), reject_all=True)
    yield _build_case("a million columns", ",".join(f"c{n}" for n in range(1_000_000)) + "\n", reject_all=True)
    yield _build_case("ten million quotes", HEAD + "\n" + '"' * 10_000_001, reject_all=True)


def _write_bundle(folder: Path, users: bytes) -> Path:
    folder.mkdir()
    for name, content in (("manifest.csv", build_manifest_csv()), ("orgs.csv", build_orgs_csv()), ("users.csv", users)):
        (folder / name).write_bytes(content)
    return folder


def _zip(path: Path, fill: Callable[[zipfile.ZipFile], object]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.csv", build_manifest_csv())
        archive.writestr("orgs.csv", build_orgs_csv())
        fill(archive)
    return path


def _add_symlink(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("users.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    archive.writestr(info, "../../../../etc/passwd")


def _add_bomb(archive: zipfile.ZipFile) -> None:
    with archive.open("users.csv", "w", force_zip64=True) as member:
        member.write((HEAD + "\n").encode())
        for _ in range(256):
            member.write(b"a" * (4 << 20))


def generate_zip_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """Generate zip files from which nothing may be loaded."""
    users = _build_csv().encode()
    yield "zip slip", _zip(folder / "slip.zip", lambda z: z.writestr("../../users.csv", users))
    yield (
        "absolute name in a zip",
        _zip(folder / "absolute.zip", lambda z: z.writestr("/tmp/homeroom-bench-users.csv", users)),
    )
    yield "a link in a zip", _zip(folder / "link.zip", _add_symlink)
    yield "a zip bomb", _zip(folder / "bomb.zip", _add_bomb)
    cut = _zip(folder / "cut.zip", lambda z: z.writestr("users.csv", users))
    cut.write_bytes(cut.read_bytes()[:-40])
    yield "a cut zip", cut


def generate_other_files(folder: Path) -> Iterator[tuple[str, Path, bool]]:
    """Generate XML, JSON objects and calendars, and whether they must load nothing; those that may have no people."""
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    scan = '<?xml version="1.0"?>\n<nmaprun>{}</nmaprun>'
    for name, file_name, text in (
        ("xml, a billion laughs", "s.xml", f'<!DOCTYPE nmaprun [<!ENTITY a0 "ha">{laughs}]><nmaprun>&a9;</nmaprun>'),
        (
            "xml, an external entity",
            "s.xml",
            '<!DOCTYPE nmaprun [<!ENTITY x SYSTEM "file:///etc/passwd">]><nmaprun>&x;</nmaprun>',
        ),
        ("xml, cut", "s.xml", scan.format("<host/>")[:-4]),
        ("xml, 100,000 levels", "s.xml", scan.format("<a>" * 100_000)),
        ("xml, a tag of 32 MiB", "s.xml", scan.format("<host " + 'a="1" ' * (5 << 20) + "/>")),
        ("xml, a record of four million elements", "s.xml", scan.format("<host>" + "<a/>" * (4 << 20) + "</host>")),
        ("a calendar without its end", "c.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:First day of school\n"),
        ("a list of four million lists", "a.json", '{"MetaData":1,"Results":[' + "[]," * (4 << 20) + "[]]}"),
    ):
        case_folder = folder / f"other-{name.replace(' ', '-')}"
        case_folder.mkdir()
        (case_folder / file_name).write_text(text, encoding="utf-8")
        yield name, case_folder / file_name, True
    raw = folder / "raw.json"
    entry = '{"mail":"x@district.example","roles":["a \\"b\\"",{"id":"1"}]},' * 1000
    with raw.open("w", encoding="utf-8") as stream:
        stream.write('{"MetaData":{"Tool":"ScubaGear","TimestampZulu":"2026-01-05T10:00:00Z"},"Raw":{"users":[')
        stream.writelines(entry for _ in range(300_000_000 // len(entry)))
        stream.write('{}]},"Results":{"AAD":[]}}')
    yield "300 MB of accounts that are dropped", raw, False


def write_bad_files(folder: Path) -> list[dict[str, object]]:
    """Write every package and return what may come of each."""
    folder.mkdir(parents=True)
    cases: list[dict[str, object]] = []
    for number, bad in enumerate([*generate_odd_files(), *generate_broken_files()]):
        path = _write_bundle(folder / f"{number:02}", bad.users)
        cases.append({"name": bad.name, "path": str(path), "expect": bad.expect, "never": bad.reject_all})
    cases += [
        {"name": name, "path": str(path), "expect": {}, "never": True} for name, path in generate_zip_files(folder)
    ]
    cases += [
        {"name": name, "path": str(path), "expect": {}, "never": reject_all}
        for name, path, reject_all in generate_other_files(folder)
    ]
    return cases


if __name__ == "__main__":
    print(json.dumps(write_bad_files(Path(sys.argv[1]))))
