"""The API specs: each connector folder's api.py, checked against its manifest."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from pathlib import Path
from types import ModuleType

from homeroom.ingest.contract.connector import Connector, JsonKind, LogKind
from homeroom.ingest.remote.api_spec import ApiSpec, Feed
from homeroom.library.know.connectors import load_connectors, load_quality
from homeroom.library.know.manifests.connector_names import PACKAGE
from homeroom.library.yaml_loader import ContentProblem, ContentRefused

MODULE = "api"
REQUIRED_QUALITY_ITEMS = ("paging", "rate_limits", "scopes", "incremental", "deletion_seen", "docs")
"""Quality items that anybody who connects a console relies on: done, or exempt for a reason of the console's."""
NO_CLIENT = "no service is called"
INCREMENTAL_MODES = ("none", "since", "delta")


@dataclass(frozen=True, kw_only=True)
class ApiConnector:
    """An API spec and the connector whose reader reads its pages."""

    client: ApiSpec
    connector: Connector


@cache
def load_api_specs() -> tuple[ApiConnector, ...]:
    """Load every built-in API spec, by name; raise ContentRefused with all problems."""
    folder = Path(str(resources.files(PACKAGE)))
    return load_api_specs_in(folder, connector_list=load_connectors())


def load_api_specs_in(
    folder: Path, *, connector_list: Sequence[Connector], package: str = PACKAGE
) -> tuple[ApiConnector, ...]:
    """Load the API specs of these connectors, whose folders are in `folder` and are modules of `package`.

    Raise ContentRefused with all problems.
    """
    entries = [
        ApiConnector(client=client, connector=connector)
        for connector in connector_list
        if (folder / connector.name / f"{MODULE}.py").exists()
        for client in list_module_api_specs(import_module(f"{package}.{connector.name}.{MODULE}"))
    ]
    problems = [problem for entry in entries for problem in validate_api_spec(entry)]
    problems += _find_duplicates(entries)
    if problems:
        raise ContentRefused(problems)
    return tuple(sorted(entries, key=lambda entry: entry.client.name))


def get_api_spec(name: str) -> ApiConnector:
    """Return the API spec of that name; raise LookupError with the valid names."""
    match = next((entry for entry in load_api_specs() if entry.client.name == name), None)
    if match is None:
        names = ", ".join(entry.client.name for entry in load_api_specs())
        raise LookupError(f"no console {name}; {names} would fit")
    return match


def find_open_quality_items(*, folder: Path, name: str) -> tuple[ContentProblem, ...]:
    """Return the open items in the quality.yaml of a connector with an API spec; `folder` has all connectors.

    Raise ContentRefused if the quality.yaml is invalid.
    """
    quality = load_quality(folder / name / "quality.yaml")
    return tuple(
        ContentProblem(
            file=f"{name}/quality.yaml", field=item, message=f"{quality[item]!r}; a client needs this done, or exempt"
        )
        for item in REQUIRED_QUALITY_ITEMS
        if quality[item].startswith("todo") or NO_CLIENT in quality[item]
    )


def list_module_api_specs(module: ModuleType) -> tuple[ApiSpec, ...]:
    """Return every ApiSpec that a module defines."""
    return tuple(value for value in vars(module).values() if isinstance(value, ApiSpec))


def validate_api_spec(entry: ApiConnector) -> list[ContentProblem]:
    """Return the problems of an API spec, by itself and with its connector's manifest."""
    file = f"{entry.connector.name}/{MODULE}.py"
    kinds = {kind.id: kind for kind in entry.connector.kinds}
    errors: list[tuple[str, str]] = []
    for feed in entry.client.feeds:
        kind = kinds.get(feed.kind)
        if not isinstance(kind, JsonKind | LogKind):
            fits = ", ".join(name for name, kind in kinds.items() if isinstance(kind, JsonKind | LogKind))
            errors.append((f"{feed.id}.kind", f"{feed.kind!r}; a kind of form json would fit: {fits}"))
        errors += [(f"{feed.id}.{name}", fits) for name, fits in _validate_feed(feed, entry.client)]
    duplicates = [name for name, count in Counter(feed.id for feed in entry.client.feeds).items() if count > 1]
    errors += [(name, "stands twice; ids of feeds differ") for name in duplicates]
    return [ContentProblem(file=file, field=field, message=text) for field, text in errors]


def _validate_feed(feed: Feed, client: ApiSpec) -> list[tuple[str, str]]:
    errors = []
    if not feed.id.replace("-", "").isalnum():
        errors.append(("id", "letters, digits and hyphens would fit"))
    if (feed.first is None) == (feed.child is None):
        errors.append(("first", "either first or each would fit"))
    if feed.incremental not in INCREMENTAL_MODES:
        errors.append(("incremental", f"{feed.incremental!r}; {', '.join(INCREMENTAL_MODES)} would fit"))
    if (feed.incremental == "delta") != (feed.bookmark is not None):
        errors.append(("bookmark", "goes with incremental delta, and delta with it"))
    before = [earlier_feed.id for earlier_feed in client.feeds[: client.feeds.index(feed)]]
    if feed.child is not None and feed.child.parent not in before:
        errors.append(("each", f"{feed.child.parent!r} is no feed before it"))
    return errors


def _find_duplicates(entries: Sequence[ApiConnector]) -> list[ContentProblem]:
    names = Counter(entry.client.name for entry in entries)
    return [
        ContentProblem(file=f"*/{MODULE}.py", field="name", message=f"{name!r} stands twice; names of clients differ")
        for name, count in names.items()
        if count > 1
    ]
