"""One way to call endpoints, whether they run in this process or at a server."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from homeroom.apps.platform.endpoints.endpoint import Caller, CallRefused, Endpoint
from homeroom.cli.options import CommandContext, refuse, start_command
from homeroom.cli.startup.remote_options import get_remote_options


class EndpointCalls(Protocol):
    """Endpoints of one district."""

    @property
    def zone(self) -> ZoneInfo:
        """The district's time zone."""

    def call[Q, R](self, endpoint: Endpoint[Q, R], parameters: Q, *, files: Sequence[Path] = ()) -> R:
        """Return the document of an endpoint. Raise CallRefused."""


class LocalCalls:
    """Endpoints in this process, called by the operator."""

    def __init__(self, context: CommandContext) -> None:
        self._caller = Caller(district=context.district, now=context.at, today=context.today)

    @property
    def zone(self) -> ZoneInfo:
        """The district's time zone."""
        return ZoneInfo(self._caller.district.timezone)

    def call[Q, R](self, endpoint: Endpoint[Q, R], parameters: Q, *, files: Sequence[Path] = ()) -> R:
        """Return the document of an endpoint. Raise CallRefused."""
        return endpoint.run(self._caller, parameters)


@contextmanager
def open_endpoints(
    *, data: str | None = None, district: str | None = None, today: str | None = None
) -> Iterator[EndpointCalls]:
    """Open the endpoints of the server that was named before the command, else those of this machine's data folder.

    A call that is refused ends the command with its reason.
    """
    from homeroom.cli.platform.remote.server_calls import ServerCalls, ServerRefused

    options = get_remote_options()
    try:
        if options is None:
            yield LocalCalls(start_command(data=data, district=district, today=today))
            return
        for name, value in (("--data", data), ("--today", today)):
            if value:
                refuse(f"{name} is for this machine; leave it out with --server")
        with closing(ServerCalls(options, district=district)) as calls:
            yield calls
    except (CallRefused, ServerRefused) as error:
        refuse(str(error))
