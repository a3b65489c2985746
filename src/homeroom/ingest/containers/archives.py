"""Zips and folders as lists of byte sources: what may be opened, and what is refused before it is unpacked.

Nothing is ever extracted to disk. A zip with a suspect member is refused entirely, since the rest of it cannot be
trusted; one that is cut keeps the members before its end, and one that is encrypted or damaged costs itself. In a
folder each file is checked by itself. Sources of the rules: OWASP ASVS 5.0 V5.3.3 (zip slip) and the overlap trick of
non-recursive zip bombs.
"""

from __future__ import annotations

import re
import stat
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from homeroom.evidence.files.reading_journal import get_journal
from homeroom.ingest.containers.compressed import build_opener, detect_compression
from homeroom.ingest.containers.workbooks import WORKBOOKS, open_workbook
from homeroom.ingest.containers.zip_salvage import find_whole_members, open_member_at
from homeroom.ingest.contract.errors import FileRefused, Problem, build_refusal
from homeroom.ingest.contract.faults import FITS, convert_fault
from homeroom.ingest.contract.limits import Limits
from homeroom.ingest.contract.magic_bytes import is_zip
from homeroom.ingest.files.byte_source import ByteSource

_JUNK = re.compile(r"(^|/)(__MACOSX/|\.(?!/)|~\$|Thumbs\.db$|desktop\.ini$|README(\.\w+)?$)", re.IGNORECASE)
_LICENSE = re.compile(r"(^|/)LICENSE(?!\S*\.(csv|tsv|json|jsonl|xml|yaml|zip)$)(\.[\w.-]+)?$")
"""The license terms of a folder's files; in capitals, since License.csv may well be an export of licenses."""
_DRIVE = re.compile(r"[A-Za-z]:")
_HEADER = 30  # bytes of a local header before its name: no two members can begin closer than that
_ENCRYPTED = 0x1
_HOLD_OPEN = 64  # members; to open a zip again reads its whole directory, which of many members would cost minutes
_END, _END_LONG, _TAIL = b"PK\x05\x06", b"PK\x06\x06", 22 + 65_535
_ZIP64_SIZE = 0xFFFFFFFF
_ENTRY = 400  # bytes of a zip's directory a member, more than any export needs
_OFFICE = {"[Content_Types].xml", "META-INF/manifest.xml"}  # Excel and Word; LibreOffice and Java
_FITS_SHEET = "the sheet, saved as CSV UTF-8"


@dataclass(frozen=True, kw_only=True)
class SourceFiles:
    """Contents of some paths: files to read, problems, and the names that were deliberately ignored."""

    origins: tuple[ByteSource, ...] = ()
    problems: tuple[Problem, ...] = ()
    ignored: tuple[str, ...] = ()


def _check_member_name(member: ZipInfo, _: Limits) -> str | None:
    # orig_filename: zipfile turns backslashes into slashes on Windows and cuts names at a NUL.
    return _explain_unsafe_name(member.orig_filename)


def _explain_unsafe_name(name: str) -> str | None:
    if name.startswith("/") or _DRIVE.match(name) or ".." in re.split(r"[/\\]", name):
        return "a member's name leads out of the archive"
    return "a member's name holds a backslash or NUL" if "\\" in name or "\0" in name else None


def _is_link(member: ZipInfo, _: Limits) -> str | None:
    kind = stat.S_IFMT(member.external_attr >> 16)
    return "a member is a link or a device, not a file" if kind not in (0, stat.S_IFREG, stat.S_IFDIR) else None


def _is_encrypted(member: ZipInfo, _: Limits) -> str | None:
    return "is encrypted" if member.flag_bits & _ENCRYPTED else None


def _is_packed_otherwise(member: ZipInfo, _: Limits) -> str | None:
    # Other methods allocate as much memory as the file asks for, and are not in every Python.
    return None if member.compress_type in (ZIP_STORED, ZIP_DEFLATED) else "is packed in an unusual way"


def _is_bomb(member: ZipInfo, limits: Limits) -> str | None:
    if member.file_size > limits.file:
        return f"a member of more than {limits.file:,} bytes"
    grown = member.file_size > limits.ratio_from and member.file_size > limits.ratio * max(member.compress_size, 1)
    return f"a member that grows more than {limits.ratio} times when unpacked" if grown else None


_RULES: tuple[tuple[Callable[[ZipInfo, Limits], str | None], str], ...] = (
    (_check_member_name, "plain names inside the zip"),
    (_is_link, "plain files"),
    (_is_bomb, "the files themselves, unpacked, if they are what they should be"),
)
"""What makes a whole zip suspect."""
_MEMBER_RULES: tuple[tuple[Callable[[ZipInfo, Limits], str | None], str], ...] = (
    (_is_encrypted, "a zip without a password"),
    (_is_packed_otherwise, "a zip as every system makes it"),
)
"""What costs only the member."""


def find_sources(path: Path, *, limits: Limits) -> SourceFiles:
    """Return the sources at a path in a fixed order.

    The path is a file, a zip (whatever its name is), or a folder with all below it.
    """
    if path.is_dir():
        return _find_in_folder(path, limits=limits)
    if not path.is_file():
        reason = "is no file" if path.exists() else "is not there"
        return SourceFiles(
            problems=(Problem(file=_sanitize_name(path.name), reason=reason, fits="a file, a zip or a folder"),)
        )
    return _find_in_file(path, name=_sanitize_name(path.name), folder=str(path.resolve().parent), limits=limits)


def _find_in_file(path: Path, *, name: str, folder: str, limits: Limits) -> SourceFiles:
    """Return the sources in a file. Whatever breaks while it is opened costs that file."""
    journal = get_journal()
    try:
        identity = (f"open {path}", path.stat().st_size)
        if verdict := journal.take_verdict(*identity):
            return SourceFiles(problems=(Problem(file=name, reason=verdict, fits=FITS),))
        with journal.watch(identity):
            sources = _open_file(path, name=name, folder=folder, limits=limits)
        journal.clear(*identity)
    except Exception as error:  # noqa: BLE001  (whatever it is, it costs this file alone)
        return SourceFiles(problems=convert_fault(error, file=name).problems)
    return sources


def _open_file(path: Path, *, name: str, folder: str, limits: Limits) -> SourceFiles:
    try:
        with path.open("rb") as stream:
            head = stream.read(8)
        if is_zip(head):
            return _find_in_zip(path, name=name, limits=limits)
        stamp = _read_stamp(path)
    except OSError as error:
        return SourceFiles(problems=(Problem(file=name, reason=f"cannot be read: {error.strerror or error}"),))
    except FileRefused as refusal:
        return SourceFiles(problems=refusal.problems)
    open_stream: Callable[[], object] = partial(path.open, "rb", buffering=0)
    base = name
    if ending := detect_compression(head):
        open_stream = build_opener(path, name=name, ending=ending, limits=limits)
        base = name.removesuffix(ending)
    origin = ByteSource(
        name=base,
        folder=folder,
        size=stamp[0],
        open=cast("Opener", open_stream),
        same=partial(_is_unchanged, path, stamp),
        ending=name.removeprefix(base),
    )
    return SourceFiles(origins=(origin,))


type Opener = Callable[[], BinaryIO]
type Stamp = tuple[int, int]


def _read_stamp(path: Path) -> Stamp:
    """Return the size and the time of the last change."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _is_unchanged(path: Path, stamp: Stamp) -> bool:
    return _read_stamp(path) == stamp


def _find_in_folder(root: Path, *, limits: Limits) -> SourceFiles:
    origins: list[ByteSource] = []
    problems: list[Problem] = []
    ignored: list[str] = []
    resolved_root = root.resolve()
    for path in _iter_paths(root, problems):
        name = _sanitize_name(path.relative_to(root).as_posix())
        if _is_ignored(name):
            ignored.append(name)
        elif path.is_symlink() or path.is_junction():
            if _is_link_into(resolved_root, path):
                ignored.append(name)  # what it leads to is read where it stands
            else:
                problems.append(
                    Problem(file=name, reason="a link that leads out of the folder, or nowhere", fits="the file itself")
                )
        elif not path.is_file():
            problems.append(Problem(file=name, reason="is no plain file", fits="a file, a zip or a folder"))
        else:
            contents = _find_in_file(
                path, name=name, folder=str(resolved_root / path.parent.relative_to(root)), limits=limits
            )
            origins += contents.origins
            problems += contents.problems
            ignored += contents.ignored
    if not origins and not problems:
        problems.append(
            Problem(file=_sanitize_name(root.name), reason="holds no export", fits="a folder with exports in it")
        )
    return SourceFiles(origins=tuple(origins), problems=tuple(problems), ignored=tuple(ignored))


def _is_ignored(name: str) -> bool:
    """Check whether a file is one of those that often accompany exports and are not exports."""
    return bool(_JUNK.search(name) or _LICENSE.search(name))


def _is_link_into(folder: Path, link: Path) -> bool:
    """Check whether a link leads to something below the folder.

    Python 3.12 raises RuntimeError for a link to itself.
    """
    try:
        return link.resolve(strict=True).is_relative_to(folder)
    except (OSError, RuntimeError):
        return False


def _iter_paths(root: Path, problems: list[Problem]) -> Iterator[Path]:
    """Yield everything below that is not a folder, in order of name.

    Links to folders are included but never followed. A folder that cannot be opened is a problem of its own.
    """
    try:
        entries = sorted(root.iterdir(), key=lambda path: path.name)
    except OSError as error:
        problems.append(Problem(file=_sanitize_name(root.name), reason=f"cannot be read: {error.strerror or error}"))
        return
    for path in entries:
        if path.is_dir() and not path.is_symlink() and not path.is_junction():
            yield from _iter_paths(path, problems)
        else:
            yield path


def _find_in_zip(path: Path, *, name: str, limits: Limits) -> SourceFiles:
    _must_have_a_bounded_directory(path, name=name, limits=limits)
    stamp = _read_stamp(path)
    is_same = partial(_is_unchanged, path, stamp)
    try:
        with ZipFile(path) as archive:
            members = archive.infolist()
    except (BadZipFile, EOFError, ValueError, NotImplementedError, struct.error, OverflowError) as error:
        return _find_in_cut_zip(path, name=name, limits=limits, reason=f"the zip is damaged: {error}", is_same=is_same)
    names = {member.filename for member in members}
    office = _OFFICE & names
    if office and not WORKBOOKS & names:
        raise build_refusal(name, f"is a document, not an archive of exports ({min(office)})", fits=_FITS_SHEET)
    _must_be_sound(members, name=name, limits=limits)
    problems = _find_unreadable(members, name=name, limits=limits)
    if office:
        if problems:
            raise FileRefused(list(problems.values()))
        sheets, ignored_sheets, broken_sheets = open_workbook(path, name=name, limits=limits, is_same=is_same)
        return SourceFiles(origins=sheets, problems=broken_sheets, ignored=ignored_sheets)
    files = sorted((member for member in members if not member.is_dir()), key=lambda member: member.filename)
    exports = [member for member in files if not _is_ignored(member.filename)]
    if not exports:
        raise build_refusal(name, "holds no export", fits="a zip with exports in it")
    source = ZipFile(path) if len(exports) > _HOLD_OPEN else path
    return SourceFiles(
        origins=tuple(
            _build_member_source(path, member, source=source, same=is_same, name=name)
            for member in exports
            if member.filename not in problems
        ),
        problems=tuple(problems[member.filename] for member in exports if member.filename in problems),
        ignored=tuple(f"{name}/{_sanitize_name(member.filename)}" for member in files if member not in exports),
    )


def _find_unreadable(members: Sequence[ZipInfo], *, name: str, limits: Limits) -> dict[str, Problem]:
    """Return a problem for each member that cannot be unpacked, by its name."""
    return {
        member.filename: Problem(file=f"{name}/{_sanitize_name(member.filename)}", reason=reason, fits=fits)
        for member in members
        for rule, fits in _MEMBER_RULES
        if (reason := rule(member, limits))
    }


def _find_in_cut_zip(path: Path, *, name: str, limits: Limits, reason: str, is_same: Callable[[], bool]) -> SourceFiles:
    """Return the members before the end of a zip without a directory. Raise FileRefused if none is whole."""
    fits = "the zip, fetched or packed again"
    members = [
        member
        for member in find_whole_members(path, limits=limits)
        if not (member.name.endswith("/") or _is_ignored(member.name))
    ]
    names = {member.name for member in members}
    if not members or _OFFICE & names or any(_explain_unsafe_name(member.name) for member in members):
        raise build_refusal(name, reason, fits=fits)
    origins = tuple(
        ByteSource(
            name=f"{name}/{_sanitize_name(member.name)}",
            folder=f"{path.resolve()}!/{member.name.rpartition('/')[0]}",
            size=member.size,
            open=partial(open_member_at, path, member),
            same=is_same,
        )
        for member in members
    )
    count = f"{len(members)} member{'s' if len(members) > 1 else ''}"
    problem = Problem(file=name, reason=f"{reason}; {count} at its beginning can be read, the rest is lost", fits=fits)
    return SourceFiles(origins=origins, problems=(problem,))


def _must_have_a_bounded_directory(path: Path, *, name: str, limits: Limits) -> None:
    """Refuse a directory of millions of members before it is read, since each costs memory.

    Source of the offsets: PKWARE's APPNOTE 6.3.10, sections 4.3.14 and 4.3.16.
    """
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(0, size - _TAIL))
        tail = stream.read(_TAIL)
    end_record = tail.rfind(_END)
    if end_record < 0:
        return  # damaged, as whoever reads the directory will say
    length = int.from_bytes(tail[end_record + 12 : end_record + 16], "little")
    if length == _ZIP64_SIZE:
        zip64_record = tail.rfind(_END_LONG, 0, end_record)
        length = int.from_bytes(tail[zip64_record + 40 : zip64_record + 48], "little") if zip64_record >= 0 else length
    if length > limits.members * _ENTRY:
        raise build_refusal(name, f"has a directory of {length:,} bytes", fits=f"at most {limits.members:,} members")


def _must_be_sound(members: list[ZipInfo], *, name: str, limits: Limits) -> None:
    if len(members) > limits.members:
        raise build_refusal(name, f"has {len(members):,} members", fits=f"at most {limits.members:,}")
    for member in members:
        for rule, fits in _RULES:
            reason = rule(member, limits)
            if reason:
                raise build_refusal(name, reason, field=_sanitize_name(member.orig_filename), fits=fits)
    _must_be_distinct(members, name=name)
    total = sum(member.file_size for member in members)
    if total > limits.unpacked:
        raise build_refusal(name, f"unpacks to {total:,} bytes", fits=f"at most {limits.unpacked:,}")
    _must_not_overlap(members, name=name)


def _must_be_distinct(members: list[ZipInfo], *, name: str) -> None:
    names_so_far: set[str] = set()
    for member in members:
        if member.filename.casefold() in names_so_far:
            raise build_refusal(
                name, "two members have one name", field=_sanitize_name(member.filename), fits="every name once"
            )
        names_so_far.add(member.filename.casefold())


def _must_not_overlap(members: list[ZipInfo], *, name: str) -> None:
    ordered = sorted(members, key=lambda member: member.header_offset)
    for member, following in pairwise(ordered):
        end = member.header_offset + _HEADER + len(member.orig_filename) + member.compress_size
        if end > following.header_offset:
            raise build_refusal(
                name, "two members share bytes", field=_sanitize_name(following.filename), fits="a zip, packed again"
            )


def _build_member_source(
    path: Path, member: ZipInfo, *, source: Path | ZipFile, same: Callable[[], bool], name: str
) -> ByteSource:
    parent = member.filename.rpartition("/")[0]
    folder = f"{path.resolve()}!/{parent}"
    open_stream = partial(_open_member, source, member.filename)
    display_name = f"{name}/{_sanitize_name(member.filename)}"
    return ByteSource(name=display_name, folder=folder, size=member.file_size, open=open_stream, same=same)


@contextmanager
def _open_member(source: Path | ZipFile, member: str) -> Iterator[BinaryIO]:
    if isinstance(source, ZipFile):
        with source.open(member) as stream:
            yield cast("BinaryIO", stream)
        return
    with ZipFile(source) as archive, archive.open(member) as stream:
        yield cast("BinaryIO", stream)


def _sanitize_name(name: str) -> str:
    """Return a member's name without characters that could disturb a terminal."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:200])
