"""The demo of the guides, built once per run; a guide that creates it runs its own command over a copy.

To build it takes a quarter of a minute of a processor. `python -m tests.content.built_demo BUILT demo …` is `homeroom
demo …` as it is written, with its options, its folder and its output, except that the district comes from the folder
BUILT, which the same command filled.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from tests.prepared_folders import prepare_folder
from tests.warm_program import run_program

DATA, ANSWER = "data", "answer.json"


def run_demo(*arguments: str, environment: Mapping[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Run `homeroom demo …` in that folder over a copy of the demo, which is built first if no guide did so before."""
    built = prepare_folder("demo", _build_demo)
    return run_program(
        str(built), *arguments, environment=environment, folder=folder, module="tests.content.built_demo"
    )


def _build_demo(folder: Path) -> None:
    arguments = ("demo", "--no-serve", "--json", "--data", str(folder / DATA))
    done = run_program(*arguments, environment={**os.environ, "DATABASE_URL": ""})
    assert done.returncode == 0, done.stderr
    (folder / ANSWER).write_text(done.stdout, encoding="utf-8")


def main(built: Path, arguments: list[str]) -> None:
    """Run the command with those arguments in this process."""
    from homeroom.cli import demo
    from homeroom.cli.main import run

    open_folder = demo.start_command

    def copy_and_open(*, data: str, kind: str) -> Any:
        shutil.copytree(built / DATA, data)
        return open_folder(data=data, kind=kind)

    def read_accounts(context: object, *, quiet: bool) -> Any:
        return msgspec.json.decode((built / ANSWER).read_bytes())["sign_ins"]

    demo.start_command, demo.create_demo = copy_and_open, read_accounts  # type: ignore[assignment]
    sys.argv = ["homeroom", *arguments]
    run()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
