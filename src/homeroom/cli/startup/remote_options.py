"""Which server a command calls, and with which token: options of the program itself, before the command."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

Server = Annotated[
    str | None,
    typer.Option("--server", envvar="HOMEROOM_SERVER", help="Run the command against this server.", metavar="URL"),
]
TokenFile = Annotated[
    Path | None,
    typer.Option(
        "--token-file", envvar="HOMEROOM_TOKEN_FILE", help="The file with the API token for it.", metavar="FILE"
    ),
]
REMOTE_COMMANDS = (
    "approve",
    "discard",
    "loads",
    "permissions list",
    "push",
    "rejects",
    "tokens show",
    "undo",
    "users list",
)
"""Commands that run against a server; a test compares them with the code."""


@dataclass(frozen=True, kw_only=True)
class RemoteOptions:
    """The address of a server, and the file of the token for it."""

    server: str
    token_file: Path | None


_OPTIONS: ContextVar[RemoteOptions | None] = ContextVar("remote_options", default=None)


def store_remote_options(*, server: str | None, token_file: Path | None) -> None:
    """Remember for the command which server it runs against, if any."""
    _OPTIONS.set(RemoteOptions(server=server.strip().rstrip("/"), token_file=token_file) if server else None)


def get_remote_options() -> RemoteOptions | None:
    """Return which server the present command runs against; None for this machine."""
    return _OPTIONS.get()


def explain_local_command() -> str:
    """Return why a command does not run against a server."""
    commands = ", ".join(REMOTE_COMMANDS)
    return (
        f"this command runs on the server's own machine; against a server run {commands}. For this machine, leave out "
        f"--server and HOMEROOM_SERVER"
    )
