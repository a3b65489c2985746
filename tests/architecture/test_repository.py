"""What the repository may contain."""

from __future__ import annotations

import re
import stat
import sys
from pathlib import Path

import pytest

from tests.architecture.repository_files import ROOT, format_path, list_tracked_files
from tools import changelog

# Split in two halves, so that this file does not contain what it searches for.
REGISTRIES = ("py" + "pi.org", "pythonhosted" + ".org", "npm" + "js.org", "npm" + "js.com", "crates" + ".io")
MACHINES = ("/wo" + "rk/", "/opt/" + "wheels", "/home" + "/", "/Us" + "ers/", "/ro" + "ot/")


def _read_texts() -> list[tuple[Path, str]]:
    pairs = [(path, path.read_bytes()) for path in list_tracked_files() if "corpus" not in path.parts]
    return [(path, content.decode("utf-8")) for path, content in pairs if b"\x00" not in content]


@pytest.mark.parametrize("word", REGISTRIES + MACHINES)
def test_no_file_names_a_registry_or_a_place_on_somebody_s_machine(word: str) -> None:
    assert [format_path(path) for path, text in _read_texts() if word in text] == []


def test_the_lock_pins_every_package_with_hashes_and_names_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert "://" not in lock
    assert re.findall(r"^--?[a-z].*", lock, re.MULTILINE) == []
    entries = re.split(r"^(?=[A-Za-z0-9])", lock, flags=re.MULTILINE)[1:]
    assert len(entries) > 50
    assert [entry.splitlines()[0] for entry in entries if "==" not in entry or "--hash=sha256:" not in entry] == []


def test_nothing_is_tracked_that_a_tool_makes_again() -> None:
    generated_names = {"uv.lock", ".python-version", "db.sqlite3", "package.json", "node_modules", ".DS_Store"}
    assert [
        format_path(path) for path in list_tracked_files() if generated_names & set(path.relative_to(ROOT).parts)
    ] == []


def test_every_changelog_fragment_says_something() -> None:
    assert changelog.validate_fragments(changelog.read_fragments()) == []


def test_an_empty_fragment_is_refused() -> None:
    assert changelog.validate_fragments(
        {Path("x.md"): "", Path("y.md"): "# Title", Path("z.md"): "Reads a roster."}
    ) == [
        "x.md: is empty; say in a sentence what changed for a user",
        "y.md: begins with a heading; a fragment is a sentence or two",
    ]


def test_a_version_takes_its_fragments_on_top_of_the_older_ones() -> None:
    first = changelog.build_changelog(changelog.HEAD, version="0.1", day="2026-01-02", texts=["Reads a roster."])
    second = changelog.build_changelog(first, version="0.2", day="2026-02-03", texts=["Reads\ntwo."])
    assert second == changelog.HEAD + (
        "\n## 0.2 (2026-02-03)\n\n- Reads\n  two.\n\n## 0.1 (2026-01-02)\n\n- Reads a roster.\n"
    )


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no execute bit")
def test_the_one_door_can_be_opened() -> None:
    for name in ("run", ".ci/run"):
        assert (ROOT / name).stat().st_mode & stat.S_IXUSR
