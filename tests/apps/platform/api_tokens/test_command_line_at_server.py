"""The command line against a server: the same verbs, with a token from a private file, and never on the wrong data."""

from __future__ import annotations

import errno
import inspect
import json
import os
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
import typer.main
from typer.testing import CliRunner

from homeroom.apps.know.sources.endpoints.loads import LIST_LOADS
from homeroom.apps.know.sources.endpoints.uploads import PUSH_FILES, PushParameters, UploadDocument
from homeroom.apps.platform.api_tokens import commands as api_tokens
from homeroom.apps.platform.api_tokens.models import ApiToken
from homeroom.apps.platform.endpoints.endpoint import CallRefused, NoParameters
from homeroom.cli.main import build_app
from homeroom.cli.options import refuse
from homeroom.cli.platform.remote import server_calls
from homeroom.cli.platform.remote.server_calls import ServerCalls, ServerRefused, check_server, read_token_file
from homeroom.cli.platform.tokens import commands as token_commands
from homeroom.cli.startup.remote_options import REMOTE_COMMANDS, RemoteOptions
from tests.cast import Cast
from tests.sample_server import run_process, serve_data

push_module: Any = import_module("homeroom.cli.platform.remote.push")  # which its verb hides in the package
CSV = b"Asset Tag,Serial\n1,5CD1234ABC\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """Serve a district; yield the address and a file with a token of its director."""
    folder = tmp_path_factory.mktemp("server")
    run_process("users", "add", "dana", "--permanent", data=folder / "data")
    permissions = [f"--permission={name}" for name in ("sources.read", "sources.load", "permissions.read")]
    token = str(folder / "token.txt")
    run_process("tokens", "make", "dana", "--name", "push", *permissions, "--out", token, data=folder / "data")
    with serve_data(folder / "data", worker=False) as address:
        yield address, Path(token)


def run(*arguments: str, **options: Any) -> Any:
    return CliRunner().invoke(build_app(), arguments, **options)


def test_a_push_and_the_verbs_that_read_work_from_another_machine(server: tuple[str, Path], tmp_path: Path) -> None:
    address, token = server
    at_server = ("--server", address, "--token-file", str(token))
    (tmp_path / "assets.csv").write_bytes(CSV)
    pushed = run(*at_server, "push", str(tmp_path / "assets.csv"), "--no-wait", "--json")
    assert (pushed.exit_code, json.loads(pushed.stdout)["state"]) == (0, "waiting")
    shown = run(*at_server, "tokens", "show", "--json")
    assert json.loads(shown.stdout)["permissions"] == ["sources.read", "sources.load", "permissions.read"]
    assert json.loads(run(*at_server, "loads", "--json").stdout) == []
    assert "users.manage" in run(*at_server, "permissions", "list").stdout
    refused = run(*at_server, "users", "list")
    assert (refused.exit_code, "does not hold users.read" in refused.stderr) == (2, True)
    missing = run(*at_server, "undo", "000001-0123456789ab")
    assert (missing.exit_code, "no load 000001-0123456789ab" in missing.stderr) == (2, True)
    stray = run(*at_server, "loads", "--district", "elsewhere")
    assert (stray.exit_code, "no such endpoint" in stray.stderr) == (2, True)
    assert run("loads", env={"HOMEROOM_SERVER": address, "HOMEROOM_TOKEN_FILE": str(token)}).exit_code == 0


def test_a_token_is_made_only_if_its_file_can_be_written_and_the_file_only_for_a_token(
    server: tuple[str, Path], tmp_path: Path
) -> None:
    _, token = server
    data = str(token.parent / "data")
    make = ["-m", "homeroom", "tokens", "make", "dana", "--name", "x", "--permission", "sources.read", "--data", data]

    def run_make(*words: str) -> tuple[int, str]:
        result = subprocess.run([sys.executable, *make, *words], capture_output=True, text=True, check=False)
        return result.returncode, result.stderr.replace("\n", " ")

    assert run_make("--out", str(token)) == (2, f"Error: {token} exists already; name a new file ")
    assert "cannot write" in run_make("--out", str(tmp_path / "missing" / "token"))[1]
    assert run_make("--out", str(tmp_path / "token"), "--days", "0")[0] == 2
    assert not (tmp_path / "token").exists()
    assert (stat.S_IMODE(token.stat().st_mode) if os.name == "posix" else 0o600) == 0o600
    listed = json.loads(run_process("tokens", "list", "--json", data=Path(data)))
    assert [row["name"] for row in listed] == ["push"]


@pytest.mark.parametrize(
    ("place", "failure", "revoked"),
    [
        (f"{api_tokens.__name__}.make_token", KeyboardInterrupt(), 0),
        (f"{api_tokens.__name__}.make_token", RuntimeError("database"), 0),
        ("pathlib.Path.write_text", OSError(errno.ENOSPC, "No space left"), 1),
        ("pathlib.Path.write_text", KeyboardInterrupt(), 1),
    ],
)
def test_no_token_is_lost_and_no_empty_file_stays_if_making_it_fails(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, failure: BaseException, revoked: int
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    context = SimpleNamespace(district=cast.district, at=datetime.now(UTC))
    monkeypatch.setattr(token_commands, "start_command", lambda **_: context)
    monkeypatch.setattr(place, fail)
    with pytest.raises(BaseException) as error:  # noqa: PT011
        token_commands.make_token_command(
            username="technician", name="x", permissions=["sources.read"], out=tmp_path / "token"
        )
    assert isinstance(error.value, typer.Exit if isinstance(failure, OSError) else type(failure))
    assert not (tmp_path / "token").exists()
    assert [row.ended_because for row in ApiToken.objects.of(cast.district)] == ["revoked"] * revoked


def test_a_verb_that_opens_a_data_folder_is_refused_while_a_server_is_named(tmp_path: Path) -> None:
    for words in (["load", "x.csv"], ["assess"], ["users", "add", "kit"], ["tokens", "list"], ["doctor"]):
        result = run("--server", "https://homeroom.example.org", *words, "--data", str(tmp_path / "data"))
        assert (result.exit_code, "on the server's own machine" in result.stderr.replace("\n", " ")) == (2, True)
    assert not (tmp_path / "data").exists()


def test_options_of_this_machine_do_not_go_with_a_server(tmp_path: Path) -> None:
    result = run("--server", "https://homeroom.example.org", "loads", "--data", str(tmp_path))
    assert (result.exit_code, "--data is for this machine" in result.stderr) == (2, True)


def test_a_push_without_a_server_or_a_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    assert "name the server" in run("push", "x.csv").stderr
    assert "is no file" in run("--server", "https://homeroom.example.org", "push", str(tmp_path)).stderr


@pytest.mark.parametrize(
    ("server_text", "is_taken"),
    [
        ("https://homeroom.example.org", True),
        ("https://homeroom.example.org:8443/tools", True),
        ("http://127.0.0.1:8000", True),
        ("http://[::1]:8000", True),
        ("http://homeroom.example.org", False),
        ("http://127.0.0.1.example.org", False),
        ("homeroom.example.org", False),
        ("ftp://homeroom.example.org", False),
        ("https://dana:secret@homeroom.example.org", False),
        ("https://homeroom.example.org?x=1", False),
        ("", False),
    ],
)
def test_a_token_is_sent_by_https_alone_but_to_this_machine(server_text: str, is_taken: bool) -> None:
    if is_taken:
        assert check_server(server_text) == server_text
        return
    with pytest.raises(ServerRefused):
        check_server(server_text)


def write_token(path: Path, text: str = "hrt_x\n", mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_a_token_file_is_private_and_holds_one_token(tmp_path: Path) -> None:
    assert read_token_file(write_token(tmp_path / "a")) == "hrt_x"
    for text in ("", "hrt_x hrt_y", "hrt_é", "hrt_\x00"):
        with pytest.raises(ServerRefused, match="one token"):
            read_token_file(write_token(tmp_path / "b", text))
    for path in (None, tmp_path / "missing"):
        with pytest.raises(ServerRefused):
            read_token_file(path)
    if os.name == "posix":
        with pytest.raises(ServerRefused, match="chmod 600"):
            read_token_file(write_token(tmp_path / "c", mode=0o640))


@pytest.mark.parametrize(
    ("answer", "error", "reason"),
    [
        (httpx.Response(302, headers={"Location": "https://elsewhere.example"}), CallRefused, "302"),
        (httpx.Response(502, text="<html>"), CallRefused, "502"),
        (httpx.Response(403, json={"error": "does not hold it"}), CallRefused, "does not hold it"),
        (httpx.Response(403, json=["x"]), CallRefused, "403"),
        (httpx.Response(200, json={"x": 1}), ServerRefused, "another version"),
        (httpx.Response(200, text="<html>"), ServerRefused, "another version"),
    ],
)
def test_an_answer_that_is_none_is_refused_and_no_redirect_gets_the_token(
    tmp_path: Path, answer: httpx.Response, error: type[Exception], reason: str
) -> None:
    seen: list[httpx.URL] = []

    def respond(request: httpx.Request) -> httpx.Response:
        seen.append(request.url)
        return answer

    options = RemoteOptions(server="https://homeroom.example.org", token_file=write_token(tmp_path / "token"))
    transport = httpx.MockTransport(respond)
    with (
        closing(ServerCalls(options, district="maple", transport=transport)) as calls,
        pytest.raises(error, match=reason),
    ):
        calls.call(LIST_LOADS, NoParameters())
    assert [str(url) for url in seen] == ["https://homeroom.example.org/d/maple/api/v1/loads"]


class FakeEndpoints:
    """Endpoints of a server that answers a push, then what a test lists, by turns."""

    def __init__(self, *answers: str | Exception) -> None:
        self._answers = list(answers)
        self.calls = 0

    def call(self, *_: Any, **__: Any) -> UploadDocument:
        self.calls += 1
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return UploadDocument(
            number=7, state=answer, step="", done=0, total=0, made_at=datetime.now(UTC), finished_at=None,
            files=(), result={},
        )  # fmt: skip


@pytest.mark.parametrize(
    ("answers", "exit_code", "waits"),
    [
        (["waiting", CallRefused("busy", status=503), ServerRefused("x", is_temporary=True), "done"], 0, 3.5),
        (["waiting", CallRefused("too often", status=429, retry_seconds=600), "done"], 0, 600.5),
        (["waiting", CallRefused("revoked", status=401)], 1, 0.5),
        (["waiting", ServerRefused("another version")], 1, 0.5),
        (["waiting", *[ServerRefused("restarts", is_temporary=True)] * 800], 1, 3600),
        (["waiting", "refused"], 2, 0.5),
        ([CallRefused("many uploads wait", status=429)], 2, 0),
    ],
)
def test_a_push_that_was_taken_is_asked_for_until_its_end_and_never_called_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answers: list[str | Exception], exit_code: int, waits: float
) -> None:
    endpoints, clock = FakeEndpoints(*answers), [0.0]

    @contextmanager
    def open_fake(**_: Any) -> Iterator[FakeEndpoints]:
        try:
            yield endpoints
        except (CallRefused, ServerRefused) as error:
            refuse(str(error))

    monkeypatch.setattr(push_module, "open_endpoints", open_fake)
    monkeypatch.setattr(push_module.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(push_module.time, "sleep", lambda seconds: clock.__setitem__(0, clock[0] + seconds))
    (tmp_path / "assets.csv").write_bytes(CSV)
    result = run("--server", "https://homeroom.example.org", "push", str(tmp_path / "assets.csv"))
    assert (result.exit_code, clock[0]) == (exit_code, waits)
    assert ("Upload 7 was taken" in result.stderr) == (exit_code == 1)
    assert ("upload 7" in result.stdout) == (len(answers) > 1)


def test_a_token_for_this_machine_goes_to_no_proxy_and_a_wait_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_calls, "TIMEOUT", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as proxy, socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
        closed.close()
        for name in ("HTTP_PROXY", "http_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.getsockname()[1]}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
        options = RemoteOptions(server=f"http://localhost:{port}", token_file=write_token(tmp_path / "token"))
        with closing(ServerCalls(options, district=None)) as calls, pytest.raises(ServerRefused) as refused:
            calls.call(LIST_LOADS, NoParameters())
        assert refused.value.is_temporary
        proxy.setblocking(False)
        with pytest.raises(BlockingIOError):
            proxy.accept()
    options = RemoteOptions(server="https://homeroom.example.org", token_file=tmp_path / "token")
    transport = httpx.MockTransport(lambda _: httpx.Response(429, headers={"Retry-After": "600"}))
    with closing(ServerCalls(options, district=None, transport=transport)) as calls:
        with pytest.raises(CallRefused) as later:
            calls.call(LIST_LOADS, NoParameters())
        assert (later.value.status, later.value.retry_seconds) == (429, 600)
        with pytest.raises(ServerRefused, match="cannot read"):
            calls.call(PUSH_FILES, PushParameters(), files=[tmp_path])


def test_the_verbs_that_run_against_a_server_are_those_that_the_refusal_names() -> None:
    def walk(group: Any, path: str = "") -> Iterator[tuple[str, Any]]:
        for name, command in group.commands.items():
            if hasattr(command, "commands"):
                yield from walk(command, f"{path}{name} ")
            elif not command.deprecated:
                yield f"{path}{name}", inspect.getsource(inspect.unwrap(command.callback))

    commands = walk(typer.main.get_command(build_app()))
    assert sorted(path for path, source in commands if "open_endpoints(" in source) == sorted(REMOTE_COMMANDS)
