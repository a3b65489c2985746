"""Check the changelog fragments in changelog.d/ and let towncrier collect them into CHANGELOG.md."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tools.steps import ROOT, build_tool_command

FILE_NAME = "<subject>.<category>.md with a category of changelog.d/README.md"


def find_fragment_problems(root: Path = ROOT) -> list[str]:
    """Return the problems of the fragments below `root`: no category, no text, or a heading."""
    draft = run_towncrier("--draft", "--version", "next", root=root)
    problems = [f"{_get_reason(draft.stderr)}; {FILE_NAME} would fit"] if draft.returncode else []
    for path in sorted((root / "changelog.d").glob("*.md")):
        text = path.read_text(encoding="utf-8").strip()
        if not text:
            problems.append(f"{path.name}: is empty; say in a sentence what changed for a user")
        elif text.startswith("#"):
            problems.append(f"{path.name}: begins with a heading; a fragment is a sentence or two")
    return problems


def run_towncrier(*arguments: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `towncrier build` with the configuration of `root`."""
    command = build_tool_command("towncrier", "build", "--dir", str(root), *arguments)
    return subprocess.run(command, cwd=root, capture_output=True, encoding="utf-8", check=False)


def _get_reason(output: str) -> str:
    """Return the first line of towncrier's error message."""
    return output.rpartition("Error: ")[2].partition("\n")[0]


def run_changelog(arguments: Sequence[str]) -> int:
    """Check the fragments with `--check`, or move them into CHANGELOG.md with `VERSION`."""
    problems = find_fragment_problems()
    if problems or len(arguments) != 1:
        print("\n".join(problems) or "usage: changelog --check | VERSION", file=sys.stderr)
        return 1 if problems else 2
    if arguments[0] == "--check":
        return 0
    build = run_towncrier("--yes", "--version", arguments[0])
    print(build.stdout + build.stderr, end="")
    return build.returncode
