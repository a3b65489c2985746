"""Makes bad files: each a roster whose users.csv, or whole package, is wrong in its own way. `python -m bench.support.bad FOLDER`.

Prints one JSON list: {"name", "path", "expect": key → [given, family] of what a right reader may keep, "never": true where
no row may be kept}. What is kept must be from `expect`, with exactly those names; what is not kept must be said.
"""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.support.roster import manifest, orgs

HEAD = "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,password"
People = dict[str, tuple[str, str]]
CAST: People = {"u-1": ("Amara", "Abara"), "u-2": ("José", "Núñez"), "u-3": ("Bao", "Ito")}


@dataclass(frozen=True, kw_only=True)
class Bad:
    """users.csv of one bad bundle. `never`: no row of it may be kept."""

    name: str
    users: bytes
    expect: People
    never: bool = False


def _row(key: str, given: str, family: str, password: str = "") -> str:
    return f"{key},active,true,org-0001,teacher,{key},{given},{family},{key}@district.example,{password}"


def _text(people: People = CAST, *, end: str = "\n", head: str = HEAD, last: str = "") -> str:
    return end.join([head, *(_row(key, *names) for key, names in people.items())]) + end + last


def _plain(name: str, users: bytes | str, *, expect: People | None = None, never: bool = False) -> Bad:
    content = users.encode() if isinstance(users, str) else users
    return Bad(name=name, users=content, expect={} if never else (CAST if expect is None else expect), never=never)


def odd() -> Iterator[Bad]:
    """Files that look wrong: read exactly or refused, never read wrongly."""
    yield _plain("utf-8 with a mark", b"\xef\xbb\xbf" + _text().encode())
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1", "mac_roman"):
        yield _plain(encoding, _text().encode(encoding))
    yield _plain("crlf", _text(end="\r\n"))
    yield _plain("bare carriage returns", _text(end="\r"))
    yield _plain(
        "mixed line ends", _text() + _row("u-4", "Dara", "Kim") + "\r\n", expect={**CAST, "u-4": ("Dara", "Kim")}
    )
    yield _plain("no line end at the end", _text().rstrip("\n"))
    yield _plain("blank lines at the end", _text() + "\n\n\n")
    yield _plain("semicolons", _text().replace(",", ";"))
    yield _plain("tabs", _text().replace(",", "\t"))
    yield _plain("bars", _text().replace(",", "|"))
    for word in ("NA", "None", "null", "NaN", "TRUE", "1e5", "007", "=1+1", "O'Neil", "李"):
        people = {**CAST, "u-9": (word, "Flores")}
        yield _plain(f"a person named {word}", _text(people), expect=people)
    yield _plain("quoted", _text({"u-1": ('"Amara, B."', '"Ab""ara"')}), expect={"u-1": ("Amara, B.", 'Ab"ara')})
    yield _plain("extra columns", _text().replace("\n", ",x\n").replace("password,x", "password,ext_x"))
    yield _plain("one row longer", _text() + _row("u-4", "Dara", "Kim") + ",more,more\n")
    yield _plain("one row shorter", _text() + "u-4,active,true\n")
    yield _plain("header only", HEAD + "\n", expect={})  # read exactly: nobody; that nobody is left is held elsewhere
    yield _plain("the same person twice", _text() + _row("u-1", "Amara", "Abara") + "\n")


def broken() -> Iterator[Bad]:
    """Files of which no row may be kept."""
    yield _plain("empty", b"", never=True)
    yield _plain("an unclosed quote", _text({"u-1": ('"Amara', "Abara"), "u-2": ("Bao", "Ito")}), never=True)
    yield _plain("text after a quote", _text({"u-1": ('"Amara"x', "Abara")}), never=True)
    yield _plain("a zero byte", _text({"u-1": ("Am\x00ara", "Abara")}), never=True)
    yield _plain("broken utf-8", _text().encode()[:-30] + b"\xc3\x28\xff\xfe" + b"\n", never=True)
    yield _plain("cut utf-16", _text().encode("utf-16")[:-1], never=True)
    yield _plain("the same name twice in the header", _text(head=HEAD.replace("familyName", "givenName")), never=True)
    yield _plain("no column of keys", _text(head=HEAD.replace("sourcedId,", "id,", 1)), never=True)
    yield _plain("a page of a portal", "<!DOCTYPE html><html><body>Sign in</body></html>", never=True)
    yield _plain("json", json.dumps([{"sourcedId": "u-1"}]), never=True)
    yield _plain("a picture", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, never=True)
    yield _plain("a workbook under another name", b"PK\x03\x04" + bytes(500), never=True)
    yield _plain("a field of 32 MiB", _text({"u-1": ("A" * (32 << 20), "Abara")}), never=True)
    yield _plain("one line of 64 MiB", b"x" * (64 << 20), never=True)
    yield _plain("a million columns", ",".join(f"c{n}" for n in range(1_000_000)) + "\n", never=True)
    yield _plain("ten million quotes", HEAD + "\n" + '"' * 10_000_001, never=True)


def _bundle(folder: Path, users: bytes) -> Path:
    folder.mkdir()
    for name, content in (("manifest.csv", manifest()), ("orgs.csv", orgs()), ("users.csv", users)):
        (folder / name).write_bytes(content)
    return folder


def _zip(path: Path, fill: Callable[[zipfile.ZipFile], object]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.csv", manifest())
        archive.writestr("orgs.csv", orgs())
        fill(archive)
    return path


def _link(archive: zipfile.ZipFile) -> None:
    info = zipfile.ZipInfo("users.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    archive.writestr(info, "../../../../etc/passwd")


def _bomb(archive: zipfile.ZipFile) -> None:
    with archive.open("users.csv", "w", force_zip64=True) as member:
        member.write((HEAD + "\n").encode())
        for _ in range(256):
            member.write(b"a" * (4 << 20))


def packages(folder: Path) -> Iterator[tuple[str, Path]]:
    """Zip files of which nothing may be kept."""
    users = _text().encode()
    yield "zip slip", _zip(folder / "slip.zip", lambda z: z.writestr("../../users.csv", users))
    yield (
        "absolute name in a zip",
        _zip(folder / "absolute.zip", lambda z: z.writestr("/tmp/homeroom-bench-users.csv", users)),
    )
    yield "a link in a zip", _zip(folder / "link.zip", _link)
    yield "a zip bomb", _zip(folder / "bomb.zip", _bomb)
    cut = _zip(folder / "cut.zip", lambda z: z.writestr("users.csv", users))
    cut.write_bytes(cut.read_bytes()[:-40])
    yield "a cut zip", cut


def others(folder: Path) -> Iterator[tuple[str, Path, bool]]:
    """XML, whole objects and calendars, and whether nothing may come of them: those that may load name no people."""
    laughs = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    scan = '<?xml version="1.0"?>\n<nmaprun>{}</nmaprun>'
    for name, base, text in (
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
        place = folder / f"other-{name.replace(' ', '-')}"
        place.mkdir()
        (place / base).write_text(text, encoding="utf-8")
        yield name, place / base, True
    raw = folder / "raw.json"
    entry = '{"mail":"x@district.example","roles":["a \\"b\\"",{"id":"1"}]},' * 1000
    with raw.open("w", encoding="utf-8") as stream:
        stream.write('{"MetaData":{"Tool":"ScubaGear","TimestampZulu":"2026-01-05T10:00:00Z"},"Raw":{"users":[')
        stream.writelines(entry for _ in range(300_000_000 // len(entry)))
        stream.write('{}]},"Results":{"AAD":[]}}')
    yield "300 MB of accounts that are dropped", raw, False


def write(folder: Path) -> list[dict[str, object]]:
    """Writes every package and says what may come of it."""
    folder.mkdir(parents=True)
    made: list[dict[str, object]] = []
    for number, bad in enumerate([*odd(), *broken()]):
        path = _bundle(folder / f"{number:02}", bad.users)
        made.append({"name": bad.name, "path": str(path), "expect": bad.expect, "never": bad.never})
    made += [{"name": name, "path": str(path), "expect": {}, "never": True} for name, path in packages(folder)]
    made += [{"name": name, "path": str(path), "expect": {}, "never": never} for name, path, never in others(folder)]
    return made


if __name__ == "__main__":
    print(json.dumps(write(Path(sys.argv[1]))))
