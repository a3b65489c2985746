"""A server in a folder: commands of an operator run as written, their absolute paths below a root of their own.

Programs that would change this machine (systemctl, useradd, apt-get …) are replaced by those in `programs/`; all else
is real: the shell, `./run install`, the installed program, curl, nginx. Only what `./run install` would compile comes
compiled from the environment of the tests (`programs/uv.py`).
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.content.walkthrough import ROOT
from tests.sample_server import find_free_port

PROGRAMS = Path(__file__).parent / "programs"
DATABASE = "postgresql://homeroom:PASSWORD@127.0.0.1/homeroom"
"""The address of PostgreSQL on the pages."""
_SOURCE = "usr/local/src/homeroom"
_COPIED_PATHS = ("src", "tools", "deploy", "docs", "run", "requirements.lock", "pyproject.toml", "README.md", "LICENSE")
_OWN_PATH = re.compile(r"(?<![\w./}-])/(?=(?:opt|etc|var|usr/local)(?:/|\b))")


@dataclass(frozen=True, kw_only=True)
class OperatorMachine:
    """A server whose files are below `root`; `ports` replaces the ports that the pages name, `database` its address."""

    root: Path
    ports: dict[str, str]
    database: str = DATABASE

    @property
    def source(self) -> Path:
        """Folder of the clone that the pages work in."""
        return self.root / _SOURCE

    def replace_paths(self, text: str) -> str:
        """Return the text with its absolute paths below the root, and with free ports."""
        text = _OWN_PATH.sub(f"{self.root}/", text).replace(DATABASE, self.database)
        for port, free_port in self.ports.items():
            text = re.sub(rf"(?<=[: ])(\[::\]:)?{port}(?=[; /\n]|$)", rf"\g<1>{free_port}", text)
        return text

    def run(self, script: str, *, folder: Path | None = None, **variables: str) -> subprocess.CompletedProcess[str]:
        """Run a script of the shell, stopping at the first command that fails; return its result and output."""
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.replace_paths(script)],
            cwd=folder or self.source,
            env=self._build_environment() | variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )

    def _build_environment(self) -> dict[str, str]:
        cache = subprocess.run([_find_uv(), "cache", "dir"], capture_output=True, encoding="utf-8", check=True)
        inherited = {name: value for name, value in os.environ.items() if name.startswith(("UV_", "PIP_", "SSL_"))}
        own = (self.root / "programs", self.root / "usr/local/sbin")
        return inherited | {
            "PATH": os.pathsep.join([*map(str, own), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]),
            "HOME": str(self.root / "home"),
            "UV_CACHE_DIR": cache.stdout.strip(),
            "LANG": "C.UTF-8",
            "COLUMNS": "200",
            "TEST_ROOT": str(self.root),
            "TEST_PORT": self.ports["8000"],
            "TEST_DATABASE": self.database,
            "TEST_UV": _find_uv(),
        }


@contextmanager
def prepare_machine(folder: Path, *, database: str = DATABASE) -> Iterator[OperatorMachine]:
    """Yield a new server with a copy of the repository; end at last what it started."""
    root = folder.resolve() / "server"
    ports = {port: str(find_free_port()) for port in ("8000", "8443", "443", "80")}
    machine = OperatorMachine(root=root, ports=ports, database=database)
    for name in ("etc/systemd/system", "etc/nginx/conf.d", "etc/caddy", "usr/local/sbin", "opt", "var/lib", "home"):
        (root / name).mkdir(parents=True)
    _write_programs(root / "programs")
    _copy_source(machine)
    try:
        yield machine
    finally:
        for path in root.glob("run/*.pid"):
            _kill(int(path.read_text(encoding="ascii")))


def _write_programs(folder: Path) -> None:
    """Write the replaced programs, each as a call of its script."""
    folder.mkdir()
    for script in PROGRAMS.glob("[a-z]*.py"):
        path = folder / script.stem.replace("_", "-")
        path.write_text(f'#!/bin/sh\nexec "{sys.executable}" -I "{script}" "$@"\n', encoding="utf-8")
        path.chmod(0o755)


def _copy_source(machine: OperatorMachine) -> None:
    machine.source.mkdir(parents=True)
    for name in _COPIED_PATHS:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, machine.source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, machine.source / name)
    for path in (machine.source / "deploy").rglob("*"):
        if path.is_file():
            path.write_text(machine.replace_paths(path.read_text(encoding="utf-8")), encoding="utf-8")


def _find_uv() -> str:
    candidate = Path(sys.executable).with_name("uv")
    return str(candidate) if candidate.exists() else str(shutil.which("uv"))


def _kill(pid: int) -> None:
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
