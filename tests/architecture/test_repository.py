"""What the repository may contain."""

from __future__ import annotations

import re
import stat
import sys
import tomllib
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


def test_every_changelog_fragment_has_a_category_and_says_something() -> None:
    assert changelog.find_fragment_problems() == []


def test_a_fragment_without_category_or_text_is_refused(tmp_path: Path) -> None:
    root = _create_changelog(tmp_path, {"x.fix.md": "", "y.feature.md": "# Title", "z.change.md": "Reads a roster."})
    assert changelog.find_fragment_problems(root) == [
        "x.fix.md: is empty; say in a sentence what changed for a user",
        "y.feature.md: begins with a heading; a fragment is a sentence or two",
    ]
    (root / "changelog.d" / "roster.improvement.md").write_text("Reads a roster.", encoding="utf-8")
    assert changelog.find_fragment_problems(root)[0] == (
        f"Invalid news fragment name: roster.improvement.md; {changelog.FILE_NAME} would fit"
    )


def test_the_readme_of_the_fragments_names_the_categories() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    readme = (ROOT / "changelog.d" / "README.md").read_text(encoding="utf-8")
    assert [entry["directory"] for entry in project["tool"]["towncrier"]["type"]] == re.findall(
        r"`(\w+)`", readme.partition("Categories: ")[2].partition(".")[0]
    )


def test_a_version_takes_its_fragments_on_top_of_the_older_ones(tmp_path: Path) -> None:
    root = _create_changelog(tmp_path, {"a.feature.md": "Reads a roster.", "b.fix.md": "Reads\ntwo."})
    older = "## 0.1.0 (2026-01-02)\n\n### Features\n\n- Reads nothing.\n"
    with (root / "CHANGELOG.md").open("a", encoding="utf-8") as file:
        file.write(f"\n{older}")
    build = changelog.run_towncrier("--yes", "--version", "0.2.0", "--date", "2026-02-03", root=root)
    assert build.returncode == 0, build.stderr
    head, _, text = (root / "CHANGELOG.md").read_text(encoding="utf-8").partition("<!-- towncrier")
    assert head.startswith("# Changelog\n")
    assert text.partition("\n\n")[2] == (
        f"## 0.2.0 (2026-02-03)\n\n### Features\n\n- Reads a roster.\n\n### Fixes\n\n- Reads\n  two.\n\n\n{older}"
    )
    assert [path.name for path in (root / "changelog.d").iterdir()] == ["README.md"]


def _create_changelog(root: Path, fragments: dict[str, str]) -> Path:
    """Create a project with the configuration, the empty changelog and these fragments."""
    (root / "changelog.d").mkdir()
    (root / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text(encoding="utf-8"), encoding="utf-8")
    (root / "CHANGELOG.md").write_text(
        "# Changelog\n\n<!-- towncrier release notes start -->\n", encoding="utf-8", newline="\n"
    )
    for name, text in {"README.md": "One file a change.", **fragments}.items():
        (root / "changelog.d" / name).write_text(text, encoding="utf-8")
    return root


@pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps no execute bit")
def test_the_one_door_can_be_opened() -> None:
    for name in ("run", ".ci/run"):
        assert (ROOT / name).stat().st_mode & stat.S_IXUSR
