"""Zips and folders: what is opened, what is refused before anything is unpacked, and what is ignored."""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from homeroom.ingest.containers.archives import find_sources
from homeroom.ingest.contract.errors import FileRefused
from homeroom.ingest.contract.limits import STANDARD
from homeroom.ingest.files.byte_source import survey_source


def _zip(path: Path, members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def _get_reason(path: Path) -> str:
    sources = find_sources(path, limits=STANDARD)
    assert not sources.origins
    (problem,) = sources.problems
    return problem.reason


def test_members_are_read_without_being_unpacked(tmp_path: Path) -> None:
    path = _zip(tmp_path / "roster.zip", {"b.csv": b"x", "in/a.csv": b"y", "in/": b""})
    sources = find_sources(path, limits=STANDARD)
    assert [origin.name for origin in sources.origins] == ["roster.zip/b.csv", "roster.zip/in/a.csv"]
    with sources.origins[1].open() as stream:
        assert stream.read() == b"y"
    assert [item.name for item in tmp_path.iterdir()] == ["roster.zip"]


def test_a_zip_is_known_by_its_bytes_whatever_its_name(tmp_path: Path) -> None:
    path = _zip(tmp_path / "users.csv", {"a.csv": b"x"})
    assert [origin.name for origin in find_sources(path, limits=STANDARD).origins] == ["users.csv/a.csv"]


def test_what_systems_leave_behind_is_left_aside(tmp_path: Path) -> None:
    path = _zip(tmp_path / "r.zip", {"__MACOSX/._a.csv": b"x", ".DS_Store": b"x", "README.txt": b"x", "a.csv": b"x"})
    sources = find_sources(path, limits=STANDARD)
    assert [origin.name for origin in sources.origins] == ["r.zip/a.csv"]
    assert sources.ignored == ("r.zip/.DS_Store", "r.zip/README.txt", "r.zip/__MACOSX/._a.csv")


def test_a_name_that_begins_with_the_zip_s_own_folder_is_no_hidden_file(tmp_path: Path) -> None:
    sources = find_sources(
        _zip(tmp_path / "a.zip", {"./a.csv": b"A,B\n", "./sub/b.csv": b"A,B\n", "./.hidden": b"x"}), limits=STANDARD
    )
    assert [origin.name for origin in sources.origins] == ["a.zip/./a.csv", "a.zip/./sub/b.csv"]
    assert sources.ignored == ("a.zip/./.hidden",)


@pytest.mark.parametrize("name", ["../a.csv", "in/../../a.csv", "/etc/a.csv", "C:/a.csv", "..\\a.csv", "in\\a.csv"])
def test_a_name_that_leads_out_is_refused(tmp_path: Path, name: str) -> None:
    assert "name" in _get_reason(_zip(tmp_path / "slip.zip", {"ok.csv": b"x", name: b"x"}))


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("a.csv")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(tmp_path / "link.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    assert "link" in _get_reason(tmp_path / "link.zip")


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "secret.zip", {"a.csv": b"x"}, method=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    central = data.index(b"PK\x01\x02")
    data[6] |= 1
    data[central + 8] |= 1
    path.write_bytes(data)
    assert "encrypted" in _get_reason(path)


def test_one_name_twice_is_refused_also_in_another_case(tmp_path: Path) -> None:
    assert "two members have one name" in _get_reason(_zip(tmp_path / "twice.zip", {"a.csv": b"x", "A.csv": b"y"}))


def test_a_bomb_is_refused_before_it_is_opened(tmp_path: Path) -> None:
    assert "grows more than 200 times" in _get_reason(_zip(tmp_path / "bomb.zip", {"a.csv": b"0" * 3_000_000}))


def test_small_files_may_shrink_as_they_like(tmp_path: Path) -> None:
    path = _zip(tmp_path / "r.zip", {"a.csv": b"a,b\n" * 200_000})
    assert len(find_sources(path, limits=STANDARD).origins) == 1


def test_too_much_in_all_is_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "r.zip", {"a.csv": b"x" * 60, "b.csv": b"x" * 60})
    (problem,) = find_sources(path, limits=replace(STANDARD, unpacked=100)).problems
    assert "unpacks to 120 bytes" in problem.reason


def test_members_that_share_bytes_are_refused(tmp_path: Path) -> None:
    path = _zip(tmp_path / "overlap.zip", {"a.csv": b"x" * 50, "b.csv": b"x" * 50}, method=zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 4)
    data[second + 42 : second + 46] = struct.pack("<L", 10)
    path.write_bytes(data)
    assert "share bytes" in _get_reason(path)


def test_a_wrong_checksum_is_refused_when_the_member_is_read(tmp_path: Path) -> None:
    path = _zip(tmp_path / "r.zip", {"a.csv": b"a,b\n1,2\n"}, method=zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes().replace(b"1,2", b"1,3"))
    (origin,) = find_sources(path, limits=STANDARD).origins
    with pytest.raises(FileRefused, match="damaged"):
        survey_source(origin, limits=STANDARD)


def test_a_zip_cut_short_keeps_the_whole_members(tmp_path: Path) -> None:
    path = _zip(tmp_path / "r.zip", {"a.csv": b"a,b\n1,2\n", "b.csv": b"c,d\n3,4\n"})
    data = path.read_bytes()
    path.write_bytes(data[:-30])
    sources = find_sources(path, limits=STANDARD)
    assert [origin.name for origin in sources.origins] == ["r.zip/a.csv", "r.zip/b.csv"]
    with sources.origins[1].open() as stream:
        assert stream.read() == b"c,d\n3,4\n"
    path.write_bytes(data[: data.rindex(b"PK\3\4") + 38])
    sources = find_sources(path, limits=STANDARD)
    assert [origin.name for origin in sources.origins] == ["r.zip/a.csv"]
    assert "damaged" in sources.problems[0].reason
    path.write_bytes(data[:38])
    assert "damaged" in _get_reason(path)


def test_a_document_is_named_for_what_it_is(tmp_path: Path) -> None:
    assert "document" in _get_reason(_zip(tmp_path / "users.csv", {"[Content_Types].xml": b"x", "xl/a.xml": b"x"}))


def test_a_file_over_the_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"x" * 101)
    (origin,) = find_sources(path, limits=STANDARD).origins
    with pytest.raises(FileRefused, match="larger than 100 bytes"):
        survey_source(origin, limits=replace(STANDARD, file=100))


def test_a_link_that_leaves_the_folder_is_refused_and_one_that_stays_is_read_once(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    (tmp_path / "secret.csv").write_bytes(b"x")
    (folder / "a.csv").write_bytes(b"x")
    try:
        (folder / "out.csv").symlink_to(tmp_path / "secret.csv")
        (folder / "sub" / "up").symlink_to(tmp_path, target_is_directory=True)
        (folder / "same.csv").symlink_to(folder / "a.csv")
    except OSError:
        pytest.skip("this system lets no ordinary user make links")
    sources = find_sources(folder, limits=STANDARD)
    assert [origin.name for origin in sources.origins] == ["a.csv"]
    assert [problem.file for problem in sources.problems] == ["out.csv", "sub/up"]
    assert sources.ignored == ("same.csv",)


def test_a_path_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    assert "is not there" in _get_reason(tmp_path / "nowhere.csv")


def test_a_zip_of_nothing_holds_nothing(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    zipfile.ZipFile(buffer, "w").close()
    (tmp_path / "r.zip").write_bytes(buffer.getvalue())
    assert not find_sources(tmp_path / "r.zip", limits=STANDARD).origins
