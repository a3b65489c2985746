"""The search for rollouts is compiled where there is a C compiler, and left out where there is none."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from homeroom.engines.manage.rollout.compiled import sources
from tests.architecture.repository_files import ROOT
from tools.compile_search import compile_search, find_compiler

SANITIZERS = ("-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all")
needs_compiler = pytest.mark.skipif(find_compiler() is None, reason="there is no C compiler here")


@needs_compiler
def test_the_library_says_which_sources_it_was_built_from(tmp_path: Path) -> None:
    library = compile_search(target=tmp_path / "route_search.native", options=["-Wall", "-Wextra", "-Werror"])
    assert library is not None
    assert sources.compute_digest().encode() in library.read_bytes()


@needs_compiler
def test_a_library_that_is_current_is_not_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "route_search.native"
    compile_search(target=target)
    monkeypatch.setenv("CC", "/no/compiler")
    assert compile_search(target=target) == target
    target.write_bytes(b"from other sources")
    assert compile_search(target=target) is None


def test_a_compiler_that_fails_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CC", "false")
    assert compile_search(target=tmp_path / "route_search.native") is None
    assert list(tmp_path.iterdir()) == []
    assert "the search for rollouts was not compiled, and Python's is used" in capfd.readouterr().err


@pytest.mark.parametrize("compiler", ["'cc", "/no/such/compiler"])
def test_a_compiler_that_cannot_be_called_is_none(
    compiler: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CC", compiler)
    assert compile_search(target=tmp_path / "route_search.native") is None
    assert "was not compiled" in capfd.readouterr().err


@needs_compiler
def test_a_folder_that_cannot_be_written_leaves_the_search_out(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert compile_search(target=tmp_path / "missing" / "route_search.native") is None
    assert "was not compiled" in capfd.readouterr().err


@needs_compiler
def test_a_library_of_another_machine_is_compiled_again(tmp_path: Path) -> None:
    target = tmp_path / "route_search.native"
    foreign = b"\xcf\xfa\xed\xfe" + sources.compute_digest().encode()
    target.write_bytes(foreign)
    assert compile_search(target=target) == target
    assert target.read_bytes() != foreign


def test_without_a_compiler_it_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compile_search(target=tmp_path / "route_search.native") is None
    assert "no C compiler here" in capfd.readouterr().err


@needs_compiler
@pytest.mark.scale
@pytest.mark.thorough
def test_no_move_reads_or_writes_outside_of_its_arrays(tmp_path: Path) -> None:
    """Run the tests of the search once more, compiled so that each wrong access ends the program."""
    library = compile_search(target=tmp_path / "route_search.native", options=SANITIZERS)
    if library is None:
        pytest.skip("the compiler has no sanitizers")
    preloaded = [_find_runtime(name) for name in ("libasan.so", "libubsan.so")]
    if not all(Path(path).is_absolute() for path in preloaded):
        pytest.skip("the compiler has no libasan.so and libubsan.so of its own")
    program = (
        "import sys, pytest, pathlib\n"
        "from homeroom.engines.manage.rollout.compiled import library\n"
        "library.LIBRARY = pathlib.Path(sys.argv[1])\n"
        "sys.exit(pytest.main(['tests/unit/manage/rollouts/test_compiled_search.py', '-p', 'no:cacheprovider']))\n"
    )
    environment = os.environ | {"LD_PRELOAD": " ".join(preloaded), "ASAN_OPTIONS": "detect_leaks=0"}
    done = subprocess.run(
        [sys.executable, "-c", program, str(library)], cwd=ROOT, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert "skipped" not in done.stdout


def _find_runtime(name: str) -> str:
    """Return the path of a runtime library of the compiler."""
    command = [*(find_compiler() or []), f"-print-file-name={name}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
