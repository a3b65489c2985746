"""Commands that call the endpoints of a server, or the same ones in this process."""

from __future__ import annotations

import typer

from homeroom.cli.platform.remote.push import push

verbs = typer.Typer()
verbs.command()(push)
