"""Zips and folders as lists of origins: what may be opened, and what is refused before a byte of it is unpacked.

Nothing is ever extracted to disk. A zip that is wrong in one place is refused whole, since what else it says cannot be
trusted; in a folder each file stands for itself. Sources of the rules: OWASP ASVS 5.0 V5.3.3 (zip slip) and the
overlap trick of non-recursive zip bombs.
"""

from __future__ import annotations

import re
import stat
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from homeroom.ingest.compressed import opener, packed_as
from homeroom.ingest.limits import Limits
from homeroom.ingest.origins import Origin
from homeroom.ingest.problems import Problem, Refused, refused
from homeroom.ingest.sheets import WORKBOOKS, sheets_of
from homeroom.ingest.signatures import is_zip

_JUNK = re.compile(r"(^|/)(__MACOSX/|\.(?!/)|~\$|Thumbs\.db$|desktop\.ini$|README(\.\w+)?$)", re.IGNORECASE)
_LICENSE = re.compile(r"(^|/)LICENSE(?!\S*\.(csv|tsv|json|jsonl|xml|yaml|zip)$)(\.[\w.-]+)?$")
"""The terms under which a folder's files are given; in capitals, since License.csv may well be an export of licences."""
_DRIVE = re.compile(r"[A-Za-z]:")
_HEADER = 30  # bytes of a local header before its name: no two members can begin closer than that
_ENCRYPTED = 0x1
_HOLD_OPEN = 64  # members; to open a zip anew reads its whole directory, which of many members would cost minutes
_END, _END_LONG, _TAIL = b"PK\x05\x06", b"PK\x06\x06", 22 + 65_535
_SAID_ELSEWHERE = 0xFFFFFFFF
_ENTRY = 400  # bytes of a zip's directory a member, more than any export needs
_OFFICE = {"[Content_Types].xml", "META-INF/manifest.xml"}  # Excel and Word; LibreOffice and Java
_FITS_SHEET = "the sheet, saved as CSV UTF-8"


@dataclass(frozen=True, kw_only=True)
class Found:
    """What lies at some paths: files to read, problems, and the names that were left aside on purpose."""

    origins: tuple[Origin, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()


def _leaves_the_archive(member: ZipInfo, _: Limits) -> str | None:
    # orig_filename: zipfile turns backslashes into slashes on Windows and cuts names at a NUL.
    name = member.orig_filename
    if name.startswith("/") or _DRIVE.match(name) or ".." in re.split(r"[/\\]", name):
        return "a member's name leads out of the archive"
    return "a member's name holds a backslash or NUL" if "\\" in name or "\0" in name else None


def _is_link(member: ZipInfo, _: Limits) -> str | None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    return "a member is a link or a device, not a file" if kind not in (0, stat.S_IFREG, stat.S_IFDIR) else None


def _is_encrypted(member: ZipInfo, _: Limits) -> str | None:
    return "a member is encrypted" if member.flag_bits & _ENCRYPTED else None


def _is_packed_otherwise(member: ZipInfo, _: Limits) -> str | None:
    # The others ask for as much memory as the file says, and are not in every Python.
    return None if member.compress_type in (ZIP_STORED, ZIP_DEFLATED) else "a member is packed in an unusual way"


def _is_bomb(member: ZipInfo, limits: Limits) -> str | None:
    if member.file_size > limits.file:
        return f"a member of more than {limits.file:,} bytes"
    grown = member.file_size > limits.ratio_from and member.file_size > limits.ratio * max(member.compress_size, 1)
    return f"a member that grows more than {limits.ratio} times when unpacked" if grown else None


_RULES: tuple[tuple[Callable[[ZipInfo, Limits], str | None], str], ...] = (
    (_leaves_the_archive, "plain names inside the zip"),
    (_is_link, "plain files"),
    (_is_encrypted, "a zip without a password"),
    (_is_packed_otherwise, "a zip as every system makes it"),
    (_is_bomb, "the files themselves, unpacked, if they are what they should be"),
)


def found_at(path: Path, *, limits: Limits) -> Found:
    """Everything at a path: a file, a zip (whatever its name is), or a folder with all below it, in a fixed order."""
    if path.is_dir():
        return _in_folder(path, limits=limits)
    if not path.is_file():
        reason = "is no file" if path.exists() else "is not there"
        return Found(problems=(Problem(file=_shown(path.name), reason=reason, fits="a file, a zip or a folder"),))
    return _at_file(path, name=_shown(path.name), folder=str(path.resolve().parent), limits=limits)


def _at_file(path: Path, *, name: str, folder: str, limits: Limits) -> Found:
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
        if is_zip(head):
            return _in_zip(path, name=name, limits=limits)
        stamp = _stamp(path)
    except OSError as error:
        return Found(problems=(Problem(file=name, reason=f"cannot be read: {error.strerror or error}"),))
    except Refused as refusal:
        return Found(problems=refusal.problems)
    opened: Callable[[], object] = partial(path.open, "rb", buffering=0)
    if ending := packed_as(head):
        opened = opener(path, name=name, ending=ending, limits=limits)
        name = name.removesuffix(ending)
    same = partial(_unchanged, path, stamp)
    return Found(origins=(Origin(name=name, folder=folder, size=stamp[0], open=cast("Opener", opened), same=same),))


type Opener = Callable[[], BinaryIO]
type Stamp = tuple[int, int]


def _stamp(path: Path) -> Stamp:
    """The size and the time of the last change."""
    about = path.stat()
    return about.st_size, about.st_mtime_ns


def _unchanged(path: Path, stamp: Stamp) -> bool:
    return _stamp(path) == stamp


def _in_folder(root: Path, *, limits: Limits) -> Found:
    origins: list[Origin] = []
    problems: list[Problem] = []
    ignored: list[str] = []
    inside = root.resolve()
    for path in _walked(root, problems):
        name = _shown(path.relative_to(root).as_posix())
        if _is_aside(name):
            ignored.append(name)
        elif path.is_symlink() or path.is_junction():
            if _leads_into(inside, path):
                ignored.append(name)  # what it leads to is read where it stands
            else:
                problems.append(
                    Problem(file=name, reason="a link that leads out of the folder, or nowhere", fits="the file itself")
                )
        elif not path.is_file():
            problems.append(Problem(file=name, reason="is no plain file", fits="a file, a zip or a folder"))
        else:
            found = _at_file(path, name=name, folder=str(inside / path.parent.relative_to(root)), limits=limits)
            origins += found.origins
            problems += found.problems
            ignored += found.ignored
    if not origins and not problems:
        problems.append(Problem(file=_shown(root.name), reason="holds no export", fits="a folder with exports in it"))
    return Found(origins=tuple(origins), problems=tuple(problems), ignored=tuple(ignored))


def _is_aside(name: str) -> bool:
    """Whether a file is one of those that lie beside exports and are none."""
    return bool(_JUNK.search(name) or _LICENSE.search(name))


def _leads_into(folder: Path, link: Path) -> bool:
    """Whether a link leads to something below the folder. Python 3.12 raises RuntimeError for a link to itself."""
    try:
        return link.resolve(strict=True).is_relative_to(folder)
    except (OSError, RuntimeError):
        return False


def _walked(root: Path, problems: list[Problem]) -> Iterator[Path]:
    """Everything below that is not a folder, links to folders included but never followed, in order of name.

    A folder that cannot be opened is a problem of its own.
    """
    try:
        below = sorted(root.iterdir(), key=lambda path: path.name)
    except OSError as error:
        problems.append(Problem(file=_shown(root.name), reason=f"cannot be read: {error.strerror or error}"))
        return
    for path in below:
        if path.is_dir() and not path.is_symlink() and not path.is_junction():
            yield from _walked(path, problems)
        else:
            yield path


def _in_zip(path: Path, *, name: str, limits: Limits) -> Found:
    _must_have_a_bounded_directory(path, name=name, limits=limits)
    stamp = _stamp(path)
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except (BadZipFile, EOFError, ValueError, NotImplementedError, struct.error, OverflowError) as error:
        raise refused(name, f"the zip is damaged: {error}", fits="the zip, fetched or packed again") from error
    names = {member.filename for member in members}
    office = _OFFICE & names
    if office and not WORKBOOKS & names:
        raise refused(name, f"is a document, not an archive of exports ({min(office)})", fits=_FITS_SHEET)
    _must_be_sound(members, name=name, limits=limits)
    if office:
        sheets, aside = sheets_of(path, name=name, limits=limits, same=partial(_unchanged, path, stamp))
        return Found(origins=sheets, ignored=aside)
    files = sorted((member for member in members if not member.is_dir()), key=lambda member: member.filename)
    kept = [member for member in files if not _is_aside(member.filename)]
    if not kept:
        raise refused(name, "holds no export", fits="a zip with exports in it")
    source = ZipFile(path) if len(kept) > _HOLD_OPEN else path
    same = partial(_unchanged, path, stamp)
    return Found(
        origins=tuple(_member(path, member, source=source, same=same, name=name) for member in kept),
        ignored=tuple(f"{name}/{_shown(member.filename)}" for member in files if member not in kept),
    )


def _must_have_a_bounded_directory(path: Path, *, name: str, limits: Limits) -> None:
    """Refuse a directory of millions of members before it is read, since each costs memory.

    Source of the offsets: PKWARE's APPNOTE 6.3.10, sections 4.3.14 and 4.3.16.
    """
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _TAIL))
        tail = stream.read(_TAIL)
    at = tail.rfind(_END)
    if at < 0:
        return  # damaged, as whoever reads the directory will say
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    if length == _SAID_ELSEWHERE:
        long = tail.rfind(_END_LONG, 0, at)
        length = int.from_bytes(tail[long + 40 : long + 48], "little") if long >= 0 else length
    if length > limits.members * _ENTRY:
        raise refused(name, f"has a directory of {length:,} bytes", fits=f"at most {limits.members:,} members")


def _must_be_sound(members: list[ZipInfo], *, name: str, limits: Limits) -> None:
    if len(members) > limits.members:
        raise refused(name, f"has {len(members):,} members", fits=f"at most {limits.members:,}")
    for member in members:
        for rule, fits in _RULES:
            reason = rule(member, limits)
            if reason:
                raise refused(name, reason, field=_shown(member.orig_filename), fits=fits)
    _must_be_distinct(members, name=name)
    total = sum(member.file_size for member in members)
    if total > limits.unpacked:
        raise refused(name, f"unpacks to {total:,} bytes", fits=f"at most {limits.unpacked:,}")
    _must_not_overlap(members, name=name)


def _must_be_distinct(members: list[ZipInfo], *, name: str) -> None:
    seen: set[str] = set()
    for member in members:
        if member.filename.casefold() in seen:
            raise refused(name, "two members have one name", field=_shown(member.filename), fits="every name once")
        seen.add(member.filename.casefold())


def _must_not_overlap(members: list[ZipInfo], *, name: str) -> None:
    ordered = sorted(members, key=lambda member: member.header_offset)
    for member, following in pairwise(ordered):
        end = member.header_offset + _HEADER + len(member.orig_filename) + member.compress_size
        if end > following.header_offset:
            raise refused(name, "two members share bytes", field=_shown(following.filename), fits="a zip, packed anew")


def _member(path: Path, member: ZipInfo, *, source: Path | ZipFile, same: Callable[[], bool], name: str) -> Origin:
    inner = member.filename.rpartition("/")[0]
    folder = f"{path.resolve()}!/{inner}"
    opened = partial(_open_member, source, member.filename)
    shown = f"{name}/{_shown(member.filename)}"
    return Origin(name=shown, folder=folder, size=member.file_size, open=opened, same=same)


@contextmanager
def _open_member(source: Path | ZipFile, member: str) -> Iterator[BinaryIO]:
    if isinstance(source, ZipFile):
        with source.open(member) as stream:
            yield cast("BinaryIO", stream)
        return
    with ZipFile(source) as archive, archive.open(member) as stream:
        yield cast("BinaryIO", stream)


def _shown(name: str) -> str:
    """A member's name without what could disturb a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:200])
