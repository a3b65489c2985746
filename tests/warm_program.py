"""Run `homeroom`, or a module that tests run, in a process that is forked from one that has all modules loaded.

Most of what a short command takes is loading modules and content: a second of a processor, hundreds of times a run.
Each process of pytest therefore starts one server on first use; every command is a fork of it, with the environment,
folder and pipes that the test asks for, and its own settings and database connections. `homeroom serve` is a fork of a
second such server, which has the views and templates too. All steps of `./run test` share one of each.

`start_program` in `tests.apps.program` starts the program as a person does, for tests of how it starts, is killed, or
uses memory; with HOMEROOM_COLD in the environment all tests do.

The threads that the server has are those of memory allocators, which stop at a fork. A fork ends without Python's
finalization, in which libraries wait for threads that are not there.
"""

from __future__ import annotations

import array
import atexit
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import IO, Any, NoReturn

from bench.support.program import ProcessCost

ROOT = Path(__file__).resolve().parent.parent
CAN_FORK = sys.platform == "linux" and "HOMEROOM_COLD" not in os.environ
WIDTH = "200"
SHARED_FOLDER = "HOMEROOM_WARM"
"""Variable that names the folder with the sockets of the servers that a whole run shares."""
SOCKETS = {False: "commands", True: "views"}
"""The name of a server's socket, by whether it has the views."""
_LENGTH_BYTES = 4
_READY = b"ready\n"
_cpu_seconds = [0.0]
_lock = threading.Lock()


def measure_warm_cpu() -> float:
    """Return the CPU-seconds of all commands that this process ran warm so far."""
    return _cpu_seconds[0]


def run_program(
    *arguments: str,
    environment: Mapping[str, str],
    folder: Path | None = None,
    timeout: float | None = None,
    module: str = "homeroom",
) -> subprocess.CompletedProcess[str]:
    """Run `homeroom`, or another module, to its end, warm where that is possible; see `run_warm`."""
    if CAN_FORK:
        return run_warm(arguments, environment=environment, folder=folder, timeout=timeout, module=module)
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def run_for_bench(arguments: Sequence[str], *, environment: Mapping[str, str], module: str = "homeroom") -> ProcessCost:
    """Run a module warm for what benchmarks and tests share; the time and the memory are not measured."""
    done = run_warm(arguments, environment={**os.environ, **environment}, module=module)
    return ProcessCost(seconds=0, cpu=0, peak=0, code=done.returncode, out=done.stdout, err=done.stderr)


def run_warm(
    arguments: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path | None = None,
    timeout: float | None = None,
    module: str = "homeroom",
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end with that environment in a folder, or in the current one, without standard input.

    Return its exit code (negative for a signal) and texts. Raise TimeoutExpired after it was killed.
    """
    command = [module, *arguments]
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(_start_server()))
        outputs = _send_request(connection, command, environment=environment, folder=folder)
        texts: list[bytes] = [b"", b""]
        readers = [threading.Thread(target=_read_all, args=(file, texts, n)) for n, file in enumerate(outputs)]
        for reader in readers:
            reader.start()
        connection.settimeout(timeout)
        answers = connection.makefile("r", encoding="utf-8")
        pid = int(answers.readline())
        try:
            ended: dict[str, Any] = json.loads(answers.readline())
        except TimeoutError:
            os.kill(pid, 9)
            raise subprocess.TimeoutExpired(command, timeout or 0) from None
        finally:
            for reader in readers:
                reader.join()
    with _lock:
        _cpu_seconds[0] += ended["cpu_seconds"]
    output, errors = (text.decode().replace("\r\n", "\n") for text in texts)
    return subprocess.CompletedProcess(command, ended["code"], output, errors)


class KillableProgram:
    """A module with a process group of its own, to be killed; warm where that is possible. Its output is not read."""

    def __init__(
        self, *arguments: str, environment: Mapping[str, str], folder: Path | None = None, module: str = "homeroom"
    ) -> None:
        """Start the module with those arguments, environment and folder."""
        command = (module, *arguments)
        self._cold: subprocess.Popen[bytes] | None = None
        if not CAN_FORK:
            self._cold = _start_cold(command, environment=environment, folder=folder)
            return
        self._connection = socket.socket(socket.AF_UNIX)
        self._connection.connect(str(_start_server(has_views="serve" in arguments[:1])))
        outputs = _send_request(self._connection, command, environment=environment, folder=folder, is_group=True)
        for file in outputs:
            threading.Thread(target=_read_all, args=(file, [b""], 0), daemon=True).start()
        self._answers = self._connection.makefile("r", encoding="utf-8")
        self._pid = int(self._answers.readline())

    def is_running(self) -> bool:
        """Return whether the process has not ended."""
        if self._cold is not None:
            return self._cold.poll() is None
        return not select.select([self._connection], [], [], 0)[0]

    def kill(self) -> int:
        """Kill the process and its children, as a power cut would, and return its exit code: -9 if it was running."""
        if self._cold is not None:
            kill_group(self._cold)
            return self._cold.wait()
        try:
            os.killpg(self._pid, signal.SIGKILL)
        except ProcessLookupError:  # it has ended, or has no group of its own yet
            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
        ended = json.loads(self._answers.readline())
        with _lock:
            _cpu_seconds[0] += ended["cpu_seconds"]
        self._answers.close()
        self._connection.close()
        return int(ended["code"])


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """Kill a process that has a group of its own, with its children."""
    if os.name == "posix" and child.poll() is None:
        os.killpg(child.pid, signal.SIGKILL)
    child.kill()


def _start_cold(
    command: Sequence[str], *, environment: Mapping[str, str], folder: Path | None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=folder,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=os.name == "posix",
    )


def _send_request(
    connection: socket.socket,
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path | None,
    is_group: bool = False,
) -> list[IO[bytes]]:
    """Send a request with the ends of two pipes; return the other ends."""
    place = str(folder or Path.cwd())
    content = {"command": command, "environment": dict(environment), "folder": place, "is_group": is_group}
    request = json.dumps(content).encode()
    pipes = [os.pipe(), os.pipe()]
    with Path(os.devnull).open("rb") as no_input:
        descriptors = array.array("i", [no_input.fileno(), *(write for _, write in pipes)])
        ancillary = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, descriptors)]
        connection.sendmsg([len(request).to_bytes(_LENGTH_BYTES)], ancillary)
        connection.sendall(request)
    for _, write in pipes:
        os.close(write)
    return [os.fdopen(read, "rb") for read, _ in pipes]


def _read_all(file: IO[bytes], texts: list[bytes], number: int) -> None:
    with file:
        texts[number] = file.read()


@cache
def _start_server(*, has_views: bool = False) -> Path:
    """Start the server of this process, unless the whole run has one; return the address of its socket."""
    if os.environ.get(SHARED_FOLDER):
        return Path(os.environ[SHARED_FOLDER]) / SOCKETS[has_views]
    folder = tempfile.TemporaryDirectory(prefix="homeroom-warm-")
    path = Path(folder.name) / SOCKETS[has_views]
    process = _start_server_process(path, environment=os.environ, has_views=has_views)
    _await_server(process)

    def end() -> None:
        _end_server(process)
        folder.cleanup()

    atexit.register(end)
    return path


@contextmanager
def share_servers(environment: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Start both servers for all processes of a run; yield the variables by which they find them."""
    if not CAN_FORK:
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="homeroom-warm-") as folder:
        processes = [
            _start_server_process(Path(folder) / name, environment=environment, has_views=has_views)
            for has_views, name in SOCKETS.items()
        ]
        try:
            for process in processes:
                _await_server(process)
            yield {SHARED_FOLDER: folder}
        finally:
            for process in processes:
                _end_server(process)


def _start_server_process(path: Path, *, environment: Mapping[str, str], has_views: bool) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.warm_program", str(path), *(["views"] if has_views else [])],
        cwd=ROOT,
        env={
            **environment,
            "HOMEROOM_DATA": str(path.with_name(f"data-{path.name}")),
            "DATABASE_URL": "",
            "COLUMNS": WIDTH,
            "OPENBLAS_NUM_THREADS": "1",
            "PYTHONWARNINGS": "ignore::DeprecationWarning",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def _await_server(process: subprocess.Popen[bytes]) -> None:
    assert process.stdout is not None
    if process.stdout.readline() != _READY:
        raise RuntimeError("the server of warm programs did not start")


def _end_server(process: subprocess.Popen[bytes]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.wait(timeout=30)


# --- the server ------------------------------------------------------------------------------------------------------


def serve(path: Path, *, has_views: bool) -> list[str]:
    """Fork a process for each connection until standard input ends; return, in the fork, its module and arguments."""
    _load_modules(has_views=has_views)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(64)
    os.write(1, _READY)
    while True:
        ready, _, _ = select.select([listener, 0], [], [], 1.0)
        _collect_children()
        if 0 in ready:
            sys.exit(0)
        if listener in ready:
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                return _handle(connection)
            connection.close()


def _collect_children() -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _handle(connection: socket.socket) -> list[str]:
    """Fork once more: wait for the process and send how it ended, or become it and return its module and arguments."""
    head, ancillary, *_ = connection.recvmsg(_LENGTH_BYTES, socket.CMSG_SPACE(3 * array.array("i").itemsize))
    descriptors = array.array("i")
    for _level, _kind, content in ancillary:
        descriptors.frombytes(content)
    size, body = int.from_bytes(head), b""
    while len(body) < size:
        body += connection.recv(size - len(body))
    pid = os.fork()
    if pid == 0:
        connection.close()
        return _enter_command(json.loads(body), list(descriptors))
    for descriptor in (*descriptors, 0, 1):
        os.close(descriptor)
    connection.sendall(f"{pid}\n".encode())
    _, status, usage = os.wait4(pid, 0)
    ended = {"code": os.waitstatus_to_exitcode(status), "cpu_seconds": usage.ru_utime + usage.ru_stime}
    with suppress(BrokenPipeError):  # the test gave up
        connection.sendall(f"{json.dumps(ended)}\n".encode())
    os._exit(0)


def _enter_command(request: Mapping[str, Any], descriptors: Sequence[int]) -> list[str]:
    """Take the environment, folder and pipes of a request, and return its module with the arguments."""
    for target, descriptor in enumerate(descriptors):
        os.dup2(descriptor, target)
        os.close(descriptor)
    if request["is_group"]:
        os.setsid()
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    sys.stdin = os.fdopen(0, encoding="utf-8", closefd=False)
    _forget_settings()
    return list(request["command"])


def _load_modules(*, has_views: bool) -> None:
    """Import what commands import, and read the content that they read; for a service, what a web process does too."""
    import gc
    import pkgutil
    from importlib import import_module

    import django

    django.setup()
    from homeroom.cli.main import build_command

    build_command()
    packages = ("domain", "engines", "evidence", "library", "ingest", "apps", "cli")
    for name in (*packages, "api", "web") if has_views else packages:
        package = import_module(f"homeroom.{name}")
        for module in pkgutil.walk_packages(package.__path__, f"homeroom.{name}."):
            if ".migrations" not in module.name and not module.name.endswith("_process"):
                import_module(module.name)
    _load_content()
    if has_views:
        from homeroom.web.shared.warm_up import warm

        warm()
    if "polars-0" in {path.read_text(encoding="utf-8").strip() for path in Path("/proc/self/task").glob("*/comm")}:
        raise RuntimeError("loading modules started the threads of polars; a fork has none of them and would wait")
    gc.collect()
    gc.freeze()


def _load_content() -> None:
    """Read content that many commands read; only what starts no thread of polars, which a fork would wait for."""
    import typer._adapters  # noqa: F401  (typer imports it at the first command)

    from homeroom.apps.know.inventory.commands import hash_rules
    from homeroom.apps.manage.tools.queries import load_tool_content
    from homeroom.apps.protect.posture.catalog.controls import load_all_controls
    from homeroom.library.comply.laws.law_files import load_laws
    from homeroom.library.know.connectors import load_connectors
    from homeroom.library.know.software import load_products
    from homeroom.library.protect.frameworks import load_frameworks

    load_all_controls(), load_frameworks(), load_laws(), load_connectors(), load_products(), load_tool_content()
    hash_rules()


def _forget_settings() -> None:
    """Let the command read its own settings, and open its own databases."""
    from asgiref.local import Local
    from django.conf import settings
    from django.core.cache import caches
    from django.db import connections, router
    from django.utils.functional import empty

    import homeroom.config
    from homeroom.cli.options import errors, output

    for handler in (connections, caches):
        handler.close_all()
    settings._wrapped = empty
    sys.modules.pop("homeroom.config.settings", None)
    vars(homeroom.config).pop("settings", None)
    for handler in (connections, caches):
        vars(handler).pop("settings", None)
        handler._settings = None
        handler._connections = Local(handler.thread_critical)
    vars(router).pop("routers", None)
    router._routers = None
    width = os.environ.get("COLUMNS", "")
    for console in (errors, output):
        console._width = int(width) if width.isdigit() else None


def _run_and_exit() -> NoReturn:
    """Run the module and end the process as Python does, but for what waits for threads that no fork has."""
    from homeroom.cli.main import run

    code: object = 0
    try:
        if sys.argv[0] == "homeroom":
            run()
        else:
            runpy.run_module(sys.argv[0], run_name="__main__")
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001  (Python itself prints any of them and ends with 1)
        traceback.print_exc()
        code = 1
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code if isinstance(code, int) else 1 if code else 0)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "homeroom.config.settings")
    sys.argv = serve(Path(sys.argv[1]), has_views="views" in sys.argv[2:])
    _run_and_exit()
