"""The description of an endpoint, and the caller that it answers.

The API answers a call over the network, the command line calls the same description in its own process or at a
server: either way `run` makes one call to a query or a command and returns a document. Modules of endpoints import
what needs a database inside their functions, so that a machine without one can call a server.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import msgspec

from homeroom.domain.platform.district import District
from homeroom.domain.platform.permissions.holding import get_permission

if TYPE_CHECKING:
    from homeroom.apps.know.sources.jobs import Upload
    from homeroom.evidence.loads.store import EvidenceStore

Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_.-]{1,80}\Z", max_length=80)]
"""An id as lists show it."""
Line = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f]*\Z", max_length=80)]
"""A short text in a line of its own."""
Number = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
"""A number by which a row is called."""


class CallRefused(Exception):
    """A call was refused; the text is the reason, and what to do. `status` is that of HTTP.

    `retry_seconds` is how long a server asks to wait, 0 if it does not say.
    """

    def __init__(self, reason: str, *, status: int = 409, retry_seconds: int = 0) -> None:
        super().__init__(reason)
        self.status, self.retry_seconds = status, retry_seconds


@dataclass(frozen=True, kw_only=True)
class TokenFacts:
    """A token that calls: its name, what it opens now, and until when."""

    id: str
    name: str
    permissions: tuple[str, ...]
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who calls, for which district, as of when (UTC) and on which date.

    `actor` is a user name, empty for the operator on the command line, who holds everything. `uploads` are the files
    that came with the call. `token` has the facts of the token with which a program calls.
    """

    district: District
    now: datetime
    today: date
    actor: str = ""
    holds: Callable[[str], bool] = lambda _permission: True
    uploads: Sequence[Upload] = ()
    token: TokenFacts | None = None

    @property
    def store(self) -> EvidenceStore:
        """The district's evidence."""
        from homeroom.apps.platform.districts.evidence_store import get_evidence_store

        return get_evidence_store(district=self.district)


@dataclass(frozen=True, kw_only=True)
class NoParameters:
    """An endpoint without parameters."""


@dataclass(frozen=True, kw_only=True)
class Endpoint[Q, R]:
    """One endpoint: `GET` reads, `POST` changes.

    `path` follows `/api/v1/`; a name in braces is a field of `parameters`, the others come in the query of the address,
    or in the form that brings files. `result` is what `run` returns, in any type that msgspec writes and reads.
    `cost` counts against the budget of requests of a token. Calls of an endpoint that `is_recorded` are in the audit
    trail with their token; what changes something always is.
    """

    name: str
    method: str
    path: str
    title: str
    permission: str
    parameters: type[Q]
    result: type[R]
    run: Callable[[Caller, Q], R]
    takes_files: bool = False
    is_recorded: bool = False
    cost: int = 1

    def __post_init__(self) -> None:
        get_permission(self.permission)
        if self.method not in ("GET", "POST"):
            raise ValueError(f"{self.name}: {self.method} is neither GET nor POST")

    @property
    def changes(self) -> bool:
        """True if a call changes something."""
        return self.method == "POST"

    @property
    def path_names(self) -> tuple[str, ...]:
        """Names of parameters in the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    @property
    def query_names(self) -> tuple[str, ...]:
        """Names of parameters beside the path."""
        described: Any = self.parameters
        return tuple(field.name for field in fields(described) if field.name not in self.path_names)

    def read_parameters(self, values: dict[str, Any]) -> Q:
        """Return the parameters from texts; raise CallRefused for what does not fit, and for unknown names."""
        if unknown := sorted(set(values).difference(self.path_names, self.query_names)):
            fitting = ", ".join(self.query_names) or "none"
            raise CallRefused(f"{unknown[0][:40]!r} is no parameter here; there are: {fitting}", status=400)
        try:
            return msgspec.convert(values, type=self.parameters, strict=False)
        except msgspec.ValidationError as error:
            raise CallRefused(str(error), status=400) from None
