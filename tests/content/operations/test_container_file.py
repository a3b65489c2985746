"""The steps of the container file work as they are written: without an engine, in a folder in place of the image."""

from __future__ import annotations

import fnmatch
import json
import re
import shutil
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.content.operations.machine import OperatorMachine, prepare_machine
from tests.content.walkthrough import ROOT
from tests.sample_server import find_free_port, kill_process, wait_until

FILE = ROOT / "deploy" / "Containerfile"
IGNORED = (ROOT / ".containerignore").read_text(encoding="utf-8").split()
_KNOWN = {"FROM", "WORKDIR", "COPY", "RUN", "LABEL", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "CMD"}


class Instruction(NamedTuple):
    """One line of the container file."""

    name: str
    text: str


@dataclass
class Image:
    """The state that instructions build: folder, variables, user, volumes and command."""

    folder: str = "/"
    variables: dict[str, str] = field(default_factory=dict)
    user: str = "root"
    volumes: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)


def read_instructions() -> Iterator[Instruction]:
    """Yield the instructions of the container file; fail for one that this test could not carry out."""
    for line in FILE.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if line.strip() and not line.startswith("#"):
            name, _, text = line.partition(" ")
            assert name in _KNOWN, line
            yield Instruction(name, text.strip())


def apply_instruction(instruction: Instruction, image: Image, machine: OperatorMachine) -> None:
    """Carry out an instruction below the machine's root."""
    name, text = instruction
    if name == "RUN":
        result = machine.run(text, folder=Path(machine.replace_paths(image.folder)), **image.variables)
        assert result.returncode == 0, f"RUN {text}\n{result.stdout[-3000:]}"
    elif name == "COPY" and text == ". .":
        copy_context(Path(machine.replace_paths(image.folder)))
    elif name == "COPY":  # both stages share a root, so that what a stage copies from another is in its place
        stage, source, target = text.split()
        assert stage == "--from=build"
        assert source == target
        assert Path(machine.replace_paths(source)).is_dir()
    elif name == "WORKDIR":
        image.folder = text
        Path(machine.replace_paths(text)).mkdir(parents=True, exist_ok=True)
    elif name == "ENV":
        image.variables |= dict(pair.split("=", 1) for pair in machine.replace_paths(text).split())
    elif name == "USER":
        image.user = text
    elif name == "VOLUME":
        image.volumes.append(text)
    elif name == "CMD":
        image.command = json.loads(text)


def copy_context(target: Path) -> None:
    """Copy the tracked files that the container file's build may see."""
    tracked = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, tracked):
        parts = Path(name).parts
        if (ROOT / name).exists() and not any(fnmatch.fnmatch(parts[0], pattern) for pattern in IGNORED):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)


def test_the_image_runs_as_a_user_with_a_volume_and_listens_on_loopback() -> None:
    instructions = list(read_instructions())
    last_stage = instructions[max(at for at, step in enumerate(instructions) if step.name == "FROM") :]
    assert [step.text for step in last_stage if step.name == "USER"] == ["homeroom"]
    assert [step.text for step in last_stage if step.name == "VOLUME"] == ["/var/lib/homeroom"]
    assert [json.loads(step.text) for step in last_stage if step.name == "CMD"] == [["homeroom", "serve"]]
    assert all(re.search(r":\d[\w.-]+( AS \w+)?$", step.text) for step in instructions if step.name == "FROM")


def test_the_build_sees_neither_history_nor_tests() -> None:
    assert {".git", ".venv", "tests"} <= set(IGNORED)


@pytest.mark.scale
@pytest.mark.thorough
@pytest.mark.skipif(sys.platform != "linux", reason="an image is a Linux system")
def test_the_steps_of_the_container_file_build_a_program_that_serves(tmp_path: Path) -> None:
    image, port = Image(), find_free_port()
    with prepare_machine(tmp_path) as machine:
        shutil.rmtree(machine.source)
        for instruction in read_instructions():
            apply_instruction(instruction, image, machine)
        child = subprocess.Popen(
            [*image.command, "--port", str(port)],
            cwd=machine.replace_paths(image.folder),
            env=image.variables,
            executable=machine.replace_paths("/opt/homeroom/bin/homeroom"),
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            wait_until(
                lambda: child.poll() is None and _is_answering(f"http://127.0.0.1:{port}/healthz"), seconds=300
            )  # it makes two databases before it serves
        finally:
            kill_process(child)


def _is_answering(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=1) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False
