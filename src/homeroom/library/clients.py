"""The clients that are there: each connector folder's client.py, checked against its manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from types import ModuleType

from homeroom.ingest.connector import Connector
from homeroom.ingest.remote.client import Client, Feed
from homeroom.library.connectors import PACKAGE, connectors, quality_of
from homeroom.library.reading import ContentRefused, Problem

MODULE = "client"
ASKED_OF_A_CLIENT = ("paging", "rate_limits", "scopes", "incremental", "deletion_seen", "docs")
"""The marks of quality.yaml that somebody who connects a console relies on: done, or exempt for a reason of the console's."""
NO_CLIENT = "no service is called"
INCREMENTAL = ("none", "since", "delta")


@dataclass(frozen=True, kw_only=True)
class Reachable:
    """A client and the connector whose reader reads its pages."""

    client: Client
    connector: Connector


@cache
def clients() -> tuple[Reachable, ...]:
    """Every client that is shipped, by name. Raises ContentRefused with all that does not fit."""
    folder = Path(str(resources.files(PACKAGE)))
    return clients_in(folder, known=connectors())


def clients_in(folder: Path, *, known: Sequence[Connector], package: str = PACKAGE) -> tuple[Reachable, ...]:
    """The clients of these connectors, whose folders lie in `folder` and are modules of `package`. Raises ContentRefused."""
    found = [
        Reachable(client=client, connector=connector)
        for connector in known
        if (folder / connector.name / f"{MODULE}.py").exists()
        for client in clients_of(import_module(f"{package}.{connector.name}.{MODULE}"))
    ]
    problems = [problem for one in found for problem in misfits_of(one)]
    problems += _repeated(found)
    if problems:
        raise ContentRefused(problems)
    return tuple(sorted(found, key=lambda one: one.client.name))


def client_named(name: str) -> Reachable:
    """The client of that name. Raises LookupError, naming those that are there."""
    found = next((one for one in clients() if one.client.name == name), None)
    if found is None:
        names = ", ".join(one.client.name for one in clients())
        raise LookupError(f"no console {name}; {names} would fit")
    return found


def unready(*, folder: Path, name: str) -> tuple[Problem, ...]:
    """What a connector with a client leaves open in its quality.yaml, in the folder of all connectors. Raises ContentRefused."""
    marks = quality_of(folder / name / "quality.yaml")
    return tuple(
        Problem(file=f"{name}/quality.yaml", field=mark, told=f"{marks[mark]!r}; a client needs this done, or exempt")
        for mark in ASKED_OF_A_CLIENT
        if marks[mark].startswith("todo") or NO_CLIENT in marks[mark]
    )


def clients_of(module: ModuleType) -> tuple[Client, ...]:
    """Every Client that a module holds."""
    return tuple(value for value in vars(module).values() if isinstance(value, Client))


def misfits_of(one: Reachable) -> list[Problem]:
    """What of a client does not fit its connector's manifest, or itself."""
    file = f"{one.connector.name}/{MODULE}.py"
    kinds = {kind.id: kind for kind in one.connector.kinds}
    told: list[tuple[str, str]] = []
    for feed in one.client.feeds:
        kind = kinds.get(feed.kind)
        if kind is None or kind.form != "json":
            fits = ", ".join(name for name, kind in kinds.items() if kind.form == "json")
            told.append((f"{feed.id}.kind", f"{feed.kind!r}; a kind of form json would fit: {fits}"))
        told += [(f"{feed.id}.{name}", fits) for name, fits in _feed_misfits(feed, one.client)]
    again = [name for name, count in Counter(feed.id for feed in one.client.feeds).items() if count > 1]
    told += [(name, "stands twice; ids of feeds differ") for name in again]
    return [Problem(file=file, field=field, told=text) for field, text in told]


def _feed_misfits(feed: Feed, client: Client) -> list[tuple[str, str]]:
    wrong = []
    if not feed.id.replace("-", "").isalnum():
        wrong.append(("id", "letters, digits and hyphens would fit"))
    if (feed.first is None) == (feed.each is None):
        wrong.append(("first", "either first or each would fit"))
    if feed.incremental not in INCREMENTAL:
        wrong.append(("incremental", f"{feed.incremental!r}; {', '.join(INCREMENTAL)} would fit"))
    if (feed.incremental == "delta") != (feed.bookmark is not None):
        wrong.append(("bookmark", "goes with incremental delta, and delta with it"))
    before = [one.id for one in client.feeds[: client.feeds.index(feed)]]
    if feed.each is not None and feed.each.of not in before:
        wrong.append(("each", f"{feed.each.of!r} is no feed before it"))
    return wrong


def _repeated(found: Sequence[Reachable]) -> list[Problem]:
    names = Counter(one.client.name for one in found)
    return [
        Problem(file=f"*/{MODULE}.py", field="name", told=f"{name!r} stands twice; names of clients differ")
        for name, count in names.items()
        if count > 1
    ]
